#include <cortifold/core/error.hpp>
#include <cortifold/equilibrium/newton.hpp>
#include <cortifold/meanfield/spatial_onset.hpp>

#include <Eigen/Eigenvalues>
#include <Eigen/LU>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace cortifold {

namespace {

using Complex = std::complex<double>;

constexpr int most_bisections = 40, most_iterations = 30;
constexpr double close_bracket = 1e-3;  ///< of the way: there Newton's method begins
constexpr double newton_tolerance = 1e-8;
constexpr double per_ms = 2e-3 * std::numbers::pi;  ///< of 1 Hz
constexpr double least_wavenumber_per_mm = 1e-2, least_omega_per_ms = 1e-3;

bool is_uniform(SpatialInstability kind) {
    return kind == SpatialInstability::uniform || kind == SpatialInstability::hopf;
}
bool is_static(SpatialInstability kind) {
    return kind == SpatialInstability::uniform || kind == SpatialInstability::turing;
}

/// Steps of central differences, whose errors of both kinds are alike.
double difference_step(double scale) {
    return std::cbrt(std::numeric_limits<double>::epsilon()) * scale;
}

/// z: the wave number, omega, and both quantities; the first two unless they are 0 by the kind.
class SpatialOnsetEquations {
public:
    SpatialOnsetEquations(SpatialPlane plane, SpatialInstability kind)
        : plane_(std::move(plane)), kind_(kind) {}

    [[nodiscard]] Eigen::Index states() const {
        return Eigen::Index{!is_uniform(kind_)} + Eigen::Index{!is_static(kind_)};
    }
    [[nodiscard]] Eigen::Index equations() const { return states() + 1; }
    [[nodiscard]] double wavenumber(ConstVectorRef z) const {
        return is_uniform(kind_) ? 0.0 : z[0];
    }
    [[nodiscard]] double omega(ConstVectorRef z) const {
        return is_static(kind_) ? 0.0 : z[states() - 1];
    }
    [[nodiscard]] std::array<double, 2> values(ConstVectorRef z) const {
        return {z[states()], z[states() + 1]};
    }
    [[nodiscard]] Vector floor(const std::array<double, 2>& quantities) const {
        Vector floor(states() + 2);
        if (!is_uniform(kind_)) floor[0] = least_wavenumber_per_mm;
        if (!is_static(kind_)) floor[states() - 1] = least_omega_per_ms;
        floor.tail<2>() << quantities[0], quantities[1];
        return floor;
    }

    /// mu - 1, and Re dlambda/dk = -Re (mu_k / mu_lambda).
    [[nodiscard]] Vector residual(ConstVectorRef z) const {
        Vector g = Vector::Constant(equations(), std::numeric_limits<double>::quiet_NaN());
        const SpatialFeedback feedback = plane_(values(z));
        if (!feedback) return g;
        const double k = wavenumber(z);
        const Complex lambda(0.0, omega(z));
        const Complex mu = distance_from_one(feedback(k), lambda);
        g[0] = mu.real();
        if (!is_static(kind_)) g[1] = mu.imag();
        if (is_uniform(kind_)) return g;
        const double dk = difference_step(std::max(k, least_wavenumber_per_mm));
        const double dl = difference_step(std::max(std::abs(lambda), 1.0));
        const LinearFeedback here = feedback(k);
        const Complex by_k = (distance_from_one(feedback(k + dk), lambda) -
                              distance_from_one(feedback(k - dk), lambda)) /
                             (2.0 * dk);
        const Complex by_lambda =
            (distance_from_one(here, lambda + dl) - distance_from_one(here, lambda - dl)) /
            (2.0 * dl);
        g[equations() - 1] = -(by_k / by_lambda).real() * std::max(k, least_wavenumber_per_mm);
        return g;
    }

    void linearize(ConstVectorRef z, ConstVectorRef scales, Vector& g, Matrix& derivative) const {
        g = residual(z);
        derivative.resize(equations(), z.size());
        for (Eigen::Index j = 0; j < z.size(); ++j) {
            Vector moved = z;
            // Residuals are differences themselves: their noise asks for longer steps.
            const double h = std::sqrt(difference_step(1.0)) * 0.1 * scales[j];
            moved[j] = z[j] + h;
            const Vector after = residual(moved);
            moved[j] = z[j] - h;
            derivative.col(j) = (after - residual(moved)) / (2.0 * h);
        }
    }

private:
    /// Of the eigenvalue of M nearest to 1.
    static Complex distance_from_one(const LinearFeedback& feedback, Complex lambda) {
        const ComplexMatrix M = feedback.matrices(ComplexVector::Constant(1, lambda)).front();
        if (!M.allFinite()) return std::numeric_limits<double>::quiet_NaN();
        const ComplexVector away =
            Eigen::ComplexEigenSolver<ComplexMatrix>(M, false).eigenvalues().array() - 1.0;
        Eigen::Index nearest = 0;
        away.cwiseAbs().minCoeff(&nearest);
        return away[nearest];
    }

    SpatialPlane plane_;
    SpatialInstability kind_;
};

class SpatialOnsetCurve final : public ZeroProblem {
public:
    SpatialOnsetCurve(SpatialOnsetEquations equations, const std::array<Quantity, 2>& quantities)
        : equations_(std::move(equations)),
          quantities_(quantities),
          slots_{equations_.states(), equations_.states() + 1},
          floor_(equations_.floor(
              {cortifold::scale_floor(quantities_)[0], cortifold::scale_floor(quantities_)[1]})) {}
    [[nodiscard]] CurveKind kind() const override { return CurveKind::hopf; }
    [[nodiscard]] Eigen::Index unknowns() const override { return floor_.size(); }
    [[nodiscard]] Eigen::Index states() const override { return equations_.states(); }
    [[nodiscard]] std::span<const Quantity> parameters() const override { return quantities_; }
    [[nodiscard]] std::span<const Eigen::Index> parameter_slots() const override { return slots_; }
    [[nodiscard]] Vector scale_floor() const override { return floor_; }
    [[nodiscard]] CurveLinearization linearize(ConstVectorRef z, ConstVectorRef row,
                                               ConstVectorRef scales) const override {
        CurveLinearization at;
        equations_.linearize(z, scales.cwiseMax(floor_), at.residual, at.derivative);
        at.row_scales = at.derivative.cwiseAbs() * scales;
        Matrix bordered(unknowns(), unknowns());
        bordered << at.derivative, row.transpose();
        at.bordered = factorize_dense<double>(bordered);
        return at;
    }
    void describe(BranchPoint&, const CurveLinearization&) const override {}
    [[nodiscard]] std::span<const std::shared_ptr<const TestFunction>> tests() const override {
        return {};
    }
    [[nodiscard]] std::unique_ptr<TestFunction> crossing(Eigen::Index) const override {
        return nullptr;
    }

private:
    SpatialOnsetEquations equations_;
    std::array<Quantity, 2> quantities_;
    std::array<Eigen::Index, 2> slots_;
    Vector floor_;
};

/// What grows first of a dispersion, were it to grow.
SpatialInstability kind_at(const SpatialMode& mode) {
    const bool uniform = mode.wavenumber_per_mm < least_wavenumber_per_mm;
    if (mode.root.lambda_per_ms.imag() < least_omega_per_ms)
        return uniform ? SpatialInstability::uniform : SpatialInstability::turing;
    return uniform ? SpatialInstability::hopf : SpatialInstability::wave;
}

/// Newton's method in all unknowns but the quantity that is held. The residual; none: no
/// convergence.
std::optional<double> polish(const SpatialOnsetEquations& equations, Vector& z,
                             ConstVectorRef scales, std::size_t held) {
    const Eigen::Index n = equations.equations();
    const Eigen::Index moving = n - 1 + Eigen::Index{held == 0};
    Vector g;
    Matrix derivative;
    for (int k = 0; k < most_iterations; ++k) {
        equations.linearize(z, scales, g, derivative);
        derivative.col(n - 1) = derivative.col(moving).eval();
        const Vector step = Eigen::PartialPivLU<Matrix>(derivative.leftCols(n)).solve(-g);
        if (!step.allFinite()) return std::nullopt;
        z.head(n - 1) += step.head(n - 1);
        z[moving] += step[n - 1];
        const double relative = step.head(n - 1).cwiseQuotient(scales.head(n - 1)).norm() +
                                std::abs(step[n - 1]) / scales[moving];
        if (relative < newton_tolerance) return equations.residual(z).norm();
    }
    return std::nullopt;
}

bool grows(const SpatialDispersion& found) {
    return succeeded(found.status) && found.leading.root.lambda_per_ms.real() > 0.0;
}

/// Of onsets along a line.
struct OnsetSearch {
    const SpatialPlane& plane;
    const PlaneLine& line;
    ConstVectorRef wavenumbers_per_mm;
    const RootRegion& region;

    [[nodiscard]] SpatialDispersion at(double value) const {
        std::array<double, 2> values{value, value};
        values[1 - line.along] = line.other;
        const SpatialFeedback feedback = plane(values);
        return feedback ? find_dispersion(feedback, wavenumbers_per_mm, region)
                        : SpatialDispersion{Status::no_theory, "there is no state"};
    }
    /// The ends are on different sides.
    [[nodiscard]] SpatialOnset between(double from, SpatialDispersion below, double to,
                                       SpatialDispersion above) const {
        const double width = to - from;
        for (int k = 0; k < most_bisections && to - from > close_bracket * width; ++k) {
            const double middle = 0.5 * (from + to);
            SpatialDispersion found = at(middle);
            const bool is_below = grows(found) == grows(below);
            (is_below ? from : to) = middle;
            (is_below ? below : above) = std::move(found);
        }
        return polished((grows(below) ? below : above).leading, grows(below) ? from : to, width);
    }
    [[nodiscard]] SpatialOnset polished(const SpatialMode& leading, double value,
                                        double width) const {
        SpatialOnset result;
        const SpatialInstability kind = kind_at(leading);
        const SpatialOnsetEquations equations(plane, kind);
        Vector z(equations.states() + 2);
        if (!is_uniform(kind)) z[0] = leading.wavenumber_per_mm;
        if (!is_static(kind)) z[equations.states() - 1] = leading.root.lambda_per_ms.imag();
        std::array<double, 2> values{value, value}, floors{width, width};
        values[1 - line.along] = line.other;
        z.tail<2>() << values[0], values[1];
        const Vector scales = z.cwiseAbs().cwiseMax(equations.floor(floors));
        const auto residual = polish(equations, z, scales, 1 - line.along);
        if (!residual) {
            result.message = "Newton's method did not converge from " + std::to_string(value);
            return result;
        }
        result = onset_at(kind, z);
        result.residual = *residual;
        result.message = std::string(to_string(kind)) + " instability";
        return result;
    }
};

}  // namespace

SpatialOnset onset_at(SpatialInstability kind, ConstVectorRef z) {
    const SpatialOnsetEquations equations(nullptr, kind);
    return {Status::converged,
            "onset",
            kind,
            equations.values(z),
            std::abs(equations.wavenumber(z)),
            std::abs(equations.omega(z)) / per_ms};
}

std::vector<SpatialOnset> find_spatial_onsets(const SpatialPlane& plane, const PlaneLine& line,
                                              ConstVectorRef wavenumbers_per_mm,
                                              const RootRegion& region) {
    require(line.along < 2 && line.values.size() >= 2 && line.values.allFinite() &&
                std::ranges::adjacent_find(line.values, std::greater_equal{}) == line.values.end(),
            "onsets are sought between ascending values of the first or the second quantity");
    const OnsetSearch search{plane, line, wavenumbers_per_mm, region};
    std::vector<SpatialOnset> found;
    SpatialDispersion before = search.at(line.values[0]);
    for (Eigen::Index k = 1; k < line.values.size(); ++k) {
        SpatialDispersion here = search.at(line.values[k]);
        if (succeeded(before.status) && succeeded(here.status) && grows(before) != grows(here))
            found.push_back(search.between(line.values[k - 1], before, line.values[k], here));
        before = std::move(here);
    }
    return found;
}

CurveStart spatial_onset_curve(const SpatialPlane& plane, const SpatialOnset& onset,
                               const std::array<Quantity, 2>& quantities) {
    require(succeeded(onset.status), "there is no onset to start from: " + onset.message);
    const SpatialOnsetEquations equations(plane, onset.kind);
    CurveStart start;
    start.problem = std::make_shared<SpatialOnsetCurve>(equations, quantities);
    start.point.z.resize(equations.states() + 2);
    if (!is_uniform(onset.kind)) start.point.z[0] = onset.wavenumber_per_mm;
    if (!is_static(onset.kind)) start.point.z[equations.states() - 1] = onset.frequency_hz * per_ms;
    start.point.z.tail<2>() << onset.values[0], onset.values[1];
    return start;
}

}  // namespace cortifold
