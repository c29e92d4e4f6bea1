#include <cortifold/core/error.hpp>
#include <cortifold/scan/scan.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <string>

namespace cortifold {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "cells-";

std::vector<fs::path> journals_in(const fs::path& folder) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder))
        if (entry.path().filename().string().starts_with(prefix)) files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

CellResults read_journals(const fs::path& folder) {
    CellResults cells;
    for (const fs::path& file : journals_in(folder)) read_journal(file, cells);
    return cells;
}

/// What neighbours are compared by: numbers with a fraction and lists change from cell to cell.
std::string compared(const CellResult& cell) {
    Record kept = Record::List{};
    for (const Record& value : cell.values)
        kept.push_back(value.is<double>() || value.is<Record::List>() ? Record(value.type_name())
                                                                      : value);
    return to_json(kept, -1);
}

/// One level of a scan, by all threads of this rank.
class Level {
public:
    Level(const ScanProblem& problem, const ScanOptions& options, const Team& team,
          CellResults& cells, CellJournal& journal)
        : problem_(problem), options_(options), team_(team), cells_(cells), journal_(journal) {}

    void run(const std::vector<CellChain>& chains) {
        std::vector<const CellChain*> open;
        for (const CellChain& chain : chains) {
            const auto left = std::ranges::count_if(
                chain.places, [&](const GridPlace& place) { return !cells_.contains(place); });
            if (left > 0) open.push_back(&chain);
            to_do_ += left;
        }
        if (open.empty()) return;
        WorkQueue queue(team_, static_cast<std::int64_t>(open.size()));
        // Where chains are fewer than threads, what is left of these goes into the cells.
        const int outer = std::min(options_.threads, static_cast<int>(open.size()));
        const int inner = outer == 1 ? options_.threads : 1;
#pragma omp parallel num_threads(outer)
        work(queue, open, inner);
        queue.finish();
        if (failure_) std::rethrow_exception(failure_);
    }

private:
    void work(WorkQueue& queue, const std::vector<const CellChain*>& open, int threads) {
        try {
            while (const auto number = queue.next(unreported_.exchange(0)))
                if (!run_chain(*open[static_cast<std::size_t>(*number)], threads, queue)) return;
        } catch (...) {  // no exception may leave a parallel region: it is thrown again behind it
            const std::lock_guard lock(mutex_);
            failure_ = std::current_exception();
            queue.stop();
        }
    }

    /// Whether it was run to its end.
    bool run_chain(const CellChain& chain, int threads, WorkQueue& queue) {
        CellResult* before = chain.after ? known(*chain.after) : nullptr;
        for (const GridPlace& place : chain.places) {
            CellResult* cell = known(place);
            if (cell == nullptr) {
                if (options_.interrupted && options_.interrupted()) return queue.stop(), false;
                CellResult result = problem_.cell(
                    problem_.grid.values(place),
                    before == nullptr ? std::vector<Vector>() : before->memory, threads);
                if (result.status == Status::interrupted) return queue.stop(), false;
                cell = keep(place, std::move(result), queue);
            }
            if (before != nullptr && problem_.grid.refinements() == 0) before->memory.clear();
            before = cell;
        }
        return true;
    }

    /// Cells stay where they are, and a chain's own no other thread touches.
    CellResult* known(const GridPlace& place) {
        const std::lock_guard lock(mutex_);
        const auto found = cells_.find(place);
        return found == cells_.end() ? nullptr : &found->second;
    }

    CellResult* keep(const GridPlace& place, CellResult result, const WorkQueue& queue) {
        const std::lock_guard lock(mutex_);
        journal_.add(place, result);
        ++done_;
        ++unreported_;
        if (options_.progress && team_.leads())
            options_.progress(static_cast<double>(done_ + queue.done_elsewhere()) /
                              static_cast<double>(to_do_));
        return &(cells_[place] = std::move(result));
    }

    const ScanProblem& problem_;
    const ScanOptions& options_;
    const Team& team_;
    CellResults& cells_;
    CellJournal& journal_;
    std::mutex mutex_{};
    std::atomic<std::int64_t> unreported_ = 0;
    std::int64_t to_do_ = 0, done_ = 0;
    std::exception_ptr failure_{};
};

std::vector<CellChain> chains_of(const ScanProblem& problem, const ScanOptions& options, int level,
                                 const CellResults& cells) {
    if (level == 0) return problem.grid.chains(options.chain_length);
    std::vector<ScanGrid::Known> known;
    for (const auto& [place, result] : cells)
        if (problem.grid.level(place) < level) known.push_back({place, compared(result)});
    std::vector<CellChain> chains = problem.grid.refined(level, known);
    if (options.chain_length == 1)
        for (CellChain& chain : chains) chain.after.reset();
    return chains;
}

bool all_done(const std::vector<CellChain>& chains, const CellResults& cells) {
    return std::ranges::all_of(chains, [&](const CellChain& chain) {
        return std::ranges::all_of(chain.places,
                                   [&](const GridPlace& place) { return cells.contains(place); });
    });
}

/// A name that no earlier run has used: what one left is never written to.
fs::path new_journal(const ScanOptions& options, const Team& team) {
    const std::string number =
        team.broadcast(team.leads() ? std::to_string(journals_in(options.folder).size()) : "");
    return options.folder / (std::string(prefix) + number + "-" + std::to_string(team.rank()));
}

}  // namespace

ScanResult run_scan(const ScanProblem& problem, const ScanOptions& options, const Team& team) {
    require(options.threads >= 1, "a scan needs at least one thread");
    ScanResult result;
    result.cells = read_journals(options.folder);
    team.wait();  // nobody writes before all have read
    const fs::path file = new_journal(options, team);
    for (int level = 0; level <= problem.grid.refinements(); ++level) {
        const std::vector<CellChain> chains = chains_of(problem, options, level, result.cells);
        CellJournal journal(file);
        Level(problem, options, team, result.cells, journal).run(chains);
        journal.close();
        team.wait();
        if (team.ranks() > 1) result.cells = read_journals(options.folder);
        team.wait();
        if (!all_done(chains, result.cells)) {
            result.status = Status::interrupted;
            break;
        }
    }
    return result;
}

void remove_journals(const fs::path& folder) {
    for (const fs::path& file : journals_in(folder)) fs::remove(file);
}

}  // namespace cortifold
