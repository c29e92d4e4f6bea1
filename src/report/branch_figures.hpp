#pragma once

#include "stored_run.hpp"
#include <cortifold/report/figure.hpp>

// The figures of the steps `continue` and `diagram`. They throw ConfigError where branches.csv or
// one of its columns is missing.
namespace cortifold {

/// Of equilibria or of cycles.
[[nodiscard]] bool has_branches(const StepRecord& step);
/// Bifurcation diagram: equilibria, and the ranges of cycles, over the parameter, with their
/// special points. The step's key `plot` names the vertical axis, and the horizontal one as a
/// second entry.
[[nodiscard]] Figure branches_figure(const StoredRun& run, const StepRecord& step);

[[nodiscard]] bool has_cycles(const StepRecord& step);
/// Periods over the parameter, on a logarithmic axis where they span more than a decade.
[[nodiscard]] Figure periods_figure(const StoredRun& run, const StepRecord& step);

[[nodiscard]] bool has_curves(const StepRecord& step);
/// Curves of bifurcations in the plane of two parameters, with the points of codimension 2.
[[nodiscard]] Figure bifurcation_curves_figure(const StoredRun& run, const StepRecord& step);

}  // namespace cortifold
