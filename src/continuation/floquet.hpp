#pragma once

#include "cycle_curve.hpp"

namespace cortifold {

/// Floquet exponents of a cycle, log mu / T, without the one of its phase, which is zero: from the
/// transfer matrices of the mesh intervals between the hyperplanes across the flow.
struct FloquetExponents {
    ComplexVector exponents;  ///< decreasing real part; Im = pi / T of a negative multiplier
    double trivial = 0.0;     ///< what was found for the one that is zero
    /// One each: the trivial one, and its share of what the sum differs from the mean divergence.
    Vector errors;
};
[[nodiscard]] FloquetExponents floquet_exponents(const CycleCurve& curve, ConstVectorRef z,
                                                 const CollocationFacts& at);

}  // namespace cortifold
