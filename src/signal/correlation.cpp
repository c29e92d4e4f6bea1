#include <cortifold/core/error.hpp>
#include <cortifold/signal/correlation.hpp>
#include <cortifold/signal/time_series.hpp>

#include <algorithm>
#include <numeric>

namespace cortifold {

namespace {

Vector ranks(ConstVectorRef values) {
    std::vector<Eigen::Index> order(static_cast<std::size_t>(values.size()));
    std::iota(order.begin(), order.end(), Eigen::Index{0});
    std::ranges::stable_sort(order, {}, [&](Eigen::Index k) { return values[k]; });
    Vector result(values.size());
    for (std::size_t first = 0, end = 0; first < order.size(); first = end) {
        while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
        const double shared = 0.5 * static_cast<double>(first + end - 1);
        for (std::size_t k = first; k < end; ++k) result[order[k]] = shared;
    }
    return result;
}

}  // namespace

Matrix correlation_matrix(ConstMatrixRef signals) {
    Matrix unit = signals.rowwise() - signals.colwise().mean();
    for (Eigen::Index k = 0; k < unit.cols(); ++k) {
        require(!is_constant(signals.col(k)),
                "signal " + std::to_string(k) + " is constant: it correlates with nothing");
        unit.col(k).normalize();
    }
    Matrix result = unit.transpose() * unit;
    result.diagonal().setOnes();
    return result.cwiseMin(1.0).cwiseMax(-1.0);
}

std::optional<double> pearson(ConstVectorRef x, ConstVectorRef y) {
    require(x.size() == y.size(), "a correlation is of two lists as long as one another");
    if (x.size() == 0 || is_constant(x) || is_constant(y)) return std::nullopt;
    Matrix both(x.size(), 2);
    both << x, y;
    return correlation_matrix(both)(0, 1);
}

std::optional<double> spearman(ConstVectorRef x, ConstVectorRef y) {
    return pearson(ranks(x), ranks(y));
}

Vector pair_values(ConstMatrixRef matrix) {
    Vector values(matrix.rows() * (matrix.rows() - 1) / 2);
    Eigen::Index pair = 0;
    for (Eigen::Index i = 0; i < matrix.rows(); ++i)
        for (Eigen::Index j = i + 1; j < matrix.cols(); ++j)
            values[pair++] = 0.5 * (matrix(i, j) + matrix(j, i));
    return values;
}

Vector order_parameter(const ComplexMatrix& analytic) {
    const auto unit = [](const std::complex<double>& z) {
        const double size = std::abs(z);
        return size > 0.0 ? z / size : std::complex<double>(0.0);
    };
    return analytic.unaryExpr(unit).rowwise().mean().cwiseAbs();
}

}  // namespace cortifold
