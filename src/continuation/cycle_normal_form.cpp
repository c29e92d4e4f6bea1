#include "cycle_normal_form.hpp"

#include "multilinear.hpp"

#include <cmath>

namespace cortifold {

namespace {

using Complex = std::complex<double>;

/// The Gauss points of a collocated cycle: what is there, and integrals along it.
class GaussPoints {
public:
    GaussPoints(const CycleCurve& curve, ConstVectorRef z, const CollocationFacts& at)
        : curve_(curve),
          at_(at),
          profile_(curve.profile_of(z)),
          basis_(Collocation::of_degree(profile_.degree)),
          p_(curve.parameters_of(z)),
          period_(curve.period_of(z)),
          u_(values_of<double>(profile_.values, profile_.values.col(0))) {}

    [[nodiscard]] bool is_forced() const { return curve_.is_forced(); }

    [[nodiscard]] Eigen::Index count() const { return u_.cols(); }
    [[nodiscard]] double period() const { return period_; }

    /// A function by its values at the nodes and at the right end, a column a Gauss point.
    template <class S>
    [[nodiscard]] MatrixOf<S> values_of(
        const MatrixOf<S>& nodal, const Eigen::Matrix<S, Eigen::Dynamic, 1>& right_end) const {
        const Eigen::Index m = profile_.degree, last = profile_.intervals() - 1;
        MatrixOf<S> values(nodal.rows(), nodal.cols()), piece(nodal.rows(), m + 1);
        for (Eigen::Index j = 0; j <= last; ++j) {
            piece.leftCols(m) = nodal.middleCols(j * m, m);
            if (j < last)
                piece.col(m) = nodal.col((j + 1) * m);
            else
                piece.col(m) = right_end;
            values.middleCols(j * m, m) = piece * basis_.values.template cast<S>();
        }
        return values;
    }

    /// g(point, column) at every Gauss point.
    template <class S, class G>
    [[nodiscard]] MatrixOf<S> each(const G& g) const {
        MatrixOf<S> values(u_.rows(), u_.cols());
        Vector p = p_;
        for (Eigen::Index k = 0; k < u_.cols(); ++k) {
            const Vector u = u_.col(k);
            const Eigen::Index j = k / profile_.degree;
            curve_.set_time(
                p, period_,
                profile_.mesh[j] + basis_.points[k % profile_.degree] * profile_.width(j));
            values.col(k) = g(FieldPoint{curve_.field(), u, p}, k);
        }
        return values;
    }

    /// The integral over a period of w^T g, w a left null vector of the collocation equations.
    template <class S>
    [[nodiscard]] S paired(const MatrixOf<S>& w, const MatrixOf<S>& g) const {
        S sum{};
        for (Eigen::Index k = 0; k < g.cols(); ++k)
            sum += step(k) * w.col(k).cwiseProduct(g.col(k)).sum();
        return sum;
    }

    template <class S>
    [[nodiscard]] double square(const MatrixOf<S>& v) const {
        double sum = 0.0;
        for (Eigen::Index k = 0; k < v.cols(); ++k)
            sum += step(k) * basis_.weights[k % profile_.degree] * v.col(k).squaredNorm();
        return sum;
    }

    /// h' - A h = g, h(T) = mu h(0).
    template <class S>
    [[nodiscard]] MatrixOf<S> solve(const MatrixOf<S>& g, S mu) const {
        MatrixOf<S> r = right_side(g);
        border_cycle<S>(at_.elimination, mu,
                        {Matrix(r.rows(), 0), Matrix(r.rows(), 0), Matrix(0, 0)})
            ->solve(r);
        return nodal<S>(r, mu);
    }

    /// h' - A h = g - a F, h(T) = h(0): a is what makes it solvable, and 0 for driven cycles.
    struct AlongCycle {
        MatrixOf<double> h;
        double a;
    };
    [[nodiscard]] AlongCycle solve_periodic(const Matrix& g) const {
        if (is_forced()) return {solve<double>(g, 1.0), 0.0};
        const Eigen::Index size = at_.elimination->size();
        const Vector scales = at_.state_scales.replicate(size / at_.state_scales.size(), 1);
        Borders<double> borders{at_.columns.leftCols(1), curve_.phase().cwiseProduct(scales),
                                Matrix::Zero(1, 1)};
        Matrix r = Matrix::Zero(size + 1, 1);
        r.topRows(size) = right_side<double>(g);
        border_cycle<double>(at_.elimination, 1.0, borders)->solve(r);
        const double a = -r(size, 0) / period_;
        r.conservativeResize(size, 1);
        return {nodal<double>(r, 1.0), a};
    }

private:
    [[nodiscard]] double step(Eigen::Index k) const {
        return profile_.width(k / profile_.degree) * period_;
    }

    template <class S>
    [[nodiscard]] MatrixOf<S> right_side(MatrixOf<S> g) const {
        for (Eigen::Index k = 0; k < g.cols(); ++k)
            g.col(k).array() *= step(k) / at_.state_scales.array();
        return g.reshaped();
    }

    template <class S>
    [[nodiscard]] MatrixOf<S> nodal(const MatrixOf<S>& r, S mu) const {
        const MatrixOf<S> h =
            at_.state_scales.asDiagonal() * r.col(0).reshaped(u_.rows(), u_.cols());
        return values_of<S>(h, mu * h.col(0));
    }

    const CycleCurve& curve_;
    const CollocationFacts& at_;
    Profile profile_;
    const Collocation& basis_;
    Vector p_;
    double period_;
    Matrix u_;
};

Vector jacobian_times(const FieldPoint& at, const Vector& v) {
    return jacobian(at.field, at.x, at.p) * v;
}

}  // namespace

double fold_of_cycles_coefficient(const CycleCurve& curve, ConstVectorRef z,
                                  const CollocationFacts& at,
                                  const CriticalPerturbation<double>& critical) {
    const GaussPoints points(curve, z, at);
    Matrix v = points.values_of<double>(critical.v, critical.end);
    v *= points.is_forced() ? 1.0 / std::sqrt(points.square(v)) : points.period() / critical.tau;
    const Matrix terms = points.each<double>([&](const FieldPoint& here, Eigen::Index k) -> Vector {
        const Vector q = v.col(k), quadratic = second_order(here, q) * q / 2.0;
        return points.is_forced() ? quadratic : Vector(quadratic + jacobian_times(here, q));
    });
    return points.paired<double>(critical.w, terms) / points.paired<double>(critical.w, v);
}

double period_doubling_coefficient(const CycleCurve& curve, ConstVectorRef z,
                                   const CollocationFacts& at,
                                   const CriticalPerturbation<double>& critical) {
    const GaussPoints points(curve, z, at);
    Matrix v = points.values_of<double>(critical.v, critical.end);
    v /= std::sqrt(points.square(v));
    const auto quadratic = points.solve_periodic(
        points.each<double>([&](const FieldPoint& here, Eigen::Index k) -> Vector {
            return second_order(here, Vector(v.col(k))) * v.col(k);
        }));
    const Matrix terms = points.each<double>([&](const FieldPoint& here, Eigen::Index k) -> Vector {
        const Vector w = v.col(k);
        return third_order(here, w) / 6.0 + second_order(here, w) * quadratic.h.col(k) / 2.0 -
               quadratic.a / 2.0 * jacobian_times(here, w);
    });
    return points.paired<double>(critical.w, terms) / points.paired<double>(critical.w, v);
}

double torus_coefficient(const CycleCurve& curve, ConstVectorRef z, const CollocationFacts& at,
                         const CriticalPerturbation<Complex>& critical, Complex multiplier) {
    const GaussPoints points(curve, z, at);
    ComplexMatrix v = points.values_of<Complex>(critical.v, critical.end);
    v /= std::sqrt(points.square(v));
    const ComplexMatrix h20 = points.solve<Complex>(
        points.each<Complex>([&](const FieldPoint& here, Eigen::Index k) -> ComplexVector {
            return second_order(here, ComplexVector(v.col(k))) * v.col(k);
        }),
        multiplier * multiplier);
    const auto along = points.solve_periodic(
        points.each<double>([&](const FieldPoint& here, Eigen::Index k) -> Vector {
            return (second_order(here, ComplexVector(v.col(k))) * v.col(k).conjugate()).real();
        }));
    const ComplexMatrix terms =
        points.each<Complex>([&](const FieldPoint& here, Eigen::Index k) -> ComplexVector {
            const ComplexVector q = v.col(k);
            const ComplexMatrix B = second_order(here, q);
            return third_order_mixed(here, q) / 2.0 + B * along.h.col(k) +
                   B.conjugate() * h20.col(k) / 2.0 -
                   along.a * (jacobian(here.field, here.x, here.p) * q);
        });
    return (points.paired<Complex>(critical.w, terms) / points.paired<Complex>(critical.w, v))
        .real();
}

}  // namespace cortifold
