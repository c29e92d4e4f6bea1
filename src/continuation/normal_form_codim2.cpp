// Two critical eigenvalues or pairs: Bogdanov-Takens, fold-Hopf, Hopf-Hopf.
#include "normal_form_manifold.hpp"
#include <cortifold/continuation/normal_form.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace cortifold {

namespace {

/// Of the frequencies' difference in a resonance, relative.
constexpr double resonance_width = 1e-6;
/// The second eigenvalue at a double zero, in units of the rate that the chain has.
constexpr double double_zero = 1e-6;
/// Of <p1, q1>, relative: below it zero is a triple eigenvalue.
constexpr double triple_zero = 1e-8;

/// A q0 = 0, A q1 = q0, A^T p1 = 0, A^T p0 = p1.
struct JordanChains {
    ComplexVector q0, q1, p0, p1;
};

/// Both chains by one matrix, bordered with its own null vectors (Kuznetsov 1999).
std::optional<JordanChains> jordan_chains(const EquilibriumMatrix& a) {
    const auto [right, left] = null_vectors(a, 0.0);
    const Eigen::Index n = right.size();
    JordanChains chains{normalized(right), {}, {}, left};
    const auto bordered = a.factorize_bordered(0.0, chains.p1, chains.q0);
    ComplexMatrix q1 = ComplexMatrix::Zero(n + 1, 1), p0 = q1;
    q1.col(0).head(n) = chains.q0;
    p0.col(0).head(n) = chains.p1;
    bordered->solve(q1);
    bordered->solve_adjoint(p0);
    chains.q1 = q1.col(0).head(n);
    chains.p0 = p0.col(0).head(n);
    if (is_orthogonal(a, chains.p1, chains.q1, triple_zero)) return {};
    const Complex scale = chains.p1.dot(chains.q1);
    const double second = std::abs(chains.p1.dot(chains.q0) / scale),
                 rate = a.size_of(chains.q0) / a.size_of(chains.q1);
    if (!(second <= double_zero * rate)) return {};
    chains.p0 -= std::conj(chains.p0.dot(chains.q1) / scale) * chains.p1;
    chains.p0 /= std::conj(scale);
    chains.p1 /= std::conj(scale);
    return chains;
}

std::string bogdanov_takens_scenario(double a, double b, const Coordinates& w) {
    const double rate = w.size[1] / w.size[0];
    if (std::min(std::abs(a) / rate, std::abs(b)) * w.size[0] < degenerate * rate)
        return "degenerate";
    return a * b < 0.0 ? "homoclinic and cycle stable" : "homoclinic and cycle unstable";
}

/// k omega1 = l omega2 with k + l at most order + 1: monomials to this order are in resonance.
bool resonant(double omega1, double omega2, int order) {
    for (int k = 1; k <= order; ++k)
        for (int l = 1; k + l <= order + 1; ++l)
            if (std::abs(k * omega1 - l * omega2) <= resonance_width * std::max(omega1, omega2))
                return true;
    return false;
}

std::string fold_hopf_scenario(double s, double theta) {
    const std::string where = std::string("s = ") + (s > 0.0 ? "1" : "-1") + ", theta " +
                              (theta > 0.0 ? ">" : "<") + " 0: ";
    if (s * theta > 0.0) return where + "no torus";
    return where + (s > 0.0 ? "torus that ends in a heteroclinic cycle" : "torus");
}

/// The types of Kuznetsov 2023, section 8.6, where theta >= delta.
std::string hopf_hopf_scenario(bool simple, double theta, double delta) {
    const double high = std::max(theta, delta), low = std::min(theta, delta);
    const bool above = high * low > 1.0;
    if (simple) {
        if (low > 0.0) return above ? "simple I" : "simple II";
        if (high > 0.0) return "simple III";
        return above ? "simple V" : "simple IV";
    }
    if (low > 0.0) {
        if (!above) return "difficult III";
        return low > 1.0 ? "difficult I, three-torus" : "difficult II, three-torus";
    }
    if (high > 0.0) return "difficult IV";
    return above ? "difficult VI, three-torus" : "difficult V";
}

/// r_k' = 2 r_k sum of growth(k, i, j) r_1^i r_2^j with r_k = |w_k|^2, k from 0.
NormalForm amplitude_form(CenterManifold& manifold, bool fifth_order) {
    const auto growth = [&manifold](std::size_t k, int i, int j) {
        return manifold.g(2 * k, {i + (k == 0), i, j + (k == 1), j}).real();
    };
    const double p11 = growth(0, 1, 0), p12 = growth(0, 0, 1), p21 = growth(1, 1, 0),
                 p22 = growth(1, 0, 1);
    const double theta = p12 / p22, delta = p21 / p11;
    NormalForm nf{{{"p11", p11},
                   {"p12", p12},
                   {"p21", p21},
                   {"p22", p22},
                   {"theta", theta},
                   {"delta", delta}},
                  hopf_hopf_scenario(p11 * p22 > 0.0, theta, delta)};
    if (!fifth_order || !(std::min(std::abs(theta), std::abs(delta)) > degenerate)) return nf;
    manifold.expand(5);
    // A new time 1 + e_1 r_1 + e_2 r_2 and r_1 (1 + ... r_1), r_2 (1 + ... r_2) take all other
    // terms away (Kuznetsov 2023, section 8.6).
    const double e1 = -growth(0, 2, 0) / p11, e2 = -growth(1, 0, 2) / p22;
    const double s1 = growth(0, 0, 2) + p12 / p21 * (growth(1, 1, 1) + e1 * p22) + 2.0 * e2 * p12;
    const double s2 = growth(1, 2, 0) + p21 / p12 * (growth(0, 1, 1) + e2 * p11) + 2.0 * e1 * p21;
    nf.coefficients["Theta"] = s1 / (p22 * p22);
    nf.coefficients["Delta"] = s2 / (p11 * p11);
    return nf;
}

}  // namespace

NormalForm bogdanov_takens_normal_form(const EquilibriumPoint& at) {
    validate(at);
    if (auto missing = missing_order(at.field, 2); !missing.empty()) return {{}, missing};
    const EquilibriumMatrix matrix(at);
    const auto chains = jordan_chains(matrix);
    if (!chains) return {{}, "no Jordan chain of length two"};
    const auto& [q0, q1, p0, p1] = *chains;
    const Coordinates w{{0, 1}, {1.0 / matrix.size_of(q0), 1.0 / matrix.size_of(q1)}};
    const PowerSeries f = compose(at, {{{1, 0}, q0}, {{0, 1}, q1}}, w, 2);
    const double a = p1.dot(f.at({2, 0})).real();
    const double b = 2.0 * p0.dot(f.at({2, 0})).real() + p1.dot(f.at({1, 1})).real();
    return finite({{{"a", a}, {"b", b}}, bogdanov_takens_scenario(a, b, w)});
}

NormalForm fold_hopf_normal_form(const EquilibriumPoint& at, double omega) {
    require_frequency(omega);
    return reduce(at, {0.0, omega}, 3, [](CenterManifold& manifold) {
        const auto f = [&](int i, int j, int k) { return manifold.g(0, {i, j, k}).real(); };
        const auto g = [&](int i, int j, int k) { return manifold.g(1, {i, j, k}); };
        const double b = f(2, 0, 0), c = f(0, 1, 1), s = b * c > 0.0 ? 1.0 : -1.0;
        const double ratio = manifold.size(1) / manifold.size(0);
        if (std::min(std::abs(b), std::abs(c) * ratio * ratio) * manifold.size(0) <
            degenerate * manifold.frequency(1))
            return NormalForm{{}, "degenerate"};
        const double theta = g(1, 1, 0).real() / b;
        // Kuznetsov 2023, section 8.5, in coefficients without factorials.
        const Complex e =
            g(2, 1, 0) - g(0, 2, 1) * b / c +
            g(1, 1, 0) * (g(0, 2, 1).real() / c - 1.5 * f(3, 0, 0) / b + 0.5 * f(1, 1, 1) / c);
        return NormalForm{{{"s", s}, {"theta", theta}, {"E", e.real()}},
                          fold_hopf_scenario(s, theta)};
    });
}

NormalForm hopf_hopf_normal_form(const EquilibriumPoint& at, double omega1, double omega2) {
    require_frequency(omega1);
    require_frequency(omega2);
    if (resonant(omega1, omega2, 3)) return {{}, "strong resonance of the two frequencies"};
    const bool fifth_order = at.field.taylor_order() >= 5 && !resonant(omega1, omega2, 5);
    return reduce(at, {omega1, omega2}, 3, [fifth_order](CenterManifold& manifold) {
        return amplitude_form(manifold, fifth_order);
    });
}

}  // namespace cortifold
