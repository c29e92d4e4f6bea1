#pragma once

#include <cortifold/network/connectome.hpp>

#include <filesystem>

namespace cortifold {

/// Reads one of
/// - a folder with weights.csv and, where present, lengths.csv (mm), centres.csv (label, x, y, z in
///   mm) and hemispheres.csv (label and left, right or unknown);
/// - a matrix: a weights.csv alone, or another file whose first line has several values;
/// - an edge list: the number of nodes alone in the first line, then a line `i j w` an edge,
/// counted
///   from 0, w the weight onto i from j.
/// Values are separated by commas or blanks. A matrix may have a header row of labels and a first
/// column of labels, the other tables a header row. Empty lines and lines that begin with # are
/// skipped. Throws ConfigError with file and line; a connectome that `validate_connectome` finds
/// unusable is refused.
[[nodiscard]] Connectome read_connectome(const std::filesystem::path& path);

/// As our CSV folder, which `read_connectome` reads back bit for bit. A file of the folder that
/// this connectome has nothing for is removed. Throws OutputError, and UsageError where the
/// connectome is unusable or a label has a line break.
void write_connectome(const Connectome& connectome, const std::filesystem::path& folder);

}  // namespace cortifold
