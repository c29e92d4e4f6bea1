#include "spike_board.hpp"

namespace cortifold {

void take(const std::vector<SpikePacket>& packets, Delivery& delivery) {
    each_step(packets, [&](std::uint64_t step, std::span<const std::uint32_t> neurons) {
        delivery.schedule(neurons.data(), neurons.size(), step);
    });
}

void pack(const std::vector<SpikePacket>& packets, std::size_t steps,
          std::vector<std::uint32_t>& words) {
    words.assign(steps, 0);
    for (std::size_t k = 0; k < steps; ++k)
        for (const SpikePacket& packet : packets) {
            const auto of_packet = packet.neurons.begin();
            const std::size_t begin = k == 0 ? 0 : packet.ends[k - 1], end = packet.ends[k];
            words[k] += static_cast<std::uint32_t>(end - begin);
            words.insert(words.end(), of_packet + static_cast<std::ptrdiff_t>(begin),
                         of_packet + static_cast<std::ptrdiff_t>(end));
        }
}

void take(const RankSpikes& spikes, Delivery& delivery) {
    each_step(spikes, [&](std::uint64_t step, std::span<const std::uint32_t> neurons) {
        delivery.schedule(neurons.data(), neurons.size(), step);
    });
}

}  // namespace cortifold
