#pragma once

#include <string_view>

namespace cortifold {

/// How a solver ended. Mathematics that does not cooperate is a status, never an exception.
enum class Status {
    // fine
    converged,
    reached_end,
    point_limit,
    closed_branch,
    left_domain,
    ended_at_bogdanov_takens,
    ended_at_hopf,        ///< a cycle shrank to an equilibrium
    ended_at_snic,        ///< its period grew without bound towards a saddle-node on it
    ended_at_homoclinic,  ///< the same towards a saddle
    stopped_by_observer,
    interrupted,
    // not
    iteration_limit,
    step_too_small,
    singular_jacobian,
    non_finite,
    no_theory
};

[[nodiscard]] bool succeeded(Status status);
[[nodiscard]] std::string_view to_string(Status status);

/// What an observer returns.
enum class Flow { proceed, stop };
[[nodiscard]] std::string_view to_string(Flow flow);

}  // namespace cortifold
