#include "normal_form_manifold.hpp"

#include <cortifold/core/error.hpp>

#include <Eigen/LU>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cortifold {

namespace {

int degree(const MultiIndex& nu) {
    return std::accumulate(nu.begin(), nu.end(), 0);
}

void append_indices(MultiIndex& nu, std::size_t from, int left, std::vector<MultiIndex>& all) {
    if (from + 1 == nu.size()) {
        nu[from] = left;
        all.push_back(nu);
        return;
    }
    for (nu[from] = 0; nu[from] <= left; ++nu[from])
        append_indices(nu, from + 1, left - nu[from], all);
}

/// All with |nu| = order.
std::vector<MultiIndex> indices_of(std::size_t coordinates, int order) {
    std::vector<MultiIndex> all;
    MultiIndex nu(coordinates, 0);
    append_indices(nu, 0, order, all);
    return all;
}

Complex monomial(const std::vector<Complex>& w, const MultiIndex& nu) {
    Complex product = 1.0;
    for (std::size_t j = 0; j < nu.size(); ++j)
        for (int k = 0; k < nu[j]; ++k) product *= w[j];
    return product;
}

/// A point with conjugate coordinates conjugate, in the direction of nu.
std::vector<Complex> sample(const Coordinates& coordinates, const MultiIndex& nu) {
    std::vector<double> c(nu.begin(), nu.end());
    const double norm = std::sqrt(std::inner_product(c.begin(), c.end(), c.begin(), 0.0));
    std::vector<Complex> w(c.size());
    for (std::size_t j = 0; j < c.size(); ++j) {
        const std::size_t other = coordinates.conjugate[j];
        const Complex direction = other == j  ? Complex(c[j])
                                  : j < other ? Complex(c[j], c[other])
                                              : Complex(c[other], -c[j]);
        w[j] = direction * coordinates.size[j] / norm;
    }
    return w;
}

/// The coefficient of t^order in F(x + H(t w)).
Vector taylor_coefficient(const EquilibriumPoint& at, const PowerSeries& h,
                          const std::vector<Complex>& w, int order) {
    Matrix x = Matrix::Zero(at.x.size(), order + 1), p = Matrix::Zero(at.p.size(), order + 1),
           f = x;
    x.col(0) = at.x;
    p.col(0) = at.p;
    for (const auto& [nu, c] : h)
        if (degree(nu) < order) x.col(degree(nu)) += (monomial(w, nu) * c).real();
    at.field.taylor(x, p, f);
    return f.col(order);
}

}  // namespace

// Homogeneous polynomials are known by their values at the directions of their own exponents (the
// principal lattice of a simplex): one Taylor series of F along a real curve each, in place of the
// many multilinear forms that a coefficient is the sum of.
PowerSeries compose(const EquilibriumPoint& at, const PowerSeries& h, const Coordinates& w,
                    int order) {
    const auto indices = indices_of(w.size.size(), order);
    const auto n = static_cast<Eigen::Index>(indices.size());
    ComplexMatrix monomials(n, n), values(n, at.x.size());
    for (Eigen::Index i = 0; i < n; ++i) {
        const auto point = sample(w, indices[static_cast<std::size_t>(i)]);
        for (Eigen::Index j = 0; j < n; ++j)
            monomials(i, j) = monomial(point, indices[static_cast<std::size_t>(j)]);
        values.row(i) = taylor_coefficient(at, h, point, order).transpose().cast<Complex>();
    }
    const ComplexMatrix coefficients = monomials.partialPivLu().solve(values);
    PowerSeries f;
    for (Eigen::Index j = 0; j < n; ++j)
        f[indices[static_cast<std::size_t>(j)]] = coefficients.row(j).transpose();
    return f;
}

CenterManifold::CenterManifold(const EquilibriumPoint& at, const EquilibriumMatrix& a,
                               std::vector<CriticalMode> modes)
    : at_(at), a_(a) {
    for (CriticalMode& mode : modes) {
        const std::size_t j = modes_.size();
        const bool real = mode.lambda == 0.0;
        const CriticalMode other{std::conj(mode.lambda), mode.q.conjugate(), mode.p.conjugate(),
                                 nullptr};
        add_coordinate(std::move(mode), real ? j : j + 1);
        if (!real) add_coordinate(other, j);
    }
    for (std::size_t j = 0; j < modes_.size(); ++j) h_[unit(j)] = modes_[j].q;
}

void CenterManifold::add_coordinate(CriticalMode mode, std::size_t conjugate) {
    w_.conjugate.push_back(conjugate);
    w_.size.push_back(1.0 / a_.size_of(mode.q));
    modes_.push_back(std::move(mode));
}

void CenterManifold::expand(int order) {
    while (order_ < order) advance();
}

Complex CenterManifold::g(std::size_t j, const MultiIndex& nu) const {
    return g_.at({j, nu});
}

/// How often each w_j turns in w^nu: monomials of the same are in resonance.
MultiIndex CenterManifold::winding(const MultiIndex& nu) const {
    MultiIndex turns(nu.size());
    for (std::size_t j = 0; j < nu.size(); ++j) turns[j] = nu[j] - nu[w_.conjugate[j]];
    return turns;
}

MultiIndex CenterManifold::conjugate(const MultiIndex& nu) const {
    MultiIndex other(nu.size());
    for (std::size_t j = 0; j < nu.size(); ++j) other[j] = nu[w_.conjugate[j]];
    return other;
}

MultiIndex CenterManifold::unit(std::size_t j) const {
    MultiIndex e(modes_.size(), 0);
    e[j] = 1;
    return e;
}

void CenterManifold::advance() {
    for (const auto& [nu, remainder] : remainder_)
        if (nu >= conjugate(nu)) solve(nu, remainder);
    remainder_ = compose(at_, h_, w_, ++order_);
    for (auto& [nu, remainder] : remainder_) {
        subtract_drift(nu, remainder);
        for (std::size_t j = 0; j < modes_.size(); ++j)
            if (winding(nu) == winding(unit(j))) g_[{j, nu}] = modes_[j].p.dot(remainder);
    }
}

/// The terms of H_w G whose orders are known: sum over j and mu of kappa_j H_kappa G_(j mu) with
/// kappa = nu - mu + e_j.
void CenterManifold::subtract_drift(const MultiIndex& nu, ComplexVector& remainder) const {
    for (const auto& [where, coefficient] : g_) {
        const auto& [j, mu] = where;
        MultiIndex kappa = unit(j);
        for (std::size_t i = 0; i < nu.size(); ++i) kappa[i] += nu[i] - mu[i];
        if (degree(kappa) < 2 || std::ranges::min(kappa) < 0) continue;
        remainder -= static_cast<double>(kappa[j]) * coefficient * h_.at(kappa);
    }
}

/// (A - lambda_nu) H_nu = G_nu - remainder; the bordered matrix takes G_nu away by itself.
void CenterManifold::solve(const MultiIndex& nu, const ComplexVector& remainder) {
    const LinearSolver<Complex>* with = nullptr;
    for (std::size_t j = 0; j < modes_.size(); ++j)
        if (winding(nu) == winding(unit(j))) with = modes_[j].bordered.get();
    ComplexMatrix h = ComplexMatrix::Zero(remainder.size() + (with != nullptr ? 1 : 0), 1);
    h.col(0).head(remainder.size()) = -remainder;
    (with != nullptr ? *with : solver(winding(nu))).solve(h);
    h_[nu] = h.col(0).head(remainder.size());
    h_[conjugate(nu)] = h_[nu].conjugate();
}

const LinearSolver<Complex>& CenterManifold::solver(const MultiIndex& winding) {
    auto& found = solvers_[winding];
    if (found) return *found;
    double omega = 0.0;
    for (std::size_t j = 0; j < winding.size(); ++j)
        if (w_.conjugate[j] > j) omega += winding[j] * frequency(j);
    found = a_.factorize({0.0, omega});
    return *found;
}

std::string missing_order(const VectorField& field, int order) {
    if (field.taylor_order() >= order) return {};
    return "no derivatives of order " + std::to_string(order) + " (the field has them to order " +
           std::to_string(field.taylor_order()) + ")";
}

NormalForm finite(NormalForm nf) {
    for (const auto& [name, value] : nf.coefficients)
        if (!std::isfinite(value)) return {{}, name + " is not finite"};
    return nf;
}

NormalForm reduce(const EquilibriumPoint& at, std::initializer_list<double> frequencies, int order,
                  const std::function<NormalForm(CenterManifold&)>& read) {
    validate(at);
    if (auto missing = missing_order(at.field, order); !missing.empty()) return {{}, missing};
    const EquilibriumMatrix a(at);
    std::vector<CriticalMode> modes;
    for (const double omega : frequencies) {
        auto mode = critical_mode(a, omega);
        if (!mode) return {{}, "no simple critical eigenvalue"};
        modes.push_back(std::move(*mode));
    }
    CenterManifold manifold(at, a, std::move(modes));
    manifold.expand(order);
    return finite(read(manifold));
}

void validate(const EquilibriumPoint& at) {
    const auto parameters = static_cast<Eigen::Index>(at.field.parameters().size());
    require(at.x.size() == at.field.dimension(),
            "normal form: x has " + std::to_string(at.x.size()) + " components, must have " +
                std::to_string(at.field.dimension()));
    require(at.p.size() == parameters, "normal form: p has " + std::to_string(at.p.size()) +
                                           " components, must have " + std::to_string(parameters));
}

void require_frequency(double omega) {
    require(omega > 0.0 && std::isfinite(omega),
            "normal form: omega = " + std::to_string(omega) + " must be positive and finite");
}

}  // namespace cortifold
