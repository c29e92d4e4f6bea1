#include "scratch_folder.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/io/row_journal.hpp>
#include <cortifold/io/table.hpp>

#include <gmock/gmock.h>

#include <array>
#include <vector>

namespace cortifold {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

std::vector<double> numbers_in(RowJournal& journal) {
    std::vector<double> numbers;
    journal.for_rows([&](std::span<const double> row) {
        numbers.insert(numbers.end(), row.begin(), row.end());
    });
    return numbers;
}

TEST(RowJournal, GoesOnBehindTheRowsThatAreKept) {
    const ScratchFolder folder;
    {
        RowJournal journal(folder / "a.rows", 2);
        for (const double x : {1.0, 2.0, 3.0}) journal.add(std::array{x, 10.0 * x});
        EXPECT_EQ(journal.rows(), 3U);
        journal.flush();
        std::ofstream(folder / "a.rows", std::ios::app) << "half";  // of a row, as a kill leaves it
    }
    RowJournal journal(folder / "a.rows", 2, 2);
    EXPECT_EQ(journal.rows(), 2U);
    journal.add(std::array{4.0, 40.0});
    EXPECT_THAT(numbers_in(journal), ElementsAre(1.0, 10.0, 2.0, 20.0, 4.0, 40.0));
    journal.add(std::array{5.0, 50.0});
    EXPECT_EQ(numbers_in(journal).size(), 8U);
    EXPECT_EQ(std::filesystem::file_size(folder / "a.rows"), 8 * sizeof(double));
    RowJournal anew(folder / "a.rows", 1);
    EXPECT_TRUE(numbers_in(anew).empty());
}

TEST(RowJournal, RefusesAFileThatLacksRowsAndARowOfAnotherWidth) {
    const ScratchFolder folder;
    write_file(folder / "a.rows", "too few");
    EXPECT_THAT([&] { RowJournal(folder / "a.rows", 1, 1); },
                ThrowsMessage<ConfigError>(HasSubstr("a.rows")));
    EXPECT_THROW(RowJournal(folder / "none.rows", 1, 1), ConfigError);
    EXPECT_THROW(RowJournal(folder / "no/folder.rows", 1), OutputError);
    RowJournal journal(folder / "b.rows", 1);
    EXPECT_THROW(journal.add(std::array{1.0, 2.0}), UsageError);
}

TEST(RowJournal, InTheFolderNowhereKeepsNothing) {
    RowJournal journal(nowhere / "a.rows", 1, 7);
    journal.add(std::array{1.0});
    EXPECT_EQ(journal.rows(), 0U);
    EXPECT_TRUE(numbers_in(journal).empty());
}

}  // namespace
}  // namespace cortifold
