#pragma once

#include "cycle_options.hpp"
#include <cortifold/continuation/simple_attractor.hpp>
#include <cortifold/synchrony/dispersion.hpp>

namespace cortifold {

/// Which synchronous state a step is about: the keys `at` and `cycle`.
struct StateChoice {
    std::string at;  ///< "equilibrium" (or "rest"), "cycle", "attractor", or a label
    SourceLine where;
    CycleOptions cycle;
};

/// What a step on the modes of a homogeneous state is about. Throws ConfigError.
struct ModeStep {
    System system;
    StateChoice choice;
};
[[nodiscard]] ModeStep read_mode_step(ConfigReader& options, const Study& study);

struct SynchronousState {
    Status status = Status::iteration_limit;
    std::string message;
    Vector state, parameters;  ///< of an equilibrium; of a cycle the state is empty
    BranchPoint cycle{};
    /// What the node settles on, where that was asked for; of `none` there are no modes.
    std::optional<SimpleAttractorKind> attractor{};
    std::unique_ptr<const MasterStability> stability{};  ///< where there is a state
    CouplingModes coupling{};  ///< of the study's network; none where it has no connectome
};
/// "cycle" is the attracting one that a simulation from the default state settles on, "attractor"
/// that or an equilibrium, whichever it is. In a cell of a scan what the neighbour found is
/// corrected, where that is of use. Where the state or the modes cannot be found, the status and
/// the message are what the step ends with.
[[nodiscard]] SynchronousState find_synchronous_state(const ModeStep& step, const StepContext& at);

/// What a step ends with that has found no state with modes.
[[nodiscard]] StepResult without_modes(const SynchronousState& found);

/// Of the same state where the coupling has strength 1.
[[nodiscard]] std::unique_ptr<const MasterStability> at_unit_strength(
    const ModeStep& step, const SynchronousState& state);

/// Where curves over lambda are drawn: the range asked for, else that of the modes and a margin.
[[nodiscard]] std::pair<double, double> lambda_range(
    const std::optional<std::pair<double, double>>& asked, const ComplexVector& lambdas);

/// Whether every link is: then the synchronous state does not depend on the strength.
[[nodiscard]] bool is_diffusive(const Network& network);

/// The key `lambda`: further coupling eigenvalues.
[[nodiscard]] ComplexVector read_lambdas(ConfigReader& options);
/// The same where it is one of them: a number or a pair; empty where it is not given.
[[nodiscard]] ComplexVector read_lambda(ConfigReader& options);

// curve.csv, modes.csv, and of a network patterns.csv.
void write_curve(const StepContext& at, const VectorField& field, const std::vector<Mode>& curve);
void write_modes(const StepContext& at, const VectorField& field, const std::vector<Mode>& modes);
/// Says in the message of a step that a curve or a region of lambda has gaps, and where one is.
void tell_gaps(const std::string& file, const DispersionResult& found, StepResult& step);
/// The eigenvectors of the transverse modes that grow fastest, or decay slowest.
void write_patterns(const StepContext& at, const std::vector<Mode>& modes,
                    const CouplingModes& coupling);
/// The columns of `vectors` with these indices, counted from 1.
void write_patterns(const StepContext& at, const std::vector<Eigen::Index>& indices,
                    const ComplexMatrix& vectors);
/// `unstable_modes`, the state or the period, and `modes`.
[[nodiscard]] StepResult summarize_modes(const ModeStep& step, const SynchronousState& state,
                                         const DispersionResult& found, const std::string& note);

}  // namespace cortifold
