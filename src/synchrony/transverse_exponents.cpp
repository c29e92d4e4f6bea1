#include "lyapunov_statistics.hpp"
#include "matrix_series.hpp"
#include "tangent_flow.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/linalg/orthonormal.hpp>
#include <cortifold/synchrony/transverse_exponents.hpp>

#include <Eigen/LU>

#include <algorithm>
#include <cmath>
#include <utility>

namespace cortifold {

std::string_view to_string(Fate fate) {
    switch (fate) {
        case Fate::grows: return "grows";
        case Fate::decays: return "decays";
        case Fate::undecided: return "undecided";
    }
    return "unknown";
}

namespace {

/// Of a product of steps: when it is put to use.
constexpr Eigen::Index most_terms = 12;
constexpr double most_condition = 1e5;

/// The tangent map of the flow's last step: with K_i = A_i (1 + h sum_j a_ij K_j) at its stages it
/// is 1 + h sum_i b_i K_i, a polynomial of z in A = centre + z slope.
class StepSeries {
public:
    StepSeries(const HomogeneousField& field, Vector parameters, const Disc& disc)
        : field_(field),
          parameters_(std::move(parameters)),
          disc_(disc),
          n_(field.dimension()),
          at_{Matrix(n_, n_), Matrix(n_, n_)} {}

    [[nodiscard]] MatrixSeries of(const TangentFlow& flow) {
        const RungeKutta& method = flow.method();
        for (std::size_t i = 0; i < method.stages; ++i) {
            field_.mode_jacobian(flow.stage(i), parameters_, at_.centre, at_.slope);
            at_.centre += disc_.centre * at_.slope;
            at_.slope *= disc_.radius;
            const Matrix sum = one_and(flow.last_step(), method.stage_weights[i], i);
            Matrix& slope = slopes_[i];
            slope.setZero(n_ * n_, sum.cols() + 1);
            wide(slope, 0, sum.cols()).noalias() = at_.centre * wide(sum, 0, sum.cols());
            wide(slope, 1, sum.cols()).noalias() += at_.slope * wide(sum, 0, sum.cols());
        }
        return {n_, one_and(flow.last_step(), method.end_weights, method.stages)};
    }
    /// Of that map, relative to its size; 0 where the method has no estimate.
    [[nodiscard]] double error_of(const MatrixSeries& series, const TangentFlow& flow) const {
        const RungeKutta& method = flow.method();
        Matrix error = one_and(flow.last_step(), method.error_weights, method.stages);
        error.col(0) -= Matrix::Identity(n_, n_).reshaped();
        return error.colwise().norm().sum() / series.term(0).norm();
    }

private:
    /// Terms side by side: what multiplies all of them is one product.
    [[nodiscard]] Eigen::Map<Matrix> wide(Matrix& terms, Eigen::Index first,
                                          Eigen::Index count) const {
        return {terms.col(first).data(), n_, n_ * count};
    }
    [[nodiscard]] Eigen::Map<const Matrix> wide(const Matrix& terms, Eigen::Index first,
                                                Eigen::Index count) const {
        return {terms.col(first).data(), n_, n_ * count};
    }
    [[nodiscard]] Matrix one_and(double h, const RungeKutta::Weights& weights,
                                 std::size_t stages) const {
        Eigen::Index terms = 1;
        for (std::size_t j = 0; j < stages; ++j)
            if (weights[j] != 0.0) terms = std::max(terms, slopes_[j].cols());
        Matrix sum = Matrix::Zero(n_ * n_, terms);
        sum.col(0).reshaped(n_, n_).setIdentity();
        for (std::size_t j = 0; j < stages; ++j)
            if (weights[j] != 0.0) sum.leftCols(slopes_[j].cols()) += h * weights[j] * slopes_[j];
        return sum;
    }

    const HomogeneousField& field_;
    Vector parameters_;
    Disc disc_;
    Eigen::Index n_;
    AffineMatrix at_;
    std::array<Matrix, RungeKutta::most_stages> slopes_{};
};

/// A vector a lambda, all of length one. Blocks of them are shared by threads.
template <class S>
class Perturbations {
public:
    using Row = Eigen::Matrix<S, Eigen::Dynamic, 1>;

    Perturbations(const Vector& first, Row places)
        : places_(std::move(places)), vectors_(first.cast<S>().replicate(1, places_.size())) {}

    /// Adds what each has grown by to `growth`.
    void advance(const MatrixSeries& series, int threads, VectorRef growth) {
        constexpr Eigen::Index width = 64, worth_threads = 8;
        const Eigen::Index count = places_.size(), blocks = (count + width - 1) / width;
#pragma omp parallel for num_threads(threads) if (threads > 1 && blocks >= worth_threads)
        for (Eigen::Index b = 0; b < blocks; ++b) {
            const Eigen::Index begin = b * width, size = std::min(width, count - begin);
            const MatrixOf<S> y = vectors_.middleCols(begin, size);
            MatrixOf<S> sum = series.term(series.terms() - 1) * y;
            for (Eigen::Index k = series.terms() - 1; k-- > 0;) {
                sum *= places_.segment(begin, size).asDiagonal();
                sum.noalias() += series.term(k) * y;
            }
            const Vector lengths = sum.colwise().norm();
            vectors_.middleCols(begin, size) = sum * lengths.cwiseInverse().asDiagonal();
            growth.segment(begin, size) += lengths.array().log().matrix();
        }
    }

private:
    Row places_;
    MatrixOf<S> vectors_;
};

class Run {
public:
    Run(const TransverseExponentsProblem& problem, const LyapunovOptions& options)
        : problem_(problem),
          options_(options),
          flow_({.field = problem.field,
                 .parameters = problem.parameters,
                 .initial = problem.initial},
                options),
          disc_(Disc::around(all_lambdas())),
          step_(*problem.field, problem.parameters, disc_),
          series_(problem.field->dimension()),
          basis_(first_vectors(series_.size(), series_.size(), options.context.seed)),
          uniform_(disc_.place(problem.field->uniform_lambda()).real()) {
        for (Eigen::Index k = 0; k < problem.lambdas.size(); ++k)
            (problem.lambdas[k].imag() == 0.0 ? real_ : complex_).push_back(k);
        const ComplexVector places = problem.lambdas.unaryExpr(
            [this](std::complex<double> lambda) { return disc_.place(lambda); });
        along_real_.emplace(basis_.col(0), places(real_).real());
        along_complex_.emplace(basis_.col(0), places(complex_));
    }

    TransverseResult go() {
        const double begin = problem_.transient;
        Status status = flow_.follow((1.0 - part_to_align) * begin);
        if (status == Status::reached_end) status = grow(begin);
        if (status == Status::reached_end) {
            averages_ = true;
            uniform_parts_.clear();
            parts_.clear();
            status = grow(begin + problem_.duration);
        }
        return result(status);
    }

private:
    [[nodiscard]] ComplexVector all_lambdas() const {
        ComplexVector all(problem_.lambdas.size() + 1);
        all << problem_.lambdas, problem_.field->uniform_lambda();
        return all;
    }

    /// With vectors, up to a time.
    Status grow(double until) {
        const double length = part_length(flow_.t(), until);
        double due = flow_.t();
        while (flow_.t() < until) {
            if (due <= flow_.t()) {
                uniform_parts_.push_back({0.0, Vector::Zero(basis_.cols())});
                parts_.push_back({0.0, Vector::Zero(problem_.lambdas.size())});
                while (due <= flow_.t()) due += length;
            }
            if (const Status status = stretch(std::min(due, until), until);
                status != Status::converged)
                return status;
            if (flow_.t() >= std::min(due, until) && tell() == Flow::stop)
                return Status::stopped_by_observer;
        }
        return Status::reached_end;
    }

    /// As many steps as their product allows, to the first one past `end` at most.
    Status stretch(double end, double stop) {
        const double begin = flow_.t();
        series_ = MatrixSeries(basis_.rows());
        Status status = Status::converged;
        while (flow_.t() < end && series_.terms() < most_terms && is_well_conditioned()) {
            const TangentFlow::Position before = flow_.position();
            status = flow_.step(stop);
            if (status != Status::converged) break;
            const MatrixSeries taken = step_.of(flow_);
            if (is_accurate(taken, before)) series_ = taken.after(series_);
        }
        apply(flow_.t() - begin);
        return status;
    }

    /// If not, the step is taken back, for a shorter one.
    bool is_accurate(const MatrixSeries& taken, const TangentFlow::Position& before) {
        const double error =
            step_.error_of(taken, flow_) / (allowance_of_vectors * options_.relative_tolerance);
        if (error == 0.0) return true;
        constexpr double safety_of_step = 0.9, least = 0.2, most = 5.0, order = 5.0;
        const double by_error = safety_of_step * std::pow(error, -1.0 / order),
                     factor = by_error > least ? std::min(by_error, most) : least;  // also of a NaN
        const double next = factor * flow_.last_step();
        if (!(error <= 1.0)) flow_.return_to(before);
        flow_.shorten_next(next);
        return error <= 1.0;
    }

    [[nodiscard]] bool is_well_conditioned() const {
        const Matrix centre = series_.term(0);
        return centre.norm() * centre.partialPivLu().inverse().norm() < most_condition;
    }

    void apply(double duration) {
        basis_ = (series_.at(uniform_) * basis_).eval();
        uniform_parts_.back().growth += orthonormalize(basis_).array().log().matrix();
        const int threads = options_.context.threads;
        Vector grown = Vector::Zero(std::ssize(real_));
        along_real_->advance(series_, threads, grown);
        parts_.back().growth(real_) += grown;
        grown = Vector::Zero(std::ssize(complex_));
        along_complex_->advance(series_, threads, grown);
        parts_.back().growth(complex_) += grown;
        uniform_parts_.back().duration += duration;
        parts_.back().duration += duration;
    }

    [[nodiscard]] Flow tell() const {
        if (!options_.observer || !averages_) return Flow::proceed;
        return options_.observer(flow_.t() - problem_.transient,
                                 mean_rates(uniform_parts_, 0, uniform_parts_.size()));
    }

    [[nodiscard]] TransverseResult result(Status status) const {
        TransverseResult result;
        LyapunovResult& uniform = result.uniform;
        uniform.status = status;
        uniform.state = flow_.state();
        uniform.steps = flow_.steps();
        if (averages_ && uniform_parts_.front().duration > 0.0) {
            uniform.duration = flow_.t() - problem_.transient;
            fill_exponents(uniform, uniform_parts_);
            tell_attractor(uniform, {basis_.rows(), false,
                                     is_at_rest(*problem_.field, problem_.parameters, uniform)});
            fill_modes(result);
        }
        uniform.message = run_message(uniform, flow_.t());
        return result;
    }

    void fill_modes(TransverseResult& result) const {
        const Vector errors = bootstrap_errors(parts_);
        if (errors.size() == 0) return;
        const std::size_t half = (parts_.size() + 1) / 2;
        const Vector rates = mean_rates(parts_, 0, parts_.size()),
                     first = mean_rates(parts_, 0, half),
                     second = mean_rates(parts_, half, parts_.size());
        for (Eigen::Index k = 0; k < rates.size(); ++k) {
            const double doubt = doubt_of_zero(errors[k], result.uniform.resolution);
            const Fate fate = std::abs(rates[k]) <= doubt ? Fate::undecided
                              : rates[k] > 0.0            ? Fate::grows
                                                          : Fate::decays;
            result.modes.push_back(
                {problem_.lambdas[k], rates[k], errors[k], first[k], second[k], fate});
        }
    }

    const TransverseExponentsProblem& problem_;
    const LyapunovOptions& options_;
    TangentFlow flow_;
    Disc disc_;
    StepSeries step_;
    MatrixSeries series_;                           ///< of the steps since vectors were last moved
    Matrix basis_;                                  ///< vectors of the uniform mode
    double uniform_;                                ///< its place in the disc
    std::vector<Eigen::Index> real_{}, complex_{};  ///< which lambdas are
    std::optional<Perturbations<double>> along_real_{};
    std::optional<Perturbations<std::complex<double>>> along_complex_{};
    bool averages_ = false;
    std::vector<GrowthRecord> uniform_parts_{}, parts_{};
};

void validate(const TransverseExponentsProblem& problem) {
    require(problem.field != nullptr, "transverse exponents: there is no field");
    const HomogeneousField& field = *problem.field;
    require(problem.parameters.size() == std::ssize(field.parameters()) &&
                problem.initial.size() == field.dimension(),
            "transverse exponents: " + std::to_string(problem.parameters.size()) +
                " parameters and " + std::to_string(problem.initial.size()) +
                " states were given, the field has " + std::to_string(field.parameters().size()) +
                " and " + std::to_string(field.dimension()));
    require(problem.initial.allFinite() && problem.lambdas.allFinite(),
            "transverse exponents: the initial state and the lambdas must be finite");
    require(problem.duration > 0.0 && std::isfinite(problem.duration),
            "transverse exponents: duration = " + std::to_string(problem.duration) +
                " must be greater than 0");
    require(problem.transient >= 0.0 && std::isfinite(problem.transient),
            "transverse exponents: transient = " + std::to_string(problem.transient) +
                " must be at least 0");
    require(!field.time() && field.jumps().empty(),
            "transverse exponents: the field is driven, or it jumps");
}

}  // namespace

TransverseResult transverse_exponents(const TransverseExponentsProblem& problem,
                                      const LyapunovOptions& options) {
    options.validate();
    validate(problem);
    return Run(problem, options).go();
}

std::vector<ExponentZero> zeros_of(const std::vector<TransverseExponent>& line) {
    std::vector<ExponentZero> zeros;
    const TransverseExponent* before = nullptr;
    for (const TransverseExponent& at : line) {
        if (at.fate == Fate::undecided) continue;
        if (before != nullptr && before->fate != at.fate) {
            // the crossing of the averages themselves that is nearest to the upper end
            const TransverseExponent *high = &at, *low = high - 1;
            while (low != before && (low->growth > 0.0) == (high->growth > 0.0)) high = low--;
            const double width = high->lambda.real() - low->lambda.real(),
                         part = low->growth / (low->growth - high->growth),
                         slope = (at.growth - before->growth) /
                                 (at.lambda.real() - before->lambda.real()),
                         error = std::max(low->standard_error, high->standard_error);
            zeros.push_back({low->lambda.real() + part * width, error / std::abs(slope),
                             before->lambda.real(), at.lambda.real()});
        }
        before = &at;
    }
    return zeros;
}

}  // namespace cortifold
