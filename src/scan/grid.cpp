#include <cortifold/core/error.hpp>
#include <cortifold/scan/grid.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

namespace cortifold {

namespace {

constexpr int most_refinements = 16;

/// All places lowest + step * digits, each digit below `base`, the first axis fastest.
std::vector<GridPlace> block(const GridPlace& lowest, std::int64_t step, std::int64_t base) {
    std::vector<GridPlace> places{lowest};
    for (std::size_t axis = 0; axis < lowest.size(); ++axis) {
        const std::size_t count = places.size();
        for (std::int64_t digit = 1; digit < base; ++digit)
            for (std::size_t k = 0; k < count; ++k) {
                places.push_back(places[k]);
                places.back()[axis] += digit * step;
            }
    }
    return places;
}

bool lies_on(const GridPlace& place, std::int64_t step) {
    return std::ranges::all_of(place, [step](std::int64_t k) { return k % step == 0; });
}

}  // namespace

std::string_view to_string(ChainDirection direction) {
    return direction == ChainDirection::increasing ? "increasing" : "decreasing";
}

ScanGrid::ScanGrid(std::vector<ScanAxis> axes, int refinements, ChainDirection direction)
    : axes_(std::move(axes)), refinements_(refinements), direction_(direction) {
    require(!axes_.empty() && axes_.size() <= 3,
            "a scan has one to three axes, not " + std::to_string(axes_.size()));
    require(refinements >= 0 && refinements <= most_refinements,
            "refinements = " + std::to_string(refinements) + " must be from 0 to " +
                std::to_string(most_refinements));
    for (const ScanAxis& axis : axes_)
        require(axis.points >= 2 && axis.low < axis.high && std::isfinite(axis.high - axis.low),
                "the axis " + axis.name + " must ascend over at least two points");
}

std::vector<double> ScanGrid::values(const GridPlace& place) const {
    std::vector<double> values;
    for (std::size_t k = 0; k < axes_.size(); ++k) {
        const auto [name, unit, low, high, points] = axes_[k];
        const auto last = static_cast<double>((points - 1) << refinements_);
        values.push_back(std::lerp(low, high, static_cast<double>(place[k]) / last));
    }
    return values;
}

int ScanGrid::level(const GridPlace& place) const {
    int level = 0;
    while (!lies_on(place, std::int64_t{1} << (refinements_ - level))) ++level;
    return level;
}

std::vector<CellChain> ScanGrid::chains(std::int64_t length) const {
    require(length >= 1, "a chain of cells has at least one");
    std::vector<GridPlace> rows{GridPlace(axes_.size(), 0)};
    for (std::size_t axis = 1; axis < axes_.size(); ++axis) {
        std::vector<GridPlace> more;
        for (std::int64_t k = 0; k < axes_[axis].points; ++k)
            for (GridPlace row : rows) {
                row[axis] = k << refinements_;
                more.push_back(std::move(row));
            }
        rows = std::move(more);
    }
    std::vector<CellChain> chains;
    const std::int64_t last = axes_.front().points - 1;
    for (const GridPlace& row : rows)
        for (std::int64_t k = 0; k <= last; ++k) {
            if (k % length == 0) chains.push_back({{}, std::nullopt});
            chains.back().places.push_back(row);
            chains.back().places.back().front() =
                (direction_ == ChainDirection::increasing ? k : last - k) << refinements_;
        }
    return chains;
}

std::vector<CellChain> ScanGrid::refined(int level, const std::vector<Known>& known) const {
    require(level >= 1 && level <= refinements_,
            "there is no level " + std::to_string(level) + " of refinement");
    const std::int64_t step = std::int64_t{1} << (refinements_ - level + 1);
    const auto find = [&](const GridPlace& place) {
        const auto found = std::ranges::lower_bound(known, place, {}, &Known::place);
        return found != known.end() && found->place == place ? &*found : nullptr;
    };
    std::set<GridPlace> added;
    for (const Known& lowest : known) {
        if (!lies_on(lowest.place, step)) continue;
        bool complete = true, differs = false;
        for (const GridPlace& corner : block(lowest.place, step, 2)) {
            const Known* at = find(corner);
            complete = complete && at != nullptr;
            differs = differs || (at != nullptr && at->result != lowest.result);
        }
        if (!complete || !differs) continue;
        for (GridPlace& place : block(lowest.place, step / 2, 3))
            if (find(place) == nullptr) added.insert(std::move(place));
    }
    std::vector<CellChain> chains;
    for (const GridPlace& place : added) {
        GridPlace near = place;
        for (std::int64_t& k : near) k -= k % step;
        if (direction_ == ChainDirection::decreasing && near.front() < place.front())
            near.front() += step;
        chains.push_back({{place}, std::move(near)});
    }
    return chains;
}

}  // namespace cortifold
