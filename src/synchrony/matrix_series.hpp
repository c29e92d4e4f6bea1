#pragma once

#include <cortifold/core/matrix.hpp>

#include <complex>

namespace cortifold {

/// A disc of the complex plane with a real centre, for series about it.
struct Disc {
    double centre = 0.0, radius = 0.0;

    /// The least one that is symmetric and holds all of them.
    [[nodiscard]] static Disc around(const ComplexVector& points);
    /// In units of the radius, from the centre.
    [[nodiscard]] std::complex<double> place(std::complex<double> point) const {
        return radius > 0.0 ? (point - centre) / radius : 0.0;
    }
    [[nodiscard]] bool contains(const ComplexVector& points) const;
};

/// A matrix that is linear in z: centre + z slope, z from the unit disc.
struct AffineMatrix {
    Matrix centre, slope;
};

/// sum_k A_k z^k of square matrices, for z of the unit disc: terms that rounding hides there are
/// left out.
class MatrixSeries {
public:
    MatrixSeries() = default;
    /// The number one.
    explicit MatrixSeries(Eigen::Index size);
    /// Column k has the entries of A_k.
    MatrixSeries(Eigen::Index size, Matrix terms);

    [[nodiscard]] Eigen::Index size() const { return size_; }
    [[nodiscard]] Eigen::Index terms() const { return terms_.cols(); }
    [[nodiscard]] Eigen::Map<const Matrix> term(Eigen::Index k) const {
        return {terms_.col(k).data(), size_, size_};
    }
    template <class S>
    [[nodiscard]] MatrixOf<S> at(S z) const {
        Eigen::Matrix<S, Eigen::Dynamic, 1> sum = terms_.rightCols(1);
        for (Eigen::Index k = terms(); k-- > 1;) sum = sum * z + terms_.col(k - 1);
        return sum.reshaped(size_, size_);
    }
    /// This one after the other.
    [[nodiscard]] MatrixSeries after(const MatrixSeries& first) const;

private:
    void drop_hidden_terms();

    Eigen::Index size_ = 0;
    Matrix terms_{};
};

}  // namespace cortifold
