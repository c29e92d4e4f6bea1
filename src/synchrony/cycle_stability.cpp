// Exponents of the modes of a synchronous cycle. A(lambda, t) is affine in lambda, so the transfer
// matrix of a step is an entire function of it: one factorization gives its Taylor series, which
// serves all modes.
#include "collocation.hpp"
#include <cortifold/continuation/cycle_profile.hpp>
#include <cortifold/core/error.hpp>
#include <cortifold/equilibrium/newton.hpp>
#include <cortifold/linalg/periodic_schur.hpp>
#include <cortifold/synchrony/master_stability.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cortifold {

namespace {

/// A step of this h |A| by the Gauss method of this degree is exact to 1e-11.
constexpr Eigen::Index degree = 7;
constexpr double longest_step = 2.0, most_steps = 256.0;
constexpr double longest_factor = 4.0;  ///< sum of h |A| over the steps that are multiplied out
constexpr std::size_t most_terms = 60;

/// A disc of the complex plane with a real centre.
struct Disc {
    double centre = 0.0, radius = 0.0;

    explicit Disc(const ComplexVector& lambdas) {
        if (lambdas.size() == 0) return;
        centre = (lambdas.real().minCoeff() + lambdas.real().maxCoeff()) / 2.0;
        radius = (lambdas.array() - centre).abs().maxCoeff();
    }
    /// In units of the radius.
    [[nodiscard]] std::complex<double> place(std::complex<double> lambda) const {
        return radius > 0.0 ? (lambda - centre) / radius : 0.0;
    }
};

/// h A at a point of a step, in parts of the states' scales: centre + z slope in a disc.
struct Affine {
    Matrix centre, slope;
};

/// x(end) = (sum_k terms[k] z^k) x(begin) over one step, and h |A| at most.
struct Step {
    std::vector<Matrix> terms;
    double reach = 0.0;

    template <class S>
    [[nodiscard]] MatrixOf<S> transfer(S z) const {
        MatrixOf<S> sum = terms.back();
        for (std::size_t k = terms.size() - 1; k-- > 0;) sum = (sum * z + terms[k]).eval();
        return sum;
    }
};

/// With U = sum_k U_k z^k the collocation of U' = (centre + z slope) U, U(0) = 1, is the same
/// system for each U_k, with slope U_(k-1) on its right side.
std::vector<Matrix> expand(const std::vector<Affine>& along, const Collocation& gauss) {
    const Eigen::Index n = along.front().centre.rows(), m = degree;
    Matrix system(m * n, m * n), right(m * n, n), U((m + 1) * n, n);
    const auto at = [&](Eigen::Index i) -> const Affine& {
        return along[static_cast<std::size_t>(i)];
    };
    for (Eigen::Index i = 0; i < m; ++i) {
        for (Eigen::Index k = 0; k <= m; ++k) {
            Matrix entry = -gauss.values(k, i) * at(i).centre;
            entry.diagonal().array() += gauss.slopes(k, i);
            if (k > 0)
                system.block(i * n, (k - 1) * n, n, n) = entry;
            else
                right.middleRows(i * n, n) = -entry;
        }
    }
    const Eigen::PartialPivLU<Matrix> factors(system);
    U.topRows(n).setIdentity();
    U.bottomRows(m * n) = factors.solve(right);
    std::vector<Matrix> terms{U.bottomRows(n)};
    const double small = std::numeric_limits<double>::epsilon() * terms.front().norm();
    for (double last = small + 1.0; terms.size() < most_terms;) {
        for (Eigen::Index i = 0; i < m; ++i) {
            Matrix value = gauss.values(0, i) * U.topRows(n);
            for (Eigen::Index k = 1; k <= m; ++k)
                value += gauss.values(k, i) * U.middleRows(k * n, n);
            right.middleRows(i * n, n).noalias() = at(i).slope * value;
        }
        U.topRows(n).setZero();
        U.bottomRows(m * n) = factors.solve(right);
        const double size = U.bottomRows(n).norm();
        if (size <= small && last <= small) break;
        terms.emplace_back(U.bottomRows(n));
        last = size;
    }
    return terms;
}

class CycleStability final : public MasterStability {
public:
    CycleStability(std::shared_ptr<const HomogeneousField> field, Vector parameters,
                   const BranchPoint& cycle)
        : field_(std::move(field)),
          parameters_(std::move(parameters)),
          n_(field_->dimension()),
          period_(cycle.period),
          profile_(cycle, n_),
          gauss_(Collocation::of_degree(degree)) {
        const Vector scales = profile_.values().cwiseAbs().rowwise().maxCoeff().cwiseMax(
            scale_floor(field_->states()));  // a state may rest at 0
        ratios_ = period_ * scales.cwiseInverse() * scales.transpose();
        const Mode uniform = at(ComplexVector::Constant(1, field_->uniform_lambda()), 1).front();
        if (uniform.eigenvalues.size() > 0) trivial_ = uniform.eigenvalues.cwiseAbs().minCoeff();
    }

    [[nodiscard]] std::vector<Mode> at(const ComplexVector& lambdas, int threads) const override {
        const Disc disc(lambdas);
        const Passage passage = pass(disc, threads);
        std::vector<Mode> modes(static_cast<std::size_t>(lambdas.size()));
#pragma omp parallel for num_threads(threads) schedule(dynamic) if (threads > 1)
        for (Eigen::Index k = 0; k < lambdas.size(); ++k)
            modes[static_cast<std::size_t>(k)] = mode(passage, disc, lambdas[k]);
        return modes;
    }
    [[nodiscard]] double uniform_lambda() const override {
        return field_->uniform_lambda();
    }
    [[nodiscard]] double period() const override {
        return period_;
    }
    [[nodiscard]] double trivial_exponent() const override {
        return trivial_;
    }

private:
    /// All steps around the cycle, and the trace of A over its period: trace + z trace_slope.
    struct Passage {
        std::vector<Step> steps;
        double trace = 0.0, trace_slope = 0.0;
    };

    [[nodiscard]] Affine affine_at(const Vector& x, double h, const Disc& disc) const {
        Affine at{Matrix(n_, n_), Matrix(n_, n_)};
        field_->mode_jacobian(x, parameters_, at.centre, at.slope);
        at.centre = h * ratios_.cwiseProduct(at.centre + disc.centre * at.slope);
        at.slope = h * disc.radius * ratios_.cwiseProduct(at.slope);
        return at;
    }

    /// Each interval of the mesh in as many equal steps as its stiffest of three points asks for.
    [[nodiscard]] Vector step_ends(const Disc& disc) const {
        std::vector<double> ends{0.0};
        for (Eigen::Index j = 0; j < profile_.intervals(); ++j) {
            const double begin = profile_.mesh()[j], width = profile_.mesh()[j + 1] - begin;
            double reach = 0.0;
            const Matrix some = profile_.at(Vector::LinSpaced(3, begin, begin + width));
            for (const auto& x : some.colwise()) {
                const Affine at = affine_at(x, width, disc);
                reach = std::max(reach, at.centre.norm() + at.slope.norm());
            }
            const double count = std::clamp(std::ceil(reach / longest_step), 1.0, most_steps);
            for (double k = 1.0; k <= count; ++k) ends.push_back(begin + width * k / count);
        }
        return Eigen::Map<const Vector>(ends.data(), static_cast<Eigen::Index>(ends.size()));
    }

    [[nodiscard]] Passage pass(const Disc& disc, int threads) const {
        const Vector ends = step_ends(disc);
        const Eigen::Index count = ends.size() - 1;
        Passage passage;
        passage.steps.resize(static_cast<std::size_t>(count));
        Matrix traces = Matrix::Zero(2, count);
#pragma omp parallel for num_threads(threads) schedule(dynamic) if (threads > 1)
        for (Eigen::Index j = 0; j < count; ++j) {
            const double h = ends[j + 1] - ends[j];
            std::vector<Affine> along;
            Step& step = passage.steps[static_cast<std::size_t>(j)];
            const Matrix states = profile_.at((ends[j] + h * gauss_.points.array()).matrix());
            for (Eigen::Index i = 0; i < degree; ++i) {
                const Affine at = affine_at(states.col(i), h, disc);
                traces(0, j) += gauss_.weights[i] * at.centre.trace();
                traces(1, j) += gauss_.weights[i] * at.slope.trace();
                step.reach = std::max(step.reach, at.centre.norm() + at.slope.norm());
                along.push_back(at);
            }
            step.terms = expand(along, gauss_);
        }
        passage.trace = traces.row(0).sum();
        passage.trace_slope = traces.row(1).sum();
        return passage;
    }

    /// The product of all transfer matrices, in factors of which none grows much.
    template <class S>
    [[nodiscard]] std::vector<MatrixOf<S>> factors(const Passage& passage, S z) const {
        std::vector<MatrixOf<S>> factors;
        double reach = longest_factor;
        for (const Step& step : passage.steps) {
            reach += step.reach;
            if (reach > longest_factor) {
                factors.push_back(step.transfer(z));
                reach = step.reach;
            } else {
                factors.back() = (step.transfer(z) * factors.back()).eval();
            }
        }
        return factors;
    }

    [[nodiscard]] Mode mode(const Passage& passage, const Disc& disc,
                            std::complex<double> lambda) const {
        const std::complex<double> z = disc.place(lambda);
        const ProductSpectrum product = lambda.imag() == 0.0
                                            ? product_spectrum(factors(passage, z.real()))
                                            : product_spectrum(factors(passage, z));
        Mode mode{.lambda = lambda};
        if (!succeeded(product.status)) return mode;
        mode.eigenvalues = product.logarithms / period_;
        const Vector rates = mode.eigenvalues.real();
        mode.growth = rates[0];
        mode.frequency = std::abs(mode.eigenvalues[0].imag()) / (2.0 * std::numbers::pi);
        const double divergence = passage.trace + z.real() * passage.trace_slope;
        mode.error = std::abs(rates.sum() - divergence / period_);
        mode.unstable = (rates.array() > mode.error + trivial_).any();
        return mode;
    }

    std::shared_ptr<const HomogeneousField> field_;
    Vector parameters_;
    Eigen::Index n_;
    double period_, trivial_ = 0.0;
    CycleProfile profile_;
    const Collocation& gauss_;
    Matrix ratios_;  ///< what scales of states and time make of A
};

}  // namespace

std::unique_ptr<MasterStability> stability_of_cycle(
    const std::shared_ptr<const HomogeneousField>& field, const Vector& parameters,
    const BranchPoint& cycle) {
    require(is_cycle(cycle), "the master stability of a cycle: the point holds none");
    require(!field->time(), "the master stability of a cycle: the field is driven");
    return std::make_unique<CycleStability>(field, parameters, cycle);
}

}  // namespace cortifold
