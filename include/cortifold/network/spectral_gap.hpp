#pragma once

#include <cortifold/core/matrix.hpp>

#include <optional>
#include <utility>

namespace cortifold {

/// How fast the differences between regions die out under dx/dt = -s L x, and for which strengths
/// s a diffusive coupling by L can synchronize, from the eigenvalues of L that are not of the
/// uniform pattern.
struct SpectralGap {
    double gap = 0.0;      ///< the smallest real part; 0 where a graph is in parts
    double largest = 0.0;  ///< real part
    double largest_imaginary = 0.0;
    /// largest / gap (Barahona & Pecora 2002, Phys. Rev. Lett. 89:054101); none where there is no
    /// gap.
    std::optional<double> eigenratio{};
};

/// Of all eigenvalues of a Laplacian, of which the one nearest to 0 is left out as that of the
/// uniform pattern. Throws UsageError for fewer than two.
[[nodiscard]] SpectralGap spectral_gap(const ComplexVector& values);

/// min x^T L x over x of norm 1 and sum 0 (Wu 2005, Linear Multilinear Algebra 53:203): no real
/// part of a transverse eigenvalue is below it, and differences decay at least as exp(-a t) from
/// the beginning. Fiedler's algebraic connectivity, the gap itself, where L is symmetric; below 0
/// where differences may grow before they decay. None where the spectrum was not found. Throws
/// UsageError where a row does not sum to 0.
[[nodiscard]] std::optional<double> algebraic_connectivity(ConstMatrixRef laplacian);

/// The strengths s at which every s l, l from gap to largest of a real spectrum, lies between the
/// two (positive) numbers; empty where the eigenratio exceeds theirs, which is the bound on
/// synchronizability of Barahona & Pecora 2002.
[[nodiscard]] std::optional<std::pair<double, double>> synchronizing_strengths(
    const SpectralGap& gap, std::pair<double, double> products);

}  // namespace cortifold
