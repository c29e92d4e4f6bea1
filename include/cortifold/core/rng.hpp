#pragma once

#include <cstdint>

namespace cortifold {

/// What a stream of random numbers is for; part of its key, never reordered.
enum class StreamPurpose : std::uint32_t {
    initial_state = 1,
    connectome = 2,
    starts = 3,
    noise = 4,
    tangent_vectors = 5,
    surrogates = 6
};

/// Names a stream by meaning, not by the order in which it is asked for.
struct StreamKey {
    std::uint64_t seed = 0;
    StreamPurpose purpose = StreamPurpose::initial_state;
    std::uint64_t entity = 0;  ///< a node, a synapse, ...; below 2^48
};

/// Philox 4x32-10 (Salmon et al. 2011): a pure function of key and counter, no state shared by
/// threads or ranks.
class CounterRng {
public:
    explicit CounterRng(StreamKey key);
    /// In (0, 1), 52 bits. `draw` is below 2^48.
    [[nodiscard]] double uniform(std::uint64_t draw) const;
    /// Standard normal (Box-Muller on the two halves of one draw).
    [[nodiscard]] double normal(std::uint64_t draw) const;

private:
    StreamKey key_;
};

}  // namespace cortifold
