#pragma once

#include "step.hpp"
#include <cortifold/io/run_folder.hpp>

#include <optional>

namespace cortifold {

/// Exit codes: ARCHITECTURE of the command line, documented in the README of src.
enum class ExitCode {
    done = 0,
    not_converged = 1,
    usage = 2,
    input = 3,
    internal = 4,
    disagreement = 5,
    output = 6,
    interrupted = 130
};

struct RunOptions {
    std::filesystem::path study;
    std::vector<std::string> settings;
    std::optional<std::filesystem::path> out;
    ExistingRun existing = ExistingRun::refuse_others;
    int threads = 1;
    std::optional<std::uint64_t> seed;
    bool quiet = false, json = false;
    bool fails_on_disagreement = false;  ///< of theory and run: then the exit code says so
};

/// All steps of a study and its report; with a kind, the steps of that kind (one with default
/// options where the study has none), the earlier steps whose labels they may name, and no report.
[[nodiscard]] ExitCode run_study(const RunOptions& options, const StepKind* only);

/// Parses and validates, prints what every key resolved to, runs nothing.
[[nodiscard]] ExitCode check_study(const RunOptions& options);

}  // namespace cortifold
