#pragma once

#include <cortifold/core/matrix.hpp>
#include <cortifold/core/status.hpp>

#include <vector>

namespace cortifold {

/// Eigenvalues mu of a product, on a logarithmic scale: neither 1e3000 nor 1e-3000 is out of reach.
struct ProductSpectrum {
    Status status = Status::iteration_limit;
    /// log|mu| + i arg mu, arg mu in (-pi, pi], by decreasing real part, of equal ones decreasing
    /// |Im|; -infinity for mu = 0. Of real factors conjugates are exact ones and stand together,
    /// Im > 0 first, and a real mu has the argument 0 or pi to the last bit.
    ComplexVector logarithms{};
};

/// Eigenvalues of A_K ... A_2 A_1, which is never formed; A_1, the first to act, is the first of
/// `factors`. They are those of factors of which each is changed by a small multiple, at most some
/// hundred, of its own norm times rounding: an eigenvalue far below the others keeps its digits
/// as long as no single factor spans many orders of magnitude. The zero of a singular factor comes
/// out as -infinity, or as what rounding makes of it.
/// status is non_finite for factors with NaN or infinity; then, and where the iteration fails,
/// nothing else is filled. Throws UsageError where there are no factors, or not square ones of one
/// size.
[[nodiscard]] ProductSpectrum product_spectrum(std::vector<Matrix> factors);
/// The same of complex factors, whose eigenvalues come in no pairs.
[[nodiscard]] ProductSpectrum product_spectrum(std::vector<ComplexMatrix> factors);

}  // namespace cortifold
