#include "io/scratch_folder.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/io/connectome_reader.hpp>
#include <cortifold/io/table.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
// after gtest
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>

namespace cortifold {
namespace {

using Eigen::Index;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
namespace fs = std::filesystem;

enum Part : unsigned { lengths = 1, positions = 2, labels = 4, hemispheres = 8, everything = 15 };
struct Format {
    const char* file;
    unsigned carries;
};
constexpr Format formats[]{
    {"folder", everything},        {"c.zip", everything}, {"c.npz", everything},     {"c.npy", 0},
    {"c.mat", everything},         {"c.h5", everything},  {"c.graphml", everything}, {"c.mtx", 0},
    {"c_relmat.dense.tsv", labels}};

void expect_same_bits(const Matrix& a, const Matrix& b, const std::string& what) {
    ASSERT_EQ(a.rows(), b.rows()) << what;
    ASSERT_EQ(a.cols(), b.cols()) << what;
    for (Index k = 0; k < a.size(); ++k)
        EXPECT_EQ(std::bit_cast<std::uint64_t>(a.data()[k]),
                  std::bit_cast<std::uint64_t>(b.data()[k]))
            << what << " " << k;
}

void expect_kept(const Connectome& before, const fs::path& path, unsigned carried) {
    write_connectome(before, path);
    const Connectome after = read_connectome(path);
    const std::string name = path.filename();
    expect_same_bits(Matrix(after.weights), Matrix(before.weights), name + " weights");
    if ((carried & lengths) != 0)
        expect_same_bits(after.lengths_mm, before.lengths_mm, name + " lengths");
    EXPECT_EQ(after.has_positions, before.has_positions && (carried & positions) != 0) << name;
    for (std::size_t i = 0; i < before.regions.size(); ++i) {
        const Region &old = before.regions[i], &now = after.regions[i];
        EXPECT_EQ(now.label, (carried & labels) != 0 ? old.label : "") << name;
        if (after.has_positions)
            expect_same_bits(now.position_mm, old.position_mm, name + " position");
        EXPECT_EQ(now.hemisphere,
                  (carried & hemispheres) != 0 ? old.hemisphere : Hemisphere::unknown)
            << name;
    }
}

/// Any finite number, often an awkward one; negative zero is no weight.
rc::Gen<double> finite() {
    return rc::gen::oneOf(rc::gen::map(rc::gen::arbitrary<std::uint64_t>(),
                                       [](std::uint64_t bits) {
                                           const auto value = std::bit_cast<double>(bits);
                                           return std::isfinite(value) && value != 0.0 ? value
                                                                                       : 0.1;
                                       }),
                          rc::gen::element(0.0, 1.0, 1.0 / 3.0, 5e-324, 1.7976931348623157e308));
}

Matrix square(std::size_t n, const rc::Gen<double>& entry) {
    const auto values = *rc::gen::container<std::vector<double>>(n * n, entry);
    const auto size = static_cast<Index>(n);
    return Matrix::Map(values.data(), size, size);
}

Connectome arbitrary_connectome() {
    const auto n = *rc::gen::inRange<std::size_t>(2, 7);
    Connectome c;
    c.weights = square(n, finite()).sparseView();
    c.lengths_mm = square(n, rc::gen::map(finite(), [](double x) { return std::abs(x); }));
    c.has_positions = true;
    for (std::size_t i = 0; i < n; ++i) {
        const auto text = *rc::gen::container<std::string>(rc::gen::inRange(' ', '~'));
        c.regions.push_back({std::to_string(i) + text,
                             {*finite(), *finite(), *finite()},
                             *rc::gen::element(Hemisphere::left, Hemisphere::right)});
    }
    return c;
}

RC_GTEST_PROP(WriteConnectome, KeepsEveryBitThatAFormatCarries, ()) {
    const ScratchFolder folder;
    const Connectome c = arbitrary_connectome();
    for (const Format& format : formats) expect_kept(c, folder / format.file, format.carries);
    RC_ASSERT(!testing::Test::HasFailure());
}

Connectome small() {
    Connectome c;
    c.weights = Matrix{{0, 0.5, 0}, {2, 0, 1e-3}, {0, 4, 0}}.sparseView();
    c.lengths_mm = Matrix{{0, 30, 40}, {30, 0, 50}, {40, 50, 0}};
    c.has_positions = true;
    c.regions = {{"V1, left", {-1.5, 2, 3}, Hemisphere::left},
                 {"\xC3\xA9 <b>&\"", {0, 0.25, 1}, Hemisphere::unknown},
                 {"", {4, 5, 6}, Hemisphere::right}};
    return c;
}

TEST(WriteConnectome, KeepsAwkwardLabelsAndUnknownHemispheres) {
    const ScratchFolder folder;
    for (const Format& format : formats)
        expect_kept(small(), folder / format.file,
                    format.carries & ~(std::string(format.file) == "c.zip" ? hemispheres : 0U));
}

TEST(WriteConnectome, SaysWhatAFormatDoesNotCarry) {
    const ScratchFolder folder;
    EXPECT_THAT(write_connectome(small(), folder / "c.npz"), IsEmpty());
    EXPECT_THAT(write_connectome(small(), folder / "c.npy"),
                ElementsAre(HasSubstr("no lengths"), HasSubstr("no positions"),
                            HasSubstr("no labels"), HasSubstr("no hemispheres")));
    EXPECT_THAT(write_connectome(small(), folder / "c.zip"),
                ElementsAre(HasSubstr("no hemispheres")));
    Connectome nowhere = small();
    nowhere.has_positions = false;
    EXPECT_THAT(write_connectome(nowhere, folder / "c.zip"),
                ElementsAre(HasSubstr("no labels"), HasSubstr("no hemispheres")));
}

TEST(WriteConnectome, MakesEqualBytesOfEqualConnectomes) {
    const ScratchFolder folder;
    for (const char* name : {"c.zip", "c.npz", "c.mat", "c.h5"}) {
        write_connectome(small(), folder / name);
        const std::string first = read_file(folder / name);
        write_connectome(small(), folder / name);
        EXPECT_EQ(read_file(folder / name), first) << name;
    }
}

TEST(WriteConnectome, LeavesWhatStandsThereWhereItCannotWrite) {
    const ScratchFolder folder;
    write_connectome(small(), folder / "c.npz");
    const std::string before = read_file(folder / "c.npz");
    Connectome broken = small();
    broken.regions[0].label = "two\nlines";
    EXPECT_THROW(write_connectome(broken, folder / "c.npz"), UsageError);
    EXPECT_EQ(read_file(folder / "c.npz"), before);
    for (const char* name : {"c.zip", "c.npz", "c.mat", "c.h5", "c.graphml", "c.mtx", "c.npy"})
        EXPECT_THROW(write_connectome(small(), folder / "nowhere" / name), OutputError) << name;
}

TEST(WriteConnectome, RefusesNamesThatMeanNoFormat) {
    const ScratchFolder folder;
    EXPECT_THROW(write_connectome(small(), folder / "c.xlsx"), UsageError);
    EXPECT_THROW(write_connectome(small(), folder / "c.tsv"), UsageError);
}

TEST(WriteConnectome, HoldsAHundredThousandRegionsInSparseFormatsAlone) {
    constexpr int n = 100000;
    std::vector<Eigen::Triplet<double>> ring;
    for (int i = 0; i < n; ++i) ring.emplace_back(i, (i + 1) % n, 0.5 * i + 1.0);
    Connectome c;
    c.weights.resize(n, n);
    c.weights.setFromTriplets(ring.begin(), ring.end());
    const ScratchFolder folder;
    write_connectome(c, folder / "ring.mtx");
    const Connectome after = read_connectome(folder / "ring.mtx");
    EXPECT_EQ((after.weights - c.weights).norm(), 0.0);
    EXPECT_EQ(after.weights.nonZeros(), n);
    EXPECT_THROW(write_connectome(c, folder / "ring.npz"), UsageError);
}

constexpr const char* compare_with_numpy = R"(
import numpy as np, scipy.io, h5py, zipfile
w = np.array([[0, 0.5, 0], [2, 0, 1e-3], [0, 4, 0]])
l = np.array([[0, 30, 40], [30, 0, 50], [40, 50, 0.]])
x = np.array([[-1.5, 2, 3], [0, 0.25, 1], [4, 5, 6]])
names = ['V1, left', '\u00e9 <b>&"', '']
same = np.array_equal
assert same(np.load('c.npy'), w)
with np.load('c.npz') as f:
    assert same(f['weights'], w) and same(f['tract_lengths'], l) and same(f['centres'], x)
    assert list(f['region_labels']) == names and list(f['hemispheres']) == ['left', 'unknown', 'right']
f = scipy.io.loadmat('c.mat')
assert same(f['weights'], w) and same(f['tract_lengths'], l) and same(f['centres'], x)
assert [c[0] if len(c) else '' for c in f['region_labels'][:, 0]] == names, f['region_labels']
with h5py.File('c.h5') as f:
    assert same(f['weights'], w) and same(f['tract_lengths'], l) and same(f['centres'], x)
    assert [s.decode() for s in f['region_labels']] == names
assert same(scipy.io.mmread('c.mtx').toarray(), w)
with zipfile.ZipFile('c.zip') as f:
    assert f.testzip() is None
    assert same(np.loadtxt(f.open('weights.txt')), w) and same(np.loadtxt(f.open('tract_lengths.txt')), l)
assert same(np.loadtxt('c_relmat.dense.tsv', delimiter='\t'), w)
)";

TEST(WriteConnectome, IsReadByTheLibrariesOfEachFormat) {
    const std::string python = python_with("scipy.io, h5py");
    if (python.empty()) GTEST_SKIP() << "there is no Python with scipy and h5py here";
    const ScratchFolder folder;
    for (const Format& format : formats) write_connectome(small(), folder / format.file);
    EXPECT_TRUE(run_python(python, folder, compare_with_numpy));
}

}  // namespace
}  // namespace cortifold
