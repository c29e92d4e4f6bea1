#pragma once

#include <string>
#include <vector>

namespace cortifold {

/// A point of a plot, in pixels from its lower left corner.
struct Pixel {
    double x = 0.0, y = 0.0;
};
struct PointLabel {
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
    bool crowded = false;   ///< there is no room for it
};

/// Where each label goes: near its point, and as far as there is room over no other point and off
/// the lines (dense enough to have a point in every label they cross). One that has no place inside
/// the plot beside the others is crowded. Greedy, in the order of the labels.
[[nodiscard]] std::vector<LabelPlace> place_labels(const std::vector<PointLabel>& labels,
                                                   const std::vector<Pixel>& lines,
                                                   const PlotArea& area);

}  // namespace cortifold
