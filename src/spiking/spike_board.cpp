#include "spike_board.hpp"

namespace cortifold {

void take(const std::vector<SpikePacket>& packets, Delivery& delivery) {
    for (const SpikePacket& packet : packets) {
        std::size_t begin = 0;
        for (std::size_t k = 0; k < packet.ends.size(); ++k) {
            delivery.schedule(packet.neurons.data() + begin, packet.ends[k] - begin,
                              packet.first_step + k);
            begin = packet.ends[k];
        }
    }
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

void take(std::span<const std::uint32_t> words, std::uint64_t first_step, std::size_t steps,
          Delivery& delivery) {
    const std::uint32_t* neurons = words.data() + steps;
    for (std::size_t k = 0; k < steps; neurons += words[k++])
        delivery.schedule(neurons, words[k], first_step + k);
}

}  // namespace cortifold
