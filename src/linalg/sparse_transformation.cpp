#include "sparse_transformation.hpp"

#include <cortifold/core/rng.hpp>

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <limits>

namespace cortifold {

namespace {

using Eigen::Index;

constexpr std::uint64_t estimate_round = 1'000'000;  // its start is none of the search
/// Distance of sigma to the spectrum, relative to its width: small, so that the wanted eigenvalues
/// are far apart in the inverse, and far above the rounding of the factor.
constexpr double shift_distance = 1e-4;
constexpr int most_shifts = 6;
constexpr double shift_growth = 10.0;
/// How much larger the filter is at the lowest eigenvalue than anywhere above the cut. Eigenvalues
/// just below the cut lose as many digits.
constexpr double filter_gain = 1e3;
/// The cut lies below this part of the spectrum: above nothing would be left to damp.
constexpr double highest_cut = 0.9;

/// |A| row by row bounds the spectrum (Gershgorin 1931).
std::pair<double, double> gershgorin(const ColumnSparse& a) {
    const Vector diagonal = a.diagonal();
    const Vector radius = a.cwiseAbs().transpose() * Vector::Ones(a.rows()) - diagonal.cwiseAbs();
    return {(diagonal - radius).minCoeff(), (diagonal + radius).maxCoeff()};
}

class ShiftInverse final : public Transformation {
public:
    ShiftInverse(const ColumnSparse& a, const FactorPlan& plan, double sigma, double distance)
        : factor_(a, plan, sigma), distance_(distance) {}
    void apply(VectorRef x) const override {
        factor_.solve(x);
        x *= distance_;
    }
    /// The factored matrix is positive definite, by far.
    [[nodiscard]] bool is_below_spectrum() const {
        if (!factor_.exists()) return false;
        const EigenvalueCount count = factor_.count();
        return count.below == 0 && count.error < distance_;
    }

private:
    BlockFactor factor_;
    double distance_;
};

/// T_m((A - centre) / half width) of even degree m, relative to its value at the lowest eigenvalue.
class ChebyshevFilter final : public Transformation {
public:
    ChebyshevFilter(const ColumnSparse& a, double low, double cut, double high)
        : scaled_((2.0 / (high - cut)) * a) {
        const double centre = (cut + high) / (high - cut);
        ColumnSparse identity(a.rows(), a.rows());
        identity.setIdentity();
        scaled_ -= centre * identity;
        const double rate = std::acosh(centre - 2.0 * low / (high - cut));
        half_degree_ = std::max(1, static_cast<int>(std::acosh(filter_gain) / rate / 2.0));
        scale_ = 1.0 / std::cosh(2.0 * half_degree_ * rate);
    }
    void apply(VectorRef x) const override {  // T_k+1 = 2 t T_k - T_k-1
        Vector previous = x, current = scaled_.transpose() * x;
        for (int k = 1; k < 2 * half_degree_; ++k) {
            previous = 2.0 * (scaled_.transpose() * current) - previous;
            current.swap(previous);
        }
        x = scale_ * current;
    }

private:
    ColumnSparse scaled_;
    int half_degree_ = 1;
    double scale_ = 1.0;
};

}  // namespace

Vector random_start(Index n, std::uint64_t seed, std::uint64_t round) {
    const CounterRng random({seed, StreamPurpose::starts, round});
    return Vector::NullaryExpr(
        n, [&](Index i) { return random.normal(static_cast<std::uint64_t>(i)); });
}

SpectrumEstimate estimate_spectrum(const ColumnSparse& a, Index steps, std::uint64_t seed) {
    const auto [lowest, highest] = gershgorin(a);
    const double smallest_beta = std::numeric_limits<double>::epsilon() * (highest - lowest);
    Matrix basis(a.rows(), steps);
    Vector alpha(steps), beta(steps);
    basis.col(0) = random_start(a.rows(), seed, estimate_round).normalized();
    Index k = 0;
    for (;; ++k) {
        const auto known = basis.leftCols(k + 1);
        Vector w = a.transpose() * basis.col(k);
        alpha[k] = w.dot(basis.col(k));
        for (int pass = 0; pass < 2; ++pass) w -= known * (known.transpose() * w);
        beta[k] = w.norm();
        if (k + 1 == steps || beta[k] <= smallest_beta) break;
        basis.col(k + 1) = w / beta[k];
    }
    Eigen::SelfAdjointEigenSolver<Matrix> tridiagonal;
    tridiagonal.computeFromTridiagonal(alpha.head(k + 1), beta.head(k), Eigen::EigenvaluesOnly);
    // Beyond a Ritz value by the norm of the last residual (Zhou, Saad, Tiago & Chelikowsky 2006).
    const Vector ritz = tridiagonal.eigenvalues();
    return {ritz, std::max(lowest, ritz[0] - beta[k]), std::min(highest, ritz[k] + beta[k])};
}

std::unique_ptr<Transformation> shift_inverse(const ColumnSparse& a, const FactorPlan& plan,
                                              const SpectrumEstimate& spectrum) {
    double distance = shift_distance * (spectrum.high - spectrum.low);
    for (int k = 0; k < most_shifts; ++k, distance *= shift_growth) {
        auto inverse = std::make_unique<ShiftInverse>(a, plan, spectrum.low - distance, distance);
        if (inverse->is_below_spectrum()) return inverse;
    }
    return nullptr;
}

std::unique_ptr<Transformation> chebyshev_filter(const ColumnSparse& a,
                                                 const SpectrumEstimate& spectrum, Index wanted) {
    const auto& [ritz, low, high] = spectrum;
    const double cut =
        std::min(ritz[std::min(wanted, ritz.size() - 1)], low + highest_cut * (high - low));
    return std::make_unique<ChebyshevFilter>(a, low, cut, high);
}

}  // namespace cortifold
