#include "critical.hpp"
#include "curve_solver.hpp"
#include "lyapunov_schmidt.hpp"
#include <cortifold/continuation/equilibrium_curve.hpp>
#include <cortifold/core/error.hpp>
#include <cortifold/core/rng.hpp>

#include <Eigen/LU>
#include <Eigen/QR>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>

namespace cortifold {

namespace {

constexpr double offset = 1e-3;  ///< of a start from the branch point, scaled
/// Spheres around a multiple branch point, scaled.
constexpr double radii[] = {0.01, 0.05, 0.2, 0.4, 0.8, 1.6};
constexpr double decided = 1e2;  ///< what the field on a sphere must be, against rounding
constexpr std::size_t probes = 32;
constexpr double nearer_sphere = 0.7;  ///< where a branch that comes from the point is, too
constexpr int samples = 360;           ///< of a circle
constexpr std::size_t patience = 20;   ///< starts without anything new, for each that is known
constexpr std::size_t most_directions = 500;
constexpr int most_iterations = 20;
constexpr double longest_turn = 0.3, converged = 1e-6;  ///< of Newton's method, in radians
constexpr double difference = 1e-5;                     ///< of directions, for derivatives
constexpr double same_direction = 0.05;
constexpr double known_direction = 0.99;  ///< the cosine above which a branch is the known one

/// The branch point as a point of the field, with a column of f_p.
struct Place {
    const VectorField& field;
    std::size_t free;
    Vector x, p, f;
    Matrix f_x, f_p;

    Place(const VectorField& of, const Vector& parameters, std::size_t parameter, const Vector& z)
        : field(of),
          free(parameter),
          x(z.head(of.dimension())),
          p(parameters),
          f(x.size()),
          f_x(x.size(), x.size()),
          f_p(x.size(), 1) {
        p[static_cast<Eigen::Index>(free)] = z[x.size()];
        field.linearize(x, p, std::array{free}, f, f_x, f_p);
    }
};

/// The curvature matrix w^T D^2 F(phi_i, phi_j) on the kernel phi of [f_x f_p].
Eigen::Matrix2d branching_equation(const Place& at, const Vector& w, const Matrix& phi) {
    const Eigen::Index n = at.x.size();
    Eigen::Matrix2d a;
    for (Eigen::Index i = 0; i < 2; ++i) {
        Vector p_dot = Vector::Zero(at.p.size());
        p_dot[static_cast<Eigen::Index>(at.free)] = phi(n, i);
        const Vector gradient = -second_derivatives(
            {at.field, at.x, at.p, at.f_x}, std::array{at.free}, w, phi.col(i).head(n), p_dot);
        a.col(i) = phi.transpose() * gradient;
    }
    return a;
}

/// The two real roots of a quadratic form, as directions in the plane; none where it is definite.
std::vector<Eigen::Vector2d> roots(const Eigen::Matrix2d& a) {
    const double b = (a(0, 1) + a(1, 0)) / 2.0, discriminant = b * b - a(0, 0) * a(1, 1);
    if (!(discriminant > 0.0)) return {};
    const double q = -(b + std::copysign(std::sqrt(discriminant), b));
    return {{q, a(0, 0)}, {a(1, 1), q}};
}

std::vector<CurveStart> simple_branches(const std::shared_ptr<const VectorField>& field,
                                        const Vector& parameters, std::size_t free,
                                        const SpecialPoint& point) {
    const Place at(*field, parameters, free, point.at.z);
    const LinearizedPoint here{*field, at.x, at.p, at.f_x};
    Vector b, c;
    find_borders(here, 0.0, b, c);
    const CriticalSolver<double> solver(here, 0.0, b, c);
    const auto [g, v, w] = solver.nullity();
    const Eigen::Index n = at.x.size();
    auto problem = equilibrium_curve(field, parameters, free);
    const Vector scales = problem->scales_at(point.at.z);
    Matrix phi(n + 1, 2);
    phi << v, solver.solve(at.f_p.col(0)), 0.0, -1.0;
    for (auto column : phi.colwise()) column /= column.cwiseQuotient(scales).norm();
    const Vector known = point.at.tangent.cwiseQuotient(scales).normalized();
    std::vector<Vector> tangents;
    for (const Eigen::Vector2d& root : roots(branching_equation(at, w, phi))) {
        Vector tangent = phi * root;
        tangents.push_back(tangent / tangent.cwiseQuotient(scales).norm());
    }
    if (tangents.empty()) return {};
    const auto other = std::ranges::min_element(tangents, {}, [&](const Vector& tangent) {
        return std::abs(tangent.cwiseQuotient(scales).dot(known));
    });
    return {{problem, {.z = point.at.z + offset * *other, .tangent = *other}, Direction::both}};
}

/// The directions in which branches leave a multiple branch point, as unit vectors of its kernel:
/// all of them on a circle, where they are changes of sign of one function; of those on a sphere of
/// more dimensions what Newton's method finds from many starts until nothing new comes.
class Directions {
public:
    Directions(const ReducedEquations& equations, Eigen::Index dimension, double radius)
        : equations_(equations), k_(dimension), radius_(radius) {}

    /// Nothing where rounding decides between directions: terms of high order do in symmetric
    /// systems (z^(n-1) in a ring of n), and want a larger sphere.
    [[nodiscard]] std::optional<std::vector<Vector>> find() const {
        const Directions nearer(equations_, k_, nearer_sphere * radius_);
        if (!nearer.are_decided()) return std::nullopt;
        std::vector<Vector> found = k_ == 2 ? on_circle() : on_sphere();
        std::erase_if(found, [&](const Vector& direction) {  // what does not come from the point
            const auto back = nearer.root_near(direction);
            return !back || (*back - direction).norm() > same_direction;
        });
        return found;
    }

private:
    [[nodiscard]] bool are_decided() const {
        for (std::size_t k = 0; k < probes; ++k)
            if (const auto value = equations_.at(radius_, anywhere(k)))
                if (value->field.norm() > decided * value->noise) return true;
        return false;
    }

    [[nodiscard]] static Vector on_circle_at(double angle) {
        return Vector(Eigen::Vector2d(std::cos(angle), std::sin(angle)));
    }

    [[nodiscard]] std::vector<Vector> on_circle() const {
        constexpr double step = 2.0 * std::numbers::pi / samples;
        std::vector<Vector> found;
        double last = turning(0.0);
        for (int i = 1; i <= samples; ++i) {
            const double next = turning(i * step);
            if ((last > 0.0) != (next > 0.0))
                add_new(root_near(on_circle_at((i - next / (next - last)) * step)), found);
            last = next;
        }
        return found;
    }

    /// The component of the field along the circle.
    [[nodiscard]] double turning(double angle) const {
        const auto value = equations_.at(radius_, on_circle_at(angle));
        if (!value) return std::numeric_limits<double>::quiet_NaN();
        return value->field.dot(on_circle_at(angle + std::numbers::pi / 2.0));
    }

    [[nodiscard]] std::vector<Vector> on_sphere() const {
        std::vector<Vector> found;
        std::size_t fruitless = 0;
        for (std::size_t k = 0; fruitless < patience * (found.size() + 1); ++k) {
            fruitless = add_new(root_near(anywhere(k)), found) ? 0 : fruitless + 1;
            if (found.size() > most_directions) return {};  // they form a surface
        }
        return found;
    }

    static bool add_new(const std::optional<Vector>& root, std::vector<Vector>& found) {
        if (!root || std::ranges::any_of(found, [&](const Vector& other) {
                return (*root - other).norm() < same_direction;
            }))
            return false;
        found.push_back(*root);
        return true;
    }

    [[nodiscard]] Vector anywhere(std::size_t number) const {
        const CounterRng random({.purpose = StreamPurpose::starts, .entity = number});
        Vector direction(k_);
        for (Eigen::Index i = 0; i < k_; ++i)
            direction[i] = random.normal(static_cast<std::uint64_t>(i));
        return direction.normalized();
    }

    /// Newton's method on the sphere.
    [[nodiscard]] std::optional<Vector> root_near(Vector direction) const {
        for (int iteration = 0; iteration < most_iterations; ++iteration) {
            const auto value = equations_.at(radius_, direction);
            if (!value) return std::nullopt;
            const Matrix tangents = complement(direction);
            Matrix slopes(k_ - 1, k_ - 1);
            for (Eigen::Index j = 0; j + 1 < k_; ++j) {
                const auto moved =
                    equations_.at(radius_, (direction + difference * tangents.col(j)).normalized());
                if (!moved) return std::nullopt;
                slopes.col(j) = tangents.transpose() * (moved->field - value->field) / difference;
            }
            Vector turn = -slopes.fullPivLu().solve(tangents.transpose() * value->field);
            if (!turn.allFinite()) return std::nullopt;
            if (turn.norm() > longest_turn) turn *= longest_turn / turn.norm();
            direction = (direction + tangents * turn).normalized();
            if (turn.norm() < converged) return direction;
        }
        return std::nullopt;
    }

    [[nodiscard]] static Matrix complement(const Vector& direction) {
        const Matrix q = Eigen::HouseholderQR<Matrix>(direction).householderQ();
        return q.rightCols(direction.size() - 1);
    }

    const ReducedEquations& equations_;
    Eigen::Index k_;
    double radius_;
};

std::vector<CurveStart> multiple_branches(const std::shared_ptr<const VectorField>& field,
                                          const Vector& parameters, std::size_t free,
                                          const SpecialPoint& point) {
    const auto problem = equilibrium_curve(field, parameters, free);
    CurveSolver curve(*problem, {});
    curve.metric.follow(point.at.z);
    const Vector &scales = curve.metric.scales(), &center = point.at.z;
    const ReducedEquations equations(
        {*field, parameters, free, center, point.at.tangent, scales, point.multiplicity});
    std::vector<CurveStart> starts;
    const auto add = [&](const Vector& z) {
        const Vector way = (z - center).cwiseQuotient(scales).normalized(),
                     known = point.at.tangent.cwiseQuotient(scales).normalized();
        if (std::abs(way.dot(known)) < known_direction)
            starts.push_back({problem, {.z = z, .tangent = z - center}, Direction::along});
    };
    for (const double radius : radii) {
        const auto directions = Directions(equations, point.multiplicity, radius).find();
        if (!directions) continue;
        for (const Vector& direction : *directions)
            if (const auto value = equations.at(radius, direction)) add(value->z);
        break;
    }
    if (!equations.met_along_known())
        for (const double distance : {-radii[0], radii[0]})
            if (const auto z = equations.along_known(distance)) add(*z);
    return starts;
}

}  // namespace

std::vector<CurveStart> branches_at(const std::shared_ptr<const VectorField>& field,
                                    const Vector& parameters, std::size_t free,
                                    const SpecialPoint& point) {
    require(point.at.tangent.size() == point.at.z.size(),
            "branches_at: the point must have the tangent of the branch that it was found on");
    return point.multiplicity > 1 ? multiple_branches(field, parameters, free, point)
                                  : simple_branches(field, parameters, free, point);
}

}  // namespace cortifold
