#pragma once

#include <cortifold/io/record.hpp>

#include <filesystem>

namespace cortifold {

/// The model.file of a configuration, where it is one of parameters in YAML; else null.
[[nodiscard]] const Record* nnmt_file(const Record& configuration);

/// The tables [[population]] and [[projection]] of a network whose parameters stand in the YAML of
/// the toolbox NNMT, as `tau_m: {val: 10.0, unit: ms}`: populations are excitatory and inhibitory
/// by turns, E_L is the reset, synapses of a pair are round(K N). With `label: microcircuit` those
/// from the third population onto the first are twice as strong. Throws ConfigError with file and
/// line for bad YAML, unknown keys and units, and missing or misshapen values.
[[nodiscard]] Record read_nnmt_network(const std::filesystem::path& file);

}  // namespace cortifold
