#pragma once

#include <cortifold/io/branch_entries.hpp>
#include <cortifold/io/table.hpp>

#include <functional>

namespace cortifold {

/// What the points of a branch of cycles are stored with, beside their unknowns.
struct CycleColumns {
    std::vector<Column> parameters;  ///< the free ones and the period
    std::string rate_unit;           ///< of the exponents
};

/// Begins a dataset of data.h5, to which rows go from there on.
using BeginDataset = std::function<Hdf5Writer&(const std::string& name, std::vector<Column>)>;

/// Three datasets of data.h5: `NAME` with a row a point, and how many unknowns and mesh points it
/// has; `NAME_unknowns` with z and the tangent, point after point; and `NAME_mesh`.
void write_cycles(const BeginDataset& begin, const std::string& name,
                  const std::vector<BranchEntry>& rows, const CycleColumns& columns);

/// The point in a row, counted from 0, as it was written. Throws ConfigError naming the file.
[[nodiscard]] BranchPoint read_cycle(const std::filesystem::path& file, const std::string& name,
                                     Eigen::Index row);

}  // namespace cortifold
