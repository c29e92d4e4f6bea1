#include "commands.hpp"

int main(int argc, char** argv) {
    return cortifold::run_command_line(argc, argv);
}
