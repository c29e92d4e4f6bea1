// Exponents of the modes of a synchronous cycle. A(lambda, t) is affine in lambda, so the transfer
// matrix of a step is an entire function of it: one factorization gives its Taylor series. Series
// are multiplied out before any lambda is put in.
#include "transfer_series.hpp"
#include <cortifold/continuation/cycle_profile.hpp>
#include <cortifold/core/error.hpp>
#include <cortifold/equilibrium/newton.hpp>
#include <cortifold/linalg/periodic_schur.hpp>
#include <cortifold/synchrony/master_stability.hpp>

#include <Eigen/LU>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cortifold {

namespace {

constexpr double most_steps = 256.0;  ///< in an interval of the mesh
/// Of a factor that several steps are multiplied out to: the sum of what z does to their A, and how
/// many of its digits its inverse loses.
constexpr double most_slope = 4.0, most_condition = 1e3;

/// Scales of the states in which a matrix of sizes has rows and columns of like norms (Osborne
/// 1960, J. ACM 7:338).
Vector balancing_scales(Matrix sizes) {
    constexpr int rounds = 10;
    Vector scales = Vector::Ones(sizes.rows());
    sizes.diagonal().setZero();
    for (int round = 0; round < rounds; ++round)
        for (Eigen::Index i = 0; i < sizes.rows(); ++i) {
            const double column = sizes.col(i).norm(), row = sizes.row(i).norm();
            if (!(column > 0.0 && row > 0.0)) continue;
            const double factor = std::sqrt(row / column);
            sizes.col(i) *= factor;
            sizes.row(i) /= factor;
            scales[i] *= factor;
        }
    return scales;
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
          ratios_(Matrix::Constant(n_, n_, period_)),
          home_{0.0, std::abs(field_->uniform_lambda())} {
        balance();
        longest_at_home_ = choose_steps(home_).longest;
        at_home_ = pass(home_, 1);
        const Mode uniform = mode(at_home_, home_, field_->uniform_lambda());
        if (uniform.eigenvalues.size() > 0) trivial_ = uniform.eigenvalues.cwiseAbs().minCoeff();
    }

    [[nodiscard]] std::vector<Mode> at(const ComplexVector& lambdas, int threads) const override {
        const bool is_home = home_.contains(lambdas);
        const Disc disc = is_home ? home_ : within_reach(lambdas);
        const Passage further = is_home ? Passage{} : pass(disc, threads);
        const Passage& passage = is_home ? at_home_ : further;
        std::vector<Mode> modes(static_cast<std::size_t>(lambdas.size()));
#pragma omp parallel for num_threads(threads) schedule(dynamic) if (threads > 1)
        for (Eigen::Index k = 0; k < lambdas.size(); ++k)
            modes[static_cast<std::size_t>(k)] = disc.contains(lambdas.segment(k, 1))
                                                     ? mode(passage, disc, lambdas[k])
                                                     : Mode{.lambda = lambdas[k]};
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
    /// Once around the cycle: the product of the factors, and the trace of A over its period, trace
    /// + z trace_slope.
    struct Passage {
        std::vector<MatrixSeries> factors;
        double trace = 0.0, trace_slope = 0.0;
    };

    [[nodiscard]] AffineMatrix affine_at(const Vector& x, double h, const Disc& disc) const {
        AffineMatrix at{Matrix(n_, n_), Matrix(n_, n_)};
        field_->mode_jacobian(x, parameters_, at.centre, at.slope);
        at.centre = h * ratios_.cwiseProduct(at.centre + disc.centre * at.slope);
        at.slope = h * disc.radius * ratios_.cwiseProduct(at.slope);
        return at;
    }

    void balance() {
        Matrix sizes = Matrix::Zero(n_, n_);
        for (Eigen::Index j = 0; j < profile_.intervals(); ++j) {
            const double width = profile_.mesh()[j + 1] - profile_.mesh()[j];
            const AffineMatrix at =
                affine_at(profile_.values().col(j * profile_.degree()), width, home_);
            sizes += at.centre.cwiseAbs() + at.slope.cwiseAbs();
        }
        const Vector scales = balancing_scales(sizes);
        ratios_ = period_ * scales.cwiseInverse() * scales.transpose();
    }

    /// Parts of the cycle: step k ends where step k + 1 begins.
    struct Steps {
        std::vector<double> ends{0.0};
        std::vector<const GaussStep*> methods;
        double longest = 0.0;  ///< largest |A| over a step, times its length
    };

    /// Each interval of the mesh in as many equal steps as its stiffest of three points asks for.
    [[nodiscard]] Steps choose_steps(const Disc& disc) const {
        Steps steps;
        for (Eigen::Index j = 0; j < profile_.intervals(); ++j) {
            const double begin = profile_.mesh()[j], width = profile_.mesh()[j + 1] - begin;
            double reach = 0.0;
            const Matrix some = profile_.at(Vector::LinSpaced(3, begin, begin + width));
            for (const auto& x : some.colwise()) {
                const AffineMatrix at = affine_at(x, width, disc);
                reach = std::max(reach, at.centre.norm() + at.slope.norm());
            }
            const double count =
                std::clamp(std::ceil(reach / GaussStep::longest_reach), 1.0, most_steps);
            steps.longest = std::max(steps.longest, reach / count);
            for (double k = 1.0; k <= count; ++k) {
                steps.ends.push_back(begin + width * k / count);
                steps.methods.push_back(&GaussStep::of_reach(reach / count));
            }
        }
        return steps;
    }

    /// The disc around them, but for those so far out that steps would have to be shorter than any.
    [[nodiscard]] Disc within_reach(const ComplexVector& lambdas) const {
        const double longest = std::max(GaussStep::longest_reach, 2.0 * longest_at_home_);
        std::vector<std::complex<double>> kept(lambdas.begin(), lambdas.end());
        for (;;) {
            const ComplexVector near = Eigen::Map<const ComplexVector>(
                kept.data(), static_cast<Eigen::Index>(kept.size()));
            const Disc disc = Disc::around(near);
            if (choose_steps(disc).longest <= longest || home_.contains(near)) return disc;
            const double half = 0.5 * near.cwiseAbs().maxCoeff();
            std::erase_if(kept, [half](std::complex<double> z) { return std::abs(z) > half; });
        }
    }

    [[nodiscard]] Passage pass(const Disc& disc, int threads) const {
        const Steps steps = choose_steps(disc);
        const std::size_t count = steps.methods.size();
        std::vector<MatrixSeries> transfers(count);
        Matrix traces = Matrix::Zero(2, static_cast<Eigen::Index>(count));
        Vector reach = Vector::Zero(static_cast<Eigen::Index>(count));
#pragma omp parallel for num_threads(threads) schedule(dynamic) if (threads > 1)
        for (std::size_t j = 0; j < count; ++j) {
            const double h = steps.ends[j + 1] - steps.ends[j];
            const GaussStep& gauss = *steps.methods[j];
            const auto column = static_cast<Eigen::Index>(j);
            std::vector<AffineMatrix> along;
            const Matrix states =
                profile_.at((steps.ends[j] + h * gauss.basis.points.array()).matrix());
            for (Eigen::Index i = 0; i < gauss.degree(); ++i) {
                along.push_back(affine_at(states.col(i), h, disc));
                traces(0, column) += gauss.basis.weights[i] * along.back().centre.trace();
                traces(1, column) += gauss.basis.weights[i] * along.back().slope.trace();
                reach[column] = std::max(reach[column], along.back().slope.norm());
            }
            transfers[j] = transfer_series(along, gauss);
        }
        return {multiplied_out(transfers, reach), traces.row(0).sum(), traces.row(1).sum()};
    }

    /// Fewer factors, as long as that hides none of their digits.
    [[nodiscard]] static std::vector<MatrixSeries> multiplied_out(
        const std::vector<MatrixSeries>& steps, const Vector& slopes) {
        std::vector<MatrixSeries> factors{steps.front()};
        double slope = slopes[0];
        for (std::size_t j = 1; j < steps.size(); ++j) {
            slope += slopes[static_cast<Eigen::Index>(j)];
            const Matrix centre = steps[j].term(0) * factors.back().term(0);
            const double condition = centre.norm() * centre.partialPivLu().inverse().norm();
            if (slope <= most_slope && condition <= most_condition) {
                factors.back() = steps[j].after(factors.back());
            } else {
                factors.push_back(steps[j]);
                slope = slopes[static_cast<Eigen::Index>(j)];
            }
        }
        return factors;
    }

    template <class S>
    [[nodiscard]] ProductSpectrum spectrum(const Passage& passage, S z) const {
        std::vector<MatrixOf<S>> factors;
        for (const MatrixSeries& factor : passage.factors) factors.push_back(factor.at(z));
        return product_spectrum(std::move(factors));
    }

    [[nodiscard]] Mode mode(const Passage& passage, const Disc& disc,
                            std::complex<double> lambda) const {
        const std::complex<double> z = disc.place(lambda);
        const ProductSpectrum product =
            lambda.imag() == 0.0 ? spectrum(passage, z.real()) : spectrum(passage, z);
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
    double period_, trivial_ = 0.0, longest_at_home_ = 0.0;
    CycleProfile profile_;
    Matrix ratios_;  ///< what scales of states and time make of A
    Disc home_;      ///< eigenvalues of weights that are not negative are in there
    Passage at_home_;
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
