#include <cortifold/core/error.hpp>
#include <cortifold/signal/mode_content.hpp>

#include <Eigen/LU>

#include <limits>

namespace cortifold {

namespace {

/// Coefficients are wrong by the condition times rounding: eight digits are left.
constexpr double worst_condition = 1e-8 / std::numeric_limits<double>::epsilon();

}  // namespace

ModeContent mode_content(ConstMatrixRef signals, const ComplexMatrix& modes) {
    require(modes.rows() == modes.cols() && modes.rows() == signals.cols(),
            "content needs as many modes as signals, each with an entry a signal");
    const ComplexMatrix dual = modes.colwise().normalized().partialPivLu().inverse();
    ModeContent result;
    result.condition = dual.rowwise().norm();
    if (!(result.condition.maxCoeff() <= worst_condition)) {  // or not a number
        result.status = Status::singular_jacobian;
        result.message = "the modes are no basis: no content can be told";
        return result;
    }
    const ComplexMatrix content =
        signals.cast<std::complex<double>>() * dual.transpose();  // a row a time, a column a mode
    const Eigen::RowVectorXcd mean = content.colwise().mean();
    result.mean_square = content.cwiseAbs2().colwise().mean();
    result.variance = (content.rowwise() - mean).cwiseAbs2().colwise().mean();
    result.status = Status::converged;
    result.message = "content of each mode";
    return result;
}

}  // namespace cortifold
