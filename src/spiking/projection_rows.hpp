#pragma once

#include "philox.hpp"
#include <cortifold/model/population_network.hpp>

#include <cstdint>
#include <vector>

namespace cortifold {

/// A projection by numbers.
struct ProjectionIndex {
    std::size_t number = 0;  ///< among the projections: names its streams
    std::size_t source = 0, target = 0;
    std::uint32_t sources = 0, targets = 0;
    bool no_autapses = false;  ///< and source and target are one population
    Receptor receptor = Receptor::by_sign;
};

/// The targets of each of the sources [first, last) of a projection, a pure function of seed,
/// projection and source: whichever part is asked for, its rows are the same.
class ProjectionRows {
public:
    ProjectionRows(const ConnectionRule& rule, const ProjectionIndex& index, std::uint64_t seed,
                   std::uint32_t first, std::uint32_t last);
    /// The stream of a row: its targets are drawn first, then delays, then weights.
    [[nodiscard]] WordStream stream(std::uint32_t source) const;
    /// The numbers, in their population, of the source's targets. Any thread may call it.
    void draw_targets(std::uint32_t source, WordStream& stream,
                      std::vector<std::uint32_t>& targets) const;

private:
    struct TargetDraw;
    void draw_sizes(const TotalNumber& rule);
    void collect_sources(const Indegree& rule);
    void draw_uniformly(std::uint64_t count, std::uint32_t source, WordStream& stream,
                        std::vector<std::uint32_t>& targets) const;
    void draw_different(std::uint64_t count, std::uint32_t source, WordStream& stream,
                        std::vector<std::uint32_t>& targets) const;
    void draw_skipping(double probability, std::uint32_t source, WordStream& stream,
                       std::vector<std::uint32_t>& targets) const;

    ConnectionRule rule_;
    ProjectionIndex index_;
    std::uint64_t seed_;
    std::uint32_t first_, last_;
    std::vector<std::uint64_t> sizes_;       ///< TotalNumber: of each row
    std::vector<std::uint64_t> row_begins_;  ///< Indegree: of each row in row_targets_
    std::vector<std::uint32_t> row_targets_;
};

}  // namespace cortifold
