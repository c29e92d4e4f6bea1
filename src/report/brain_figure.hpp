#pragma once

#include "plot_source.hpp"
#include <cortifold/report/figure.hpp>

#include <string>
#include <vector>

namespace cortifold {

/// Whether the connectome of a run says where its regions are.
[[nodiscard]] bool has_positions(const StoredRun& run);

/// One number a region: `value` in the words of gnuplot, of a table with a column `region`.
struct RegionMap {
    std::string value, title;
    std::string axis;  ///< what the value is, with its unit
};
/// A row of panels a map, of the left hemisphere, both and the right one: the colour of a region
/// tells its value in parts of the map's largest, its size how large that is. Without positions a
/// panel a map, over the numbers of the regions. Name and caption are left to the caller. Throws
/// ConfigError where a table or one of its columns is missing.
[[nodiscard]] Figure region_maps(const StoredRun& run, const PlotSource& table,
                                 const std::vector<RegionMap>& maps);

/// The leading patterns of a dispersion relation, or the modes that a spectrum shows.
[[nodiscard]] Figure patterns_figure(const StoredRun& run, const StepRecord& step);

}  // namespace cortifold
