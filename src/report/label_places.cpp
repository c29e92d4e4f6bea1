#include "label_places.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

namespace cortifold {
namespace {

constexpr double character_width = 8.5, line_height = 16.0;  // pixels, of the labels' font
constexpr double symbol_size = 11.0;
constexpr std::array distances{8.0,  20.0,  36.0,  56.0,
                               80.0, 105.0, 135.0, 170.0};  // from the point to the label's edge
constexpr int directions = 24;
// What a place costs: a label under another cannot be read, a line through it can.
constexpr double over_label = 1000.0, outside = 1000.0, over_symbol = 100.0, over_line = 2.0;

struct Box {
    Pixel middle;
    double width, height;
    [[nodiscard]] bool holds(const Pixel& p) const {
        return std::abs(p.x - middle.x) < width / 2 && std::abs(p.y - middle.y) < height / 2;
    }
    [[nodiscard]] bool meets(const Box& other) const {
        return Box{middle, width + other.width, height + other.height}.holds(other.middle);
    }
    [[nodiscard]] bool inside(const PlotArea& area) const {
        return middle.x > width / 2 && middle.x < area.width - width / 2 && middle.y > height / 2 &&
               middle.y < area.height - height / 2;
    }
};

double width_of(const PointLabel& label) {
    return character_width * static_cast<double>(label.text.size());
}

LabelPlace place_at(const PointLabel& label, double distance, int direction) {
    const double angle = std::numbers::pi * (2.0 * direction + 1.0) / directions;
    const double x = std::cos(angle), y = std::sin(angle);
    return {{label.at.x + x * (distance + width_of(label) / 2),
             label.at.y + y * (distance + line_height / 2)},
            {label.at.x + x * distance, label.at.y + y * distance},
            distance};
}

}  // namespace

std::vector<LabelPlace> place_labels(const std::vector<PointLabel>& labels,
                                     const std::vector<Pixel>& lines, const PlotArea& area) {
    std::vector<Box> placed;
    const auto cost = [&](const Box& box) {
        const auto times = [](double price, auto count) {
            return price * static_cast<double>(count);
        };
        const auto symbol = [&](const PointLabel& label) {
            return box.meets({label.at, symbol_size, symbol_size});
        };
        return times(over_label, std::ranges::count_if(
                                     placed, [&](const Box& other) { return box.meets(other); })) +
               times(over_symbol, std::ranges::count_if(labels, symbol)) +
               times(over_line,
                     std::ranges::count_if(lines, [&](const Pixel& p) { return box.holds(p); })) +
               times(outside, box.inside(area) ? 0 : 1);
    };
    std::vector<LabelPlace> places;
    for (const PointLabel& label : labels) {
        const auto box_at = [&](const LabelPlace& place) {
            return Box{place.middle, width_of(label), line_height};
        };
        LabelPlace best;
        double least = std::numeric_limits<double>::infinity();
        for (const double distance : distances) {
            for (int direction = 0; direction < directions; ++direction) {
                const LabelPlace place = place_at(label, distance, direction);
                if (const double price = cost(box_at(place)) + distance; price < least) {
                    least = price;
                    best = place;
                }
            }
        }
        const Box box = box_at(best);
        best.crowded = !box.inside(area) || std::ranges::any_of(placed, [&](const Box& other) {
            return box.meets(other);
        });
        if (!best.crowded) {
            placed.push_back(box);
        }
        places.push_back(best);
    }
    return places;
}

}  // namespace cortifold
