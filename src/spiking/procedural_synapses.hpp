#pragma once

#include "delivery.hpp"
#include "row_builder.hpp"
#include <cortifold/core/context.hpp>

#include <cstdint>
#include <deque>
#include <vector>

namespace cortifold {

/// Synapses that are not stored: their rows are drawn again for each spike, and kept while it is in
/// flight (Knight & Nowotny 2021, doi:10.1038/s43588-020-00022-7). They are those that would have
/// been stored, for a row is a pure function of its source.
class ProceduralSynapses {
public:
    /// Takes the projections of `laws` that are marked as procedural. Throws UsageError where a row
    /// may be too long.
    ProceduralSynapses(const PopulationNetwork& network, const SynapseLaws& laws,
                       const Partition& partition, const Context& context);
    [[nodiscard]] bool is_empty() const { return projections_.empty(); }
    /// How many there are on all ranks, on rank 0; elsewhere 0.
    [[nodiscard]] std::uint64_t synapses() const { return synapses_; }

    /// Forgets all rows that were drawn.
    void clear();
    /// Before rows of spikes of step `first` or later are drawn by a thread.
    void begin(std::size_t thread, std::uint64_t first);
    /// Draws the rows of a spike for all blocks of the rank.
    void draw(std::size_t thread, std::uint32_t neuron, std::uint64_t emitted);
    /// Calls visit(row, emitted) for what all threads have drawn for a block since they began.
    void visit(std::size_t block, auto&& visitor) const {
        for (const Drawer& drawer : drawers_)
            for (const DrawnRow& row : drawer.batches.back().rows)
                if (row.block == block)
                    visitor(drawer.batches.back().memory.data() + row.begin, row.emitted);
    }

private:
    struct ProceduralProjection {
        SynapseLaw law;
        ProjectionRows rows;
    };
    struct DrawnRow {
        std::size_t block, begin;
        std::uint64_t emitted;
    };
    /// Rows of one interval.
    struct Batch {
        std::uint64_t last = 0;  ///< step in which a spike was sent
        PassingRows memory{};
        std::vector<DrawnRow> rows{};
    };
    struct Drawer {
        RowBuilder builder;
        std::deque<Batch> batches{};
    };

    void count(const Context& context);

    std::uint64_t most_delay_;  ///< steps
    std::vector<std::uint32_t> first_of_;
    std::vector<ProceduralProjection> projections_{};
    std::vector<Drawer> drawers_{};  ///< of each thread
    std::uint64_t synapses_ = 0;
};

}  // namespace cortifold
