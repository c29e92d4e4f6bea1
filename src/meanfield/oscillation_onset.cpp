#include <cortifold/core/error.hpp>
#include <cortifold/meanfield/oscillation_onset.hpp>

#include <Eigen/Eigenvalues>
#include <Eigen/LU>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <span>

namespace cortifold {

namespace {

using Complex = std::complex<double>;

constexpr int most_bisections = 60, most_iterations = 30;
constexpr double close_bracket = 1e-4;  ///< of the range: there Newton's method begins
constexpr double newton_tolerance = 1e-11;
constexpr double per_ms = 2e-3 * std::numbers::pi;  ///< of 1 Hz
constexpr double least_rate_hz = 1e-3, least_omega_per_ms = 1e-2;
/// Where the root that crosses is looked for, 1/ms.
constexpr double beside_axis = 0.02, highest_omega_per_ms = 12.0;

/// G(rates, free parameters, omega): Phi - nu, and mu - 1 of the eigenvalue mu of M(i omega)
/// nearest to 1.
class OnsetEquations {
public:
    OnsetEquations(const LifNetwork& network, std::vector<std::size_t> free,
                   const TransferOptions& options)
        : network_(network),
          field_(make_mean_field(network, options.theory)),
          base_(default_values(field_->parameters())),
          free_(std::move(free)),
          options_(options) {}

    [[nodiscard]] const VectorField& field() const { return *field_; }
    [[nodiscard]] Eigen::Index rates() const { return field_->dimension(); }
    [[nodiscard]] Eigen::Index equations() const { return rates() + 2; }
    [[nodiscard]] Eigen::Index unknowns() const { return rates() + std::ssize(free_) + 1; }
    [[nodiscard]] std::span<const std::size_t> free() const { return free_; }

    [[nodiscard]] Vector parameters(ConstVectorRef z) const {
        Vector p = base_;
        for (std::size_t k = 0; k < free_.size(); ++k)
            p[static_cast<Eigen::Index>(free_[k])] = z[rates() + static_cast<Eigen::Index>(k)];
        return p;
    }
    [[nodiscard]] LifNetwork network_at(ConstVectorRef p) const {
        return with_parameters(network_, p);
    }

    [[nodiscard]] Vector floor() const {
        Vector floor(unknowns());
        floor.head(rates()).setConstant(least_rate_hz);
        std::vector<Quantity> table;
        for (const std::size_t k : free_) table.push_back(field_->parameters()[k]);
        floor.segment(rates(), std::ssize(free_)) = scale_floor(table);
        floor.tail<1>().setConstant(least_omega_per_ms);
        return floor;
    }

    [[nodiscard]] Complex distance_from_one(ConstVectorRef z) const {
        const LifNetwork network = network_at(parameters(z));
        const WorkingPoint point{.status = Status::converged,
                                 .message = "",
                                 .inputs = input_statistics(network, z.head(rates()))};
        const ComplexMatrix M =
            effective_connectivity(
                network, point, ComplexVector::Constant(1, Complex(0.0, z[z.size() - 1])), options_)
                .front();
        if (!M.allFinite()) return std::numeric_limits<double>::quiet_NaN();
        const ComplexVector away =
            Eigen::ComplexEigenSolver<ComplexMatrix>(M, false).eigenvalues().array() - 1.0;
        Eigen::Index nearest = 0;
        away.cwiseAbs().minCoeff(&nearest);
        return away[nearest];
    }

    void linearize(ConstVectorRef z, Vector& residual, Matrix& derivative) const {
        const Eigen::Index n = rates();
        residual.resize(equations());
        derivative.setZero(equations(), unknowns());
        Matrix f_x(n, n), f_p(n, std::ssize(free_));
        field_->linearize(z.head(n), parameters(z), free_, residual.head(n), f_x, f_p);
        derivative.topLeftCorner(n, n) = f_x;
        derivative.block(0, n, n, std::ssize(free_)) = f_p;
        const Complex here = distance_from_one(z);
        residual.tail<2>() << here.real(), here.imag();
        const Vector scales = z.cwiseAbs().cwiseMax(floor());
        const double relative = std::cbrt(std::numeric_limits<double>::epsilon());
        for (Eigen::Index k = 0; k < unknowns(); ++k) {
            Vector moved = z;
            const double h = relative * scales[k];
            moved[k] = z[k] + h;
            const Complex after = distance_from_one(moved);
            moved[k] = z[k] - h;
            const Complex slope = (after - distance_from_one(moved)) / (2.0 * h);
            derivative.col(k).tail<2>() << slope.real(), slope.imag();
        }
    }

private:
    LifNetwork network_;
    std::shared_ptr<const VectorField> field_;
    Vector base_;
    std::vector<std::size_t> free_;
    TransferOptions options_;
};

/// As many unknowns as equations. Whether it converged; z is moved.
bool solve_onset(const OnsetEquations& equations, Vector& z, double& residual) {
    Vector f;
    Matrix f_z;
    for (int k = 0; k < most_iterations; ++k) {
        equations.linearize(z, f, f_z);
        const Vector scales = z.cwiseAbs().cwiseMax(equations.floor());
        const Vector step = Eigen::PartialPivLU<Matrix>(f_z).solve(-f);
        if (!step.allFinite()) return false;
        z += step;
        const Vector relative =
            f.head(equations.rates()).cwiseQuotient(scales.head(equations.rates()));
        residual = std::max(relative.cwiseAbs().maxCoeff(), f.tail<2>().norm());
        if (step.cwiseQuotient(scales).norm() < newton_tolerance) return true;
    }
    return false;
}

/// omega, whose two roots meet at zero where the onset comes to a fold of the rates.
class SlowestOnset final : public TestFunction {
public:
    [[nodiscard]] std::string_view name() const override { return "bogdanov_takens"; }
    [[nodiscard]] PointType type() const override { return PointType::bogdanov_takens; }
    [[nodiscard]] double value(const BranchPoint& point, const CurveLinearization&) const override {
        return point.z[point.z.size() - 1];
    }
    [[nodiscard]] bool needs_description() const override { return false; }
    [[nodiscard]] bool exact() const override { return false; }  // the equations are singular there
    [[nodiscard]] std::optional<SpecialPoint> resolve(const BranchPoint& near) const override {
        SpecialPoint found;
        found.type = PointType::bogdanov_takens;
        found.at = near;
        return found;
    }
};

class OnsetCurve final : public ZeroProblem {
public:
    explicit OnsetCurve(OnsetEquations equations) : equations_(std::move(equations)) {
        for (const std::size_t k : equations_.free()) {
            slots_.push_back(equations_.rates() + std::ssize(parameters_));
            parameters_.push_back(equations_.field().parameters()[k]);
        }
    }
    [[nodiscard]] CurveKind kind() const override { return CurveKind::hopf; }
    [[nodiscard]] Eigen::Index unknowns() const override { return equations_.unknowns(); }
    [[nodiscard]] Eigen::Index states() const override { return equations_.rates(); }
    [[nodiscard]] std::span<const Quantity> parameters() const override { return parameters_; }
    [[nodiscard]] std::span<const Eigen::Index> parameter_slots() const override { return slots_; }
    [[nodiscard]] Vector scale_floor() const override { return equations_.floor(); }

    [[nodiscard]] CurveLinearization linearize(ConstVectorRef z, ConstVectorRef row,
                                               ConstVectorRef scales) const override {
        CurveLinearization at;
        equations_.linearize(z, at.residual, at.derivative);
        at.row_scales = at.derivative.cwiseAbs() * scales;
        Matrix bordered(unknowns(), unknowns());
        bordered << at.derivative, row.transpose();
        at.bordered = factorize_dense<double>(bordered);
        return at;
    }
    void describe(BranchPoint&, const CurveLinearization&) const override {}
    [[nodiscard]] std::span<const std::shared_ptr<const TestFunction>> tests() const override {
        return tests_;
    }
    [[nodiscard]] std::unique_ptr<TestFunction> crossing(Eigen::Index) const override {
        return nullptr;
    }
    /// Beyond omega = 0 the same points come again as their conjugates.
    [[nodiscard]] std::optional<Status> ends_at(const SpecialPoint& point) const override {
        if (point.type != PointType::bogdanov_takens) return std::nullopt;
        return Status::reached_end;
    }

private:
    OnsetEquations equations_;
    std::vector<std::shared_ptr<const TestFunction>> tests_{std::make_shared<SlowestOnset>()};
    std::vector<Quantity> parameters_;
    std::vector<Eigen::Index> slots_;
};

struct End {
    double value = 0.0;
    WorkingPoint point{};
    LinearFeedback feedback{};
    UnstableRoots unstable{};
};

}  // namespace

OscillationOnset find_oscillation_onset(const LifNetwork& network, std::string_view parameter,
                                        const ParameterRange& range,
                                        const TransferOptions& options) {
    const auto field = make_mean_field(network, options.theory);
    const std::size_t place = index_of(field->parameters(), parameter, "parameter");
    require(range.low < range.high && std::isfinite(range.low) && std::isfinite(range.high),
            "low = " + std::to_string(range.low) +
                " must be below high = " + std::to_string(range.high));
    const OnsetEquations equations(network, {place}, options);
    const auto look = [&](double value, const std::optional<Vector>& guess) {
        Vector p = default_values(field->parameters());
        p[static_cast<Eigen::Index>(place)] = value;
        const LifNetwork here = equations.network_at(p);
        End end{.value = value};
        end.point = find_working_point(here, options.theory, {.guess_hz = guess});
        if (!succeeded(end.point.status)) {
            end.unstable.status = end.point.status;
            end.unstable.message = end.point.message;
            return end;
        }
        end.feedback = feedback_of(here, end.point, options);
        end.unstable = count_unstable_roots(end.feedback);
        return end;
    };
    OscillationOnset result;
    const auto fails = [&](const End& end) {
        if (succeeded(end.unstable.status)) return false;
        result.status = end.unstable.status;
        result.message = "at " + std::string(parameter) + " = " + std::to_string(end.value) + ": " +
                         end.unstable.message;
        return true;
    };
    End low = look(range.low, {}), high = look(range.high, low.point.rates_hz);
    if (fails(low) || fails(high)) return result;
    result.unstable_roots = high.unstable.count;
    if (low.unstable.count == high.unstable.count) {
        result.status = Status::no_theory;
        result.message = "both ends have " + std::to_string(low.unstable.count) + " unstable roots";
        return result;
    }
    for (int k = 0;
         k < most_bisections && high.value - low.value > close_bracket * (range.high - range.low);
         ++k) {
        End middle = look(0.5 * (low.value + high.value), low.point.rates_hz);
        if (fails(middle)) return result;
        (middle.unstable.count == low.unstable.count ? low : high) = std::move(middle);
    }
    const auto roots =
        find_characteristic_roots(high.feedback, {-beside_axis, beside_axis, highest_omega_per_ms});
    const auto nearest = std::ranges::min_element(
        roots.roots, {},
        [](const CharacteristicRoot& root) { return std::abs(root.lambda_per_ms.real()); });
    if (nearest == roots.roots.end() || nearest->lambda_per_ms.imag() == 0.0) {
        result.status = Status::no_theory;
        result.message = nearest == roots.roots.end() ? "the root that crosses was not found"
                                                      : "a real root crosses: a fold of the rates";
        return result;
    }
    Vector z(equations.unknowns());
    z << high.point.rates_hz, high.value, nearest->lambda_per_ms.imag();
    if (!solve_onset(equations, z, result.residual)) {
        result.message = "Newton's method did not converge from " + std::string(parameter) + " = " +
                         std::to_string(high.value);
        return result;
    }
    result.status = Status::converged;
    result.value = z[equations.rates()];
    result.frequency_hz = z[z.size() - 1] / per_ms;
    result.rates_hz = z.head(equations.rates());
    result.message = "oscillations of " + std::to_string(result.frequency_hz) + " Hz";
    return result;
}

std::vector<OscillationOnset> find_oscillation_onsets(const LifNetwork& network,
                                                      std::string_view parameter,
                                                      const ParameterRange& range, int intervals,
                                                      const TransferOptions& options) {
    require(intervals > 0, "find_oscillation_onsets: at least one interval is needed");
    std::vector<OscillationOnset> found;
    const Vector ends = Vector::LinSpaced(intervals + 1, range.low, range.high);
    for (int k = 0; k < intervals; ++k)
        if (OscillationOnset onset =
                find_oscillation_onset(network, parameter, {ends[k], ends[k + 1]}, options);
            succeeded(onset.status))
            found.push_back(std::move(onset));
    return found;
}

double onset_frequency_hz(const BranchPoint& point) {
    return point.z[point.z.size() - 1] / per_ms;
}

CurveStart oscillation_onset_curve(const LifNetwork& network, const OscillationOnset& onset,
                                   const std::array<std::string_view, 2>& parameters,
                                   const TransferOptions& options) {
    require(succeeded(onset.status), "there is no onset to start from: " + onset.message);
    const auto field = make_mean_field(network, options.theory);
    const std::vector<std::size_t> free{index_of(field->parameters(), parameters[0], "parameter"),
                                        index_of(field->parameters(), parameters[1], "parameter")};
    require(onset.rates_hz.size() == field->dimension(),
            "the onset has " + std::to_string(onset.rates_hz.size()) + " rates, the network " +
                std::to_string(field->dimension()));
    const double second = field->parameters()[free[1]].value;
    CurveStart start;
    start.problem = std::make_shared<OnsetCurve>(OnsetEquations(network, free, options));
    start.point.z.resize(start.problem->unknowns());
    start.point.z << onset.rates_hz, onset.value, second, onset.frequency_hz * per_ms;
    return start;
}

}  // namespace cortifold
