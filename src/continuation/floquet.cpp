#include "floquet.hpp"
#include <cortifold/linalg/periodic_schur.hpp>

#include <cmath>
#include <vector>

namespace cortifold {

namespace {

/// The reflection I - 2 v v^T that takes a direction to a multiple of the first axis.
class Across {
public:
    explicit Across(Vector direction) : v_(std::move(direction)) {
        const double size = v_.norm();
        v_[0] += std::copysign(size, v_[0]);
        const double length = v_.norm();
        v_ = length > 0.0 ? Vector(v_ / length) : Vector(Vector::Zero(v_.size()));
    }
    void from_left(Matrix& a) const { a -= 2.0 * v_ * (v_.transpose() * a); }
    void from_right(Matrix& a) const { a -= 2.0 * (a * v_) * v_.transpose(); }

private:
    Vector v_;
};

}  // namespace

FloquetExponents floquet_exponents(const CyclicElimination& elimination, const Matrix& flow,
                                   const Vector& mesh, double period) {
    const Eigen::Index n = flow.rows(), intervals = elimination.intervals();
    FloquetExponents result;
    std::vector<Matrix> across;
    across.reserve(static_cast<std::size_t>(intervals));
    double drift = 0.0, size = 0.0;
    Across left(flow.col(0));
    for (Eigen::Index j = 0; j < intervals; ++j) {
        const Vector next = flow.col((j + 1) % intervals);
        Matrix transfer = elimination.transfer(j);
        drift += next.dot(transfer * flow.col(j) - next);
        size += (mesh[j + 1] - mesh[j]) * next.squaredNorm();
        const Across right(next);
        right.from_left(transfer);
        left.from_right(transfer);
        across.push_back(transfer.bottomRightCorner(n - 1, n - 1));
        left = right;
    }
    result.trivial = size > 0.0 ? drift / size / period : 0.0;
    if (n > 1) {
        ProductSpectrum product = product_spectrum(std::move(across));
        if (succeeded(product.status)) result.exponents = product.logarithms / period;
    }
    return result;
}

}  // namespace cortifold
