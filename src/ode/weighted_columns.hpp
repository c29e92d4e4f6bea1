#pragma once

#include <cortifold/core/split_jacobian.hpp>

#include <array>

namespace cortifold {

/// A row of eight columns, in two registers.
using EightRow = Eigen::Array<double, 1, EightColumns::ColsAtCompileTime>;

/// h sum_j w_j slope_j of the slopes at the stages of a Runge-Kutta step, row by row.
template <std::size_t stages>
class WeightedColumns {
public:
    WeightedColumns(const std::array<EightColumns, stages>& slopes,
                    const std::array<double, stages>& weights, double h) {
        for (std::size_t j = 0; j < stages; ++j)
            if (weights[j] != 0.0) terms_[count_++] = {h * weights[j], slopes[j].data()};
    }
    void add(Eigen::Index row, EightRow& sum) const {
        for (std::size_t j = 0; j < count_; ++j)
            sum +=
                terms_[j].weight * Eigen::Map<const EightRow>(terms_[j].slope + row * sum.size());
    }
    /// result = y + all of it.
    void advance(const EightColumns& y, EightColumns& result) const {
        for (Eigen::Index row = 0; row < y.rows(); ++row) {
            EightRow sum = y.row(row);
            add(row, sum);
            result.row(row) = sum;
        }
    }

private:
    struct Term {
        double weight;
        const double* slope;
    };
    std::array<Term, stages> terms_{};
    std::size_t count_ = 0;
};

}  // namespace cortifold
