#pragma once

#include <cortifold/continuation/branch.hpp>

namespace cortifold {

/// Whether the points of such a curve are cycles; the last of their parameters is then the period.
[[nodiscard]] constexpr bool is_of_cycles(CurveKind kind) {
    return kind == CurveKind::cycle || kind == CurveKind::fold_of_cycles ||
           kind == CurveKind::period_doubling || kind == CurveKind::torus ||
           kind == CurveKind::homoclinic || kind == CurveKind::transverse_of_cycles;
}

/// Whether a point is one of such a curve.
[[nodiscard]] inline bool is_cycle(const BranchPoint& point) {
    return point.period > 0.0;
}

/// The cycle that a point of such a curve holds, by whatever method: polynomials on the intervals
/// of its mesh. Times are in parts of the period, from 0 to 1.
class CycleProfile {
public:
    /// `states` is how many the field has. Throws UsageError where the point holds no cycle.
    CycleProfile(const BranchPoint& point, Eigen::Index states);

    [[nodiscard]] int degree() const { return degree_; }
    [[nodiscard]] Eigen::Index intervals() const { return mesh_.size() - 1; }
    [[nodiscard]] const Vector& mesh() const { return mesh_; }
    [[nodiscard]] Vector nodes() const;  ///< times of the values that the point has
    /// So many equal parts of each interval, both ends of the cycle included.
    [[nodiscard]] Vector divided(int parts) const;
    [[nodiscard]] const Matrix& values() const { return values_; }  ///< a column a node
    [[nodiscard]] Matrix at(ConstVectorRef times) const;            ///< a column a time
    [[nodiscard]] Vector mean() const;                              ///< over the period
    [[nodiscard]] double norm() const;  ///< root of the mean square over the period

private:
    Vector mesh_;
    Matrix values_;
    int degree_;
};

/// Of the states at a point of any curve: themselves, or their mean over a cycle.
[[nodiscard]] Vector mean_over_period(const BranchPoint& point, Eigen::Index states);

/// The point of any method as one of collocation: its z is the profile. A tangent is kept where z
/// was one before.
[[nodiscard]] BranchPoint as_profile(BranchPoint point);

/// The same with polynomials of another degree.
[[nodiscard]] BranchPoint with_degree(BranchPoint point, Eigen::Index states, int degree);

}  // namespace cortifold
