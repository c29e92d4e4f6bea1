#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cortifold {

/// Equidistant values of one parameter, both ends included.
struct ScanAxis {
    std::string name, unit;
    double low = 0.0, high = 0.0;
    std::int64_t points = 2;
};

/// Which way chains of cells go along the first axis: of several states that attract at the same
/// parameters both ways together show the hysteresis.
enum class ChainDirection { increasing, decreasing };
[[nodiscard]] std::string_view to_string(ChainDirection direction);

/// Where a cell is: along each axis, in parts of the finest step.
using GridPlace = std::vector<std::int64_t>;

/// Cells that are run one after the other, each beginning with what the one before left.
struct CellChain {
    std::vector<GridPlace> places;
    std::optional<GridPlace>
        after;  ///< the cell that the first one begins with; none: with nothing
};

/// Cells over one to three parameters. What a cell is, which one it begins with and which are added
/// where results differ follows from the grid and the results alone, whoever runs them.
class ScanGrid {
public:
    /// `refinements` is how often the distance between cells may be halved. Throws UsageError where
    /// there are not one to three axes, or one does not ascend or has fewer than two points.
    ScanGrid(std::vector<ScanAxis> axes, int refinements,
             ChainDirection direction = ChainDirection::increasing);

    [[nodiscard]] const std::vector<ScanAxis>& axes() const { return axes_; }
    [[nodiscard]] int refinements() const { return refinements_; }
    /// The parameters of a cell, an axis each.
    [[nodiscard]] std::vector<double> values(const GridPlace& place) const;
    /// How often the distance was halved before there was such a cell; 0: it is one of the axes.
    [[nodiscard]] int level(const GridPlace& place) const;

    /// Of all cells of the axes: along the first of them, each of `length` cells at most.
    [[nodiscard]] std::vector<CellChain> chains(std::int64_t length) const;

    struct Known {
        GridPlace place;
        std::string result;  ///< what is compared
    };
    /// The cells of a level above 0. A box between 2^axes neighbouring cells of the level below
    /// whose results are not all equal is halved along each axis; each new cell begins with the one
    /// that it comes to when its place is rounded to that level, up where chains decrease along the
    /// first axis and else down, and is a chain by itself.
    /// `known` are the cells of all levels below, ascending by place.
    [[nodiscard]] std::vector<CellChain> refined(int level, const std::vector<Known>& known) const;

private:
    std::vector<ScanAxis> axes_;
    int refinements_;
    ChainDirection direction_;
};

}  // namespace cortifold
