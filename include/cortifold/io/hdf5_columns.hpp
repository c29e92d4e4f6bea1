#pragma once

#include <cortifold/io/table.hpp>

#include <string>
#include <vector>

namespace cortifold {

/// Some columns, by name and in the order asked for, of what Hdf5Writer wrote: the rest of a large
/// table takes no memory. Throws ConfigError naming the file, and for a column that is not there.
[[nodiscard]] NumericTable read_hdf5_columns(const std::filesystem::path& path,
                                             const std::string& dataset,
                                             const std::vector<std::string>& names);

}  // namespace cortifold
