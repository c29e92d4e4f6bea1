#pragma once

#include <cortifold/io/record.hpp>

#include <filesystem>
#include <string>

namespace cortifold::test {

/// A run folder with one step `diagram`: the equilibria of x' = p + q x - x^3 at q = 1 with a Hopf
/// point put on them by hand, and the curve of their folds, q = 3 x^2 and p = -2 x^3, with its
/// cusp.
struct BranchRun {
    BranchRun();
    ~BranchRun();
    BranchRun(const BranchRun&) = delete;
    BranchRun& operator=(const BranchRun&) = delete;

    void write() const;  ///< all files; records may be changed before
    [[nodiscard]] std::string file(const std::string& name) const;
    /// A special point of the summary.
    [[nodiscard]] Record& special(const std::string& label);

    std::filesystem::path path;
    Record manifest, summary;
};

}  // namespace cortifold::test
