#pragma once

#include <cortifold/core/matrix.hpp>

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <limits>

namespace cortifold {

/// Eigenvalues of small matrices of fixed size by the implicit double-shift QR iteration (Francis
/// 1961; Golub & Van Loan 2013, section 7.5). Eigen's works on blocks of dynamic size, which takes
/// half as long again; a branch needs them at each point.
template <int N>
class FrancisQr {
public:
    using Square = Eigen::Matrix<double, N, N>;
    using Values = Eigen::Matrix<std::complex<double>, N, 1>;

    explicit FrancisQr(const Square& a)
        : h_(Eigen::HessenbergDecomposition<Square>(a).matrixH()), converged_(iterate()) {}
    [[nodiscard]] bool converged() const { return converged_; }
    /// Conjugates stand one after the other, Im > 0 first.
    [[nodiscard]] const Values& eigenvalues() const { return values_; }

private:
    static constexpr double epsilon = std::numeric_limits<double>::epsilon();
    static constexpr int most_sweeps = 30 * N, exceptional = 10;

    /// The sum and the product of two shifts, of which both are real or conjugate to each other.
    struct Shifts {
        double sum, product;
    };

    bool iterate() {
        const double norm = h_.norm();
        int since_deflation = 0;
        for (int sweeps = 0, end = N - 1; end >= 0;) {
            const int begin = start_of_block(end, norm);
            if (end - begin < 2) {
                deflate(begin, end);
                end = begin - 1;
                since_deflation = 0;
                continue;
            }
            if (++sweeps > most_sweeps) return false;
            sweep(begin, end, shifts(end, since_deflation++));
        }
        return true;
    }

    [[nodiscard]] int start_of_block(int end, double norm) {
        int k = end;
        for (; k > 0; --k) {
            const double size = std::abs(h_(k - 1, k - 1)) + std::abs(h_(k, k));
            if (std::abs(h_(k, k - 1)) <= epsilon * (size > 0.0 ? size : norm)) break;
        }
        return k;
    }

    /// A block of one or two rows: its eigenvalues, without loss of digits in the smaller one.
    void deflate(int begin, int end) {
        if (begin == end) {
            values_[end] = h_(end, end);
            return;
        }
        const double half = (h_(begin, begin) - h_(end, end)) / 2.0,
                     off = h_(begin, end) * h_(end, begin), square = half * half + off;
        if (square < 0.0) {
            const std::complex<double> value(h_(end, end) + half, std::sqrt(-square));
            values_[begin] = value;
            values_[end] = std::conj(value);
            return;
        }
        const double far = half + std::copysign(std::sqrt(square), half);
        values_[begin] = h_(end, end) + far;
        values_[end] = far == 0.0 ? h_(end, end) : h_(end, end) - off / far;
    }

    [[nodiscard]] Shifts shifts(int end, int since_deflation) const {
        if (since_deflation % exceptional == exceptional - 1) {
            const double size = std::abs(h_(end, end - 1)) + std::abs(h_(end - 1, end - 2));
            return {1.5 * size, size * size};
        }
        return {h_(end - 1, end - 1) + h_(end, end),
                h_(end - 1, end - 1) * h_(end, end) - h_(end - 1, end) * h_(end, end - 1)};
    }

    /// Chases the bulge of (H - s1)(H - s2) down rows begin to end.
    void sweep(int begin, int end, const Shifts& by) {
        double p = h_(begin, begin) * (h_(begin, begin) - by.sum) +
                   h_(begin, begin + 1) * h_(begin + 1, begin) + by.product,
               q = h_(begin + 1, begin) * (h_(begin, begin) + h_(begin + 1, begin + 1) - by.sum),
               r = h_(begin + 1, begin) * h_(begin + 2, begin + 1);
        for (int k = begin; k < end; ++k) {
            const bool last = k + 1 == end;
            if (k > begin) {
                p = h_(k, k - 1);
                q = h_(k + 1, k - 1);
                r = last ? 0.0 : h_(k + 2, k - 1);
            }
            const double length = -std::copysign(std::sqrt(p * p + q * q + r * r), p);
            if (length == 0.0) continue;
            if (k > begin) {
                h_(k, k - 1) = length;
                h_(k + 1, k - 1) = 0.0;
                if (!last) h_(k + 2, k - 1) = 0.0;
            }
            const double scale = 1.0 / (p - length);
            reflect(k, last ? 2 : 3, end, 1.0 - p / length, q * scale, r * scale);
        }
    }

    /// I - tau (1, v1, v2)^T (1, v1, v2) at two or three rows and columns from k on. All of a
    /// column takes part, which costs less than to leave out what is above the block.
    void reflect(int k, int size, int end, double tau, double v1, double v2) {
        const int third = size == 3 ? k + 2 : k;  // with v2 = 0 it is not touched
        for (int j = k; j <= end; ++j) {
            const double sum = tau * (h_(k, j) + v1 * h_(k + 1, j) + v2 * h_(third, j));
            h_(third, j) -= sum * v2;
            h_(k, j) -= sum;
            h_(k + 1, j) -= sum * v1;
        }
        using Column = Eigen::Matrix<double, N, 1>;
        const Column sum = tau * (h_.col(k) + v1 * h_.col(k + 1) + v2 * h_.col(third));
        h_.col(third) -= v2 * sum;
        h_.col(k) -= sum;
        h_.col(k + 1) -= v1 * sum;
    }

    Square h_;
    Values values_;
    bool converged_ = false;
};

}  // namespace cortifold
