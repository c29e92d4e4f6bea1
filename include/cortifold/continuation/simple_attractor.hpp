#pragma once

#include <cortifold/continuation/cycle.hpp>
#include <cortifold/core/status.hpp>
#include <cortifold/equilibrium/newton.hpp>

#include <string>

namespace cortifold {

enum class SimpleAttractorKind {
    equilibrium,
    cycle,
    none  ///< a torus, chaos, or what did not settle
};
[[nodiscard]] std::string_view to_string(SimpleAttractorKind kind);

/// What a field's states settle on, as far as that is an equilibrium or a cycle.
struct SimpleAttractor {
    Status status = Status::iteration_limit;  ///< that it is neither is no failure
    std::string message{};
    SimpleAttractorKind kind = SimpleAttractorKind::none;
    Vector state{};       ///< the equilibrium; of a cycle where it begins; else the last one seen
    BranchPoint cycle{};  ///< its free parameter is the first of the field
};

struct SimpleAttractorOptions {
    CycleOptions cycle{};
    /// Of each state's range: how close to itself a trajectory comes back that is taken for nearly
    /// a cycle; a tenth of it each time that this was one that repels.
    double closeness = 1e-3;
    /// Of the simulation. One that has shown neither till then counts as `none`, as does a cycle
    /// that attracts, or an equilibrium, which takes longer than that to be seen.
    long max_steps = 10'000;
};

/// Simulates from `problem.guess` until the states come to rest at an equilibrium that attracts, or
/// come back so closely that there is an attracting cycle near, which is then corrected. Throws
/// UsageError for a field that depends on time.
[[nodiscard]] SimpleAttractor find_simple_attractor(const EquilibriumProblem& problem,
                                                    const SimpleAttractorOptions& options = {});

/// The attractor near one of other parameters: that is corrected, and where it is lost or no longer
/// attracts, what states settle on that begin there. `problem.guess` is not used.
[[nodiscard]] SimpleAttractor follow_simple_attractor(const EquilibriumProblem& problem,
                                                      const SimpleAttractor& near,
                                                      const SimpleAttractorOptions& options = {});

}  // namespace cortifold
