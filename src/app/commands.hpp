#pragma once

#include "run.hpp"

#include <optional>
#include <string>

namespace cortifold {

/// `cortifold models [NAME]`
[[nodiscard]] ExitCode list_models(const std::optional<std::string>& name);

struct ConnectomeRequest {
    std::filesystem::path file;
    std::optional<std::filesystem::path> convert;
    bool generate = false, overwrite = false, json = false;
    int regions = 90;
    std::uint64_t seed = 0;
};
/// `cortifold connectome FILE [--convert OUT | --generate]`
[[nodiscard]] ExitCode handle_connectome(const ConnectomeRequest& request);

/// `cortifold info`
[[nodiscard]] ExitCode print_information();

/// The whole program: parses the command line, maps errors to exit codes.
[[nodiscard]] int run_command_line(int argc, const char* const* argv);

}  // namespace cortifold
