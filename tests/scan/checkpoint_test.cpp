#include "io/scratch_folder.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/io/table.hpp>
#include <cortifold/scan/checkpoint.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

namespace cortifold {
namespace {

const CellResult rich{Status::no_theory,
                      "no cycle:\n\"torus\", λ = 0.1",
                      {std::int64_t{-3}, 0.1 + 0.2, -0.0, true, "cycle", Record{},
                       Record::List{0.1, Record{}, std::int64_t{2}}},
                      {Vector{{1e-310, 1.0 / 3.0, -1e300}}, Vector()}};

void expect_same(const CellResult& a, const CellResult& b) {
    EXPECT_EQ(a.status, b.status);
    EXPECT_EQ(a.message, b.message);
    EXPECT_EQ(to_json(Record::List(a.values)), to_json(Record::List(b.values)));
    ASSERT_EQ(a.memory.size(), b.memory.size());
    for (std::size_t k = 0; k < a.memory.size(); ++k) EXPECT_TRUE(a.memory[k] == b.memory[k]);
}

TEST(CellJournal, GivesBackEveryDigitAndEveryKindOfValue) {
    const ScratchFolder folder;
    {
        CellJournal journal(folder / "cells");
        journal.add({3, 0, 7}, rich);
        journal.add({0, 0, 0}, {});
        journal.close();
    }
    CellResults cells;
    read_journal(folder / "cells", cells);
    ASSERT_EQ(cells.size(), 2U);
    expect_same(cells.at({3, 0, 7}), rich);
    EXPECT_TRUE(cells.at({3, 0, 7}).values[0].is<std::int64_t>());
    EXPECT_TRUE(cells.at({3, 0, 7}).values[2].is<double>());
    expect_same(cells.at({0, 0, 0}), {});
}

TEST(CellJournal, IsThereAtOnce) {
    const ScratchFolder folder;
    CellJournal journal(folder / "cells");
    journal.add({1}, rich);
    CellResults cells;
    read_journal(folder / "cells", cells);
    EXPECT_EQ(cells.size(), 1U);
}

RC_GTEST_PROP(CellJournalProperty, ThatIsCutAnywhereHoldsItsWholeLines, ()) {
    const ScratchFolder folder;
    const auto file = folder / "cells";
    std::vector<std::size_t> ends;
    {
        CellJournal journal(file);
        for (std::int64_t k = 0; k < 5; ++k) {
            journal.add({k}, rich);
            ends.push_back(std::filesystem::file_size(file));
        }
    }
    const auto cut = *rc::gen::inRange<std::size_t>(0, ends.back() + 1);
    std::filesystem::resize_file(file, cut);
    CellResults cells;
    read_journal(file, cells);
    const auto whole = static_cast<std::size_t>(
        std::ranges::count_if(ends, [&](std::size_t end) { return end <= cut; }));
    // A line that lacks its end alone is whole as well.
    RC_ASSERT(cells.size() == whole ||
              (whole < 5 && cut + 1 == ends[whole] && cells.size() == whole + 1));
}

TEST(CellJournal, EndsWhereAByteWasChanged) {
    const ScratchFolder folder;
    const auto file = folder / "cells";
    {
        CellJournal journal(file);
        for (std::int64_t k = 0; k < 3; ++k) journal.add({k}, rich);
    }
    std::string text = read_file(file);
    text[text.size() / 2] ^= 1;
    write_file(file, text);
    CellResults cells;
    read_journal(file, cells);
    EXPECT_EQ(cells.size(), 1U);
}

TEST(CellJournal, SaysWhichFileItCannotWrite) {
    EXPECT_THROW(CellJournal("/nowhere/cells"), OutputError);
}

}  // namespace
}  // namespace cortifold
