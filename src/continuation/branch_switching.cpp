#include "critical.hpp"
#include "field_curve.hpp"
#include "newton_iteration.hpp"
#include <cortifold/continuation/equilibrium_curve.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>

#include <Eigen/QR>

#include <algorithm>
#include <array>
#include <cmath>

namespace cortifold {

namespace {

constexpr double offset = 1e-3;       ///< of a start from the branch point, scaled
constexpr double kernel_size = 1e-6;  ///< eigenvalues below this part of the largest are zero
/// Around a multiple branch point, scaled: how far the parameter is moved, how far from the branch
/// solutions are looked for, and how far off they may be.
constexpr double parameter_offset = 1e-3, largest_distance = 0.5;
constexpr double amplitudes[] = {0.003, 0.03, 0.1};
constexpr double same_solution = 1e-6;

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
    const Vector scales = point.at.z.cwiseAbs().cwiseMax(problem->scale_floor());
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

/// An orthonormal basis of the real space that belongs to the eigenvalues at zero.
Matrix kernel(const Matrix& f_x, int dimension) {
    const DenseSpectrum spectrum = general_spectrum(f_x);
    const double largest = spectrum.values.cwiseAbs().maxCoeff();
    Matrix columns(f_x.rows(), 0);
    for (Eigen::Index k = 0; k < spectrum.values.size(); ++k) {
        if (std::abs(spectrum.values[k]) > kernel_size * largest) continue;
        columns.conservativeResize(Eigen::NoChange, columns.cols() + 2);
        columns.rightCols(2) << spectrum.vectors.col(k).real(), spectrum.vectors.col(k).imag();
    }
    const Eigen::ColPivHouseholderQR<Matrix> qr(columns);
    return Matrix(qr.householderQ()).leftCols(std::min<Eigen::Index>(dimension, columns.cols()));
}

/// The basis, and sums and differences of two of it.
std::vector<Vector> directions(const Matrix& basis) {
    std::vector<Vector> list;
    const auto add = [&](const Vector& direction) {
        list.push_back(direction);
        list.push_back(-direction);
    };
    for (Eigen::Index i = 0; i < basis.cols(); ++i) {
        add(basis.col(i));
        for (Eigen::Index j = 0; j < i; ++j) {
            add(basis.col(i) + basis.col(j));
            add(basis.col(i) - basis.col(j));
        }
    }
    return list;
}

/// Deflated Newton on one side of a multiple branch point, from the known solution along the
/// kernel.
class NearbySolutions {
public:
    NearbySolutions(std::shared_ptr<const VectorField> field, Vector parameters,
                    const Vector& known)
        : field_(std::move(field)),
          parameters_(std::move(parameters)),
          floor_(scale_floor(field_->states())),
          scales_(known.cwiseAbs().cwiseMax(floor_)),
          deflation_{{known}, scales_.cwiseInverse()} {}

    void search(const std::vector<Vector>& directions) {
        const Vector known = deflation_.roots.front();
        for (const double amplitude : amplitudes)
            for (const Vector& direction : directions) {
                const double size = direction.cwiseQuotient(scales_).cwiseAbs().maxCoeff();
                const EquilibriumResult found =
                    iterate_newton({field_, parameters_, known + amplitude / size * direction},
                                   {.line_search = false}, floor_, deflation_);
                if (succeeded(found.status) && distance(found.state, known) < largest_distance &&
                    is_new(found.state))
                    deflation_.roots.push_back(found.state);
            }
    }
    /// Without the known one.
    [[nodiscard]] std::vector<Vector> solutions() const {
        return {deflation_.roots.begin() + 1, deflation_.roots.end()};
    }

private:
    [[nodiscard]] double distance(const Vector& a, const Vector& b) const {
        return (a - b).cwiseQuotient(scales_).cwiseAbs().maxCoeff();
    }
    [[nodiscard]] bool is_new(const Vector& state) const {
        return std::ranges::none_of(deflation_.roots, [&](const Vector& root) {
            return distance(root, state) < same_solution;
        });
    }

    std::shared_ptr<const VectorField> field_;
    Vector parameters_;
    Vector floor_, scales_;
    Deflation deflation_;
};

std::vector<CurveStart> multiple_branches(const std::shared_ptr<const VectorField>& field,
                                          const Vector& parameters, std::size_t free,
                                          const SpecialPoint& point) {
    const Place at(*field, parameters, free, point.at.z);
    const auto list = directions(kernel(at.f_x, point.multiplicity));
    const auto problem = equilibrium_curve(field, parameters, free);
    const Eigen::Index slot = at.x.size();
    const Vector& tangent = point.at.tangent;
    const double scale = std::max(std::abs(point.at.z[slot]), problem->scale_floor()[slot]);
    std::vector<CurveStart> starts;
    for (const double step : {-parameter_offset * scale, parameter_offset * scale}) {
        Vector moved = at.p;
        moved[static_cast<Eigen::Index>(free)] += step;
        const Vector guess = at.x + step / tangent[slot] * tangent.head(slot);
        const EquilibriumResult known =
            iterate_newton({field, moved, guess}, {}, scale_floor(field->states()), {});
        if (!succeeded(known.status)) continue;
        NearbySolutions nearby(field, moved, known.state);
        nearby.search(list);
        for (const Vector& state : nearby.solutions()) {
            BranchPoint start = equilibrium_start(state, moved[static_cast<Eigen::Index>(free)]);
            start.tangent = start.z - point.at.z;
            starts.push_back({problem, std::move(start), Direction::along});
        }
    }
    return starts;
}

}  // namespace

std::vector<CurveStart> branches_at(const std::shared_ptr<const VectorField>& field,
                                    const Vector& parameters, std::size_t free,
                                    const SpecialPoint& point) {
    return point.multiplicity > 1 ? multiple_branches(field, parameters, free, point)
                                  : simple_branches(field, parameters, free, point);
}

}  // namespace cortifold
