#include "lyapunov_schmidt.hpp"

#include "kernel.hpp"

#include <Eigen/LU>
#include <Eigen/SVD>

#include <array>
#include <cmath>
#include <limits>

namespace cortifold {

namespace {

constexpr int most_iterations = 200;
constexpr double divergence = 4.0;   ///< of steps
constexpr double attainable = 1e-8;  ///< the step, in radii, at which rounding may stop
constexpr double regular = 1e-2;     ///< A against that of another direction
constexpr double safety = 4.0;       ///< of estimates of rounding
constexpr double on_branch = 1e-8;   ///< beta against its terms
constexpr double epsilon = std::numeric_limits<double>::epsilon();

double smallest_singular_value(const Matrix& a) {
    return Eigen::JacobiSVD<Matrix>(a).singularValues().minCoeff();
}

/// The branch point, with bases of its kernels.
struct Center {
    Vector x, p, f_p, other;  ///< other: in the kernel of [f_x f_p], across that of f_x
    Matrix f_x, B, V, W;

    explicit Center(const ReducedEquations::Point& point) : p(point.parameters) {
        const Eigen::Index n = point.field.dimension(), k = point.multiplicity;
        x = point.center.head(n);
        p[static_cast<Eigen::Index>(point.free)] = point.center[n];
        Vector f(n);
        f_x.resize(n, n);
        Matrix columns(n, 1);
        point.field.linearize(x, p, std::array{point.free}, f, f_x, columns);
        f_p = columns.col(0);
        const LinearizedPoint here{point.field, x, p, f_x};
        const KernelBorders borders = find_kernel_borders(here, k);
        const KernelSolver solver(here, borders.B, borders.C);
        const NullSpace null = solver.null_space();
        B = borders.B;
        V = Matrix::Zero(n + 1, k);
        V.topRows(n) = null.V;
        W = null.W;
        other.resize(n + 1);
        other << -solver.solve(f_p), 1.0;
    }

    [[nodiscard]] LinearizedPoint here(const VectorField& field) const {
        return {field, x, p, f_x};
    }

    /// beta_(xi s) along a direction: -W^T D^2 F(direction, V).
    [[nodiscard]] Matrix slopes(const ReducedEquations::Point& point,
                                const Vector& direction) const {
        Vector p_dot = Vector::Zero(p.size());
        p_dot[static_cast<Eigen::Index>(point.free)] = direction[x.size()];
        return second_derivatives({point.field, x, p, f_x}, std::array{point.free}, W,
                                  direction.head(x.size()), p_dot)
                   .transpose() *
               V;
    }
};

/// [f_x, f_p, B; coordinates, 0].
std::unique_ptr<LinearSolver<double>> bordered(const VectorField& field, const Center& at,
                                               const Matrix& coordinates) {
    const Eigen::Index n = at.B.rows(), k = at.B.cols();
    Matrix columns(n, k + 1), corner = Matrix::Zero(k + 1, k + 1);
    columns << at.f_p, at.B;
    corner.col(0) = coordinates.col(n);
    return factorize_bordered<double>({field, at.x, at.p, at.f_x}, 0.0,
                                      {columns, coordinates.leftCols(n).transpose(), corner});
}

}  // namespace

ReducedEquations::ReducedEquations(const Point& point)
    : field_(point.field),
      free_(point.free),
      center_(point.center),
      scales_(point.scales),
      n_(field_.dimension()),
      k_(point.multiplicity) {
    Center at(point);
    parameters_ = at.p;
    at.V = scales_.asDiagonal() * orthonormal(scales_.cwiseInverse().asDiagonal() * at.V);
    const Vector met = point.tangent / norm(point.tangent), other = at.other / norm(at.other);
    const Matrix along = at.slopes(point, met), across = at.slopes(point, other);
    met_along_known_ = smallest_singular_value(along) > regular * smallest_singular_value(across);
    slopes_inverse_ = (met_along_known_ ? along : across).inverse();
    basis_.resize(n_ + 1, k_ + 1);
    basis_ << at.V, met_along_known_ ? met : other;
    const Matrix scaled = scales_.cwiseAbs2().cwiseInverse().asDiagonal() * basis_;
    coordinates_ = (basis_.transpose() * scaled).inverse() * scaled.transpose();
    const Vector terms = at.f_x.cwiseAbs() * scales_.head(n_) + at.f_p.cwiseAbs() * scales_[n_];
    noise_ =
        safety * epsilon * ((slopes_inverse_ * at.W.transpose()).cwiseAbs() * terms).maxCoeff();
    solver_ = bordered(field_, at, coordinates_);
}

Vector ReducedEquations::rates(const Vector& z) const {
    Vector p = parameters_, f(n_);
    p[static_cast<Eigen::Index>(free_)] = z[n_];
    field_.rhs(z.head(n_), p, f);
    return f;
}

/// Of a chord iteration with the matrix at the center.
ReducedEquations::Step ReducedEquations::step(const Vector& z, const Vector& target) const {
    Matrix columns(n_ + k_ + 1, 1);
    columns << -rates(z), target - coordinates_ * (z - center_);
    solver_->solve(columns);
    return {columns.col(0).head(n_ + 1), columns.col(0).tail(k_)};
}

std::optional<ReducedEquations::Value> ReducedEquations::at(double radius,
                                                            const Vector& direction) const {
    Vector target(k_ + 1);
    target << radius * direction, 0.0;
    Vector z = center_ + basis_ * target;
    double previous = std::numeric_limits<double>::infinity();
    for (int iteration = 0; iteration < most_iterations; ++iteration) {
        const auto [dz, beta] = step(z, target);
        const Vector field = slopes_inverse_ * beta / radius;
        const double radial = direction.dot(field), size = norm(dz) + std::abs(radial);
        if (size <= attainable * radius && (size > previous / 2.0 || size <= epsilon * radius))
            return Value{z, field - radial * direction,
                         noise_ / radius + safety * epsilon * std::abs(target[k_])};
        if (!(size <= divergence * previous)) return std::nullopt;
        z += dz - radial * basis_.col(k_);
        target[k_] -= radial;
        previous = size;
    }
    return std::nullopt;
}

std::optional<Vector> ReducedEquations::along_known(double distance) const {
    Vector target = Vector::Zero(k_ + 1);
    target[k_] = distance;
    Vector z = center_ + basis_ * target, beta;
    double previous = std::numeric_limits<double>::infinity();
    for (int iteration = 0; iteration < most_iterations; ++iteration) {
        const Step next = step(z, target);
        const double size = norm(next.dz);
        z += next.dz;
        beta = next.beta;
        if (!z.allFinite()) return std::nullopt;
        if (size <= attainable * distance && size > previous / 2.0) break;  // rounding
        previous = size;
    }
    if ((slopes_inverse_ * beta).norm() > on_branch * distance * distance) return std::nullopt;
    return z;
}

}  // namespace cortifold
