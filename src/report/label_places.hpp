#pragma once

#include <string>
#include <vector>

namespace cortifold {

/// A point of a plot, in pixels from its lower left corner.
struct Pixel {
    double x = 0.0, y = 0.0;
};
struct LabelledPoint {
    Pixel at;
    std::string text;
};
struct PlotArea {
    double width = 0.0, height = 0.0;  ///< pixels
};

struct LabelPlace {
    Pixel middle;           ///< of the label
    Pixel end;              ///< of a line from the point to the label
    double distance = 0.0;  ///< how long that line is, in pixels
};

/// Where each label goes: near its point, over no other label or point, inside the
/// plot and off the lines (dense enough to have a point in every label they cross), as far as
/// there is room. Greedy, in the order of the labels.
[[nodiscard]] std::vector<LabelPlace> place_labels(const std::vector<LabelledPoint>& labels,
                                                   const std::vector<Pixel>& lines,
                                                   const PlotArea& area);

}  // namespace cortifold
