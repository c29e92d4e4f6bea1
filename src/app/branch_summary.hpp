#pragma once

#include "branch_options.hpp"

namespace cortifold {

/// A branch with what is not free along it.
struct KnownBranch {
    Branch branch;      ///< labelled
    Vector parameters;  ///< all of the field; the free ones are not meant
    std::string from;   ///< what the study calls its start; empty: it names none
};

/// What summary.json says of branches, and of the field they are of.
class BranchSummary {
public:
    BranchSummary(const System& system, Eigen::Index regions);
    /// `number` counts the branches from 1.
    [[nodiscard]] Record of(const KnownBranch& known, std::int64_t number) const;

private:
    [[nodiscard]] Record special(const Branch& branch, const SpecialPoint& point,
                                 std::int64_t row) const;
    [[nodiscard]] Record state(const BranchPoint& point) const;

    const System& system_;
    Eigen::Index regions_;
};

/// "2 branches, 310 points: 2 fold, 1 hopf".
[[nodiscard]] std::string describe_branches(std::span<const KnownBranch> branches);

/// States of a network up to this many are listed one by one, and as many eigenvalues.
inline constexpr Eigen::Index most_listed_states = 64;

/// Mean over regions of each state of the nodes.
[[nodiscard]] Vector mean_state(ConstVectorRef state, Eigen::Index regions);

}  // namespace cortifold
