#include "cycle_critical.hpp"

#include "critical.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace cortifold {

namespace {

using Complex = std::complex<double>;

constexpr int rounds = 3;  ///< of inverse iteration for borders
/// A canard's period is as uncertain as its parameter is not.
constexpr double attainable_in_canards = 1e-2;

/// Derivatives of A v by the states and by parameters, v complex or not.
template <class S>
void directional(const VectorField& field, const Perturbations* of, const Vector& u,
                 const Vector& p, const Eigen::Matrix<S, Eigen::Dynamic, 1>& v,
                 std::span<const std::size_t> free, MatrixOf<S>& A_xv, MatrixOf<S>& A_pv) {
    const Vector still = Vector::Zero(p.size());
    Matrix by_x(v.size(), u.size()), by_p(v.size(), static_cast<Eigen::Index>(free.size()));
    const auto along = [&](const Vector& part) {
        if (of != nullptr)
            of->directional(u, p, part, free, by_x, by_p);
        else
            field.directional(u, p, part, still, free, by_x, by_p);
    };
    along(v.real());
    A_xv = by_x.cast<S>();
    A_pv = by_p.cast<S>();
    if constexpr (!std::is_same_v<S, double>) {
        along(v.imag());
        A_xv.imag() = by_x;
        A_pv.imag() = by_p;
    }
}

/// In parts of the states' scales, as borders are.
template <class S>
void note_null_vectors(CurveLinearization& at, const CriticalPerturbation<S>& critical) {
    const Vector& scales = (at.cycle->other ? at.cycle->other : at.cycle)->state_scales;
    at.null_vectors.resize(critical.v.size(), 2);
    at.null_vectors.col(0) =
        (scales.cwiseInverse().asDiagonal() * critical.v).reshaped().template cast<Complex>();
    at.null_vectors.col(1) = (scales.asDiagonal() * critical.w).reshaped().template cast<Complex>();
}

}  // namespace

template <class S>
CriticalPerturbation<S> CycleBifurcation::find_critical(ConstVectorRef z,
                                                        const CollocationFacts& at, S mu) const {
    const CollocationFacts& its = at.other ? *at.other : at;
    const Eigen::Index size = its.elimination->size(), n = its.state_scales.size(),
                       nodes = size / n;
    const bool with_period = kind() == CurveKind::fold_of_cycles && !is_forced();
    const Eigen::Index k = with_period ? 2 : 1;
    const Vector scales = its.state_scales.replicate(nodes, 1);
    Borders<double> all{Matrix(size, k), Matrix(size, k), Matrix::Zero(k, k)};
    if (with_period) {
        all.columns.col(0) = at.columns.col(0);
        all.rows.col(0) = phase().cwiseProduct(scales);
    }
    all.columns.col(k - 1) = borders_.b;
    all.rows.col(k - 1) = borders_.c;
    const auto solver = border_cycle<S>(its.elimination, mu, all);
    MatrixOf<S> right = MatrixOf<S>::Zero(size + k, 1), left = right;
    right(size + k - 1, 0) = left(size + k - 1, 0) = S(1.0);
    solver->solve(right);
    solver->solve_adjoint(left);
    CriticalPerturbation<S> found;
    found.g = right(size + k - 1, 0);
    if (with_period) found.tau = right(size, 0);
    found.v = its.state_scales.asDiagonal() * right.col(0).head(size).reshaped(n, nodes);
    found.w = its.state_scales.cwiseInverse().asDiagonal() *
              left.col(0).head(size).conjugate().reshaped(n, nodes);
    found.end = mu * found.v.col(0);
    const Profile profile = profile_of(z);
    const Collocation& basis = Collocation::of_degree(profile.degree);
    const Eigen::Index m = profile.degree, last = profile.intervals() - 1;
    const double h = profile.width(last) * period_of(z);
    Vector p = parameters_of(z);
    for (Eigen::Index i = 0; i < m; ++i) {
        set_time(p, period_of(z), profile.mesh[last] + basis.points[i] * profile.width(last));
        const Matrix A = matrix_at(profile.piece(last) * basis.values.col(i), p);
        const Eigen::Matrix<S, Eigen::Dynamic, 1> moved =
            basis.slopes(m, i) * found.v.col(0) - (h * basis.values(m, i)) * (A * found.v.col(0));
        found.g_mu -= found.w.col(last * m + i).cwiseProduct(moved).sum();
    }
    return found;
}

template CriticalPerturbation<double> CycleBifurcation::find_critical(ConstVectorRef,
                                                                      const CollocationFacts&,
                                                                      double) const;
template CriticalPerturbation<Complex> CycleBifurcation::find_critical(ConstVectorRef,
                                                                       const CollocationFacts&,
                                                                       Complex) const;

template <class S>
Eigen::Matrix<S, Eigen::Dynamic, 1> CycleBifurcation::gradient(
    ConstVectorRef z, const CriticalPerturbation<S>& critical) const {
    using VectorS = Eigen::Matrix<S, Eigen::Dynamic, 1>;
    const Profile profile = profile_of(z);
    const Collocation& basis = Collocation::of_degree(profile.degree);
    const Eigen::Index n = profile.values.rows(), m = profile.degree, nodes = profile.values.cols(),
                       count = static_cast<Eigen::Index>(free().size());
    const double period = period_of(z);
    const auto parameters = free_and_time();
    Vector p = parameters_of(z);
    VectorS gradient = VectorS::Zero(nodes * n + 1 + count);
    Vector u(n), f(n);
    Matrix f_x(n, n), f_p(n, static_cast<Eigen::Index>(parameters.size()));
    MatrixOf<S> A_xv, A_pv;
    for (Eigen::Index j = 0; j < profile.intervals(); ++j) {
        const Matrix piece = profile.piece(j);
        MatrixOf<S> v_piece(critical.v.rows(), m + 1);
        v_piece.leftCols(m) = critical.v.middleCols(j * m, m);
        v_piece.col(m) = j + 1 < profile.intervals() ? VectorS(critical.v.col((j + 1) * m))
                                                     : VectorS(critical.end);
        const double h = profile.width(j);
        for (Eigen::Index i = 0; i < m; ++i) {
            const double t = profile.mesh[j] + basis.points[i] * h;
            set_time(p, period, t);
            u.noalias() = piece * basis.values.col(i);
            const VectorS v = v_piece * basis.values.col(i), w = critical.w.col(j * m + i);
            directional<S>(field(), of_.get(), u, p, v, parameters, A_xv, A_pv);
            VectorS by_u = h * period * (A_xv.transpose() * w),
                    by_p = h * period * (A_pv.transpose() * w);
            if (!of_) field().linearize(u, p, parameters, f, f_x, f_p);
            const Matrix A = of_ ? of_->matrix(u, p) : f_x;
            if (critical.tau != S(0.0)) {
                by_u += h * critical.tau * (f_x.transpose() * w);
                by_p += h * critical.tau * (f_p.transpose() * w);
            }
            for (Eigen::Index k = 0; k <= m; ++k)
                gradient.segment((j * m + k) % nodes * n, n) += basis.values(k, i) * by_u;
            gradient[nodes * n] += h * w.cwiseProduct(A * v).sum();
            gradient.tail(count) += by_p.head(count);
            if (is_forced()) gradient[nodes * n] += t * by_p[count];
        }
    }
    return gradient;
}

CycleBifurcation::CycleBifurcation(CurveKind kind, std::shared_ptr<const VectorField> field,
                                   const Vector& base, std::vector<std::size_t> free,
                                   const CycleOptions& options,
                                   std::shared_ptr<const Perturbations> of)
    : CycleCurve(of ? CurveKind::transverse_of_cycles : kind, std::move(field), base,
                 std::move(free), kind == CurveKind::torus ? 1 : 0, options),
      type_(kind),
      of_(std::move(of)) {
    if (this->free().size() > 1) tests_ = codimension_two_tests(*this);
}

Matrix CycleBifurcation::matrix_at(const Vector& u, const Vector& p) const {
    return of_ ? of_->matrix(u, p) : jacobian(field(), u, p);
}

void CycleBifurcation::add_other(ConstVectorRef z, CurveLinearization& at) const {
    if (!of_) return;
    const Profile profile = profile_of(z);
    const Collocation& basis = Collocation::of_degree(profile.degree);
    const Eigen::Index n = profile.values.rows(), d = of_->dimension();
    const Vector p = parameters_of(z), scales = at.cycle->state_scales.replicate(d / n, 1);
    const Matrix ratios = period_of(z) * scales.cwiseInverse() * scales.transpose();
    auto elimination = std::make_shared<CyclicElimination>(d, profile.degree, profile.intervals());
    const int threads = options().threads;
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
    for (Eigen::Index j = 0; j < profile.intervals(); ++j) {
        const Matrix states = profile.piece(j) * basis.values;
        for (Eigen::Index i = 0; i < profile.degree; ++i)
            collocate_linear(
                elimination->block(j), basis, i,
                -profile.width(j) * ratios.cwiseProduct(of_->matrix(states.col(i), p)));
    }
    elimination->factorize(threads);
    auto other = std::make_shared<CollocationFacts>();
    other->elimination = std::move(elimination);
    other->state_scales = scales;
    auto facts = std::make_shared<CollocationFacts>(*at.cycle);
    facts->other = std::move(other);
    at.cycle = std::move(facts);
}

Complex CycleBifurcation::multiplier(ConstVectorRef z) const {
    if (type_ == CurveKind::fold_of_cycles) return 1.0;
    if (type_ == CurveKind::period_doubling) return -1.0;
    const double cosine = std::clamp(kappa(z), -1.0, 1.0);
    return {cosine, std::sqrt(1.0 - cosine * cosine)};
}

// Both parts of g, the even one in mu - 1 / mu and the odd one over it, are analytic functions of
// kappa = (mu + 1 / mu) / 2.

CycleBifurcation::Torus CycleBifurcation::rotating(ConstVectorRef z, CurveLinearization& at) const {
    const auto pair = critical<Complex>(z, at);
    const ComplexVector by_z = gradient(z, pair);
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
        const auto one = find_critical<double>(z, *at.cycle, kappa(z) + side);
        const double odd = 1.0 / side;
        Vector by_z(unknowns());
        by_z << gradient(z, one), one.g_mu * (1.0 + kappa(z) / side);
        torus.g += one.g / 2.0 * Eigen::Vector2d(1.0, odd);
        torus.gradients.col(0) += by_z / 2.0;
        torus.gradients.col(1) += odd * by_z / 2.0;
        torus.gradients(unknowns() - 1, 1) -= one.g / 2.0 * kappa(z) * odd * odd * odd;
    }
    return torus;
}

CurveLinearization CycleBifurcation::linearize(ConstVectorRef z, ConstVectorRef row,
                                               ConstVectorRef scales) const {
    const bool torus = type_ == CurveKind::torus;
    const Eigen::Index added = torus ? 2 : 1, others = unknowns() - states();
    CurveLinearization at = collocate(z, scales, 1 + added);
    add_other(z, at);
    Matrix gradients = Matrix::Zero(unknowns(), added);
    if (torus) {
        Torus pair = std::abs(kappa(z)) < 1.0 ? rotating(z, at) : saddle(z, at);
        at.residual.tail(2) = pair.g;
        gradients = std::move(pair.gradients);
    } else {
        const auto found = critical<double>(z, at);
        at.residual[states() + 1] = found.g;
        gradients.col(0) = gradient(z, found);
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
    const Eigen::Index size = critical_size();
    borders_ = {arbitrary(size, 0.5), arbitrary(size, 1.5)};
    CurveLinearization at = collocate(z, scales_at(z), 0);
    add_other(z, at);
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
    if (at.null_vectors.rows() == critical_size()) take_borders(at);
}

/// Without the critical exponents.
void CycleBifurcation::describe(BranchPoint& point, const CurveLinearization& at) const {
    CycleCurve::describe(point, at);
    const double angle = std::arg(multiplier(point.z)) / point.period;
    std::vector<Complex> critical{{0.0, angle}};
    if (type_ == CurveKind::torus) critical.push_back(-critical.front());
    if (of_) return of_->describe(point, parameters_of(point.z), critical);
    for (const Complex value : critical) {
        if (point.spectrum.size() == 0) return;
        Eigen::Index place = 0;
        (point.spectrum.array() - value).abs().minCoeff(&place);
        const Eigen::Index after = point.spectrum.size() - place - 1;
        point.spectrum.segment(place, after) = point.spectrum.tail(after).eval();
        point.spectrum_errors.segment(place, after) = point.spectrum_errors.tail(after).eval();
        point.spectrum.conservativeResize(point.spectrum.size() - 1);
        point.spectrum_errors.conservativeResize(point.spectrum.size());
    }
    if (point.n_unstable)
        point.n_unstable = static_cast<int>((point.spectrum.real().array() > 0.0).count());
}

Refined refine(CycleBifurcation& system, const BranchPoint& start) {
    const auto solve = [&](const BranchPoint& from) {
        system.restore_frame(from);
        system.prepare(from);
        return polish(system, from.z, system.scales_at(from.z), attainable_in_canards,
                      PolishEnd::foreseen);
    };
    const Polished coarse = solve(start);
    if (!succeeded(coarse.status)) return {coarse.status};
    BranchPoint point{.z = coarse.z, .frame = start.frame}, finer{.frame = halved(start.frame)};
    system.restore_frame(finer);
    Polished fine = solve(system.in_frame(std::move(point)));
    return {fine.status, coarse.z, std::move(fine)};
}

}  // namespace cortifold
