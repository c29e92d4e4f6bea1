#pragma once

#include <cortifold/continuation/cycle.hpp>
#include <cortifold/core/status.hpp>
#include <cortifold/equilibrium/newton.hpp>

namespace cortifold {

struct AttractingCycleOptions {
    double closeness = 1e-3;     ///< of the first return to a state, in parts of each state's range
    long max_steps = 1'000'000;  ///< of the integration, transient included
};

/// A cycle as an integration has found it: nearly closed.
struct AttractingCycle {
    Status status = Status::iteration_limit;
    std::string message;
    Orbit orbit;
};

/// The cycle that a field settles on from `problem.guess`: where the trajectory first comes back to
/// a plane across it as close as asked for. States are tried in turn, each for twice as long as the
/// one before, so that transients of any length pass.
[[nodiscard]] AttractingCycle find_attracting_cycle(const EquilibriumProblem& problem,
                                                    const AttractingCycleOptions& options = {});

/// The same of a field that something drives with a period, from time 0 on: the trajectory is
/// looked at once a turn, until it comes back to where it was some turns before, `most_turns` at
/// most.
inline constexpr int most_turns = 16;
[[nodiscard]] AttractingCycle find_driven_cycle(const EquilibriumProblem& problem, double period,
                                                const AttractingCycleOptions& options = {});

/// The cycle near an orbit at the very parameters given; where the orbit goes round it several
/// times, one turn.
struct CycleResult {
    Status status = Status::iteration_limit;
    std::string message;
    BranchPoint cycle;  ///< its free parameter is the first of the field
};
[[nodiscard]] CycleResult correct_cycle(const std::shared_ptr<const VectorField>& field,
                                        const Vector& parameters, const Orbit& near,
                                        const CycleOptions& options = {});

/// The same near a cycle of other parameters; its mesh is kept where it fits.
[[nodiscard]] CycleResult follow_cycle(const std::shared_ptr<const VectorField>& field,
                                       const Vector& parameters, const BranchPoint& near,
                                       const CycleOptions& options = {});

}  // namespace cortifold
