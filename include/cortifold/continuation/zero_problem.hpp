#pragma once

#include <cortifold/continuation/branch.hpp>
#include <cortifold/core/quantity.hpp>
#include <cortifold/core/vector_field.hpp>

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace cortifold {

struct CollocationFacts;

/// G at a point z of a curve, and how it changes.
struct CurveLinearization {
    Vector residual;             ///< G: N components
    Matrix derivative;           ///< G_z, N x (N + 1)
    Vector row_scales;           ///< what each component of G is small against: |G_z| scales
    ComplexMatrix null_vectors;  ///< of a bifurcation's defining system: critical right vectors, a
                                 ///< column each, then left (transposed, not conjugated)
    std::unique_ptr<LinearSolver<double>> bordered;  ///< of [G_z; row]
    std::shared_ptr<const CollocationFacts> cycle;   ///< of a cycle, in place of the derivative
};

/// A function on a curve that is zero at the points it looks for. To add one, derive from this
/// class, and give it to a run in `ContinuationOptions::tests` or return it from
/// `ZeroProblem::tests`:
/// - `value` is continuous along the curve and changes sign at the points. A run evaluates it at
///   each point it accepts; where two values differ in sign, or three in a row come near to zero
///   and turn away, it brackets the zero by further points of the curve. `point` has the unknowns
///   z (states first), the tangent, the parameters and, if the function needs the description, the
///   spectrum; `at` the factorization they came from. NaN means not defined here: no zero is looked
///   for on either side. A change of sign between two values below `noise` is none.
/// - `resolve` says what the zero is, given a point within a ten-thousandth of a step of it, or at
///   it to rounding where `exact` says so. Return the point with its type and normal form, and its
///   error (0: the run fills in what the bracket leaves open); one of type `unresolved` with a note
///   where that fails; or nothing where the change of sign has no meaning. A pole is left out
///   before. The default takes the point as it is, labelled with the name.
class TestFunction {
public:
    virtual ~TestFunction() = default;
    [[nodiscard]] virtual std::string_view name() const = 0;
    [[nodiscard]] virtual PointType type() const { return PointType::user; }
    [[nodiscard]] virtual double value(const BranchPoint& point,
                                       const CurveLinearization& at) const = 0;
    [[nodiscard]] virtual double noise() const { return 0.0; }
    /// Whether `value` looks at what `describe` finds of a point, its spectrum above all: trials
    /// are described only then.
    [[nodiscard]] virtual bool needs_description() const { return true; }
    /// Whether the bracket is to be closed to rounding before `resolve`.
    [[nodiscard]] virtual bool exact() const { return true; }
    [[nodiscard]] virtual std::optional<SpecialPoint> resolve(const BranchPoint& near) const;
};

/// A curve: G(z) = 0 with one unknown more than equations. Equilibria, folds and Hopf points are
/// followed by one and the same run.
class ZeroProblem {
public:
    ZeroProblem() = default;
    ZeroProblem(const ZeroProblem&) = delete;
    ZeroProblem& operator=(const ZeroProblem&) = delete;
    virtual ~ZeroProblem() = default;

    [[nodiscard]] virtual CurveKind kind() const = 0;
    [[nodiscard]] virtual Eigen::Index unknowns() const = 0;  ///< N + 1
    [[nodiscard]] virtual Eigen::Index states() const = 0;    ///< how many of z, from the first on
    /// The free parameters, and where they stand in z.
    [[nodiscard]] virtual std::span<const Quantity> parameters() const = 0;
    [[nodiscard]] virtual std::span<const Eigen::Index> parameter_slots() const = 0;
    /// Below it a component of z counts as small.
    [[nodiscard]] virtual Vector scale_floor() const = 0;
    /// How large each component is: over a cycle as large as its state becomes.
    [[nodiscard]] virtual Vector sizes(ConstVectorRef z) const { return z.cwiseAbs(); }
    /// Of a point that stands alone.
    [[nodiscard]] Vector scales_at(ConstVectorRef z) const {
        return sizes(z).cwiseMax(scale_floor());
    }
    /// What components weigh in arclength: states together as much as each other unknown.
    [[nodiscard]] virtual Vector shares() const;
    /// By how much the tangent turns from point to point, in radians, if nothing else limits steps.
    [[nodiscard]] virtual double turn_per_step() const { return 0.12; }

    /// G, G_z and, bordered by one row more, what solves with them. `scales` are those of z. An
    /// empty row: none, for a problem with as many equations as unknowns.
    [[nodiscard]] virtual CurveLinearization linearize(ConstVectorRef z, ConstVectorRef row,
                                                       ConstVectorRef scales) const = 0;

    /// Fills spectrum and n_unstable of a point where G was linearized.
    virtual void describe(BranchPoint& point, const CurveLinearization& at) const = 0;
    [[nodiscard]] virtual std::span<const std::shared_ptr<const TestFunction>> tests() const = 0;
    /// The test function of the spectrum's eigenvalue with the given place in the order of real
    /// parts: zero where it crosses the imaginary axis.
    [[nodiscard]] virtual std::unique_ptr<TestFunction> crossing(Eigen::Index place) const = 0;

    // A cycle stands on a mesh, its frame, which a run changes along the branch. z, tangent and all
    // that is said of components holds for the present one.
    /// Whether a corrected point needs another one, or would be better off with it.
    enum class Fit { good, improvable, poor };
    [[nodiscard]] virtual Fit fit(const BranchPoint& point) const {
        (void)point;
        return Fit::good;
    }
    /// Makes a frame for such a point, or takes the one that a stored point has.
    virtual void change_frame(const BranchPoint& point) { (void)point; }
    virtual void restore_frame(const BranchPoint& point) { (void)point; }
    /// z and tangent of a point in the present frame.
    [[nodiscard]] virtual BranchPoint in_frame(BranchPoint point) const { return point; }

    /// Prepares a defining system for a start: finds the borders of its matrix.
    virtual void prepare(const BranchPoint& start) { (void)start; }
    /// For going on from a point: the borders follow its null vectors, the phase its profile.
    virtual void adapt(const BranchPoint& point, const CurveLinearization& at) {
        (void)point, (void)at;
    }
    /// Why the points near a start cannot be followed as a curve; empty: they can.
    [[nodiscard]] virtual std::string obstacle(const BranchPoint& start) const {
        (void)start;
        return {};
    }
    /// Whether a point of G = 0 is one of what is followed; the run ends where it is not.
    [[nodiscard]] virtual bool holds(const BranchPoint& point, const CurveLinearization& at) const {
        (void)point, (void)at;
        return true;
    }
    /// The end that a branch comes nearer and nearer to and never reaches, once it is near enough;
    /// `ends_at` says how it ends there.
    [[nodiscard]] virtual std::optional<SpecialPoint> limit(const Branch& branch) const {
        (void)branch;
        return std::nullopt;
    }
    /// Looks at the special points of a whole branch once more, when it has ended.
    virtual void review(Branch& branch) const { (void)branch; }
    /// Why the curve ends at a special point; nothing: it does not.
    [[nodiscard]] virtual std::optional<Status> ends_at(const SpecialPoint& point) const {
        (void)point;
        return std::nullopt;
    }
};

}  // namespace cortifold
