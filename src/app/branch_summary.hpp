#pragma once

#include "branch_options.hpp"

namespace cortifold {

/// A branch with what is not free along it.
struct KnownBranch {
    Branch branch;                   ///< labelled
    Vector parameters;               ///< all of the field; the free ones are not meant
    std::string from;                ///< what the study calls its start; empty: it names none
    Record about = Record::Table{};  ///< what else the summary says of it
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
    [[nodiscard]] Record named(const Vector& state) const;
    void add_cycle(const BranchPoint& point, Record& record) const;
    void add_cycles(const Branch& branch, Record& record) const;
    /// Without the period, by the names that tables have.
    [[nodiscard]] std::vector<std::string> parameters_of(const Branch& branch) const;

    const System& system_;
    Eigen::Index regions_;
};

/// How a step ends that has followed these: well, unless it was interrupted or one of them failed.
[[nodiscard]] StepResult conclude(std::span<const KnownBranch> branches);

/// "2 branches, 310 points: 2 fold, 1 hopf".
[[nodiscard]] std::string describe_branches(std::span<const KnownBranch> branches);

/// The largest of the errors of the two leading exponents of a cycle, in their unit; none of an
/// equilibrium, or where it is not known.
[[nodiscard]] std::optional<double> leading_exponent_error(const BranchPoint& point);

/// States of a network up to this many are listed one by one, and as many eigenvalues.
inline constexpr Eigen::Index most_listed_states = 64;

/// Mean over regions of each state of the nodes.
[[nodiscard]] Vector mean_state(ConstVectorRef state, Eigen::Index regions);

}  // namespace cortifold
