#pragma once

#include <cortifold/continuation/continuation.hpp>

#include <array>

namespace cortifold {

/// Where a bifurcation is: its type, state, all parameters, and the angular frequencies of its
/// critical pairs.
struct Bifurcation {
    PointType type = PointType::fold;
    Vector state, parameters;
    double omega = 0.0, second_omega = 0.0;
};

/// The curves in two parameters of the field that pass through a bifurcation: one through a fold,
/// a Hopf point or a branch point, a cusp or generalized Hopf point; a fold and a Hopf curve
/// through a Bogdanov-Takens or fold-Hopf point, where the former's Hopf curve starts; two Hopf
/// curves through a Hopf-Hopf point. Along them cusp, Bogdanov-Takens, generalized Hopf, fold-Hopf
/// and Hopf-Hopf points are found. Empty for other types.
[[nodiscard]] std::vector<CurveStart> curves_through(
    const std::shared_ptr<const VectorField>& field, const Bifurcation& at,
    const std::array<std::size_t, 2>& free);

}  // namespace cortifold
