#pragma once

#include <cortifold/equilibrium/newton.hpp>

namespace cortifold {

struct RestResult {
    EquilibriumResult equilibrium;
    bool attracting = false;  ///< the default state was seen to settle on it
    std::string message;
};

/// The state a field rests in when left alone from `problem.guess`: integrate until it settles,
/// then Newton. If it does not settle, deflated Newton from the time mean inside the limits of the
/// states; of several equilibria the one lowest in the first state.
[[nodiscard]] RestResult find_rest(const EquilibriumProblem& problem);

}  // namespace cortifold
