#pragma once

#include "progress.hpp"
#include <cortifold/core/context.hpp>
#include <cortifold/core/status.hpp>
#include <cortifold/io/study.hpp>
#include <cortifold/synchrony/dispersion.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace cortifold {

/// Where a step lives: on the homogeneous states of a network (the self-coupled node), or on all
/// its states.
enum class Manifold { homogeneous, full };
[[nodiscard]] std::string_view to_string(Manifold manifold);

struct NumericTable;

struct EarlierStep {
    std::string name, kind;
    Record summary;
    std::filesystem::path folder{};                 ///< its own
    std::shared_ptr<const NumericTable> samples{};  ///< in a cell of a scan: as ScanCell has them
};

/// What a step is told that is run for one cell of a scan: for its summary alone.
struct ScanCell {
    std::span<const std::string> recorded;  ///< keys of the summary that are asked for
    /// What the same step left in the cell before, in numbers of its own, empty: nothing; then what
    /// it leaves itself.
    Vector memory{};
    bool is_read = false;  ///< a later step of the cell reads what this one leaves
    std::shared_ptr<const NumericTable> samples{};  ///< that is, of a run what data.h5 would have
};

/// The coupling modes of a study's network, computed when they are first asked for, by any thread.
class StudyModes {
public:
    [[nodiscard]] const CouplingModes& of(const Study& study) const {
        std::call_once(once_, [&] { modes_ = coupling_modes(study.network); });
        return modes_;
    }

private:
    mutable std::once_flag once_{};
    mutable CouplingModes modes_{};
};

class Team;

/// What a step may use while it runs.
struct StepContext {
    const Study& study;
    std::filesystem::path folder;  ///< its own; in a cell of a scan mostly `nowhere`
    Context context;
    const std::vector<EarlierStep>& earlier;
    Progress& progress;
    const StudyModes& modes;
    const Team& team;          ///< only of steps that share their work is more than rank 0 here
    ScanCell* cell = nullptr;  ///< none: a step of its own

    /// Whether a key of the summary is asked for.
    [[nodiscard]] bool wants(std::string_view key) const {
        return cell == nullptr || std::ranges::find(cell->recorded, key) != cell->recorded.end();
    }
};

struct StepResult {
    Status status = Status::converged;
    std::string message;
    Record summary = Record::Table{};
    Record measures = Record::Table{};  ///< times and memory: for the manifest, no results
};

/// One step of a study, its options read and checked.
class Step {
public:
    Step() = default;
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    virtual ~Step() = default;
    [[nodiscard]] virtual StepResult run(const StepContext& at) const = 0;
    /// Whether it shares its work: among ranks, which then all run it, and with a run that was cut
    /// short, whose folder it goes on in.
    [[nodiscard]] virtual bool shares_work() const { return false; }
    /// Removes from its folder what only a run that goes on needs. Of rank 0, when all is written.
    virtual void forget(const std::filesystem::path& folder) const { (void)folder; }
};

/// An earlier step that a step reads: of this kind, and named by the key, or by the items of a list
/// under it; where no key of the kind is given, the nearest.
struct ReadStep {
    std::string_view key, kind;
};

/// A word that may stand behind `do`, and the subcommand of that name. Adding one: a source here, a
/// line in steps.cpp, a test.
struct StepKind {
    std::string_view name, purpose;
    std::unique_ptr<Step> (*read)(ConfigReader& options, const Study& study);
    bool makes_labels = false;  ///< its results can be named by later steps
    std::span<const ReadStep> reads{};
    bool follows = false;  ///< in a scan it begins with what the cell before found, unless told not
    bool needs_model = true;         ///< that [model] describes
    bool takes_populations = false;  ///< in its place
    /// Whether its results depend on parameters of its own, and not only on the step it reads.
    [[nodiscard]] bool has_parameters() const { return reads.empty(); }
};
[[nodiscard]] std::span<const StepKind> step_kinds();

[[nodiscard]] std::unique_ptr<Step> read_compare(ConfigReader& options, const Study& study);
[[nodiscard]] std::unique_ptr<Step> read_continue(ConfigReader& options, const Study& study);
[[nodiscard]] std::unique_ptr<Step> read_diagram(ConfigReader& options, const Study& study);
[[nodiscard]] std::unique_ptr<Step> read_dispersion(ConfigReader& options, const Study& study);
[[nodiscard]] std::unique_ptr<Step> read_equilibria(ConfigReader& options, const Study& study);
[[nodiscard]] std::unique_ptr<Step> read_hubs(ConfigReader& options, const Study& study);
[[nodiscard]] std::unique_ptr<Step> read_lyapunov(ConfigReader& options, const Study& study);
[[nodiscard]] std::unique_ptr<Step> read_meanfield(ConfigReader& options, const Study& study);
[[nodiscard]] std::unique_ptr<Step> read_msf(ConfigReader& options, const Study& study);
[[nodiscard]] std::unique_ptr<Step> read_scan(ConfigReader& options, const Study& study);
[[nodiscard]] std::unique_ptr<Step> read_signal(ConfigReader& options, const Study& study);
[[nodiscard]] std::unique_ptr<Step> read_simulate(ConfigReader& options, const Study& study);
[[nodiscard]] std::unique_ptr<Step> read_spatial(ConfigReader& options, const Study& study);
[[nodiscard]] std::unique_ptr<Step> read_spike(ConfigReader& options, const Study& study);
[[nodiscard]] std::unique_ptr<Step> read_spectrum(ConfigReader& options, const Study& study);

/// Throws ConfigError where a step of this kind needs a [model] that the study has not.
void require_model(const StepKind& kind, const Study& study, const SourceLine& where);

struct PreparedStep {
    std::string name, kind;
    std::unique_ptr<Step> step;
};
/// Reads and checks all steps; what their options resolved to joins `study.resolved`. Throws
/// ConfigError.
[[nodiscard]] std::vector<PreparedStep> prepare_steps(Study& study);

/// To four digits, for messages.
[[nodiscard]] std::string brief(double value);

}  // namespace cortifold
