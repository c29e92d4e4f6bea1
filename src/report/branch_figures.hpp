#pragma once

#include "stored_run.hpp"
#include <cortifold/report/figure.hpp>

// The figures of the steps `continue` and `diagram`. They throw ConfigError where branches.csv or
// one of its columns is missing.
namespace cortifold {

[[nodiscard]] bool has_equilibria(const StepRecord& step);
/// Bifurcation diagram: equilibria over the parameter, with their special points. The step's key
/// `plot` names the vertical axis, and the horizontal one as a second entry.
[[nodiscard]] Figure equilibrium_branches_figure(const StoredRun& run, const StepRecord& step);

[[nodiscard]] bool has_curves(const StepRecord& step);
/// Curves of bifurcations in the plane of two parameters, with the points of codimension 2.
[[nodiscard]] Figure bifurcation_curves_figure(const StoredRun& run, const StepRecord& step);

}  // namespace cortifold
