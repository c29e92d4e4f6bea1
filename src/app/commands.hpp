#pragma once

#include "run.hpp"
#include <cortifold/io/connectome_reader.hpp>

#include <optional>
#include <string>

namespace cortifold {

struct ModelsRequest {
    std::optional<std::string> model;  ///< a name, or a file of equations; none: list all
    std::optional<std::filesystem::path> target;
    bool overwrite = false;
};
/// `cortifold models [NAME [--export FILE]]`
[[nodiscard]] ExitCode list_models(const ModelsRequest& request);

struct ConnectomeRequest {
    std::filesystem::path file;
    std::optional<std::filesystem::path> convert;
    ConnectomeOptions options;
    std::optional<double> speed_mm_per_ms;
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
