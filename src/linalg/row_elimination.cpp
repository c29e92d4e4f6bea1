#include "row_elimination.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace cortifold {

namespace {

/// Of many rows, columns are eliminated by panels, and what is beside them by products.
constexpr Eigen::Index many_rows = 64, panel = 16;

/// Rows below that of a pivot less their part along it, in some groups of columns: the pivot's row
/// stays in registers.
template <std::size_t Groups>
void subtract_row(const RowBlock& rows, Eigen::Index c, Eigen::Index first, const double* factors) {
    const auto in = [&](Eigen::Index i, std::size_t k) {
        return rows.at + i * rows.stride + first + group * static_cast<Eigen::Index>(k);
    };
    std::array<Group, Groups> top;
    for (std::size_t k = 0; k < Groups; ++k) top[k] = Eigen::Map<const Group>(in(c, k));
    for (Eigen::Index i = c + 1; i < rows.count; ++i)
        if (factors[i] != 0.0)
            for (std::size_t k = 0; k < Groups; ++k)
                Eigen::Map<Group>(in(i, k)) -= factors[i] * top[k];
}

using SubtractRow = void (*)(const RowBlock&, Eigen::Index, Eigen::Index, const double*);
constexpr auto subtract_groups = []<std::size_t... Count>(std::index_sequence<Count...>) {
    return std::array<SubtractRow, sizeof...(Count)>{&subtract_row<Count + 1>...};
}
(std::make_index_sequence<8>());

/// LU of columns from `begin` to `end`, carried out on the columns up to `until`.
void eliminate_panel(const RowBlock& rows, Eigen::Index begin, Eigen::Index end, Eigen::Index until,
                     Eigen::Index* pivots, double* multipliers) {
    double* const a = rows.at;
    const Eigen::Index stride = rows.stride,
                       most = group * static_cast<Eigen::Index>(subtract_groups.size());
    for (Eigen::Index c = begin; c < end; ++c) {
        double* const factors = multipliers + c * rows.count;
        Eigen::Index pivot = c;
        double largest = std::abs(a[c * stride + c]);
        for (Eigen::Index i = c + 1; i < rows.count; ++i)
            if (const double size = std::abs(a[i * stride + c]); size > largest) {
                largest = size;
                pivot = i;
            }
        pivots[c] = pivot;
        const Eigen::Index first = c / group * group;
        double* const top = a + c * stride;
        if (pivot != c) {
            std::swap_ranges(top + first, top + stride, a + pivot * stride + first);
            for (Eigen::Index k = 0; k < c; ++k)
                std::swap(multipliers[k * rows.count + c], multipliers[k * rows.count + pivot]);
        }
        for (Eigen::Index i = c + 1; i < rows.count; ++i) {
            const double value = a[i * stride + c];
            factors[i] = value == 0.0 ? 0.0 : value / top[c];
        }
        for (Eigen::Index k = first; k < until; k += most)
            subtract_groups[static_cast<std::size_t>(std::min(most, until - k) / group - 1)](
                rows, c, k, factors);
        for (Eigen::Index i = c + 1; i < rows.count; ++i) a[i * stride + c] = 0.0;
    }
}

}  // namespace

void eliminate_columns(const RowBlock& rows, Eigen::Index count, Eigen::Index* pivots,
                       double* multipliers) {
    if (rows.count < many_rows)
        return eliminate_panel(rows, 0, count, rows.stride, pivots, multipliers);
    using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    Eigen::Map<RowMajor> a(rows.at, rows.count, rows.stride);
    const Eigen::Map<const Matrix> L(multipliers, rows.count, count);
    for (Eigen::Index c = 0; c < count; c += panel) {
        const Eigen::Index end = std::min(c + panel, count), width = end - c,
                           until = (end + group - 1) / group * group;
        eliminate_panel(rows, c, end, until, pivots, multipliers);
        auto beside = a.block(c, until, width, rows.stride - until);
        L.block(c, c, width, width).triangularView<Eigen::UnitLower>().solveInPlace(beside);
        a.bottomRightCorner(rows.count - end, rows.stride - until).noalias() -=
            L.block(end, c, rows.count - end, width) * beside;
    }
}

}  // namespace cortifold
