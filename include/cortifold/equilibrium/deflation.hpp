#pragma once

#include <cortifold/core/context.hpp>
#include <cortifold/equilibrium/newton.hpp>

namespace cortifold {

struct SearchProblem {
    std::shared_ptr<const VectorField> field;
    Vector parameters;
    Vector low, high;            ///< the box that is searched, a component a state
    std::vector<Vector> starts;  ///< tried first
};

struct SearchOptions {
    int starts = 64;           ///< quasi-random points of the box
    int deflated_solves = 8;   ///< from each start at most
    double separation = 1e-6;  ///< two equilibria nearer than this, relative to the box, are one
    NewtonOptions newton{};
    Context context{};
    void validate() const;
};

struct SearchResult {
    Status status = Status::iteration_limit;  ///< converged: at least one was found
    std::string message;
    std::vector<EquilibriumResult> equilibria;  ///< by ascending first state, then second, ...
    int solves = 0;
};

/// All equilibria in a box that deflated Newton (Farrell, Birkisson & Funke 2015) finds from
/// quasi-random starts. No proof of completeness.
[[nodiscard]] SearchResult find_all_equilibria(const SearchProblem& problem,
                                               const SearchOptions& options = {});

}  // namespace cortifold
