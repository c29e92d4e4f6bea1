#pragma once

#include "periodic_hessenberg.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>
#include <type_traits>
#include <utility>
#include <vector>

namespace cortifold {

/// Eigenvalues by the periodic QR iteration with implicit double shifts (Bojanczyk, Golub & Van
/// Dooren 1992; Kressner 2006, BIT 46:535).
template <class M>
class PeriodicQr {
public:
    using Complex = std::complex<double>;
    using Index = Eigen::Index;

    /// As of PeriodicHessenberg.
    explicit PeriodicQr(std::vector<M> factors) : form_(std::move(factors)) {
        values_.reserve(static_cast<std::size_t>(form_.h().rows()));
        converged_ = iterate();
    }
    [[nodiscard]] bool converged() const { return converged_; }
    /// Logarithms as found; conjugates stand one after the other, Im > 0 first.
    [[nodiscard]] const std::vector<Complex>& logarithms() const { return values_; }

private:
    using Form = PeriodicHessenberg<M>;
    using Scalar = typename M::Scalar;
    template <int Rows, int Cols>
    using Small = typename Form::template Small<Rows, Cols>;
    using Block = DiagonalBlock;

    static constexpr bool is_real = std::is_same_v<Scalar, double>;
    static constexpr double epsilon = std::numeric_limits<double>::epsilon();
    static constexpr int sweeps_per_row = 30, exceptional = 10;

    bool iterate() {
        const double norm = form_.h().norm();
        const Index most_sweeps = sweeps_per_row * form_.h().rows();
        Index sweeps = 0;
        int since_deflation = 0;
        for (Index end = form_.h().rows() - 1; end >= 0;) {
            const Block at{start_of_block(end, norm, since_deflation), end};
            const bool singular = at.size() > 1 && form_.is_singular(at);
            if (at.size() == 1 || (at.size() == 2 && !singular)) {
                at.size() == 1 ? add_single(end) : add_pair(at.begin);
                end = at.begin - 1;
                since_deflation = 0;
                continue;
            }
            if (++sweeps > most_sweeps) return false;
            singular ? form_.sweep_without_shift(at) : sweep(at, start(at, since_deflation++));
        }
        return true;
    }

    /// An entry below the diagonal is negligible beside its neighbours on it; where that takes
    /// long, beside the norm.
    Index start_of_block(Index end, double norm, int since_deflation) {
        const M& h = form_.h();
        for (Index k = end; k > 0; --k) {
            const double size = std::abs(h(k - 1, k - 1)) + std::abs(h(k, k));
            const bool by_norm = size == 0.0 || since_deflation > exceptional;
            if (std::abs(h(k, k - 1)) > epsilon * (by_norm ? norm : size)) continue;
            form_.split(k);
            return k;
        }
        return 0;
    }

    /// Francis' implicit double shift: x is the first column of (P - s1)(P - s2).
    void sweep(const Block& at, const Small<3, 1>& x) {
        const auto lower = Form::rotation(x[1], x[2]);
        form_.turn(at.begin + 1, lower, at);
        form_.turn(at.begin, Form::rotation(x[0], lower.c * x[1] + lower.s * x[2]), at);
        for (Index k = at.begin + 1; k < at.end; ++k) {
            if (k + 2 <= at.end) form_.annihilate(k + 1, k - 1, at);
            form_.annihilate(k, k - 1, at);
        }
    }

    /// Sweeps 10, 20, 40, 80, ...: they break cycles, and convergence too, which may take longer
    /// than ten sweeps and then has time for it.
    static bool is_exceptional(int sweep) {
        return sweep % exceptional == 0 &&
               std::has_single_bit(static_cast<unsigned>(sweep / exceptional));
    }

    /// The first column of (P - s1)(P - s2), but for a factor. The shifts are the eigenvalues of
    /// the last two rows and columns of P in the block. Where the first column of P is far below
    /// them they would leave next to nothing of it: without shifts what is tiny goes to the end.
    Small<3, 1> start(const Block& at, int since_deflation) const {
        if (is_exceptional(since_deflation + 1)) return {1.0, 0.75, -0.4375};
        const auto top = form_.template triangular_product<2>(at.begin);
        const auto tail = form_.template triangular_product<3>(at.end - 2);
        const int common = std::max(top.exponent, tail.exponent);
        const Small<2, 2> t = top.value * std::ldexp(1.0, top.exponent - common);
        const Small<3, 2> h = form_.h().template block<3, 2>(at.begin, at.begin), p = h * t;
        const Small<2, 2> q = form_.h().template block<2, 3>(at.end - 1, at.end - 2) *
                              tail.value.template rightCols<2>() *
                              std::ldexp(1.0, tail.exponent - common);
        const Scalar sum = q(0, 0) + q(1, 1), product = q(0, 0) * q(1, 1) - q(0, 1) * q(1, 0);
        Small<3, 1> x = p * h.template block<2, 1>(0, 0);
        if (p.col(0).norm() <= epsilon * std::sqrt(std::abs(product))) return x;
        x -= sum * h.col(0);
        x[0] += product / t(0, 0);
        return x;
    }

    void add_single(Index k) { add(form_.log_of_diagonal(k, form_.h()(k, k))); }

    /// H = G* R: the product is similar to U G* with U = R T_m ... T_1. U is formed entry by entry
    /// without a loss; its diagonal has the determinant, and so the lesser eigenvalue, exactly.
    void add_pair(Index k) {
        const auto g = Form::rotation(form_.h()(k, k), form_.h()(k + 1, k));
        Small<2, 2> turn;
        turn << g.c, g.s, -Form::conj(g.s), Form::conj(g.c);
        Small<2, 2> r = turn * form_.h().template block<2, 2>(k, k);
        r(1, 0) = 0.0;
        const auto t = form_.template triangular_product<2>(k);
        const Small<2, 2> p = r * t.value * turn.adjoint();
        const Complex determinant =
            form_.log_of_diagonal(k, r(0, 0)) + form_.log_of_diagonal(k + 1, r(1, 1));
        add_roots(p, t.exponent, determinant);
    }

    void add_roots(const Small<2, 2>& p, int exponent, const Complex& determinant) {
        const Scalar half = (p(0, 0) - p(1, 1)) / 2.0, mean = (p(0, 0) + p(1, 1)) / 2.0,
                     square = half * half + p(0, 1) * p(1, 0);
        if constexpr (is_real) {
            if (square < 0.0) {
                const double angle = std::atan2(std::sqrt(-square), mean);
                add({determinant.real() / 2.0, angle});
                add({determinant.real() / 2.0, -angle});
                return;
            }
        }
        Scalar root = std::sqrt(square);
        if (std::real(mean * Form::conj(root)) < 0.0) root = -root;
        const Complex far = std::log(Complex(mean + root)) + exponent * std::numbers::ln2;
        const bool both_zero = mean + root == 0.0;
        add(both_zero ? determinant / 2.0 : far);
        add(both_zero ? determinant / 2.0 : determinant - far);
    }

    void add(const Complex& logarithm) {
        constexpr double pi = std::numbers::pi;
        const double size = logarithm.real() + form_.exponent() * std::numbers::ln2,
                     angle = std::remainder(logarithm.imag(), 2.0 * pi);
        values_.emplace_back(size, std::isinf(size) ? 0.0 : angle > -pi ? angle : pi);
    }

    Form form_;
    std::vector<Complex> values_;
    bool converged_ = false;
};

}  // namespace cortifold
