// What bifurcations of cycles find along their curves in two parameters.
#include "critical.hpp"
#include "cycle_critical.hpp"
#include "cycle_end.hpp"
#include "cycle_normal_form.hpp"
#include "defining_systems.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace cortifold {

namespace {

/// An argument of a multiplier this near to 0 or pi is that, but for rounding.
constexpr double real_argument = 1e-6;
/// Of the largest relative tangent to that of the parameters, which stand still at a cusp.
constexpr double stands_still = 1e-4;
/// Amplitude, in parts of the largest, below which folds of cycles are near the generalized Hopf
/// point where they end, and how far from there it is looked for.
constexpr double nearly_shrunk = 2e-2, search_step = 1e-3;
constexpr int search_points = 30;

/// The point where folds of cycles shrink to an equilibrium, by a short run along the curve of Hopf
/// points beside it.
std::optional<SpecialPoint> generalized_hopf_near(const CycleBifurcation& curve,
                                                  const BranchPoint& near) {
    const Eigen::Index n = curve.field().dimension();
    const auto system = std::make_shared<HopfSystem>(curve.shared_field(),
                                                     curve.parameters_of(near.z), curve.free());
    const double omega = 2.0 * std::numbers::pi / curve.period_of(near.z);
    BranchPoint start{.z = Vector(n + 3)};
    start.z << curve.profile_of(near.z).values.rowwise().mean(),
        near.z.segment(curve.states() + 1, 2), omega * omega;
    ContinuationOptions options;
    options.max_points = search_points;
    options.step.initial = search_step;
    const Branch branch = continue_branch(system, start, options);
    const auto found =
        std::ranges::find(branch.special, PointType::generalized_hopf, &SpecialPoint::type);
    if (found == branch.special.end()) return std::nullopt;
    SpecialPoint point = *found;
    const std::vector<double>& p = found->at.parameters;
    point.at = near;
    point.at.residual = found->at.residual;
    point.at.period = 1.0 / found->frequency;
    point.at.parameters = {p[0], p[1], point.at.period};
    point.at.minimum = point.at.maximum = found->at.z.head(n);
    point.at.z << point.at.minimum.replicate(curve.states() / n, 1), point.at.period, p[0], p[1];
    return point;
}

/// Of a cycle to the largest one of its branch, or to the size of a state, whichever is smaller: a
/// branch may begin with small ones, and a state may have no size of its own.
double relative_amplitude(const CycleBifurcation& curve, const Branch& branch,
                          const BranchPoint& point) {
    const Eigen::Index n = point.minimum.size();
    Vector largest = Vector::Zero(n);
    for (const BranchPoint& other : branch.points)
        largest = largest.cwiseMax(other.maximum - other.minimum);
    const Vector amplitude = point.maximum - point.minimum;
    return std::min(amplitude.cwiseQuotient(largest).maxCoeff(),
                    amplitude.cwiseQuotient(curve.scales_at(point.z).head(n)).minCoeff());
}

/// Of the free parameters, relative to the first point.
double distance(const BranchPoint& from, const std::vector<double>& to) {
    return std::hypot(to[0] / from.parameters[0] - 1.0, to[1] / from.parameters[1] - 1.0);
}

class CurveTest : public TestFunction {
public:
    CurveTest(const CycleBifurcation& curve, PointType type) : curve_(curve), type_(type) {}
    [[nodiscard]] std::string_view name() const override { return to_string(type_); }
    [[nodiscard]] PointType type() const override { return type_; }
    [[nodiscard]] std::optional<SpecialPoint> resolve(const BranchPoint& near) const override {
        auto point = TestFunction::resolve(near);
        point->frequency = curve_.frequency(near.z);
        return point;
    }

protected:
    const CycleBifurcation& curve_;

private:
    PointType type_;
};

/// The coefficient of the normal form.
class DegenerateTest final : public CurveTest {
public:
    using CurveTest::CurveTest;
    [[nodiscard]] double value(const BranchPoint& point,
                               const CurveLinearization& at) const override {
        return curve_.normal_form_coefficient(point.z, at);
    }
    /// A coefficient that is rounding, as beside a homoclinic orbit, has zeros anywhere.
    [[nodiscard]] std::optional<SpecialPoint> resolve(const BranchPoint& near) const override {
        const Vector way = near.tangent.cwiseQuotient(curve_.scales_at(near.z)).cwiseAbs();
        if (type() == PointType::cusp_of_cycles &&
            way.segment(curve_.states() + 1, 2).maxCoeff() > stands_still * way.maxCoeff())
            return std::nullopt;
        return CurveTest::resolve(near);
    }
};

/// kappa = cos(2 pi / q): a torus point whose multipliers are q-th roots of 1.
class ResonanceTest final : public CurveTest {
public:
    ResonanceTest(const CycleBifurcation& curve, PointType type, double kappa)
        : CurveTest(curve, type), kappa_(kappa) {}
    [[nodiscard]] double value(const BranchPoint& point, const CurveLinearization&) const override {
        return curve_.kappa(point.z) - kappa_;
    }

private:
    double kappa_;
};

/// The profile along that of the point before: zero where folds of cycles shrink to an equilibrium.
class ShrinkingTest final : public TestFunction {
public:
    explicit ShrinkingTest(const CycleBifurcation& curve) : curve_(curve) {}
    [[nodiscard]] std::string_view name() const override { return "amplitude"; }
    [[nodiscard]] PointType type() const override { return PointType::generalized_hopf; }
    [[nodiscard]] double value(const BranchPoint& point, const CurveLinearization&) const override {
        return curve_.amplitude(point.z);
    }
    [[nodiscard]] bool exact() const override { return false; }
    [[nodiscard]] std::optional<SpecialPoint> resolve(const BranchPoint& near) const override {
        if (auto point = generalized_hopf_near(curve_, near)) return point;
        SpecialPoint point;
        point.at = near;
        point.note = "the cycles shrink, and there is no generalized Hopf point";
        return point;
    }

private:
    const CycleBifurcation& curve_;
};

/// One more exponent, or pair, on the imaginary axis.
class FurtherCrossing final : public TestFunction {
public:
    FurtherCrossing(const CycleBifurcation& curve, Eigen::Index place)
        : curve_(curve), place_(place) {}
    [[nodiscard]] std::string_view name() const override { return "exponent"; }
    [[nodiscard]] double value(const BranchPoint& point, const CurveLinearization&) const override {
        return point.spectrum[place_].real();
    }
    [[nodiscard]] std::optional<SpecialPoint> resolve(const BranchPoint& near) const override {
        const double argument = std::abs(near.spectrum[place_].imag()) * near.period;
        SpecialPoint point;
        point.at = near;
        point.frequency = curve_.frequency(near.z);
        const bool plus =
            argument<real_argument, minus = argument> std::numbers::pi - real_argument;
        point.type = plus ? with_one() : minus ? with_minus_one() : with_pair();
        if (!plus && !minus) {
            const double other = argument / (2.0 * std::numbers::pi * near.period);
            (point.frequency > 0.0 ? point.second_frequency : point.frequency) = other;
        }
        leave_out_critical(point.at, plus || minus ? 1 : 2);
        return point;
    }

private:
    [[nodiscard]] PointType with_one() const {
        switch (curve_.kind()) {
            case CurveKind::fold_of_cycles: return PointType::resonance_1_1;
            case CurveKind::period_doubling: return PointType::fold_flip;
            default: return PointType::fold_torus;
        }
    }
    [[nodiscard]] PointType with_minus_one() const {
        switch (curve_.kind()) {
            case CurveKind::fold_of_cycles: return PointType::fold_flip;
            case CurveKind::period_doubling: return PointType::resonance_1_2;
            default: return PointType::flip_torus;
        }
    }
    [[nodiscard]] PointType with_pair() const {
        switch (curve_.kind()) {
            case CurveKind::fold_of_cycles: return PointType::fold_torus;
            case CurveKind::period_doubling: return PointType::flip_torus;
            default: return PointType::double_torus;
        }
    }

    const CycleBifurcation& curve_;
    Eigen::Index place_;
};

}  // namespace

std::vector<std::shared_ptr<const TestFunction>> codimension_two_tests(
    const CycleBifurcation& curve) {
    const auto one = std::make_shared<ResonanceTest>(curve, PointType::resonance_1_1, 1.0),
               minus_one = std::make_shared<ResonanceTest>(curve, PointType::resonance_1_2, -1.0);
    if (curve.of()) {
        if (curve.type() == CurveKind::torus) return {one, minus_one};
        return {};
    }
    switch (curve.kind()) {
        case CurveKind::fold_of_cycles:
            return {std::make_shared<ShrinkingTest>(curve),
                    std::make_shared<DegenerateTest>(curve, PointType::cusp_of_cycles)};
        case CurveKind::period_doubling:
            return {
                std::make_shared<DegenerateTest>(curve, PointType::generalized_period_doubling)};
        default:
            return {one, minus_one,
                    std::make_shared<ResonanceTest>(curve, PointType::resonance_1_3, -0.5),
                    std::make_shared<ResonanceTest>(curve, PointType::resonance_1_4, 0.0),
                    std::make_shared<DegenerateTest>(curve, PointType::chenciner)};
    }
}

std::unique_ptr<TestFunction> CycleBifurcation::crossing(Eigen::Index place) const {
    if (of_) return watched_crossing(place);
    return std::make_unique<FurtherCrossing>(*this, place);
}

double CycleBifurcation::normal_form_coefficient(ConstVectorRef z,
                                                 const CurveLinearization& at) const {
    switch (kind()) {
        case CurveKind::fold_of_cycles:
            return fold_of_cycles_coefficient(*this, z, *at.cycle, critical<double>(z, at));
        case CurveKind::period_doubling:
            return period_doubling_coefficient(*this, z, *at.cycle, critical<double>(z, at));
        default:
            if (std::abs(kappa(z)) >= 1.0) return std::numeric_limits<double>::quiet_NaN();
            return torus_coefficient(*this, z, *at.cycle, critical<std::complex<double>>(z, at),
                                     multiplier(z));
    }
}

NormalForm CycleBifurcation::normal_form(ConstVectorRef z, const CurveLinearization& at) const {
    const double coefficient = normal_form_coefficient(z, at);
    NormalForm form;
    if (!std::isfinite(coefficient)) {
        form.scenario = "no normal form: the multipliers are in resonance";
        return form;
    }
    if (kind() == CurveKind::fold_of_cycles) {
        form.coefficients["b"] = coefficient;
        return form;
    }
    form.coefficients[kind() == CurveKind::period_doubling ? "c" : "d"] = coefficient;
    form.scenario = coefficient < 0.0 ? "supercritical" : "subcritical";
    return form;
}

double CycleBifurcation::frequency(ConstVectorRef z) const {
    if (type_ != CurveKind::torus || std::abs(kappa(z)) >= 1.0) return 0.0;
    return std::arg(multiplier(z)) / (2.0 * std::numbers::pi * period_of(z));
}

/// Where the equations of the folds are singular.
std::optional<SpecialPoint> CycleBifurcation::limit(const Branch& branch) const {
    const std::size_t count = branch.points.size();
    if (kind() != CurveKind::fold_of_cycles || count < 2) return std::nullopt;
    const BranchPoint &last = branch.points[count - 1], &before = branch.points[count - 2];
    const double amplitude = relative_amplitude(*this, branch, last);
    if (amplitude > nearly_shrunk || amplitude >= relative_amplitude(*this, branch, before))
        return std::nullopt;
    const auto end = generalized_hopf_near(*this, last);
    if (!end || distance(last, end->at.parameters) > distance(last, before.parameters))
        return std::nullopt;
    return end;
}

/// Beside a homoclinic orbit folds are flatter than rounding: there the curve ends, not where a
/// step fails.
void CycleBifurcation::review(Branch& branch) const {
    if (kind() != CurveKind::fold_of_cycles || succeeded(branch.status) || branch.points.empty() ||
        !passes_a_saddle(*this, branch))
        return;
    branch.status = Status::ended_at_homoclinic;
    branch.message = "beside a homoclinic orbit, where folds of cycles are flatter than rounding";
}

std::optional<Status> CycleBifurcation::ends_at(const SpecialPoint& point) const {
    if (point.type == PointType::generalized_hopf) return Status::ended_at_hopf;
    if (point.type == PointType::transverse) return Status::reached_end;
    if (type_ == CurveKind::torus &&
        (point.type == PointType::resonance_1_1 || point.type == PointType::resonance_1_2))
        return Status::reached_end;
    return std::nullopt;
}

}  // namespace cortifold
