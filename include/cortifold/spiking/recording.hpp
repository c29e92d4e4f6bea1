#pragma once

#include <cortifold/core/matrix.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cortifold {

/// Potentials of some neurons at equal intervals.
struct PotentialSamples {
    std::vector<std::uint32_t> neurons;  ///< in the network, rising: a column each
    std::vector<double> times_ms;        ///< a row each
    Matrix values_mv;
};

/// Neurons first, ..., first + count - 1 of a population.
struct NeuronRange {
    std::string population;
    std::uint32_t first = 0;
    std::optional<std::uint32_t> count{};  ///< without: to the last
};

/// Which neurons are recorded; statistics are of all.
struct RecordingOptions {
    std::vector<NeuronRange> spikes{};      ///< whose spikes; none named: of all neurons
    std::vector<NeuronRange> potentials{};  ///< whose potentials
    double potential_interval_ms = 1.0;     ///< rounded to a multiple of the step
    /// Throws UsageError naming the field.
    void validate() const;
};

}  // namespace cortifold
