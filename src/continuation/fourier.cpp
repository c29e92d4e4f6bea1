#include "fourier.hpp"

#include <cortifold/core/error.hpp>
#include <cortifold/linalg/bordered.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

namespace cortifold {

namespace {

using std::numbers::pi;

/// The last coefficients, in parts of the states' sizes and of the tolerance: what harmonics are
/// chosen for, and from which on there are too few.
constexpr double aimed_at = 1e-4, too_rough = 1e-2;
constexpr double too_fine = 0.6;  ///< of the harmonics that would do, to those there are
constexpr Eigen::Index fewest_harmonics = 4, most_harmonics = 250;
constexpr Eigen::Index most_unknowns = 3000;  ///< of a dense system
constexpr double slowest_decay = 0.7;  ///< of coefficients in all: at most twice the harmonics

/// Values at some times of the polynomials through values at N equally spaced ones, N odd.
Matrix interpolation(Eigen::Index from, const Vector& times) {
    const auto N = static_cast<double>(from);
    return Matrix::NullaryExpr(from, times.size(), [&](Eigen::Index j, Eigen::Index i) {
        const double distance = times[i] - static_cast<double>(j) / N,
                     below = std::sin(pi * distance);
        return std::abs(below) < std::numeric_limits<double>::epsilon()
                   ? 1.0
                   : std::sin(pi * N * distance) / (N * below);
    });
}

/// Their slopes at the N times themselves.
Matrix differentiation(Eigen::Index count) {
    const auto N = static_cast<double>(count);
    return Matrix::NullaryExpr(count, count, [&](Eigen::Index j, Eigen::Index i) {
        if (i == j) return 0.0;
        const double sign = (i - j) % 2 == 0 ? 1.0 : -1.0;
        return sign * pi / std::sin(pi * static_cast<double>(i - j) / N);
    });
}

/// The k-th coefficient of each row, by modulus.
Vector coefficients(const Matrix& profile, Eigen::Index k) {
    const Vector angles = Vector::NullaryExpr(profile.cols(), [&](Eigen::Index j) {
        return 2.0 * pi * static_cast<double>(k * j) / static_cast<double>(profile.cols());
    });
    const Vector even = profile * angles.array().cos().matrix(),
                 odd = profile * angles.array().sin().matrix();
    return 2.0 / static_cast<double>(profile.cols()) *
           (even.cwiseAbs2() + odd.cwiseAbs2()).cwiseSqrt();
}

class FourierCurve final : public VariationalCurve {
public:
    FourierCurve(std::shared_ptr<const VectorField> field, const Vector& base,
                 std::size_t parameter, const CycleOptions& options)
        : VariationalCurve(std::move(field), base, parameter, options,
                           2 * Eigen::Index{options.harmonics} + 1) {
        require(states() <= most_unknowns,
                "cycles by " + std::to_string(options.harmonics) + " harmonics of " +
                    std::to_string(this->field().dimension()) + " states are " +
                    std::to_string(states()) + " unknowns, which must be at most " +
                    std::to_string(most_unknowns));
        slopes_ = differentiation(columns());
    }

    [[nodiscard]] CurveLinearization linearize(ConstVectorRef z, ConstVectorRef row,
                                               ConstVectorRef scales) const override;
    void describe(BranchPoint& point, const CurveLinearization& at) const override {
        VariationalCurve::describe(point, at);
        point.frame = frame();
    }

    [[nodiscard]] Vector frame() const override {
        return Vector::LinSpaced(columns() + 1, 0.0, 1.0);
    }
    [[nodiscard]] Fit fit(const BranchPoint& point) const override;
    void change_frame(const BranchPoint& point) override;
    void restore_frame(const BranchPoint& point) override {
        if (point.frame.size() > 0) set_count(point.frame.size() - 1);
    }
    [[nodiscard]] BranchPoint in_frame(BranchPoint point) const override;

private:
    [[nodiscard]] Matrix equal_parts(ConstVectorRef z, Eigen::Index count) const override {
        return states_at(z, Vector::LinSpaced(count + 1, 0.0, 1.0).head(count));
    }
    [[nodiscard]] Matrix states_at(ConstVectorRef z, ConstVectorRef times) const override {
        return profile_of(z) * interpolation(columns(), times);
    }
    void set_count(Eigen::Index count) {
        set_columns(count);
        slopes_ = differentiation(count);
    }
    [[nodiscard]] Matrix section_starts(ConstVectorRef z) const override {
        return equal_parts(z, options().sections);
    }
    [[nodiscard]] Eigen::Index harmonics() const { return columns() / 2; }
    /// The largest of the last coefficients, in parts of the sizes.
    [[nodiscard]] double tail(ConstVectorRef z) const;
    [[nodiscard]] Eigen::Index harmonics_for(ConstVectorRef z) const;

    Matrix slopes_;
};

CurveLinearization FourierCurve::linearize(ConstVectorRef z, ConstVectorRef row,
                                           ConstVectorRef scales) const {
    const Matrix profile = profile_of(z);
    const Eigen::Index n = profile.rows(), size = states();
    const Vector p = parameters_of(z), s = scales.head(n);
    const double period = period_of(z);
    const std::array<std::size_t, 1> free{parameter()};
    const Phase condition = phase(z);
    CurveLinearization at;
    at.residual.resize(size + 1);
    at.row_scales.resize(size + 1);
    Matrix matrix = Matrix::Zero(size + 2, size + 2), f_x(n, n), f_p(n, 1);
    Vector f(n);
    for (Eigen::Index j = 0; j < columns(); ++j) {
        field().linearize(profile.col(j), p, free, f, f_x, f_p);
        at.residual.segment(j * n, n) = profile * slopes_.col(j) - period * f;
        at.row_scales.segment(j * n, n) = profile.cwiseAbs() * slopes_.col(j).cwiseAbs() +
                                          std::abs(period) * (f_x.cwiseAbs() * s);
        for (Eigen::Index k = 0; k < columns(); ++k)
            matrix.block(j * n, k * n, n, n).diagonal().setConstant(slopes_(k, j));
        matrix.block(j * n, j * n, n, n) -= period * f_x;
        matrix.block(j * n, size, n, 2) << -f, -period * f_p;
    }
    at.residual[size] = condition.residual;
    at.row_scales[size] = condition.scale;
    matrix.bottomRows<2>() << condition.row.transpose(), row.transpose();
    at.bordered = factorize_equilibrated<double>(matrix);
    return at;
}

double FourierCurve::tail(ConstVectorRef z) const {
    const Matrix profile = profile_of(z);
    const Vector sizes = scales_at(z).head(profile.rows());
    double largest = 0.0;
    for (const Eigen::Index k : {harmonics() - 1, harmonics()})
        largest = std::max(largest, coefficients(profile, k).cwiseQuotient(sizes).maxCoeff());
    return largest;
}

/// As they fall geometrically; no coefficient is told from rounding.
Eigen::Index FourierCurve::harmonics_for(ConstVectorRef z) const {
    const double rounding = std::numeric_limits<double>::epsilon(),
                 decay = std::log(std::clamp(tail(z), rounding, slowest_decay)),
                 wanted = std::log(std::max(aimed_at * options().tolerance, rounding)) / decay;
    const auto present = static_cast<double>(harmonics());
    const Eigen::Index most =
        std::min(most_harmonics, (most_unknowns / field().dimension() - 1) / 2);
    return std::clamp(static_cast<Eigen::Index>(std::ceil(std::min(wanted, 2.0) * present)),
                      std::min(fewest_harmonics, most), most);
}

ZeroProblem::Fit FourierCurve::fit(const BranchPoint& point) const {
    if (!(tail(point.z) <= too_rough * options().tolerance)) return Fit::poor;
    const auto present = static_cast<double>(harmonics());
    return static_cast<double>(harmonics_for(point.z)) < too_fine * present ? Fit::improvable
                                                                            : Fit::good;
}

void FourierCurve::change_frame(const BranchPoint& point) {
    BranchPoint moved = point;
    moved.frame = frame();
    set_count(2 * harmonics_for(point.z) + 1);
    adapt(in_frame(std::move(moved)), {});
}

BranchPoint FourierCurve::in_frame(BranchPoint point) const {
    if (point.frame.size() == columns() + 1) return point;
    const Eigen::Index from = point.frame.size() - 1;
    const Matrix through = interpolation(from, times());
    const auto convert = [&](Vector& z) {
        const Eigen::Index n = (z.size() - 2) / from;
        const Matrix profile = z.head(n * from).reshaped(n, from) * through;
        const Vector rest = z.tail<2>();
        z.resize(unknowns());
        z << profile.reshaped(), rest;
    };
    if (point.tangent.size() > 0) convert(point.tangent);
    convert(point.z);
    point.frame = frame();
    return point;
}

}  // namespace

std::shared_ptr<VariationalCurve> fourier_curve(std::shared_ptr<const VectorField> field,
                                                const Vector& parameters, std::size_t free,
                                                const CycleOptions& options) {
    return std::make_shared<FourierCurve>(std::move(field), parameters, free, options);
}

}  // namespace cortifold
