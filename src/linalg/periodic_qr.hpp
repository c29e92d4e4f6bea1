#pragma once

#include <cortifold/core/matrix.hpp>

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>
#include <utility>
#include <vector>

namespace cortifold {

/// The logarithm of a product of many numbers, none of which may be out of range by itself.
template <class S>
class LogProduct {
public:
    void multiply(S by) {
        mantissa_ *= by;
        const double size = std::abs(mantissa_);
        if (size < smallest || size > 1.0 / smallest) take_out(size);
    }
    /// log|product| + i arg; -infinity where a factor is zero.
    [[nodiscard]] std::complex<double> value() const {
        return logarithm_ + std::log(std::complex<double>(mantissa_));
    }

private:
    static constexpr double smallest = 1e-100;

    void take_out(double size) {
        logarithm_ += std::log(size);
        mantissa_ = size > 0.0 ? mantissa_ / size : S(1.0);
    }

    S mantissa_ = 1.0;
    double logarithm_ = 0.0;
};

/// Divides by a power of two so that the largest entry is in [1, 2): the exponent taken out.
template <class M>
int scale_to_one(M& a) {
    const double largest = a.cwiseAbs().maxCoeff();
    if (largest == 0.0) return 0;
    const int exponent = std::ilogb(largest);
    a *= std::ldexp(1.0, -exponent / 2);  // in two steps: 2^1074 is no number
    a *= std::ldexp(1.0, -(exponent - exponent / 2));
    return exponent;
}

/// The periodic QR iteration for H T_m ... T_1 with H Hessenberg and the T_j upper triangular
/// (Bojanczyk, Golub & Van Dooren 1992, Proc. SPIE 1770:31; Kressner 2006, BIT 46:535): a unitary
/// similarity of the product turns neighbouring columns of one factor and rows of the next alike.
/// M is a real or complex matrix, of fixed size where speed counts.
template <class M>
class PeriodicQr {
public:
    using Scalar = typename M::Scalar;
    using Complex = std::complex<double>;
    using Index = Eigen::Index;

    /// `factors` are finite, square and at least one; the first acts first.
    explicit PeriodicQr(std::vector<M> factors) : t_(std::move(factors)) {
        for (M& t : t_) exponent_ += scale_to_one(t);
        make_triangular();
        h_ = std::move(t_.back());
        t_.pop_back();
        merge();
        make_hessenberg();
        values_.reserve(static_cast<std::size_t>(h_.rows()));
        converged_ = iterate();
    }
    [[nodiscard]] bool converged() const { return converged_; }
    /// Logarithms as found; conjugates stand one after the other, Im > 0 first.
    [[nodiscard]] const std::vector<Complex>& logarithms() const { return values_; }

private:
    static constexpr bool is_real = std::is_same_v<Scalar, double>;
    static constexpr double epsilon = std::numeric_limits<double>::epsilon();
    /// Below, an entry of a factor of norm one is zero: so no rotation is of subnormal numbers.
    static constexpr double negligible = std::numeric_limits<double>::min() / epsilon;
    static constexpr int sweeps_per_row = 30, exceptional = 10;
    template <int Rows, int Cols>
    using Small = Eigen::Matrix<Scalar, Rows, Cols>;

    /// Rows and columns begin to end, both included.
    struct Block {
        Index begin, end;
        [[nodiscard]] Index size() const { return end - begin + 1; }
    };
    /// [c s; -s* c*], unitary.
    struct Rotation {
        Scalar c, s;
    };
    /// value 2^exponent
    template <class V>
    struct Scaled {
        V value;
        int exponent;
    };

    static auto conj(const Scalar& x) { return Eigen::numext::conj(x); }

    /// Takes (a, b) to (r, 0).
    static Rotation rotation(const Scalar& a, const Scalar& b) {
        if (std::abs(b) < negligible) return {1.0, 0.0};
        constexpr double safe = std::numeric_limits<double>::min() / (epsilon * epsilon);
        const double square = Eigen::numext::abs2(a) + Eigen::numext::abs2(b),
                     r = square > safe ? std::sqrt(square) : std::hypot(std::abs(a), std::abs(b));
        return {conj(a) / r, conj(b) / r};
    }

    /// Rows k and k + 1 of columns first to last, turned by g.
    static void rotate_rows(M& a, Index k, const Rotation& g, Index first, Index last) {
        for (Index j = first; j <= last; ++j) {
            const Scalar x = a(k, j), y = a(k + 1, j);
            a(k, j) = g.c * x + g.s * y;
            a(k + 1, j) = conj(g.c) * y - conj(g.s) * x;
        }
    }
    /// Columns k and k + 1 of rows first to last, turned back by g.
    static void rotate_columns(M& a, Index k, const Rotation& g, Index first, Index last) {
        for (Index i = first; i <= last; ++i) {
            const Scalar x = a(i, k), y = a(i, k + 1);
            a(i, k) = conj(g.c) * x + conj(g.s) * y;
            a(i, k + 1) = g.c * y - g.s * x;
        }
    }

    /// All factors but the last. Rotations are as fast as reflections here up to n = 500, for
    /// small n twice as fast.
    void make_triangular() {
        for (std::size_t j = 0; j + 1 < t_.size(); ++j)
            for (Index end = t_[j].rows() - 1, column = 0; column < end; ++column)
                for (Index k = end - 1; k >= column; --k) {
                    const Rotation g = rotation(t_[j](k, column), t_[j](k + 1, column));
                    rotate_rows(t_[j], k, g, column, end);
                    t_[j](k + 1, column) = 0.0;
                    rotate_columns(t_[j + 1], k, g, 0, end);
                }
    }

    /// Multiplies neighbours where that costs no digits: N = R M in place of M and R if both M and
    /// N are well conditioned. The rounding E of the product is a change E M^-1 of R, and all later
    /// changes D of N are changes A N^-1 D of its first factor A, so that neither R nor A changes
    /// by more than the condition number times rounding.
    void merge() {
        std::size_t kept = 0;
        bool open = false;
        for (std::size_t j = 0; j < t_.size(); ++j) {
            if (open) {
                M product = t_[j].template triangularView<Eigen::Upper>() * t_[kept - 1];
                if (is_well_conditioned(product)) {
                    exponent_ += scale_to_one(product);
                    t_[kept - 1] = std::move(product);
                    continue;
                }
            }
            open = is_well_conditioned(t_[j]);
            if (kept != j) t_[kept] = std::move(t_[j]);
            ++kept;
        }
        t_.resize(kept);
    }

    static bool is_well_conditioned(const M& t) {
        constexpr double most = 100.0;
        const auto diagonal = t.diagonal().cwiseAbs();
        if (diagonal.maxCoeff() > most * diagonal.minCoeff()) return false;
        M inverse = M::Identity(t.rows(), t.cols());
        t.template triangularView<Eigen::Upper>().solveInPlace(inverse);
        return t.norm() * inverse.norm() <= most;
    }

    void make_hessenberg() {
        const Block all{0, h_.rows() - 1};
        for (Index j = 0; j + 2 <= all.end; ++j)
            for (Index k = all.end - 1; k > j; --k) annihilate(k, j, all);
    }

    /// Turns rows k and k + 1 of H so that its entry (k + 1, j) vanishes.
    void annihilate(Index k, Index j, const Block& at) {
        const Rotation g = rotation(h_(k, j), h_(k + 1, j));
        rotate_rows(h_, k, g, j, at.end);
        h_(k + 1, j) = 0.0;
        carry(k, g, at);
    }

    /// What is left of the similarity that began with g at rows k and k + 1 of H: through the
    /// triangular factors, which stay so, to the columns of H.
    void carry(Index k, Rotation g, const Block& at) {
        for (M& t : t_) {
            const bool zero = t(k, k) == 0.0 && g.s != 0.0;
            rotate_columns(t, k, g, at.begin, k + 1);
            g = rotation(t(k, k), t(k + 1, k));
            rotate_rows(t, k, g, k, at.end);
            t(k + 1, k) = 0.0;
            if (zero) t(k + 1, k + 1) = 0.0;  // a zero on the diagonal moves down, but for rounding
        }
        rotate_columns(h_, k, g, at.begin, at.end);
    }

    bool iterate() {
        const double norm = h_.norm();
        const Index most_sweeps = sweeps_per_row * h_.rows();
        Index sweeps = 0;
        int since_deflation = 0;
        for (Index end = h_.rows() - 1; end >= 0;) {
            const Block at{start_of_block(end, norm, since_deflation), end};
            const bool singular = at.size() > 1 && is_singular(at);
            if (at.size() == 1 || (at.size() == 2 && !singular)) {
                at.size() == 1 ? add_single(end) : add_pair(at.begin);
                end = at.begin - 1;
                since_deflation = 0;
                continue;
            }
            if (++sweeps > most_sweeps) return false;
            singular ? sweep_without_shift(at) : sweep(at, start(at, since_deflation++));
        }
        return true;
    }

    /// An entry below the diagonal is negligible beside its neighbours on it; where that takes
    /// long, beside the norm.
    Index start_of_block(Index end, double norm, int since_deflation) {
        for (Index k = end; k > 0; --k) {
            const double size = std::abs(h_(k - 1, k - 1)) + std::abs(h_(k, k));
            const bool by_norm = size == 0.0 || since_deflation > exceptional;
            if (std::abs(h_(k, k - 1)) > epsilon * (by_norm ? norm : size)) continue;
            h_(k, k - 1) = 0.0;
            return k;
        }
        return 0;
    }

    bool is_singular(const Block& at) {
        bool found = false;
        for (M& t : t_)
            for (Index k = at.begin; k <= at.end; ++k) {
                if (std::abs(t(k, k)) >= negligible) continue;
                t(k, k) = 0.0;
                found = true;
            }
        return found;
    }

    /// With a zero at row k of some T_j the rotation of rows k - 1 and k ends there, which leaves
    /// H(k, k - 1) = 0, and those below move the zero to the end; a second sweep splits it off.
    void sweep_without_shift(const Block& at) {
        std::vector<Rotation> rotations;
        for (Index k = at.begin; k < at.end; ++k) {
            rotations.push_back(rotation(h_(k, k), h_(k + 1, k)));
            rotate_rows(h_, k, rotations.back(), k, at.end);
            h_(k + 1, k) = 0.0;
        }
        for (Index k = at.begin; k < at.end; ++k)
            carry(k, rotations[static_cast<std::size_t>(k - at.begin)], at);
    }

    /// Francis' implicit double shift: x is the first column of (P - s1)(P - s2).
    void sweep(const Block& at, const Small<3, 1>& x) {
        const Rotation lower = rotation(x[1], x[2]);
        turn(at.begin + 1, lower, at);
        turn(at.begin, rotation(x[0], lower.c * x[1] + lower.s * x[2]), at);
        for (Index k = at.begin + 1; k < at.end; ++k) {
            if (k + 2 <= at.end) annihilate(k + 1, k - 1, at);
            annihilate(k, k - 1, at);
        }
    }

    void turn(Index k, const Rotation& g, const Block& at) {
        rotate_rows(h_, k, g, at.begin, at.end);
        carry(k, g, at);
    }

    /// The first column of (P - s1)(P - s2), but for a factor. The shifts are the eigenvalues of
    /// the last two rows and columns of P in the block. Where the first column of P is far below
    /// them they would leave next to nothing of it: without shifts what is tiny goes to the end.
    Small<3, 1> start(const Block& at, int since_deflation) const {
        if (since_deflation % exceptional == exceptional - 1) return {1.0, 0.75, -0.4375};
        const auto top = triangular_product<2>(at.begin);
        const auto tail = triangular_product<3>(at.end - 2);
        const int common = std::max(top.exponent, tail.exponent);
        const Small<2, 2> t = top.value * std::ldexp(1.0, top.exponent - common);
        const Small<3, 2> h = h_.template block<3, 2>(at.begin, at.begin), p = h * t;
        const Small<2, 2> q = h_.template block<2, 3>(at.end - 1, at.end - 2) *
                              tail.value.template rightCols<2>() *
                              std::ldexp(1.0, tail.exponent - common);
        const Scalar sum = q(0, 0) + q(1, 1), product = q(0, 0) * q(1, 1) - q(0, 1) * q(1, 0);
        Small<3, 1> x = p * h.template block<2, 1>(0, 0);
        if (p.col(0).norm() <= epsilon * std::sqrt(std::abs(product))) return x;
        x -= sum * h.col(0);
        x[0] += product / t(0, 0);
        return x;
    }

    /// Of the diagonal blocks of T_m ... T_1 that begin in row `first`.
    template <int Size>
    Scaled<Small<Size, Size>> triangular_product(Index first) const {
        constexpr double small = 1e-100;
        Scaled<Small<Size, Size>> product{Small<Size, Size>::Identity(), 0};
        for (const M& t : t_) {
            product.value = t.template block<Size, Size>(first, first) * product.value;
            const double size = product.value.cwiseAbs().maxCoeff();
            if (size < small || size > 1.0 / small) product.exponent += scale_to_one(product.value);
        }
        product.exponent += scale_to_one(product.value);
        return product;
    }

    /// Of the k-th diagonal entries of the triangular factors and of H, or of what takes its place.
    Complex log_of_diagonal(Index k, Scalar of_h) const {
        LogProduct<Scalar> product;
        for (const M& t : t_) product.multiply(t(k, k));
        product.multiply(of_h);
        return product.value();
    }

    void add_single(Index k) { add(log_of_diagonal(k, h_(k, k))); }

    /// H = G* R: the product is similar to U G* with U = R T_m ... T_1. U is formed entry by entry
    /// without a loss; its diagonal has the determinant, and so the lesser eigenvalue, exactly.
    void add_pair(Index k) {
        const Rotation g = rotation(h_(k, k), h_(k + 1, k));
        Small<2, 2> turn;
        turn << g.c, g.s, -conj(g.s), conj(g.c);
        Small<2, 2> r = turn * h_.template block<2, 2>(k, k);
        r(1, 0) = 0.0;
        const auto t = triangular_product<2>(k);
        const Small<2, 2> p = r * t.value * turn.adjoint();
        const Complex determinant = log_of_diagonal(k, r(0, 0)) + log_of_diagonal(k + 1, r(1, 1));
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
        if (std::real(mean * conj(root)) < 0.0) root = -root;
        const Complex far = std::log(Complex(mean + root)) + exponent * std::numbers::ln2;
        const bool both_zero = mean + root == 0.0;
        add(both_zero ? determinant / 2.0 : far);
        add(both_zero ? determinant / 2.0 : determinant - far);
    }

    void add(const Complex& logarithm) {
        constexpr double pi = std::numbers::pi;
        const double size = logarithm.real() + exponent_ * std::numbers::ln2,
                     angle = std::remainder(logarithm.imag(), 2.0 * pi);
        values_.emplace_back(size, std::isinf(size) ? 0.0 : angle > -pi ? angle : pi);
    }

    std::vector<M> t_;
    M h_;
    int exponent_ = 0;  ///< the factors were multiplied by 2^-exponent_, all in all
    std::vector<Complex> values_;
    bool converged_ = false;
};

}  // namespace cortifold
