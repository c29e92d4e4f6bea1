#pragma once

#include <cortifold/continuation/branch.hpp>

#include <vector>

namespace cortifold {

/// A row of a branch's tables: a point, or a special point between its neighbours. A view of the
/// branch.
struct BranchEntry {
    const BranchPoint* point = nullptr;
    const SpecialPoint* special = nullptr;  ///< null: none
};

/// In the order of the branch.
[[nodiscard]] std::vector<BranchEntry> branch_entries(const Branch& branch);

}  // namespace cortifold
