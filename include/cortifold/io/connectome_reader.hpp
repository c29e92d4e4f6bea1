#pragma once

#include <cortifold/network/connectome.hpp>

#include <filesystem>

namespace cortifold {

/// A folder with weights.csv (and lengths.csv, centres.csv, hemispheres.csv where present), a
/// weights.csv alone, or an edge list: the number of nodes, then a line `i j w` an edge, counted
/// from 0, w the weight onto i from j. Throws ConfigError with file and line; a connectome that
/// `validate_connectome` finds unusable is refused.
[[nodiscard]] Connectome read_connectome(const std::filesystem::path& path);

/// As our CSV folder.
void write_connectome(const Connectome& connectome, const std::filesystem::path& folder);

}  // namespace cortifold
