#include <cortifold/core/error.hpp>
#include <cortifold/linalg/orthonormal.hpp>

#include <Eigen/QR>

#include <string>

namespace cortifold {

Vector orthonormalize(Matrix& columns) {
    require(columns.cols() <= columns.rows(), "orthonormalize: " + std::to_string(columns.cols()) +
                                                  " columns of " + std::to_string(columns.rows()) +
                                                  " rows cannot all be orthogonal");
    const Eigen::HouseholderQR<Eigen::Ref<Matrix>> factors(columns);
    const Vector diagonal = columns.diagonal();
    const Matrix q = factors.householderQ() * Matrix::Identity(columns.rows(), columns.cols());
    const Vector signs =
        (diagonal.array() < 0.0)
            .select(Vector::Constant(diagonal.size(), -1.0), Vector::Ones(diagonal.size()));
    columns = q * signs.asDiagonal();
    return diagonal.cwiseAbs();
}

}  // namespace cortifold
