#pragma once

#include "log_product.hpp"
#include <cortifold/core/matrix.hpp>

#include <cmath>
#include <complex>
#include <limits>
#include <utility>
#include <vector>

namespace cortifold {

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

/// Rows and columns begin to end, both included.
struct DiagonalBlock {
    Eigen::Index begin, end;
    [[nodiscard]] Eigen::Index size() const { return end - begin + 1; }
};

/// Factors whose product is similar to H T_m ... T_1, H Hessenberg and the T_j upper triangular
/// (Bojanczyk, Golub & Van Dooren 1992, Proc. SPIE 1770:31): a unitary similarity of the product
/// turns neighbouring columns of one factor and rows of the next alike. M is a real or complex
/// matrix, of fixed size where speed counts.
template <class M>
class PeriodicHessenberg {
public:
    using Scalar = typename M::Scalar;
    using Index = Eigen::Index;
    template <int Rows, int Cols>
    using Small = Eigen::Matrix<Scalar, Rows, Cols>;
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

    /// Below, an entry of a factor of norm one is zero: so no rotation is of subnormal numbers.
    static constexpr double negligible =
        std::numeric_limits<double>::min() / std::numeric_limits<double>::epsilon();

    /// `factors` are finite, square and at least one; the first acts first.
    explicit PeriodicHessenberg(std::vector<M> factors) : t_(std::move(factors)) {
        for (M& t : t_) exponent_ += scale_to_one(t);
        make_triangular();
        h_ = std::move(t_.back());
        t_.pop_back();
        merge();
        make_hessenberg();
    }
    [[nodiscard]] const M& h() const { return h_; }
    /// The factors were multiplied by 2^-exponent(), all in all.
    [[nodiscard]] int exponent() const { return exponent_; }

    static auto conj(const Scalar& x) { return Eigen::numext::conj(x); }

    /// Takes (a, b) to (r, 0).
    static Rotation rotation(const Scalar& a, const Scalar& b) {
        if (std::abs(b) < negligible) return {1.0, 0.0};
        constexpr double safe = negligible / std::numeric_limits<double>::epsilon();
        const double square = Eigen::numext::abs2(a) + Eigen::numext::abs2(b),
                     r = square > safe ? std::sqrt(square) : std::hypot(std::abs(a), std::abs(b));
        return {conj(a) / r, conj(b) / r};
    }

    /// A similarity that begins at rows k and k + 1 of H.
    void turn(Index k, const Rotation& g, const DiagonalBlock& at) {
        rotate_rows(h_, k, g, at.begin, at.end);
        carry(k, g, at);
    }

    /// Turns rows k and k + 1 of H so that its entry (k + 1, j) vanishes.
    void annihilate(Index k, Index j, const DiagonalBlock& at) {
        const Rotation g = rotation(h_(k, j), h_(k + 1, j));
        rotate_rows(h_, k, g, j, at.end);
        h_(k + 1, j) = 0.0;
        carry(k, g, at);
    }

    /// With a zero at row k of some T_j the rotation of rows k - 1 and k ends there, which leaves
    /// H(k, k - 1) = 0, and those below move the zero to the end; a second sweep splits it off.
    void sweep_without_shift(const DiagonalBlock& at) {
        std::vector<Rotation> rotations;
        for (Index k = at.begin; k < at.end; ++k) {
            rotations.push_back(rotation(h_(k, k), h_(k + 1, k)));
            rotate_rows(h_, k, rotations.back(), k, at.end);
            h_(k + 1, k) = 0.0;
        }
        for (Index k = at.begin; k < at.end; ++k)
            carry(k, rotations[static_cast<std::size_t>(k - at.begin)], at);
    }

    /// Drops H(k, k - 1).
    void split(Index k) { h_(k, k - 1) = 0.0; }

    /// Whether a T_j has a zero on its diagonal; what is negligible becomes one.
    [[nodiscard]] bool is_singular(const DiagonalBlock& at) {
        bool found = false;
        for (M& t : t_)
            for (Index k = at.begin; k <= at.end; ++k) {
                if (std::abs(t(k, k)) >= negligible) continue;
                t(k, k) = 0.0;
                found = true;
            }
        return found;
    }

    /// Of the diagonal blocks of T_m ... T_1 that begin in row `first`.
    template <int Size>
    [[nodiscard]] Scaled<Small<Size, Size>> triangular_product(Index first) const {
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
    [[nodiscard]] std::complex<double> log_of_diagonal(Index k, Scalar of_h) const {
        LogProduct<Scalar> product;
        for (const M& t : t_) product.multiply(t(k, k));
        product.multiply(of_h);
        return product.value();
    }

private:
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
        const DiagonalBlock all{0, h_.rows() - 1};
        for (Index j = 0; j + 2 <= all.end; ++j)
            for (Index k = all.end - 1; k > j; --k) annihilate(k, j, all);
    }

    /// What is left of the similarity that began with g at rows k and k + 1 of H: through the
    /// triangular factors, which stay so, to the columns of H.
    void carry(Index k, Rotation g, const DiagonalBlock& at) {
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

    std::vector<M> t_;
    M h_;
    int exponent_ = 0;
};

}  // namespace cortifold
