#pragma once

#include <cortifold/core/matrix.hpp>
#include <cortifold/linalg/cyclic_elimination.hpp>

namespace cortifold {

/// Floquet exponents of a cycle, log mu / T, without the one of its phase, which is zero: from the
/// transfer matrices of the mesh intervals between the hyperplanes across the flow.
struct FloquetExponents {
    ComplexVector exponents;  ///< decreasing real part; Im = pi / T of a negative multiplier
    double trivial = 0.0;     ///< what was found for the one that is zero
};

/// `flow`: u' at the left ends of the intervals, a column each, in the unknowns of the elimination.
[[nodiscard]] FloquetExponents floquet_exponents(const CyclicElimination& elimination,
                                                 const Matrix& flow, const Vector& mesh,
                                                 double period);

}  // namespace cortifold
