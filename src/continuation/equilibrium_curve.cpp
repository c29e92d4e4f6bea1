#include "branch_point_system.hpp"
#include "curve_solver.hpp"
#include "defining_systems.hpp"
#include <cortifold/continuation/equilibrium_curve.hpp>
#include <cortifold/continuation/normal_form.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <sstream>
#include <utility>

namespace cortifold {

namespace {

/// Where a point is only near, eigenvalues within this factor of the critical one may join it.
constexpr double suspicious_ratio = 5.0;
/// |w^T [f_x f_p]| against its terms: less, and it is zero; and how far on this is looked at again.
constexpr double rank_tolerance = 1e-10, farther_on = 1e-3;
constexpr double wrong_pair = 1e-3;  ///< how far off omega an eigenvalue may be
constexpr double fold_noise = 1e-9;  ///< of the tangent's component
constexpr std::array<Quantity, 0> nothing_added{};

double largest_magnitude(const ComplexVector& spectrum) {
    return spectrum.cwiseAbs().maxCoeff();
}

int count_near(const ComplexVector& spectrum, std::complex<double> value, double distance) {
    return static_cast<int>(((spectrum.array() - value).abs() <= distance).count());
}

SpecialPoint unresolved(const BranchPoint& near, std::string note) {
    SpecialPoint point;
    point.at = near;
    point.note = std::move(note);
    return point;
}

/// Equilibria in one parameter, with what finds their bifurcations.
class EquilibriumCurve final : public FieldCurve {
public:
    EquilibriumCurve(std::shared_ptr<const VectorField> field, const Vector& base,
                     std::size_t parameter);

    [[nodiscard]] CurveLinearization linearize(ConstVectorRef z, ConstVectorRef row,
                                               ConstVectorRef scales) const override {
        CurveLinearization at = linearize_field(z, 0);
        finish(at, z, row, scales);
        return at;
    }
    void describe(BranchPoint& point, const CurveLinearization& at) const override {
        add_spectrum({field(), states_of(point.z), parameters_of(point.z), f_x(at)}, point);
    }
    [[nodiscard]] std::unique_ptr<TestFunction> crossing(Eigen::Index place) const override;
    [[nodiscard]] std::string obstacle(const BranchPoint& start) const override;

    [[nodiscard]] Eigen::Index slot() const { return states(); }

    /// Newton's method on a defining system from a point of this curve.
    template <class System>
    [[nodiscard]] Polished polish_on(const BranchPoint& near, const Vector& added) const {
        System system(shared_field(), parameters_of(near.z), free());
        return polish_on(system, near, added);
    }
    [[nodiscard]] Polished polish_on(FieldCurve& system, const BranchPoint& near,
                                     const Vector& added) const {
        BranchPoint start{.z = Vector(near.z.size() + added.size())};
        start.z << near.z, added;
        system.prepare(start);
        return polish(system, start.z, system.scales_at(start.z));
    }

    [[nodiscard]] SpecialPoint special(PointType type, const BranchPoint& near,
                                       const Polished& polished) const {
        SpecialPoint point;
        point.type = type;
        point.at = point_at(polished.z.head(unknowns()));
        point.at.tangent = near.tangent;
        point.at.residual = polished.residual;
        point.error = polished.error[slot()];
        leave_out_critical(point.at, type == PointType::hopf ? 2 : 1);
        return point;
    }

    [[nodiscard]] SpecialPoint resolve_fold(const BranchPoint& near) const;
    [[nodiscard]] SpecialPoint resolve_branch_point(const BranchPoint& near) const;
    [[nodiscard]] SpecialPoint resolve_hopf(const BranchPoint& near, double omega) const;

private:
    /// What eigenvalues are small against where all of them vanish.
    [[nodiscard]] double size_of_jacobian(const BranchPoint& at) const {
        const Vector scales = scales_at(at.z).head(states());
        return (scales.cwiseInverse().asDiagonal() * f_x(linearize_field(at.z, 0)) *
                scales.asDiagonal())
            .norm();
    }
    [[nodiscard]] std::optional<SpecialPoint> branch_point(const BranchPoint& near,
                                                           int multiplicity) const;
};

class FoldTest final : public TestFunction {
public:
    explicit FoldTest(const EquilibriumCurve& curve)
        : curve_(curve), scale_(curve.scale_floor()[curve.slot()]) {}
    [[nodiscard]] std::string_view name() const override { return "fold"; }
    [[nodiscard]] PointType type() const override { return PointType::fold; }
    [[nodiscard]] double value(const BranchPoint& point, const CurveLinearization&) const override {
        return point.tangent[curve_.slot()] / scale_;
    }
    [[nodiscard]] double noise() const override { return fold_noise; }
    [[nodiscard]] bool exact() const override { return false; }
    [[nodiscard]] std::optional<SpecialPoint> resolve(const BranchPoint& near) const override {
        return curve_.resolve_fold(near);
    }

private:
    const EquilibriumCurve& curve_;
    double scale_;
};

/// det [f_x f_p; tangent^T], of which the sign alone matters: the mean pivot does not overflow.
class BranchPointTest final : public TestFunction {
public:
    explicit BranchPointTest(const EquilibriumCurve& curve) : curve_(curve) {}
    [[nodiscard]] std::string_view name() const override { return "branch_point"; }
    [[nodiscard]] PointType type() const override { return PointType::branch_point; }
    [[nodiscard]] double value(const BranchPoint& point,
                               const CurveLinearization& at) const override {
        return at.bordered->sign_det() *
               std::exp(at.bordered->log_abs_det() / static_cast<double>(point.z.size()));
    }
    [[nodiscard]] bool exact() const override { return false; }
    [[nodiscard]] std::optional<SpecialPoint> resolve(const BranchPoint& near) const override {
        return curve_.resolve_branch_point(near);
    }

private:
    const EquilibriumCurve& curve_;
};

/// The real part of one eigenvalue.
class CrossingTest final : public TestFunction {
public:
    CrossingTest(const EquilibriumCurve& curve, Eigen::Index place)
        : curve_(curve), place_(place) {}
    [[nodiscard]] std::string_view name() const override { return "eigenvalue"; }
    [[nodiscard]] PointType type() const override { return PointType::hopf; }
    [[nodiscard]] double value(const BranchPoint& point, const CurveLinearization&) const override {
        return point.spectrum[place_].real();
    }
    [[nodiscard]] bool exact() const override { return false; }
    [[nodiscard]] std::optional<SpecialPoint> resolve(const BranchPoint& near) const override {
        const std::complex<double> critical = near.spectrum[place_];
        const double omega = std::abs(critical.imag());
        if (omega > equal_eigenvalues * largest_magnitude(near.spectrum))
            return curve_.resolve_hopf(near, omega);
        SpecialPoint point = curve_.resolve_branch_point(near);
        if (point.type != PointType::unresolved || omega == 0.0) return point;
        return curve_.resolve_hopf(near, omega);  // rounding did not make it a pair
    }

private:
    const EquilibriumCurve& curve_;
    Eigen::Index place_;
};

EquilibriumCurve::EquilibriumCurve(std::shared_ptr<const VectorField> field, const Vector& base,
                                   std::size_t parameter)
    : FieldCurve(CurveKind::equilibrium, std::move(field), base, {parameter}, nothing_added) {
    // Branch points first: at a pitchfork the branch that bends back changes the sign of both.
    tests_ = {std::make_shared<BranchPointTest>(*this), std::make_shared<FoldTest>(*this)};
}

std::unique_ptr<TestFunction> EquilibriumCurve::crossing(Eigen::Index place) const {
    return std::make_unique<CrossingTest>(*this, place);
}

/// Equilibria that form a surface instead of a curve, here and a little farther: [f_x f_p] lacks
/// rank at both, and w^T f_x = 0 says what is conserved.
std::string EquilibriumCurve::obstacle(const BranchPoint& start) const {
    const auto is_singular = [&](const Vector& z) {
        FoldSystem system(shared_field(), parameters_of(z), free());
        system.prepare({.z = z});
        const Vector scales = scales_at(z);
        const CurveLinearization at = system.linearize(z, Vector(), scales);
        const ComplexVector w = at.null_vectors.col(1);
        const Vector defect = (w.transpose() * at.derivative.topRows(states())).real().transpose();
        const double size = w.cwiseAbs().dot(at.row_scales.head(states()));
        return std::pair(defect.cwiseAbs().dot(scales) <= rank_tolerance * size, Vector(w.real()));
    };
    const auto [singular, w] = is_singular(start.z);
    if (!singular) return {};
    const Vector farther = start.z + farther_on * scales_at(start.z);
    if (!is_singular(farther).first) return {};
    std::ostringstream text;
    text << "the equilibria form a surface, not a curve: near this start a quantity is conserved:";
    Eigen::Index largest = 0;
    w.cwiseAbs().maxCoeff(&largest);
    const Vector weights = w / w[largest];
    for (Eigen::Index i = 0, terms = 0; i < weights.size(); ++i) {
        const double size = std::abs(weights[i]);
        if (size <= rank_tolerance) continue;
        text << (weights[i] < 0.0 ? " - " : terms > 0 ? " + " : " ");
        if (std::abs(size - 1.0) > rank_tolerance) text << size << ' ';
        text << field().states()[static_cast<std::size_t>(i)].name;
        ++terms;
    }
    text << "; eliminate a state by it";
    return text.str();
}

SpecialPoint EquilibriumCurve::resolve_fold(const BranchPoint& near) const {
    const Polished polished = polish_on<FoldSystem>(near, Vector());
    if (!succeeded(polished.status))
        return unresolved(near, "the defining system of a fold does not converge (" +
                                    std::string(to_string(polished.status)) + ")");
    SpecialPoint point = special(PointType::fold, near, polished);
    const Vector x = states_of(polished.z), p = parameters_of(polished.z);
    add(point, fold_normal_form({field(), x, p}));
    return point;
}

std::optional<SpecialPoint> EquilibriumCurve::branch_point(const BranchPoint& near,
                                                           int multiplicity) const {
    BranchPointSystem system(shared_field(), parameters_of(near.z), free(), multiplicity);
    const Polished polished = polish_on(system, near, Vector::Zero(multiplicity));
    if (!succeeded(polished.status)) return std::nullopt;
    const CurveLinearization at =
        system.linearize(polished.z, Vector(), system.scales_at(polished.z));
    if (!system.holds({.z = polished.z}, at)) return std::nullopt;
    SpecialPoint point = special(PointType::branch_point, near, polished);
    point.multiplicity = multiplicity;
    leave_out_critical(point.at, multiplicity);
    return point;
}

/// Where other eigenvalues are as near to zero as the critical one, they may pass through it
/// together; what is left open a closer point tells.
SpecialPoint EquilibriumCurve::resolve_branch_point(const BranchPoint& near) const {
    int multiplicity = 1;
    if (near.spectrum.size() > 0)
        multiplicity = count_near(near.spectrum, 0.0,
                                  suspicious_ratio * near.spectrum.cwiseAbs().minCoeff() +
                                      equal_eigenvalues * largest_magnitude(near.spectrum));
    if (auto point = branch_point(near, multiplicity)) {
        const int together = count_equal(point->at.spectrum, 0.0);
        if (together > multiplicity)  // slower and faster ones
            if (auto whole = branch_point(near, together)) return *whole;
        return *point;
    }
    // A kernel may have fewer dimensions than there are eigenvalues, as at Bogdanov-Takens points.
    if (multiplicity > 1 &&
        count_near(near.spectrum, 0.0, equal_eigenvalues * size_of_jacobian(near)) >= multiplicity)
        while (--multiplicity > 0)
            if (auto point = branch_point(near, multiplicity)) return *point;
    return unresolved(near,
                      "an eigenvalue passes through zero, and the point is neither a fold nor a "
                      "branch point");
}

SpecialPoint EquilibriumCurve::resolve_hopf(const BranchPoint& near, double omega) const {
    const Polished polished = polish_on<HopfSystem>(near, Vector::Constant(1, omega * omega));
    if (!succeeded(polished.status))
        return unresolved(near, "the defining system of a Hopf point does not converge (" +
                                    std::string(to_string(polished.status)) + ")");
    const double kappa = polished.z[unknowns()];
    SpecialPoint point =
        special(kappa > 0.0 ? PointType::hopf : PointType::neutral_saddle, near, polished);
    if (kappa <= 0.0) return point;
    omega = std::sqrt(kappa);
    if (count_near(point.at.spectrum, {0.0, omega}, wrong_pair * omega) == 0)
        return unresolved(near,
                          "the defining system of a Hopf point converged to a frequency that "
                          "no eigenvalue has");
    point.frequency = omega / (2.0 * std::numbers::pi);
    point.multiplicity = std::max(1, count_equal(point.at.spectrum, {0.0, omega}));
    leave_out_critical(point.at, 2 * point.multiplicity);
    const Vector x = states_of(polished.z), p = parameters_of(polished.z);
    add(point, hopf_normal_form({field(), x, p}, omega));
    return point;
}

}  // namespace

std::optional<SpecialPoint> TestFunction::resolve(const BranchPoint& near) const {
    SpecialPoint point;
    point.type = type();
    point.label = name();
    point.at = near;
    return point;
}

std::shared_ptr<ZeroProblem> equilibrium_curve(std::shared_ptr<const VectorField> field,
                                               const Vector& parameters, std::size_t free) {
    return std::make_shared<EquilibriumCurve>(std::move(field), parameters, free);
}

BranchPoint equilibrium_start(ConstVectorRef state, double parameter) {
    BranchPoint start{.z = Vector(state.size() + 1)};
    start.z << state, parameter;
    return start;
}

}  // namespace cortifold
