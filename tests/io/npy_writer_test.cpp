#include "io/scratch_folder.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/io/connectome_reader.hpp>
#include <cortifold/io/table.hpp>

#include <gtest/gtest.h>

#include <array>

namespace cortifold {
namespace {

TEST(NpyWriter, WritesAFileThatNumpyReadsBitForBit) {
    const std::string python = python_with("numpy");
    if (python.empty()) GTEST_SKIP() << "there is no Python with numpy here";
    const ScratchFolder folder;
    NpyWriter writer(folder / "rows.npy", {3});
    for (int k = 0; k < 20000; ++k)
        writer.write_row(std::array{1.0 / (k + 1.0), static_cast<double>(k), -5e-324});
    writer.close();
    EXPECT_TRUE(run_python(python, folder,
                           "import numpy as np\n"
                           "k = np.arange(20000.)\n"
                           "rows = np.load('rows.npy')\n"
                           "assert rows.dtype == '<f8' and rows.shape == (20000, 3), rows.shape\n"
                           "expected = np.stack([1 / (k + 1), k, np.full(20000, -5e-324)], 1)\n"
                           "assert rows.tobytes() == expected.tobytes()\n"));
}

TEST(NpyWriter, KeepsTheShapeOfARow) {
    const std::string python = python_with("numpy");
    if (python.empty()) GTEST_SKIP() << "there is no Python with numpy here";
    const ScratchFolder folder;
    NpyWriter numbers(folder / "numbers.npy", {}), blocks(folder / "blocks.npy", {2, 3});
    for (const double k : {0.0, 1.0, 2.0, 3.0}) {
        numbers.write_row(std::array{k});
        blocks.write_row(std::array{k, 1.0, 2.0, 10.0, 11.0, 12.0});
    }
    numbers.close();
    blocks.close();
    EXPECT_TRUE(run_python(python, folder,
                           "import numpy as np\n"
                           "assert np.array_equal(np.load('numbers.npy'), np.arange(4.))\n"
                           "blocks = np.load('blocks.npy')\n"
                           "assert blocks.shape == (4, 2, 3) and blocks[2, 1, 0] == 10\n"
                           "assert np.array_equal(blocks[:, 0, 0], np.arange(4.))\n"));
}

TEST(NpyWriter, LeavesAWholeFileAfterEveryFlush) {
    const ScratchFolder folder;
    NpyWriter writer(folder / "square.npy", {2});
    writer.write_row(std::array{0.0, 1.0});
    writer.write_row(std::array{2.0, 0.0});
    writer.flush();
    const Matrix expected{{0.0, 1.0}, {2.0, 0.0}};
    EXPECT_EQ(Matrix(read_connectome(folder / "square.npy").weights), expected);
    writer.write_row(std::array{3.0, 3.0});
    writer.close();
    EXPECT_THROW((void)read_connectome(folder / "square.npy"), ConfigError) << "3 x 2";
}

TEST(NpyWriter, IsWrittenToTheEndWhenItIsOnlyDestroyed) {
    const ScratchFolder folder;
    {
        NpyWriter writer(folder / "one.npy", {1});
        writer.write_row(std::array{2.0});
    }
    EXPECT_EQ(read_connectome(folder / "one.npy").weights.coeff(0, 0), 2.0);
}

TEST(NpyWriter, RefusesRowsOfAnotherWidthAndFoldersThatAreNotThere) {
    const ScratchFolder folder;
    NpyWriter writer(folder / "rows.npy", {3});
    EXPECT_THROW(writer.write_row(std::array{1.0}), UsageError);
    EXPECT_THROW(NpyWriter(folder / "rows.npy", {2, 0}), UsageError);
    EXPECT_THROW(NpyWriter(folder / "nowhere/rows.npy", {1}), OutputError);
}

TEST(NpyWriter, ReportsAFullDisk) {
    if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "this system has no full device";
    EXPECT_THROW(
        {
            NpyWriter writer("/dev/full", {1});
            writer.close();
        },
        OutputError);
}

}  // namespace
}  // namespace cortifold
