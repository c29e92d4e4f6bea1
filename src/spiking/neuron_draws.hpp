#pragma once

#include <cortifold/core/rng.hpp>
#include <cortifold/model/population_network.hpp>

#include <cstdint>

namespace cortifold {

/// Neuron `number` of a population of `size`.
struct NeuronIndex {
    std::uint32_t number = 0, size = 1;
};

/// What a law gives to one neuron; `key` names the neuron's own stream.
[[nodiscard]] double draw(const Distribution& law, const StreamKey& key, const NeuronIndex& neuron);

}  // namespace cortifold
