#include "matrix_series.hpp"

#include <limits>
#include <utility>

namespace cortifold {

Disc Disc::around(const ComplexVector& points) {
    if (points.size() == 0) return {};
    const double centre = (points.real().minCoeff() + points.real().maxCoeff()) / 2.0;
    return {centre, (points.array() - centre).abs().maxCoeff()};
}

bool Disc::contains(const ComplexVector& points) const {
    constexpr double margin = 1e-6;  // of the radius: what rounding does to an eigenvalue
    return ((points.array() - centre).abs() <= radius * (1.0 + margin)).all();
}

MatrixSeries::MatrixSeries(Eigen::Index size)
    : size_(size), terms_(Matrix::Identity(size, size).reshaped(size * size, 1)) {}

MatrixSeries::MatrixSeries(Eigen::Index size, Matrix terms)
    : size_(size), terms_(std::move(terms)) {
    drop_hidden_terms();
}

MatrixSeries MatrixSeries::after(const MatrixSeries& first) const {
    Matrix product = Matrix::Zero(terms_.rows(), terms() + first.terms() - 1);
    const Eigen::Index width = size_ * first.terms();
    const Eigen::Map<const Matrix> side_by_side(first.terms_.data(), size_, width);
    for (Eigen::Index k = 0; k < terms(); ++k)
        Eigen::Map<Matrix>(product.col(k).data(), size_, width).noalias() += term(k) * side_by_side;
    return {size_, std::move(product)};
}

void MatrixSeries::drop_hidden_terms() {
    const Vector sizes = terms_.colwise().norm();
    const double hidden = std::numeric_limits<double>::epsilon() * sizes.maxCoeff();
    Eigen::Index kept = terms();
    while (kept > 1 && sizes[kept - 1] <= hidden) --kept;
    terms_.conservativeResize(Eigen::NoChange, kept);
}

}  // namespace cortifold
