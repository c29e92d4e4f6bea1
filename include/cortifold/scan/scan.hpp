#pragma once

#include <cortifold/scan/checkpoint.hpp>
#include <cortifold/scan/team.hpp>

#include <filesystem>
#include <functional>
#include <vector>

namespace cortifold {

/// One cell: its parameters, an axis each; what the cell before it in its chain left, empty: there
/// is none; and how many threads it may use. Called by several threads at a time. A result
/// `interrupted` is no result.
using CellFunction = std::function<CellResult(const std::vector<double>& parameters,
                                              const std::vector<Vector>& memory, int threads)>;

struct ScanProblem {
    ScanGrid grid;
    CellFunction cell;
};

struct ScanOptions {
    std::filesystem::path folder;            ///< where journals are kept, and taken up again
    int threads = 1;                         ///< of this rank
    std::int64_t chain_length = 1;           ///< cells at most; 1: no cell, refined or not, follows
    std::function<void(double)> progress{};  ///< of rank 0: the part of the cells that is done
    std::function<bool()> interrupted{};
};

struct ScanResult {
    Status status = Status::converged;  ///< or interrupted; what cells came to is theirs alone
    CellResults cells{};                ///< of all ranks
};

/// Runs every cell of the grid and of its refinements once, whatever process has done so: one that
/// an earlier run of this folder has finished is taken from its journal. Chains go to threads and
/// ranks as these ask for them; a cell depends on nothing but its parameters and the cell before it
/// in its chain, so results are the same, bit by bit, for any split, and for a run that was cut
/// short any number of times. Cells are compared, to be refined, by their whole numbers, truth
/// values and texts, and by which values are missing. Collective. What a cell throws ends the scan.
[[nodiscard]] ScanResult run_scan(const ScanProblem& problem, const ScanOptions& options,
                                  const Team& team);

/// Removes the journals of a folder. Of rank 0, when all is written that they held.
void remove_journals(const std::filesystem::path& folder);

}  // namespace cortifold
