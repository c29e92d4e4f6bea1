#include "analytic_zeros.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/meanfield/delay_roots.hpp>

#include <Eigen/Eigenvalues>
#include <Eigen/LU>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace cortifold {

namespace {

using Complex = std::complex<double>;

constexpr double lowest_top = 0.5, highest_top = 1e6;  // 1/ms
/// The feedback at the top, and the most that is seen of it beyond. What acts by the variance does
/// not vanish there: it is the part of the variance that the network makes itself.
constexpr double weak = 0.98, still_weak = 1.0;
constexpr int octaves_beyond = 6, looks_an_octave = 16;
constexpr int least_pieces = 64;
constexpr double whole_number = 1e-3;  ///< of half turns
/// Below the real axis, in parts of the region's height: no line of symmetry, on which roots lie.
constexpr double below_axis = 0.0137;

/// det(1 - M), times 1 + lambda tau of its poles.
ComplexVector determinants(const LinearFeedback& feedback, const ComplexVector& lambda) {
    const std::vector<ComplexMatrix> all = feedback.matrices(lambda);
    ComplexVector values(lambda.size());
    for (Eigen::Index k = 0; k < values.size(); ++k) {
        const ComplexMatrix& M = all[static_cast<std::size_t>(k)];
        ComplexMatrix loop = ComplexMatrix::Identity(M.rows(), M.cols()) - M;
        for (Eigen::Index i = 0; i < feedback.time_constants_ms.size(); ++i)
            loop.row(i) *= 1.0 + lambda[k] * feedback.time_constants_ms[i];
        values[k] = loop.determinant();
    }
    return values;
}

/// A bound of the moduli of eigenvalues.
double strength(const ComplexMatrix& M) {
    const Matrix sizes = M.cwiseAbs();
    return std::min(sizes.rowwise().sum().maxCoeff(), sizes.colwise().sum().maxCoeff());
}

/// The strongest over the octaves above.
double strongest_beyond(const LinearFeedback& feedback, double top) {
    ComplexVector lambda(octaves_beyond * looks_an_octave + 1);
    for (Eigen::Index k = 0; k < lambda.size(); ++k)
        lambda[k] = Complex(0.0, top * std::exp2(static_cast<double>(k) / looks_an_octave));
    double strongest = 0.0;
    for (const ComplexMatrix& M : feedback.matrices(lambda)) {
        if (!M.allFinite()) return std::numeric_limits<double>::infinity();
        strongest = std::max(strongest, strength(M));
    }
    return strongest;
}

/// arg det(1 - M) where all eigenvalues of M are in the unit disc: on the way to M = 0 none of the
/// factors 1 - mu leaves the right half-plane.
double turn_to_infinity(const ComplexMatrix& M) {
    const Eigen::ComplexEigenSolver<ComplexMatrix> eigen(M, false);
    double sum = 0.0;
    for (const Complex mu : eigen.eigenvalues()) sum += std::arg(1.0 - mu);
    return -sum;
}

}  // namespace

LinearFeedback feedback_of(const LifNetwork& network, const WorkingPoint& point,
                           const TransferOptions& options) {
    return {[=](const ComplexVector& lambda) {
        return effective_connectivity(network, point, lambda, options);
    }};
}

UnstableRoots count_unstable_roots(const LinearFeedback& feedback) {
    UnstableRoots result;
    double top = lowest_top;
    const auto at = [&](double frequency) {
        return feedback.matrices(ComplexVector::Constant(1, Complex(0.0, frequency))).front();
    };
    while (top < highest_top &&
           !(strength(at(top)) < weak && strongest_beyond(feedback, top) < still_weak))
        top *= 2.0;
    result.highest_per_ms = top;
    if (top >= highest_top) {
        result.message = "the feedback does not fall below " + std::to_string(weak) + " up to " +
                         std::to_string(highest_top) + " 1/ms: its roots cannot be counted";
        return result;
    }
    const auto values = [&](const ComplexVector& lambda) { return determinants(feedback, lambda); };
    const auto line = trace_line(values, 0.0, Complex(0.0, top), least_pieces);
    if (!line) {
        result.status = Status::singular_jacobian;
        result.message = "a root lies on the imaginary axis, to rounding";
        return result;
    }
    result.least_distance = std::abs(
        *std::ranges::min_element(line->values, {}, [](Complex value) { return std::abs(value); }));
    double turn = line->turn() + turn_to_infinity(at(top));
    for (const double tau : feedback.time_constants_ms) turn -= std::atan(top * tau);
    const double half_turns = turn / -std::numbers::pi;
    result.count = static_cast<int>(std::lround(half_turns));
    if (!(std::abs(half_turns - result.count) < whole_number) || result.count < 0) {
        result.message = "det(1 - M) turns " + std::to_string(half_turns) +
                         " half times along the imaginary axis: not that of a real system, or not "
                         "analytic on the right of it";
        return result;
    }
    result.status = Status::converged;
    result.message = std::to_string(result.count) + " roots on the right of the imaginary axis";
    return result;
}

void RootRegion::validate() const {
    require(low < high && std::isfinite(low) && std::isfinite(high),
            "low = " + std::to_string(low) + " must be below high = " + std::to_string(high));
    require(frequency > 0.0 && std::isfinite(frequency),
            "frequency = " + std::to_string(frequency) + " must be positive");
}

CharacteristicRoots find_characteristic_roots(const LinearFeedback& feedback,
                                              const RootRegion& region) {
    region.validate();
    const auto values = [&](const ComplexVector& lambda) { return determinants(feedback, lambda); };
    const Rectangle inside{{region.low, -below_axis * region.frequency},
                           {region.high, region.frequency}};
    AnalyticZeros found = find_zeros(values, inside, least_pieces);
    CharacteristicRoots result;
    result.status = found.status;
    for (const AnalyticZero& zero : found.zeros) {
        CharacteristicRoot root{zero.at, 0.0, zero.error, zero.multiplicity};
        if (std::abs(root.lambda_per_ms.imag()) <= root.error) root.lambda_per_ms.imag(0.0);
        const bool real = root.lambda_per_ms.imag() == 0.0;
        if (root.lambda_per_ms.imag() < 0.0) continue;
        result.counted += real ? zero.multiplicity : 2 * zero.multiplicity;
        root.residual = std::abs(values(ComplexVector::Constant(1, root.lambda_per_ms))[0]);
        result.roots.push_back(root);
    }
    std::ranges::stable_sort(result.roots, std::greater{},
                             [](const CharacteristicRoot& r) { return r.lambda_per_ms.real(); });
    const bool analytic = region.low >= feedback.analytic_above;
    if (!analytic && result.status == Status::iteration_limit)
        result.status = Status::converged;  // poles were counted, too
    result.complete = analytic && succeeded(result.status);
    switch (result.status) {
        case Status::converged:
            result.message = std::to_string(result.counted) + " roots" +
                             (analytic ? "" : ", and perhaps more beside poles");
            break;
        case Status::singular_jacobian:
            result.message = "a root lies on the border of the region";
            break;
        default:
            result.message = "of " + std::to_string(found.count) + " roots " +
                             std::to_string(found.zeros.size()) + " were found";
    }
    return result;
}

}  // namespace cortifold
