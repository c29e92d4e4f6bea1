#include "io/scratch_folder.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/io/table.hpp>
#include <cortifold/scan/scan.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <atomic>
#include <cmath>
#include <mutex>
#include <set>
#include <thread>

namespace cortifold {
namespace {

const Team alone;

/// A logistic map that goes on from the neighbour's state: it depends on the whole chain, bit by
/// bit.
CellResult logistic(const std::vector<double>& at, const std::vector<Vector>& memory, int) {
    Vector state = memory.empty() ? Vector::Constant(1, 0.3) : memory.front();
    for (int k = 0; k < 50; ++k) state[0] = at[0] * state[0] * (1.0 - state[0]);
    return {.values = {std::int64_t{std::hypot(at[0] - 3.0, at[1]) < 0.7 ? 1 : 0}, state[0]},
            .memory = {state}};
}

const ScanGrid grid({{"r", "", 2.0, 4.0, 9}, {"s", "", -1.0, 1.0, 7}}, 2);

std::string text_of(const ScanResult& result) {
    Record cells = Record::List{};
    for (const auto& [place, cell] : result.cells) {
        Record values = Record::List(cell.values);
        values.push_back(Record::List(place.begin(), place.end()));
        cells.push_back(std::move(values));
    }
    return std::string(to_string(result.status)) + to_json(cells);
}

ScanOptions options_in(const std::filesystem::path& folder, int threads = 1) {
    std::filesystem::create_directories(folder);
    return {.folder = folder, .threads = threads, .chain_length = 5};
}

std::string uninterrupted(const ScratchFolder& folder) {
    return text_of(run_scan({grid, logistic}, options_in(folder / "whole"), alone));
}

TEST(Scan, IsTheSameForAnyNumberOfThreads) {
    const ScratchFolder folder;
    const std::string one = uninterrupted(folder);
    for (const int threads : {2, 3, 8, 100}) {
        const auto own = folder / std::to_string(threads);
        EXPECT_EQ(text_of(run_scan({grid, logistic}, options_in(own, threads), alone)), one);
    }
}

TEST(Scan, BeginsEveryChainWithNothingAndEveryOtherCellWithTheOneBefore) {
    const ScratchFolder folder;
    std::atomic<int> fresh = 0;
    const auto cell = [&](const std::vector<double>& at, const std::vector<Vector>& memory, int) {
        if (memory.empty())
            ++fresh;
        else
            EXPECT_NEAR(at[0] - memory.front()[0], 0.25, 1e-12);
        return CellResult{.values = {std::int64_t{0}}, .memory = {Vector::Constant(1, at[0])}};
    };
    const ScanResult found = run_scan({grid, cell}, options_in(folder / "", 3), alone);
    EXPECT_EQ(fresh, 2 * 7) << "nine cells in chains of five, seven times";
    EXPECT_EQ(found.cells.size(), 63U) << "where nothing differs nothing is refined";
}

TEST(Scan, WithoutChainsBeginsRefinedCellsWithNothingToo) {
    const ScratchFolder folder;
    const auto cell = [](const std::vector<double>& at, const std::vector<Vector>& memory, int) {
        EXPECT_TRUE(memory.empty());
        return CellResult{.values = {std::int64_t{at[0] > 2.6 ? 1 : 0}},
                          .memory = {Vector::Constant(1, at[0])}};
    };
    const ScanResult found = run_scan({grid, cell}, {.folder = folder / ""}, alone);
    EXPECT_GT(found.cells.size(), 63U);
}

TEST(Scan, DoesNotRefineWhereListsDiffer) {
    const ScratchFolder folder;
    const auto cell = [](const std::vector<double>& at, const std::vector<Vector>&, int) {
        return CellResult{.values = {Record::List{at[0], std::int64_t{at[1] > 0.0}}}};
    };
    EXPECT_EQ(run_scan({grid, cell}, options_in(folder / ""), alone).cells.size(), 63U);
}

TEST(Scan, GivesThreadsToItsCellsWhereThereIsOneChain) {
    const ScratchFolder folder;
    std::set<int> seen;
    const auto cell = [&](const std::vector<double>&, const std::vector<Vector>&, int threads) {
        seen.insert(threads);
        return CellResult{};
    };
    (void)run_scan({ScanGrid({{"r", "", 0.0, 1.0, 4}}, 0), cell},
                   {.folder = folder / "", .threads = 3, .chain_length = 4}, alone);
    EXPECT_EQ(seen, std::set<int>{3});
}

RC_GTEST_PROP(ScanProperty, ThatIsCutShortAndResumedIsAsIfItWereNot, ()) {
    static const std::string whole = [] { return uninterrupted(ScratchFolder()); }();
    const ScratchFolder folder;
    ScanResult result{.status = Status::interrupted};
    for (int run = 0; result.status == Status::interrupted; ++run) {
        std::atomic<int> left = run > 5 ? 10'000 : *rc::gen::inRange(0, 60);
        ScanOptions options = options_in(folder / "cut", *rc::gen::inRange(1, 4));
        options.interrupted = [&] { return --left < 0; };
        result = run_scan({grid, logistic}, options, alone);
        if (result.status != Status::interrupted) break;
        // What a kill leaves of a line that was being written.
        for (const auto& file : std::filesystem::directory_iterator(folder / "cut"))
            if (const auto size = std::filesystem::file_size(file); size > 20)
                std::filesystem::resize_file(file, size - *rc::gen::inRange<std::uintmax_t>(0, 20));
    }
    RC_ASSERT(text_of(result) == whole);
}

TEST(Scan, DoesNoCellTwice) {
    const ScratchFolder folder;
    const std::string whole = uninterrupted(folder);
    const auto never = [](const std::vector<double>&, const std::vector<Vector>&, int) {
        ADD_FAILURE() << "the journal has it";
        return CellResult{};
    };
    EXPECT_EQ(text_of(run_scan({grid, never}, options_in(folder / "whole"), alone)), whole);
    remove_journals(folder / "whole");
    EXPECT_TRUE(std::filesystem::is_empty(folder / "whole"));
}

TEST(Scan, EndsWithWhatACellThrows) {
    for (const int threads : {1, 4}) {
        const ScratchFolder folder;
        const auto cell = [](const std::vector<double>& at, const std::vector<Vector>&, int) {
            if (at[1] > 0.5) throw OutputError("the disk is full");
            return CellResult{};
        };
        EXPECT_THROW((void)run_scan({grid, cell}, options_in(folder / "", threads), alone),
                     OutputError);
    }
}

TEST(WorkQueue, HandsOutEveryNumberOnce) {
    WorkQueue queue(alone, 100);
    std::multiset<std::int64_t> seen;
    std::mutex one_at_a_time;
    const auto take = [&] {
        while (const auto number = queue.next(0)) {
            const std::scoped_lock lock(one_at_a_time);
            seen.insert(*number);
        }
    };
    { const std::jthread first(take), second(take), third(take), fourth(take); }
    EXPECT_EQ(seen.size(), 100U);
    EXPECT_EQ(std::set<std::int64_t>(seen.begin(), seen.end()).size(), 100U);
    EXPECT_EQ(*seen.rbegin(), 99);
}

TEST(WorkQueue, HandsOutNoMoreOnceItIsStopped) {
    WorkQueue queue(alone, 100);
    EXPECT_EQ(queue.next(0), 0);
    queue.stop();
    EXPECT_EQ(queue.next(0), std::nullopt);
}

}  // namespace
}  // namespace cortifold
