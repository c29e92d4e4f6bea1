#pragma once

#include <cortifold/core/vector_field.hpp>

#include <optional>

namespace cortifold {

/// The equations F(x, p) = 0 near a branch point with a kernel of k dimensions, reduced to the
/// directions of the kernel (Lyapunov & Schmidt; Golubitsky & Schaeffer 1985, chapter VII):
/// z = (x, p) is center + V xi + s r + w, where V is the kernel of f_x, r the direction of a branch
/// that is known, and F(z) + B beta = 0 gives w and k functions beta(xi, s). On a sphere
/// xi = radius omega, s makes A^-1 beta tangential, where A = beta_(xi s): branches cross the
/// sphere where what is left of it vanishes.
class ReducedEquations {
public:
    /// `center` is (x, p) with `multiplicity` eigenvalues zero, `tangent` that of the branch it was
    /// met on, `scales` those of z.
    struct Point {
        const VectorField& field;
        const Vector& parameters;
        std::size_t free;
        const Vector &center, &tangent, &scales;
        int multiplicity;
    };
    explicit ReducedEquations(const Point& point);

    struct Value {
        Vector z;
        Vector field;  ///< A^-1 beta / radius: tangential, k components
        double noise;  ///< what rounding makes of it
    };
    /// Nothing where the iteration does not converge. A direction has length one.
    [[nodiscard]] std::optional<Value> at(double radius, const Vector& direction) const;
    /// A point on the branch along r: nothing where that is none.
    [[nodiscard]] std::optional<Vector> along_known(double distance) const;
    /// Whether r is the tangent the point was met with; else that is across the others.
    [[nodiscard]] bool met_along_known() const { return met_along_known_; }

private:
    struct Step {
        Vector dz, beta;
    };
    [[nodiscard]] Step step(const Vector& z, const Vector& target) const;
    [[nodiscard]] Vector rates(const Vector& z) const;
    [[nodiscard]] double norm(ConstVectorRef z) const { return z.cwiseQuotient(scales_).norm(); }

    const VectorField& field_;
    Vector parameters_;
    std::size_t free_;
    Vector center_, scales_;
    Eigen::Index n_, k_;
    Matrix basis_;        ///< V and r, of length one in units of the scales
    Matrix coordinates_;  ///< of z - center in it
    Matrix slopes_inverse_;
    bool met_along_known_ = true;
    double noise_ = 0.0;
    std::unique_ptr<LinearSolver<double>> solver_;
};

}  // namespace cortifold
