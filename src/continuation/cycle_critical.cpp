#include "cycle_critical.hpp"

#include "critical.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace cortifold {

namespace {

using Complex = std::complex<double>;

constexpr int rounds = 3;  ///< of inverse iteration for borders

/// Derivative of f_x and f_p along a complex direction.
template <class S>
void directional(const VectorField& field, const Vector& u, const Vector& p,
                 const Eigen::Matrix<S, Eigen::Dynamic, 1>& v, std::span<const std::size_t> free,
                 MatrixOf<S>& f_xv, MatrixOf<S>& f_pv) {
    const Vector still = Vector::Zero(p.size());
    Matrix by_x(u.size(), u.size()), by_p(u.size(), static_cast<Eigen::Index>(free.size()));
    field.directional(u, p, v.real(), still, free, by_x, by_p);
    f_xv = by_x.cast<S>();
    f_pv = by_p.cast<S>();
    if constexpr (!std::is_same_v<S, double>) {
        field.directional(u, p, v.imag(), still, free, by_x, by_p);
        f_xv.imag() = by_x;
        f_pv.imag() = by_p;
    }
}

/// In parts of the states' scales, as borders are.
template <class S>
void note_null_vectors(CurveLinearization& at, const CriticalPerturbation<S>& critical) {
    const Vector& scales = at.cycle->state_scales;
    at.null_vectors.resize(critical.v.size(), 2);
    at.null_vectors.col(0) =
        (scales.cwiseInverse().asDiagonal() * critical.v).reshaped().template cast<Complex>();
    at.null_vectors.col(1) = (scales.asDiagonal() * critical.w).reshaped().template cast<Complex>();
}

}  // namespace

template <class S>
CriticalPerturbation<S> find_critical(const CycleCurve& curve, ConstVectorRef z,
                                      const CollocationFacts& at, Closing closing, S mu,
                                      const CycleBorders& borders) {
    const Eigen::Index size = at.elimination->size(), n = at.state_scales.size(), nodes = size / n;
    const bool with_period = closing == Closing::with_period && !curve.is_forced();
    const Eigen::Index k = with_period ? 2 : 1;
    const Vector scales = at.state_scales.replicate(nodes, 1);
    Borders<double> all{Matrix(size, k), Matrix(size, k), Matrix::Zero(k, k)};
    if (with_period) {
        all.columns.col(0) = at.columns.col(0);
        all.rows.col(0) = curve.phase().cwiseProduct(scales);
    }
    all.columns.col(k - 1) = borders.b;
    all.rows.col(k - 1) = borders.c;
    const auto solver = border_cycle<S>(at.elimination, mu, all);
    MatrixOf<S> right = MatrixOf<S>::Zero(size + k, 1), left = right;
    right(size + k - 1, 0) = left(size + k - 1, 0) = S(1.0);
    solver->solve(right);
    solver->solve_adjoint(left);
    CriticalPerturbation<S> found;
    found.g = right(size + k - 1, 0);
    if (with_period) found.tau = right(size, 0);
    found.v = at.state_scales.asDiagonal() * right.col(0).head(size).reshaped(n, nodes);
    found.w = at.state_scales.cwiseInverse().asDiagonal() *
              left.col(0).head(size).conjugate().reshaped(n, nodes);
    found.end = mu * found.v.col(0);
    const Profile profile = curve.profile_of(z);
    const Collocation& basis = Collocation::of_degree(profile.degree);
    const Eigen::Index m = profile.degree, last = profile.intervals() - 1;
    const double h = profile.width(last) * curve.period_of(z);
    Vector p = curve.parameters_of(z);
    for (Eigen::Index i = 0; i < m; ++i) {
        curve.set_time(p, curve.period_of(z),
                       profile.mesh[last] + basis.points[i] * profile.width(last));
        const Matrix f_x = jacobian(curve.field(), profile.piece(last) * basis.values.col(i), p);
        const Eigen::Matrix<S, Eigen::Dynamic, 1> moved =
            basis.slopes(m, i) * found.v.col(0) - (h * basis.values(m, i)) * (f_x * found.v.col(0));
        found.g_mu -= found.w.col(last * m + i).cwiseProduct(moved).sum();
    }
    return found;
}

template <class S>
Eigen::Matrix<S, Eigen::Dynamic, 1> critical_gradient(const CycleCurve& curve, ConstVectorRef z,
                                                      const CriticalPerturbation<S>& critical) {
    using VectorS = Eigen::Matrix<S, Eigen::Dynamic, 1>;
    const Profile profile = curve.profile_of(z);
    const Collocation& basis = Collocation::of_degree(profile.degree);
    const Eigen::Index n = profile.values.rows(), m = profile.degree, nodes = profile.values.cols(),
                       free = static_cast<Eigen::Index>(curve.free().size());
    const double period = curve.period_of(z);
    const auto parameters = curve.free_and_time();
    Vector p = curve.parameters_of(z);
    VectorS gradient = VectorS::Zero(nodes * n + 1 + free);
    Vector u(n), f(n);
    Matrix f_x(n, n), f_p(n, static_cast<Eigen::Index>(parameters.size()));
    MatrixOf<S> f_xv(n, n), f_pv(n, f_p.cols());
    for (Eigen::Index j = 0; j < profile.intervals(); ++j) {
        const Matrix piece = profile.piece(j);
        MatrixOf<S> v_piece(n, m + 1);
        v_piece.leftCols(m) = critical.v.middleCols(j * m, m);
        v_piece.col(m) = j + 1 < profile.intervals() ? VectorS(critical.v.col((j + 1) * m))
                                                     : VectorS(critical.end);
        const double h = profile.width(j);
        for (Eigen::Index i = 0; i < m; ++i) {
            const double t = profile.mesh[j] + basis.points[i] * h;
            curve.set_time(p, period, t);
            u.noalias() = piece * basis.values.col(i);
            const VectorS v = v_piece * basis.values.col(i), w = critical.w.col(j * m + i);
            curve.field().linearize(u, p, parameters, f, f_x, f_p);
            directional<S>(curve.field(), u, p, v, parameters, f_xv, f_pv);
            const VectorS by_u =
                h * (period * (f_xv.transpose() * w) + critical.tau * (f_x.transpose() * w));
            for (Eigen::Index k = 0; k <= m; ++k)
                gradient.segment((j * m + k) % nodes * n, n) += basis.values(k, i) * by_u;
            gradient[nodes * n] += h * w.cwiseProduct(f_x * v).sum();
            const VectorS by_p =
                h * (period * (f_pv.transpose() * w) + critical.tau * (f_p.transpose() * w));
            gradient.tail(free) += by_p.head(free);
            if (curve.is_forced()) gradient[nodes * n] += t * by_p[free];
        }
    }
    return gradient;
}

template CriticalPerturbation<double> find_critical(const CycleCurve&, ConstVectorRef,
                                                    const CollocationFacts&, Closing, double,
                                                    const CycleBorders&);
template CriticalPerturbation<Complex> find_critical(const CycleCurve&, ConstVectorRef,
                                                     const CollocationFacts&, Closing, Complex,
                                                     const CycleBorders&);
template Vector critical_gradient(const CycleCurve&, ConstVectorRef,
                                  const CriticalPerturbation<double>&);
template ComplexVector critical_gradient(const CycleCurve&, ConstVectorRef,
                                         const CriticalPerturbation<Complex>&);

CycleBifurcation::CycleBifurcation(CurveKind kind, std::shared_ptr<const VectorField> field,
                                   const Vector& base, std::vector<std::size_t> free,
                                   const CycleOptions& options)
    : CycleCurve(kind, std::move(field), base, std::move(free), kind == CurveKind::torus ? 1 : 0,
                 options) {
    if (this->free().size() > 1) tests_ = codimension_two_tests(*this);
}

Complex CycleBifurcation::multiplier(ConstVectorRef z) const {
    if (kind() == CurveKind::fold_of_cycles) return 1.0;
    if (kind() == CurveKind::period_doubling) return -1.0;
    const double cosine = std::clamp(kappa(z), -1.0, 1.0);
    return {cosine, std::sqrt(1.0 - cosine * cosine)};
}

// Both parts of g, the even one in mu - 1 / mu and the odd one over it, are analytic functions of
// kappa = (mu + 1 / mu) / 2.

CycleBifurcation::Torus CycleBifurcation::rotating(ConstVectorRef z, CurveLinearization& at) const {
    const auto pair = critical<Complex>(z, at);
    const ComplexVector by_z = critical_gradient(*this, z, pair);
    const Complex mu = multiplier(z);
    const double sine = mu.imag();
    const Complex by_kappa = pair.g_mu * Complex(1.0, -mu.real() / sine);
    Torus torus{{pair.g.real(), pair.g.imag() / sine}, Matrix(unknowns(), 2)};
    torus.gradients.col(0) << by_z.real(), by_kappa.real();
    torus.gradients.col(1) << by_z.imag() / sine,
        (by_kappa.imag() + pair.g.imag() * mu.real() / (sine * sine)) / sine;
    note_null_vectors(at, pair);
    return torus;
}

CycleBifurcation::Torus CycleBifurcation::saddle(ConstVectorRef z,
                                                 const CurveLinearization& at) const {
    const double root = std::copysign(std::sqrt(kappa(z) * kappa(z) - 1.0), kappa(z));
    Torus torus{Eigen::Vector2d::Zero(), Matrix::Zero(unknowns(), 2)};
    for (const double side : {root, -root}) {
        const auto one = find_critical<double>(*this, z, *at.cycle, Closing::with_multiplier,
                                               kappa(z) + side, borders_);
        const double odd = 1.0 / side;
        Vector gradient(unknowns());
        gradient << critical_gradient(*this, z, one), one.g_mu * (1.0 + kappa(z) / side);
        torus.g += one.g / 2.0 * Eigen::Vector2d(1.0, odd);
        torus.gradients.col(0) += gradient / 2.0;
        torus.gradients.col(1) += odd * gradient / 2.0;
        torus.gradients(unknowns() - 1, 1) -= one.g / 2.0 * kappa(z) * odd * odd * odd;
    }
    return torus;
}

CurveLinearization CycleBifurcation::linearize(ConstVectorRef z, ConstVectorRef row,
                                               ConstVectorRef scales) const {
    const bool torus = kind() == CurveKind::torus;
    const Eigen::Index added = torus ? 2 : 1, others = unknowns() - states();
    CurveLinearization at = collocate(z, scales, 1 + added);
    Matrix gradients = Matrix::Zero(unknowns(), added);
    if (torus) {
        Torus pair = std::abs(kappa(z)) < 1.0 ? rotating(z, at) : saddle(z, at);
        at.residual.tail(2) = pair.g;
        gradients = std::move(pair.gradients);
    } else {
        const auto found = critical<double>(z, at);
        at.residual[states() + 1] = found.g;
        gradients.col(0) = critical_gradient(*this, z, found);
        note_null_vectors(at, found);
    }
    at.row_scales.tail(added) = gradients.cwiseAbs().transpose() * scales;
    const Eigen::Index k = 1 + added + (row.size() > 0 ? 1 : 0);
    Borders<double> all{Matrix::Zero(states(), others), Matrix(states(), k),
                        Matrix::Zero(k, others)};
    all.columns.leftCols(at.cycle->columns.cols()) = at.cycle->columns;
    add_phase(z, at, all);
    all.rows.middleCols(1, added) = gradients.topRows(states());
    all.corner.middleRows(1, added) = gradients.bottomRows(others).transpose();
    if (row.size() > 0) {
        all.rows.col(k - 1) = row.head(states());
        all.corner.row(k - 1) = row.tail(others).transpose();
    }
    if (k == others)  // a curve without a row has one equation too few
        at.bordered = border_scaled(at.cycle->elimination, std::move(all), at.cycle->state_scales);
    return at;
}

void CycleBifurcation::find_borders(ConstVectorRef z) {
    borders_ = {arbitrary(states(), 0.5), arbitrary(states(), 1.5)};
    CurveLinearization at = collocate(z, scales_at(z), 0);
    for (int k = 0; k < rounds; ++k) {
        if (multiplier(z).imag() != 0.0)
            note_null_vectors(at, critical<Complex>(z, at));
        else
            note_null_vectors(at, critical<double>(z, at));
        if (!at.null_vectors.allFinite()) return;
        take_borders(at);
    }
}

void CycleBifurcation::take_borders(const CurveLinearization& at) {
    borders_ = {real_direction(at.null_vectors.col(1)), real_direction(at.null_vectors.col(0))};
}

void CycleBifurcation::prepare(const BranchPoint& start) {
    CycleCurve::prepare(start);
    find_borders(start.z);
}

void CycleBifurcation::change_frame(const BranchPoint& point) {
    BranchPoint moved = point;
    moved.frame = mesh();
    CycleCurve::change_frame(point);
    find_borders(in_frame(std::move(moved)).z);
}

void CycleBifurcation::adapt(const BranchPoint& point, const CurveLinearization& at) {
    CycleCurve::adapt(point, at);
    if (at.null_vectors.rows() == states()) take_borders(at);
}

/// Without the critical exponents.
void CycleBifurcation::describe(BranchPoint& point, const CurveLinearization& at) const {
    CycleCurve::describe(point, at);
    const double angle = std::arg(multiplier(point.z)) / point.period;
    const auto leave_out = [&](Complex critical) {
        if (point.spectrum.size() == 0) return;
        Eigen::Index place = 0;
        (point.spectrum.array() - critical).abs().minCoeff(&place);
        const Eigen::Index after = point.spectrum.size() - place - 1;
        point.spectrum.segment(place, after) = point.spectrum.tail(after).eval();
        point.spectrum_errors.segment(place, after) = point.spectrum_errors.tail(after).eval();
        point.spectrum.conservativeResize(point.spectrum.size() - 1);
        point.spectrum_errors.conservativeResize(point.spectrum.size());
    };
    leave_out({0.0, angle});
    if (kind() == CurveKind::torus) leave_out({0.0, -angle});
    if (point.n_unstable)
        point.n_unstable = static_cast<int>((point.spectrum.real().array() > 0.0).count());
}

}  // namespace cortifold
