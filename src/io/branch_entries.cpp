#include <cortifold/io/branch_entries.hpp>

namespace cortifold {

std::vector<BranchEntry> branch_entries(const Branch& branch) {
    std::vector<BranchEntry> entries;
    auto special = branch.special.begin();
    for (std::size_t k = 0; k < branch.points.size(); ++k) {
        entries.push_back({&branch.points[k]});
        for (; special != branch.special.end() && special->after <= k; ++special)
            entries.push_back({&special->at, &*special});
    }
    return entries;
}

}  // namespace cortifold
