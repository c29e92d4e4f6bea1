#include "assignment.hpp"

#include <limits>
#include <utility>

namespace cortifold {

namespace {

constexpr Eigen::Index nobody = -1;

/// Rows are assigned one after the other, each by the path of least reduced cost to a free column.
class Assignment {
public:
    explicit Assignment(ConstMatrixRef costs)
        : costs_(costs),
          row_price_(Vector::Zero(costs.rows())),
          column_price_(Vector::Zero(costs.cols())),
          row_of_(static_cast<std::size_t>(costs.cols()), nobody),
          column_of_(static_cast<std::size_t>(costs.rows()), nobody) {
        for (Eigen::Index row = 0; row < costs.rows(); ++row) assign(row);
    }
    [[nodiscard]] const std::vector<Eigen::Index>& columns() const { return column_of_; }

private:
    void assign(Eigen::Index first) {
        constexpr double far = std::numeric_limits<double>::infinity();
        distance_ = Vector::Constant(costs_.cols(), far);
        from_.assign(row_of_.size(), first);
        reached_.assign(row_of_.size(), false);
        Eigen::Index row = first, last = nobody;
        double length = 0.0;
        while (last == nobody) {
            const Eigen::Index next = nearest(row, length);
            length = distance_[next];
            reached_[std::size_t(next)] = true;
            row = row_of_[std::size_t(next)];
            if (row == nobody) last = next;
        }
        update_prices(first, length);
        for (Eigen::Index column = last; column != nobody;) {
            const Eigen::Index its_row = from_[std::size_t(column)];
            row_of_[std::size_t(column)] = its_row;
            std::swap(column_of_[std::size_t(its_row)], column);
            if (its_row == first) break;
        }
    }

    /// The column not yet reached that lies nearest, after those that the row leads to.
    Eigen::Index nearest(Eigen::Index row, double length) {
        Eigen::Index best = nobody;
        for (Eigen::Index j = 0; j < costs_.cols(); ++j) {
            if (reached_[std::size_t(j)]) continue;
            const double way = length + costs_(row, j) - row_price_[row] - column_price_[j];
            if (way < distance_[j]) {
                distance_[j] = way;
                from_[std::size_t(j)] = row;
            }
            if (best == nobody || distance_[j] < distance_[best]) best = j;
        }
        return best;
    }

    void update_prices(Eigen::Index first, double length) {
        row_price_[first] += length;
        for (Eigen::Index j = 0; j < costs_.cols(); ++j) {
            if (!reached_[std::size_t(j)]) continue;
            const double saved = length - distance_[j];
            column_price_[j] -= saved;
            if (const Eigen::Index row = row_of_[std::size_t(j)]; row != nobody)
                row_price_[row] += saved;
        }
    }

    const Matrix costs_;
    Vector row_price_, column_price_, distance_;
    std::vector<Eigen::Index> row_of_, column_of_, from_;
    std::vector<bool> reached_;
};

}  // namespace

std::vector<Eigen::Index> cheapest_assignment(ConstMatrixRef costs) {
    return Assignment(costs).columns();
}

}  // namespace cortifold
