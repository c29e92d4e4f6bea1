#pragma once

#include "sparse_factor.hpp"

#include <memory>

namespace cortifold {

/// A function of a symmetric matrix under which its smallest eigenvalues are the largest: positive,
/// decreasing, and at most about 1.
class Transformation {
public:
    virtual ~Transformation() = default;
    virtual void apply(VectorRef x) const = 0;  ///< in place
};

/// Where eigenvalues are expected to lie, from a Krylov space.
struct SpectrumEstimate {
    Vector ritz{};  ///< ascending; the k-th is never below the k-th eigenvalue (Cauchy)
    double low = 0.0, high = 0.0;  ///< of the whole spectrum, nearly surely
};
/// `steps` of Lanczos' iteration from a random start.
[[nodiscard]] SpectrumEstimate estimate_spectrum(const ColumnSparse& a, Eigen::Index steps,
                                                 std::uint64_t seed);

/// c (A - sigma)^-1 with sigma just below the spectrum; none where no such sigma was found.
[[nodiscard]] std::unique_ptr<Transformation> shift_inverse(const ColumnSparse& a,
                                                            const FactorPlan& plan,
                                                            const SpectrumEstimate& spectrum);

/// Chebyshev's polynomial on [cut, high], large below the cut (Zhou & Saad 2007). `wanted`
/// eigenvalues lie below it.
[[nodiscard]] std::unique_ptr<Transformation> chebyshev_filter(const ColumnSparse& a,
                                                               const SpectrumEstimate& spectrum,
                                                               Eigen::Index wanted);

/// Standard normal components; `round` names one of many starts.
[[nodiscard]] Vector random_start(Eigen::Index n, std::uint64_t seed, std::uint64_t round);

}  // namespace cortifold
