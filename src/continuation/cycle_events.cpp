#include "critical.hpp"
#include "curve_solver.hpp"
#include "cycle_critical.hpp"
#include "cycle_end.hpp"
#include "cycle_normal_form.hpp"
#include "defining_systems.hpp"
#include "fourier.hpp"
#include "newton_picard.hpp"
#include "shooting.hpp"
#include <cortifold/continuation/normal_form.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

namespace cortifold {

namespace {

using Complex = std::complex<double>;

/// How many times its error, and at least which part of itself, a parameter changes beside a fold.
constexpr double excursion = 3.0, parameter_noise = 1e-13;
/// Of the period, on a finer mesh: what moves farther is not there.
constexpr double largest_shift = 1e-2;
/// An argument of a multiplier this near to 0 or pi is that, but for rounding.
constexpr double real_argument = 1e-6;

/// Of the shortest period of a branch: it need not be followed farther.
constexpr double hopelessly_long = 1000.0;

/// Cycles in one parameter, with what finds their bifurcations.
class OneParameterCycles final : public CycleCurve {
public:
    OneParameterCycles(std::shared_ptr<const VectorField> field, const Vector& base,
                       std::size_t parameter, const CycleOptions& options);

    void adapt(const BranchPoint& point, const CurveLinearization& at) override;
    [[nodiscard]] std::unique_ptr<TestFunction> crossing(Eigen::Index place) const override;
    [[nodiscard]] std::optional<Status> ends_at(const SpecialPoint& point) const override;
    [[nodiscard]] std::optional<SpecialPoint> limit(const Branch& branch) const override;

    [[nodiscard]] SpecialPoint resolve(CurveKind kind, PointType type, const BranchPoint& near,
                                       double argument) const;
    /// The period doubling at which doubled cycles that were apart have become simple ones.
    [[nodiscard]] std::optional<SpecialPoint> end_of_doubled_cycles_at(
        const BranchPoint& near) const {
        return was_simple_ ? std::nullopt : simple_cycle_near(*this, near);
    }
    [[nodiscard]] Eigen::Index slot() const { return parameter_slots().front(); }
    void review(Branch& branch) const override;

private:
    bool was_simple_ = false;  ///< the last point, a simple cycle twice
};

SpecialPoint unresolved(const BranchPoint& near, std::string note) {
    SpecialPoint point;
    point.at = near;
    point.note = std::move(note);
    return point;
}

/// Where the parameter turns: two folds within a step leave no trace in the exponents. In a canard
/// explosion it stands still, and which way it goes is rounding: what is no fold is left out.
class FoldOfCyclesTest final : public TestFunction {
public:
    explicit FoldOfCyclesTest(const OneParameterCycles& curve) : curve_(curve) {}
    [[nodiscard]] std::string_view name() const override { return "fold_of_cycles"; }
    [[nodiscard]] PointType type() const override { return PointType::fold_of_cycles; }
    [[nodiscard]] bool needs_description() const override { return false; }
    [[nodiscard]] double value(const BranchPoint& point, const CurveLinearization&) const override {
        return point.tangent[curve_.slot()] / curve_.scale_floor()[curve_.slot()];
    }
    [[nodiscard]] bool exact() const override { return false; }
    [[nodiscard]] std::optional<SpecialPoint> resolve(const BranchPoint& near) const override {
        if (auto end = curve_.end_of_doubled_cycles_at(near)) return end;
        auto point = curve_.resolve(CurveKind::fold_of_cycles, type(), near, 0.0);
        if (point.type == PointType::unresolved ||
            std::abs(point.at.period / near.period - 1.0) > largest_shift)
            return std::nullopt;
        return point;
    }

private:
    const OneParameterCycles& curve_;
};

/// det [G_z; tangent^T], of which the sign alone matters.
class BranchPointOfCyclesTest final : public TestFunction {
public:
    explicit BranchPointOfCyclesTest(const OneParameterCycles& curve) : curve_(curve) {}
    [[nodiscard]] std::string_view name() const override { return "branch_point_of_cycles"; }
    [[nodiscard]] PointType type() const override { return PointType::branch_point_of_cycles; }
    [[nodiscard]] bool needs_description() const override { return false; }
    [[nodiscard]] double value(const BranchPoint&, const CurveLinearization& at) const override {
        const double size = at.bordered->log_abs_det() - at.cycle->elimination->log_abs_det();
        return at.bordered->sign_det() *
               std::exp(size / static_cast<double>(curve_.field().dimension() + 2));
    }
    [[nodiscard]] std::optional<SpecialPoint> resolve(const BranchPoint& near) const override {
        if (auto end = curve_.end_of_doubled_cycles_at(near)) return end;
        return TestFunction::resolve(near);
    }

private:
    const OneParameterCycles& curve_;
};

/// The profile along that of the point before: zero where the cycle shrinks to an equilibrium.
class AmplitudeTest final : public TestFunction {
public:
    explicit AmplitudeTest(const OneParameterCycles& curve) : curve_(curve) {}
    [[nodiscard]] std::string_view name() const override { return "amplitude"; }
    [[nodiscard]] PointType type() const override { return PointType::hopf; }
    [[nodiscard]] bool needs_description() const override { return false; }
    [[nodiscard]] double value(const BranchPoint& point, const CurveLinearization&) const override {
        return curve_.amplitude(point.z);
    }
    [[nodiscard]] bool exact() const override { return false; }
    [[nodiscard]] std::optional<SpecialPoint> resolve(const BranchPoint& near) const override {
        return end_of_small_cycles(curve_.shared_field(), curve_.parameters_of(near.z),
                                   curve_.free().front(), near);
    }

private:
    const OneParameterCycles& curve_;
};

/// The real part of one Floquet exponent.
class ExponentTest final : public TestFunction {
public:
    ExponentTest(const OneParameterCycles& curve, Eigen::Index place)
        : curve_(curve), place_(place) {}
    [[nodiscard]] std::string_view name() const override { return "exponent"; }
    [[nodiscard]] PointType type() const override { return PointType::torus; }
    [[nodiscard]] double value(const BranchPoint& point, const CurveLinearization&) const override {
        return point.spectrum[place_].real();
    }
    [[nodiscard]] bool exact() const override { return false; }
    [[nodiscard]] std::optional<SpecialPoint> resolve(const BranchPoint& near) const override {
        const double argument = std::abs(near.spectrum[place_].imag()) * near.period;
        if (argument > std::numbers::pi - real_argument)
            return curve_.resolve(CurveKind::period_doubling, PointType::period_doubling, near,
                                  std::numbers::pi);
        if (argument > real_argument)
            return curve_.resolve(CurveKind::torus, PointType::torus, near, argument);
        return curve_.resolve(CurveKind::fold_of_cycles, PointType::fold_of_cycles, near, 0.0);
    }

private:
    const OneParameterCycles& curve_;
    Eigen::Index place_;
};

OneParameterCycles::OneParameterCycles(std::shared_ptr<const VectorField> field, const Vector& base,
                                       std::size_t parameter, const CycleOptions& options)
    : CycleCurve(CurveKind::cycle, std::move(field), base, {parameter}, 0, options) {
    tests_ = {std::make_shared<AmplitudeTest>(*this),
              std::make_shared<BranchPointOfCyclesTest>(*this),
              std::make_shared<FoldOfCyclesTest>(*this)};
}

void OneParameterCycles::adapt(const BranchPoint& point, const CurveLinearization& at) {
    CycleCurve::adapt(point, at);
    was_simple_ = is_simple_twice(profile_of(point.z));
}

std::unique_ptr<TestFunction> OneParameterCycles::crossing(Eigen::Index place) const {
    return std::make_unique<ExponentTest>(*this, place);
}

namespace {

/// What is told of a special point: on the branch's mesh as z, else as the finer one has it.
void describe_bifurcation(SpecialPoint& point, const CycleBifurcation& system, const Vector& z) {
    const CurveLinearization at = system.linearize(z, Vector(), system.scales_at(z));
    point.at.residual = scaled_residual(at);
    BranchPoint described{.z = z};
    system.CycleCurve::describe(described, at);
    point.at.period = described.period;
    point.at.parameters = {z[system.parameter_slots().front()], described.period};
    point.at.spectrum = described.spectrum;
    point.at.spectrum_errors = described.spectrum_errors;
    point.at.n_unstable = described.n_unstable;
    point.at.minimum = described.minimum;
    point.at.maximum = described.maximum;
    point.frequency = system.frequency(z);
    add(point, system.normal_form(z, at));
    leave_out_critical(point.at, system.kind() == CurveKind::torus ? 2 : 1);
}

}  // namespace

/// The values on the finer mesh, and how far they are from the others.
SpecialPoint OneParameterCycles::resolve(CurveKind kind, PointType type, const BranchPoint& near,
                                         double argument) const {
    const std::string defining = "the defining system of a " + std::string(to_string(type));
    CycleBifurcation system(kind, shared_field(), parameters_of(near.z), free(), options());
    BranchPoint start{.z = near.z, .frame = near.frame};
    if (kind == CurveKind::torus) {
        start.z.conservativeResize(near.z.size() + 1);
        start.z[near.z.size()] = std::cos(argument);
    }
    const Refined found = refine(system, start);
    const Polished& fine = found.fine;
    if (!succeeded(found.status))
        return unresolved(
            near, defining + " does not converge (" + std::string(to_string(found.status)) + ")");
    if (std::abs(system.period_of(fine.z) / period_of(found.coarse) - 1.0) > largest_shift)
        return unresolved(near, defining + " finds other cycles on a finer mesh");
    const Eigen::Index fine_slot = system.parameter_slots().front();
    SpecialPoint point;
    point.type = type;
    point.at = near;
    point.at.z = found.coarse.head(unknowns());
    point.error = std::abs(fine.z[fine_slot] - found.coarse[slot()]) + fine.error[fine_slot];
    describe_bifurcation(point, system, fine.z);
    return point;
}

std::optional<Status> OneParameterCycles::ends_at(const SpecialPoint& point) const {
    switch (point.type) {
        case PointType::hopf: return Status::ended_at_hopf;
        case PointType::snic: return Status::ended_at_snic;
        case PointType::homoclinic: return Status::ended_at_homoclinic;
        case PointType::period_doubling:
            if (is_simple_twice(point.at, field().dimension())) return Status::reached_end;
            return std::nullopt;
        default: return std::nullopt;
    }
}

std::optional<SpecialPoint> OneParameterCycles::limit(const Branch& branch) const {
    const double shortest =
        std::ranges::min_element(branch.points, {}, &BranchPoint::period)->period;
    if (branch.points.back().period > hopelessly_long * shortest)
        return end_of_long_cycles(*this, branch);
    return end_of_doubled_cycles(*this, branch);
}

/// The side to which the parameter leaves a point by more than is known of it, going along the
/// branch one way: -1 or 1, or 0 where it does not. And how far that is.
struct Excursion {
    int side = 0;
    std::size_t to = 0;
};
Excursion leave(const Branch& branch, const SpecialPoint& point, bool forward) {
    // Beside a homoclinic orbit no parameter is known better than that of the orbit.
    const SpecialPoint& end = branch.special.back();
    const double known = std::max(point.error, end.type == PointType::homoclinic ? end.error : 0.0),
                 from = point.at.parameters.front(),
                 noise = std::max(excursion * known, parameter_noise * std::abs(from));
    const std::size_t count = branch.points.size();
    for (std::size_t k = forward ? point.after + 1 : point.after; k < count;
         k = forward ? k + 1 : k - 1) {  // below 0 it is beyond the count
        const double away = branch.points[k].parameters.front() - from;
        if (std::abs(away) > noise) return {away > 0.0 ? 1 : -1, k};
    }
    return {0, forward ? count : 0};
}

/// In a canard explosion or beside a homoclinic orbit the parameter stands still to rounding, and
/// it turns, and an exponent passes through zero, as rounding has it. A fold is where the parameter
/// leaves to the same side on both sides by more than its error; of several between, one.
void OneParameterCycles::review(Branch& branch) const {
    if (!branch.points.empty() && (branch.special.empty() || !ends_at(branch.special.back())))
        if (auto end = end_of_long_cycles(*this, branch)) {
            branch.status = *ends_at(*end);
            branch.message = "towards a " + std::string(to_string(end->type)) + " point";
            end->after = branch.points.size() - 2;
            branch.special.push_back(std::move(*end));
        }
    struct Window {
        std::size_t from, to;
    };
    std::vector<Window> folds;
    const auto is_known = [&](const SpecialPoint& point) {
        return std::ranges::any_of(folds, [&](const Window& window) {
            return window.from <= point.after && point.after < window.to;
        });
    };
    // Not in place: `leave` looks at all of them.
    const auto erase_if = [&](const auto& is_none) {
        std::vector<SpecialPoint> kept;
        for (const SpecialPoint& point : branch.special)
            if (!is_none(point)) kept.push_back(point);
        branch.special = std::move(kept);
    };
    erase_if([&](const SpecialPoint& point) {
        if (point.type != PointType::fold_of_cycles) return false;
        const Excursion back = leave(branch, point, false), forth = leave(branch, point, true);
        if (back.side == 0 || back.side != forth.side || is_known(point)) return true;
        folds.push_back({back.to, forth.to});
        return false;
    });
    erase_if([&](const SpecialPoint& point) {
        if (point.type != PointType::unresolved) return false;
        return is_known(point) || leave(branch, point, false).side == 0 ||
               leave(branch, point, true).side == 0;
    });
}

}  // namespace

std::shared_ptr<CycleCurve> one_parameter_cycles(std::shared_ptr<const VectorField> field,
                                                 const Vector& parameters, std::size_t free,
                                                 const CycleOptions& options) {
    return std::make_shared<OneParameterCycles>(std::move(field), parameters, free, options);
}

std::shared_ptr<ZeroProblem> cycle_curve(std::shared_ptr<const VectorField> field,
                                         const Vector& parameters, std::size_t free,
                                         const CycleOptions& options) {
    if (options.method == CycleMethod::shooting)
        return shooting_curve(std::move(field), parameters, free, options);
    if (options.method == CycleMethod::newton_picard)
        return newton_picard_curve(std::move(field), parameters, free, options);
    if (options.method == CycleMethod::fourier)
        return fourier_curve(std::move(field), parameters, free, options);
    return one_parameter_cycles(std::move(field), parameters, free, options);
}

}  // namespace cortifold
