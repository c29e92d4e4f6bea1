#pragma once

#include "progress.hpp"
#include <cortifold/core/context.hpp>
#include <cortifold/core/status.hpp>
#include <cortifold/io/study.hpp>

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace cortifold {

/// Where a step lives: on the homogeneous states of a network (the self-coupled node), or on all
/// its states.
enum class Manifold { homogeneous, full };
[[nodiscard]] std::string_view to_string(Manifold manifold);

struct EarlierStep {
    std::string name, kind;
    Record summary;
};

/// What a step may use while it runs.
struct StepContext {
    const Study& study;
    std::filesystem::path folder;  ///< its own
    Context context;
    const std::vector<EarlierStep>& earlier;
    Progress& progress;
};

struct StepResult {
    Status status = Status::converged;
    std::string message;
    Record summary = Record::Table{};
};

/// One step of a study, its options read and checked.
class Step {
public:
    Step() = default;
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    virtual ~Step() = default;
    [[nodiscard]] virtual StepResult run(const StepContext& at) const = 0;
};

/// A word that may stand behind `do`, and the subcommand of that name. Adding one: a source here, a
/// line in steps.cpp, a test.
struct StepKind {
    std::string_view name, purpose;
    std::unique_ptr<Step> (*read)(ConfigReader& options, const Study& study);
    bool makes_labels = false;  ///< its results can be named by later steps
    std::string_view reads{};   ///< the kind of an earlier step, named by `of`, that it reads
};
[[nodiscard]] std::span<const StepKind> step_kinds();

[[nodiscard]] std::unique_ptr<Step> read_continue(ConfigReader& options, const Study& study);
[[nodiscard]] std::unique_ptr<Step> read_diagram(ConfigReader& options, const Study& study);
[[nodiscard]] std::unique_ptr<Step> read_dispersion(ConfigReader& options, const Study& study);
[[nodiscard]] std::unique_ptr<Step> read_equilibria(ConfigReader& options, const Study& study);
[[nodiscard]] std::unique_ptr<Step> read_hubs(ConfigReader& options, const Study& study);
[[nodiscard]] std::unique_ptr<Step> read_lyapunov(ConfigReader& options, const Study& study);
[[nodiscard]] std::unique_ptr<Step> read_msf(ConfigReader& options, const Study& study);
[[nodiscard]] std::unique_ptr<Step> read_signal(ConfigReader& options, const Study& study);
[[nodiscard]] std::unique_ptr<Step> read_simulate(ConfigReader& options, const Study& study);
[[nodiscard]] std::unique_ptr<Step> read_spectrum(ConfigReader& options, const Study& study);

struct PreparedStep {
    std::string name, kind;
    std::unique_ptr<Step> step;
};
/// Reads and checks all steps; what their options resolved to joins `study.resolved`. Throws
/// ConfigError.
[[nodiscard]] std::vector<PreparedStep> prepare_steps(Study& study);

}  // namespace cortifold
