#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace cortifold {

/// The processes that work on one run: one, or the ranks that mpirun or srun has started. Results
/// never depend on how many there are.
class Team {
public:
    /// Whether a launcher of MPI has started this process, and cortifold was built with MPI.
    [[nodiscard]] static bool is_launched();

    /// Joins the ranks where there are any; only once in a process.
    Team();
    Team(const Team&) = delete;
    Team& operator=(const Team&) = delete;
    /// Leaves them. While an exception unwinds it does not: the launcher then ends all ranks.
    ~Team();

    [[nodiscard]] int rank() const { return rank_; }
    [[nodiscard]] int ranks() const { return ranks_; }
    [[nodiscard]] bool leads() const { return rank_ == 0; }
    /// What rank 0 gives, to all. Collective.
    [[nodiscard]] std::string broadcast(std::string text) const;
    /// Until all ranks have come here. Collective.
    void wait() const;

private:
    int rank_ = 0, ranks_ = 1;
};

/// Hands out the numbers 0, 1, .. count - 1, each once, to whichever thread of whichever rank asks
/// first. To be made by all ranks, and ended by `finish`.
class WorkQueue {
public:
    WorkQueue(const Team& team, std::int64_t count);
    WorkQueue(const WorkQueue&) = delete;
    WorkQueue& operator=(const WorkQueue&) = delete;
    ~WorkQueue();

    /// The next number, or none: there are no more. `done` is what the rank has finished since it
    /// asked last, in any unit. Any thread may ask.
    [[nodiscard]] std::optional<std::int64_t> next(std::int64_t done);
    /// Of all other ranks, as far as rank 0 knows.
    [[nodiscard]] std::int64_t done_elsewhere() const;
    /// Hands out no more numbers, on this rank or, by rank 0, to anyone.
    void stop();
    /// When no thread of this rank asks any longer. On rank 0 it returns when that holds for all.
    void finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace cortifold
