#pragma once

#include "delivery.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace cortifold {

/// Spikes of one block in one interval, in order of the step in which they were sent.
struct SpikePacket {
    std::uint64_t first_step = 0;
    std::vector<std::uint32_t> neurons;
    std::vector<std::size_t> ends;  ///< of each step, in `neurons`

    void begin(std::uint64_t step) {
        first_step = step;
        neurons.clear();
        ends.clear();
    }
};

/// Where the blocks of a rank leave their spikes, once in an interval no longer than the least
/// delay. Two boards take turns: who reads the one need not wait for those who write the other.
class SpikeBoard {
public:
    explicit SpikeBoard(std::size_t blocks) : packets_{std::vector<SpikePacket>(blocks), {}} {
        packets_[1].resize(blocks);
    }
    [[nodiscard]] std::vector<SpikePacket>& of_interval(std::uint64_t number) {
        return packets_[number % 2];
    }

private:
    std::vector<SpikePacket> packets_[2];
};

/// Calls visit(step, neurons) for the steps of each packet.
void each_step(const std::vector<SpikePacket>& packets, auto&& visit) {
    for (const SpikePacket& packet : packets) {
        std::size_t begin = 0;
        for (std::size_t k = 0; k < packet.ends.size(); ++k) {
            visit(packet.first_step + k,
                  std::span(packet.neurons).subspan(begin, packet.ends[k] - begin));
            begin = packet.ends[k];
        }
    }
}

/// Spikes of another rank as words: how many in each of `steps` steps, then whose.
struct RankSpikes {
    std::span<const std::uint32_t> words;
    std::uint64_t first_step = 0;
    std::size_t steps = 0;
};
void each_step(const RankSpikes& spikes, auto&& visit) {
    std::size_t begin = spikes.steps;
    for (std::size_t k = 0; k < spikes.steps; begin += spikes.words[k++])
        visit(spikes.first_step + k, spikes.words.subspan(begin, spikes.words[k]));
}

/// Words of all packets, each of `steps` steps.
void pack(const std::vector<SpikePacket>& packets, std::size_t steps,
          std::vector<std::uint32_t>& words);
void take(const std::vector<SpikePacket>& packets, Delivery& delivery);
void take(const RankSpikes& spikes, Delivery& delivery);

}  // namespace cortifold
