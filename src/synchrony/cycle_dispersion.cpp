// Exponents of the modes of a synchronous cycle: A(lambda, t) is affine in lambda, so one pass
// along the cycle serves all modes.
#include "cycle_curve.hpp"
#include <cortifold/continuation/cycle_profile.hpp>
#include <cortifold/core/error.hpp>
#include <cortifold/equilibrium/newton.hpp>
#include <cortifold/linalg/periodic_schur.hpp>
#include <cortifold/synchrony/dispersion.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace cortifold {

namespace {

/// A step of this h |A| by the Gauss method of this degree is exact to 1e-11.
constexpr Eigen::Index degree = 7;
constexpr double longest_step = 2.0, most_steps = 256.0;

class ModesOfCycle {
public:
    explicit ModesOfCycle(const CycleDispersionProblem& problem)
        : problem_(problem),
          n_(problem.field->dimension()),
          profile_(problem.cycle, n_),
          gauss_(Collocation::of_degree(degree)) {
        const Vector scales = profile_.values().cwiseAbs().rowwise().maxCoeff().cwiseMax(
            scale_floor(problem.field->states()));  // a state may rest at 0
        ratios_ = problem.cycle.period * scales.cwiseInverse() * scales.transpose();
        for (Eigen::Index j = 0; j < profile_.intervals(); ++j) add_interval(j);
    }

    [[nodiscard]] Mode at(std::complex<double> lambda, int index) const {
        const bool real = lambda.imag() == 0.0;
        const Eigen::Index size = real ? n_ : 2 * n_;
        CyclicElimination step(size, degree, 1);
        Matrix A(size, size);
        double divergence = 0.0;
        std::vector<Matrix> transfers;
        for (const Step& along : steps_) {
            for (Eigen::Index i = 0; i < degree; ++i) {
                const Affine& point = along[static_cast<std::size_t>(i)];
                A.topLeftCorner(n_, n_) = -(point.at_zero + lambda.real() * point.slope);
                divergence -= gauss_.weights[i] * A.topLeftCorner(n_, n_).trace();
                if (!real) {  // complex numbers as real ones of twice the size
                    A.bottomLeftCorner(n_, n_) = -lambda.imag() * point.slope;
                    A.topRightCorner(n_, n_) = -A.bottomLeftCorner(n_, n_);
                    A.bottomRightCorner(n_, n_) = A.topLeftCorner(n_, n_);
                }
                collocate_linear(step.block(0), gauss_, i, A);
            }
            step.condense(1);
            transfers.push_back(step.transfer(0));
        }
        Mode mode{.index = index, .lambda = lambda};
        const ProductSpectrum product = product_spectrum(std::move(transfers));
        if (!succeeded(product.status)) return mode;
        const double period = problem_.cycle.period;
        mode.eigenvalues = product.logarithms(Eigen::seqN(0, n_, real ? 1 : 2)) / period;
        const Vector rates = mode.eigenvalues.real();
        mode.growth = rates[0];
        mode.frequency = std::abs(mode.eigenvalues[0].imag()) / (2.0 * std::numbers::pi);
        mode.error = std::abs(rates.sum() - divergence / period);
        return mode;
    }

private:
    /// h A = at_zero + lambda slope, in parts of the states' scales.
    struct Affine {
        Matrix at_zero, slope;
    };
    using Step = std::vector<Affine>;  ///< at its Gauss points

    [[nodiscard]] Affine affine_at(const Vector& x, double h) const {
        const auto scaled = [&](double lambda) {
            ComplexMatrix A(n_, n_);
            problem_.field->mode_jacobian(x, problem_.parameters, lambda, A);
            return Matrix(h * ratios_.cwiseProduct(A.real()));
        };
        const Matrix at_zero = scaled(0.0);
        return {at_zero, scaled(1.0) - at_zero};
    }

    /// |A| at most, for all lambda that are asked for.
    [[nodiscard]] double reach(const Affine& at) const {
        double largest = 0.0;
        for (const ComplexVector* lambdas : {&problem_.lambdas, &problem_.further})
            for (const std::complex<double> lambda : *lambdas)
                largest = std::max(largest, std::abs(lambda));
        return at.at_zero.norm() + largest * at.slope.norm();
    }

    void add_interval(Eigen::Index j) {
        const double begin = profile_.mesh()[j], width = profile_.mesh()[j + 1] - begin;
        const Matrix some = profile_.at(Vector::LinSpaced(3, begin, begin + width));
        double longest = 0.0;
        for (const auto& x : some.colwise())
            longest = std::max(longest, reach(affine_at(x, width)) / longest_step);
        const double count = std::clamp(std::ceil(longest), 1.0, most_steps), h = width / count;
        for (double k = 0.0; k < count; ++k) {
            const Matrix states = profile_.at((begin + h * (k + gauss_.points.array())).matrix());
            Step step;
            for (const auto& x : states.colwise()) step.push_back(affine_at(x, h));
            steps_.push_back(std::move(step));
        }
    }

    const CycleDispersionProblem& problem_;
    Eigen::Index n_;
    CycleProfile profile_;
    const Collocation& gauss_;
    Matrix ratios_;  ///< what scales of states and time make of A
    std::vector<Step> steps_;
};

void decide_stability(DispersionResult& result) {
    for (const Mode& mode : result.modes)
        if (mode.eigenvalues.size() == 0) {
            result.status = Status::non_finite;
            result.message = "no exponents at lambda = " + std::to_string(mode.lambda.real());
        }
    std::erase_if(result.modes, [](const Mode& mode) { return mode.eigenvalues.size() == 0; });
    const auto uniform = std::ranges::find(result.modes, 1, &Mode::index);
    if (uniform != result.modes.end()) result.trivial = uniform->eigenvalues.cwiseAbs().minCoeff();
    for (Mode& mode : result.modes) {
        const double doubt = mode.error + result.trivial;
        const auto growing = (mode.eigenvalues.real().array() > doubt).count();
        mode.unstable = growing > 0;
        if (mode.index > 1 && mode.unstable) ++result.unstable_modes;
    }
}

}  // namespace

DispersionResult cycle_dispersion(const CycleDispersionProblem& problem) {
    require(is_cycle(problem.cycle), "the dispersion relation of a cycle: the point holds none");
    require(!problem.field->time(), "the dispersion relation of a cycle: the field is driven");
    const ModesOfCycle modes(problem);
    const Eigen::Index own = problem.lambdas.size(), count = own + problem.further.size();
    DispersionResult result{Status::converged, "the exponents of every mode of the cycle", {}, 0};
    result.modes.resize(static_cast<std::size_t>(count));
#pragma omp parallel for num_threads(problem.threads) schedule(dynamic) if (problem.threads > 1)
    for (Eigen::Index k = 0; k < count; ++k)
        result.modes[static_cast<std::size_t>(k)] =
            k < own ? modes.at(problem.lambdas[k], static_cast<int>(k) + 1)
                    : modes.at(problem.further[k - own], 0);
    decide_stability(result);
    return result;
}

}  // namespace cortifold
