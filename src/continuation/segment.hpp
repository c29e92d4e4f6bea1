#pragma once

#include "curve_solver.hpp"

#include <array>
#include <functional>
#include <span>

namespace cortifold {

/// The cubic of Hermite between two points with their tangents: position and direction at theta,
/// 0 at a and 1 at b.
struct HermiteCurve {
    const BranchPoint &a, &b;
    double length;  ///< of the chord, in the metric
    [[nodiscard]] Vector position(double theta) const;
    [[nodiscard]] Vector direction(double theta) const;
};

/// Hermite's polynomial through points of a curve and their tangents, at a distance sigma beyond
/// the last: a function of row . (z - last), which a corrector with this row holds, so that
/// tangents are exact slopes. Of one point the tangent itself.
[[nodiscard]] Vector extrapolate(std::span<const BranchPoint> points, ConstVectorRef row,
                                 double sigma);

/// The piece of a curve between two points of a run.
class Segment {
public:
    Segment(const CurveSolver& curve, const BranchPoint& a, const BranchPoint& b);

    /// Where the cubic through both ends meets the plane across the chord at theta, 0 at a and 1
    /// at b.
    [[nodiscard]] Vector expected(double theta) const;
    /// The point of the curve there, not yet described. Its status says where it cannot be had, or
    /// is far from where the ends say it should be.
    [[nodiscard]] CurveSolver::Correction meet(double theta) const {
        return meet(theta, std::array{hermite_.a, hermite_.b});
    }
    /// The same, described.
    [[nodiscard]] CurveSolver::Correction at(double theta) const;

    /// The point where a parameter or any other unknown has the given value, from near theta.
    [[nodiscard]] CurveSolver::Correction where(Eigen::Index slot, double value,
                                                double theta) const;

    using Value = std::function<double(CurveSolver::Correction&)>;
    struct Zero {
        Status status = Status::iteration_limit;
        double theta = 0.0, width = 1.0;  ///< the bracket's
        CurveSolver::Correction at{};
    };
    struct Bracket {
        double left, value_left, right, value_right;
    };
    /// A zero of a function that changes sign: Chandrupatla 1997, Adv. Eng. Software 28:145. Its
    /// trials start from the cubic between the nearest two before, and are not yet described.
    [[nodiscard]] Zero find_zero(const Value& value, Bracket bracket, double tolerance) const;

    [[nodiscard]] double length() const { return hermite_.length; }

private:
    /// Of the nearest two of known points, which are in the order of their arclengths.
    [[nodiscard]] Vector expected(double theta, std::span<const BranchPoint> known) const;
    [[nodiscard]] CurveSolver::Correction meet(double theta,
                                               std::span<const BranchPoint> known) const;
    [[nodiscard]] double arclength(double theta) const {
        return hermite_.a.arclength + theta * (hermite_.b.arclength - hermite_.a.arclength);
    }

    const CurveSolver& curve_;
    HermiteCurve hermite_;
    Vector row_;  ///< across the chord
};

}  // namespace cortifold
