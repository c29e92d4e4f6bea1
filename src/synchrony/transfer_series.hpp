#pragma once

#include "collocation.hpp"
#include "matrix_series.hpp"

#include <vector>

namespace cortifold {

/// Collocation at Gauss points of a step of length 1 of a linear equation.
struct GaussStep {
    explicit GaussStep(Eigen::Index degree);

    const Collocation& basis;
    Matrix integrals;  ///< row i: weights of the slopes in the integral to point i
    double reach;      ///< a step on which |A| is at most this is exact to eleven digits

    [[nodiscard]] Eigen::Index degree() const { return integrals.rows(); }
    /// The one of least degree; of two steps that share a longer one.
    [[nodiscard]] static const GaussStep& of_reach(double reach);
    static constexpr double longest_reach = 2.0;
};

/// The transfer matrix of U' = A U over a step of length 1, A at its Gauss points.
[[nodiscard]] MatrixSeries transfer_series(const std::vector<AffineMatrix>& along,
                                           const GaussStep& gauss);

}  // namespace cortifold
