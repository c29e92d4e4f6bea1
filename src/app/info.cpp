#include "commands.hpp"

#include <iostream>
#include <thread>

namespace cortifold {

ExitCode print_information() {
    const Record information = build_information();
    for (const auto& [name, value] : information.as<Record::Table>()) {
        if (!value.is<Record::Table>())
            std::cout << name << ": " << value.as<std::string>() << "\n";
    }
    for (const auto& [name, version] : information.find("libraries")->as<Record::Table>())
        std::cout << name << ": " << version.as<std::string>() << "\n";
    std::cout << "threads: " << std::thread::hardware_concurrency() << "\nranks: 1\n";
    return ExitCode::done;
}

}  // namespace cortifold
