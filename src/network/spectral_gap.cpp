#include <cortifold/core/error.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/network/spectral_gap.hpp>

#include <cmath>
#include <string>

namespace cortifold {

namespace {

using Eigen::Index;

constexpr double rounding = 1e-10;  // relative to the largest

}  // namespace

SpectralGap spectral_gap(const ComplexVector& values) {
    require(values.size() > 1, "a spectral gap needs two eigenvalues or more");
    Index uniform = 0;
    values.cwiseAbs().minCoeff(&uniform);
    ComplexVector transverse(values.size() - 1);
    transverse << values.head(uniform), values.tail(values.size() - uniform - 1);
    SpectralGap found{transverse.real().minCoeff(), transverse.real().maxCoeff(),
                      transverse.imag().cwiseAbs().maxCoeff()};
    if (found.gap <= rounding * values.cwiseAbs().maxCoeff()) return found;
    found.eigenratio = found.largest / found.gap;
    return found;
}

std::optional<double> algebraic_connectivity(ConstMatrixRef laplacian) {
    const double size = laplacian.norm();
    require(laplacian.rows() == laplacian.cols() && laplacian.rows() > 1 &&
                laplacian.rowwise().sum().cwiseAbs().maxCoeff() <= rounding * size,
            "algebraic connectivity is of a Laplacian, a square matrix whose rows sum to 0");
    // On the uniform pattern, moved out of the way, the form is `size`.
    Matrix form = (laplacian + laplacian.transpose()) / 2.0;
    form.rowwise() -= form.colwise().mean().eval();
    form.colwise() -= form.rowwise().mean().eval();
    form.array() += size / static_cast<double>(form.rows());
    const DenseSpectrum spectrum = symmetric_spectrum(form);
    if (!succeeded(spectrum.status)) return std::nullopt;
    return spectrum.values.real().minCoeff();
}

std::optional<std::pair<double, double>> synchronizing_strengths(
    const SpectralGap& gap, std::pair<double, double> products) {
    const auto [low, high] = products;
    require(0.0 <= low && low < high, "products s l must be from one number to a larger one");
    if (!gap.eigenratio || low / gap.gap >= high / gap.largest) return std::nullopt;
    return std::pair(low / gap.gap, high / gap.largest);
}

}  // namespace cortifold
