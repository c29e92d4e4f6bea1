#include <cortifold/core/error.hpp>
#include <cortifold/io/hdf5_columns.hpp>
#include <cortifold/io/table.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/resource.h>

#include <array>
#include <charconv>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <vector>

namespace cortifold {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::ThrowsMessage;

/// A folder of its own for each test, gone with it.
class TableTest : public testing::Test {
protected:
    TableTest() { fs::create_directories(folder_); }
    ~TableTest() override { fs::remove_all(folder_); }
    fs::path file(const std::string& name) const { return folder_ / name; }

private:
    fs::path folder_ = fs::path(testing::TempDir()) /
                       testing::UnitTest::GetInstance()->current_test_info()->name();
};
using CsvTable = TableTest;
using Hdf5Table = TableTest;
using TextFile = TableTest;

TEST_F(CsvTable, HeadsColumnsWithTheirUnitsAndQuotesOnlyTextThatNeedsIt) {
    CsvWriter csv(file("t.csv"), {{"t", "ms"}, {"n", ""}, {"label", ""}});
    csv.write_row(std::vector<Cell>{0.5, std::int64_t{-3}, "hopf1"});
    csv.write_row(std::vector<Cell>{1e300, std::int64_t{0}, "left, \"upper\""});
    csv.close();
    EXPECT_EQ(read_file(file("t.csv")),
              "t [ms],n,label\n0.5,-3,hopf1\n1.0000000000000001e+300,0,\"left, \"\"upper\"\"\"\n");
}

TEST_F(CsvTable, WritesWhatIsNotFiniteByName) {
    CsvWriter csv(file("t.csv"), {{"x", ""}, {"y", ""}, {"z", ""}});
    const double infinity = std::numeric_limits<double>::infinity();
    csv.write_row(std::array{std::nan(""), infinity, -infinity});
    csv.close();
    EXPECT_EQ(read_file(file("t.csv")), "x,y,z\nnan,inf,-inf\n");
}

RC_GTEST_PROP(CsvNumbers, ReadBackBitForBit, (double x)) {
    const fs::path path = fs::path(testing::TempDir()) / "round_trip.csv";
    CsvWriter csv(path, {{"x", ""}});
    csv.write_row(std::array{x});
    csv.close();
    const std::string text = read_file(path);
    double back = 0.0;
    std::from_chars(text.data() + 2, text.data() + text.size(), back);
    RC_ASSERT(back == x);
}

TEST_F(CsvTable, RefusesARowThatDoesNotFitTheHeader) {
    CsvWriter csv(file("t.csv"), {{"x", ""}, {"y", ""}});
    EXPECT_THAT([&] { csv.write_row(std::array{1.0}); },
                ThrowsMessage<UsageError>(HasSubstr("2 columns; a row of 1 cells")));
}

TEST_F(CsvTable, ReportsAFullDiskAndAMissingFolderByName) {
    if (!fs::exists("/dev/full")) GTEST_SKIP() << "this system has no device that is always full";
    CsvWriter csv("/dev/full", {{"x", ""}});
    csv.write_row(std::array{1.0});
    EXPECT_THAT([&] { csv.close(); }, ThrowsMessage<OutputError>(HasSubstr("/dev/full")));
    EXPECT_THAT([&] { CsvWriter(file("none/t.csv"), {}); },
                ThrowsMessage<OutputError>(HasSubstr("none/t.csv")));
}

TEST_F(CsvTable, KeepsRowsOfAWriterThatIsOnlyDestroyed) {
    { CsvWriter(file("t.csv"), {{"x", ""}}).write_row(std::array{2.0}); }
    EXPECT_EQ(read_file(file("t.csv")), "x\n2\n");
}

void write_squares(const fs::path& path, Eigen::Index rows, Eigen::Index columns) {
    std::vector<Column> heads;
    for (Eigen::Index j = 0; j < columns; ++j)
        heads.push_back({"state[" + std::to_string(j) + "]", j == 0 ? "ms" : ""});
    Hdf5Writer hdf5(path, "simulate/trajectory", heads);
    for (Eigen::Index i = 0; i < rows; ++i) {
        std::vector<double> row;
        for (Eigen::Index j = 0; j < columns; ++j) row.push_back(double(i * i) + double(j) / 7.0);
        hdf5.write_row(row);
    }
    hdf5.close();
}

TEST_F(Hdf5Table, ReadsBackNamesUnitsAndEveryBitOverManyChunks) {
    write_squares(file("data.h5"), 20000, 3);
    const NumericTable table = read_hdf5(file("data.h5"), "simulate/trajectory");
    ASSERT_EQ(table.values.rows(), 20000);
    ASSERT_EQ(table.values.cols(), 3);
    EXPECT_EQ(table.columns[0].name, "state[0]");
    EXPECT_EQ(table.columns[0].unit, "ms");
    EXPECT_EQ(table.columns[2].unit, "");
    for (const Eigen::Index i : {0, 1, 5461, 5462, 19999})
        for (Eigen::Index j = 0; j < 3; ++j)
            EXPECT_EQ(table.values(i, j), double(i * i) + double(j) / 7.0);
}

TEST_F(Hdf5Table, HoldsMoreColumnNamesThanFitAnOldFormatsAttribute) {
    write_squares(file("data.h5"), 3, 12000);
    const NumericTable table = read_hdf5(file("data.h5"), "simulate/trajectory");
    EXPECT_EQ(table.columns.back().name, "state[11999]");
    EXPECT_EQ(table.values(2, 11999), 4.0 + 11999.0 / 7.0);
}

TEST_F(Hdf5Table, IsReadInPartByNamesInTheOrderAskedFor) {
    write_squares(file("data.h5"), 700'000, 3);  // more than is read at once
    const auto read = [&](const std::vector<std::string>& names) {
        return read_hdf5_columns(file("data.h5"), "simulate/trajectory", names);
    };
    const NumericTable table = read({"state[2]", "state[0]"});
    EXPECT_EQ(table.columns[1].unit, "ms");
    const Matrix all = read_hdf5(file("data.h5"), "simulate/trajectory").values;
    EXPECT_EQ(table.values.col(0), all.col(2));
    EXPECT_EQ(table.values.col(1), all.col(0));
    EXPECT_THAT([&] { (void)read({"state[3]"}); },
                ThrowsMessage<ConfigError>(HasSubstr("no column \"state[3]\"")));
}

TEST_F(Hdf5Table, MakesEqualBytesOfEqualRows) {
    write_squares(file("a.h5"), 100, 3);
    write_squares(file("b.h5"), 100, 3);
    EXPECT_EQ(read_file(file("a.h5")), read_file(file("b.h5")));
}

TEST_F(Hdf5Table, IsReadableAfterAFlushWhileItGrows) {
    Hdf5Writer hdf5(file("data.h5"), "x", {{"x", ""}});
    EXPECT_THROW(hdf5.write_row(std::array{1.0, 2.0}), UsageError);
    hdf5.write_row(std::array{1.0});
    hdf5.flush();
    hdf5.write_row(std::array{2.0});
    hdf5.close();
    EXPECT_EQ(read_hdf5(file("data.h5"), "x").values, (Matrix(2, 1) << 1.0, 2.0).finished());
}

TEST_F(Hdf5Table, NamesTheFileOfEveryError) {
    EXPECT_THAT(
        [&] {
            Hdf5Writer(file("none/data.h5"), "x", {{"x", ""}});
        },
        ThrowsMessage<OutputError>(HasSubstr("none/data.h5")));
    EXPECT_THAT([&] { (void)read_hdf5(file("none.h5"), "x"); },
                ThrowsMessage<ConfigError>(HasSubstr("none.h5")));
    write_squares(file("data.h5"), 1, 1);
    EXPECT_THAT([&] { (void)read_hdf5(file("data.h5"), "y"); },
                ThrowsMessage<ConfigError>(HasSubstr("dataset y")));
    write_file(file("text.h5"), "no HDF5");
    EXPECT_THROW((void)read_hdf5(file("text.h5"), "x"), ConfigError);
}

/// The exit code of a program whose disk is full after `limit` bytes.
[[noreturn]] void write_on_a_small_disk(const fs::path& path, rlim_t limit) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit size{limit, limit};
    setrlimit(RLIMIT_FSIZE, &size);
    try {
        write_squares(path, 10000, 3);
    } catch (const OutputError&) {
        std::exit(6);
    }
    std::exit(0);
}

TEST_F(Hdf5Table, ReportsAFullDiskAndLetsTheProgramEndInOrder) {
    EXPECT_EXIT(write_on_a_small_disk(file("data.h5"), 1 << 16), testing::ExitedWithCode(6), "");
}

TEST_F(TextFile, IsReplacedWholeAndLeavesNothingElseBehind) {
    const std::string bytes("a\0\r\n\xff", 5);
    write_file(file("a.txt"), "old and longer");
    write_file(file("a.txt"), bytes);
    EXPECT_EQ(read_file(file("a.txt")), bytes);
    EXPECT_EQ(std::distance(fs::directory_iterator(file("")), fs::directory_iterator()), 1);
}

TEST_F(TextFile, NamesWhatCannotBeReadOrWritten) {
    EXPECT_THAT([&] { (void)read_file(file("none")); },
                ThrowsMessage<ConfigError>(HasSubstr("none: No such file")));
    EXPECT_THROW((void)read_file(file("")), ConfigError) << "a folder is no text";
    EXPECT_THAT([&] { write_file(file("none/a.txt"), "a"); },
                ThrowsMessage<OutputError>(HasSubstr("none/a.txt: No such file")));
    if (!fs::exists("/dev/full")) GTEST_SKIP() << "this system has no device that is always full";
    EXPECT_THROW(write_file("/dev/full", "a"), OutputError);
    EXPECT_TRUE(fs::is_character_file("/dev/full")) << "a device is not replaced";
}

TEST_F(TextFile, IsReadBackAsTheTableThatWasWritten) {
    CsvWriter writer(file("a.csv"), {{"t", "ms"}, {"name", ""}});
    writer.write_row(std::initializer_list<Cell>{0.1, std::string("a, \"b\"")});
    writer.write_row(std::initializer_list<Cell>{-3e300, std::string()});
    writer.close();
    const auto table = read_csv(file("a.csv"));
    EXPECT_EQ(table.columns[0].unit, "ms");
    EXPECT_EQ(table.numbers("t"), Eigen::Vector2d(0.1, -3e300));
    EXPECT_EQ(table.texts("name"), (std::vector<std::string>{"a, \"b\"", ""}));
    EXPECT_FALSE(table.has("t [ms]"));
}

TEST_F(TextFile, ThatIsNoTableIsRefusedWithItsPlace) {
    write_file(file("a.csv"), "t [ms],x\n1,2\n3\n");
    EXPECT_THAT([&] { (void)read_csv(file("a.csv")); },
                ThrowsMessage<ConfigError>(HasSubstr("a.csv:3")));
    write_file(file("b.csv"), "t\nsoon\n");
    EXPECT_THAT([&] { (void)read_csv(file("b.csv")).numbers("t"); },
                ThrowsMessage<ConfigError>(HasSubstr("\"soon\"")));
    EXPECT_THAT([&] { (void)read_csv(file("b.csv")).numbers("x"); },
                ThrowsMessage<ConfigError>(HasSubstr("no column \"x\"")));
    write_file(file("c.csv"), "");
    EXPECT_THROW((void)read_csv(file("c.csv")), ConfigError);
}

// Test vectors of draft-eastlake-fnv, appendix C.
TEST(Checksum, IsTheFnv1aHashOf64Bits) {
    EXPECT_EQ(checksum(""), "cbf29ce484222325");
    EXPECT_EQ(checksum("a"), "af63dc4c8601ec8c");
    EXPECT_EQ(checksum("foobar"), "85944171f73967e8");
}

}  // namespace
}  // namespace cortifold
