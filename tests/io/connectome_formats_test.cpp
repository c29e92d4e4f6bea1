// Fixtures written by the libraries whose formats they are: fixtures/make.py and make.m.
#include "support/places.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/io/connectome_reader.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace cortifold {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const fs::path fixtures = fs::path(source_folder) / "tests/io/fixtures";

Matrix weights() {
    return Matrix{{0, 0.5, 0, 1e-3}, {2, 0, 1.0 / 3.0, 0}, {0, 0.25, 0, 4}, {7, 0, 0.1, 0}};
}
Matrix lengths() {
    return Matrix{{0, 30.5, 41, 52}, {30.5, 0, 33.25, 64}, {41, 33.25, 0, 75.5}, {52, 64, 75.5, 0}};
}
Matrix centres() {
    return Matrix{{-10.5, 1, 2}, {-20, 3.25, 4}, {10.5, 1, 2}, {20, 3.25, 4}};
}
Matrix whole(const Matrix& values) {
    return values.array().floor();
}

Matrix read_weights(const std::string& name, const ConnectomeOptions& options = {}) {
    return Matrix(read_connectome(fixtures / name, options).weights);
}

std::vector<std::string> labels_of(const Connectome& c) {
    std::vector<std::string> labels;
    for (const Region& region : c.regions) labels.push_back(region.label);
    return labels;
}

void expect_hemispheres(const Connectome& c) {
    for (std::size_t i = 0; i < 4; ++i)
        EXPECT_EQ(c.regions[i].hemisphere, i < 2 ? Hemisphere::left : Hemisphere::right);
}

void expect_everything(const Connectome& c) {
    EXPECT_EQ(Matrix(c.weights), weights());
    EXPECT_EQ(c.lengths_mm, lengths());
    ASSERT_TRUE(c.has_positions);
    for (Eigen::Index i = 0; i < 4; ++i)
        EXPECT_EQ(c.regions[static_cast<std::size_t>(i)].position_mm.transpose(), centres().row(i));
    EXPECT_THAT(labels_of(c), ElementsAre("lA", "lB", "rA", "rB-\xC3\xA9"));
    expect_hemispheres(c);
}

void expect_refused(const std::string& name, const auto& message) {
    try {
        (void)read_connectome(fixtures / name);
        ADD_FAILURE() << name << " was read";
    } catch (const ConfigError& error) {
        EXPECT_THAT(error.what(), message);
        EXPECT_THAT(error.where().file, HasSubstr(name.substr(0, name.find(':'))));
    }
}

TEST(TvbConnectivity, IsReadWithAllItsTablesAndSaysWhichItDoesNotUse) {
    const Connectome c = read_connectome(fixtures / "tvb.zip");
    expect_everything(c);
    EXPECT_THAT(c.notes, ElementsAre("not used: areas.txt"));
}

TEST(TvbConnectivity, MayHoldNpyMatAndBzip2MembersInAFolderUnderLongerNames) {
    const Connectome c = read_connectome(fixtures / "mixed_members.zip");
    EXPECT_EQ(Matrix(c.weights), weights());
    EXPECT_EQ(c.lengths_mm, lengths());
    EXPECT_THAT(labels_of(c), ElementsAre("lA", "lB", "rA", "rB-\xC3\xA9"));
}

TEST(TvbConnectivity, TakesTheTableThatIsNamedWhereTwoMayBeMeant) {
    expect_refused("reordered.zip", HasSubstr("several arrays may be the weights: weights.txt, "
                                              "weights.csv"));
    EXPECT_EQ(read_weights("reordered.zip:weights.txt"), weights());
}

TEST(TvbConnectivity, MatchesRegionsOfAnotherOrderByLabelAndSaysSo) {
    const Connectome c = read_connectome(fixtures / "reordered.zip:weights.csv");
    EXPECT_THAT(labels_of(c), ElementsAre("lA", "lB", "rA", "rB-\xC3\xA9"));
    for (Eigen::Index i = 0; i < 4; ++i)
        EXPECT_EQ(c.regions[static_cast<std::size_t>(i)].position_mm.transpose(), centres().row(i));
    EXPECT_THAT(c.notes, testing::Contains(AllOf(HasSubstr("matched by label"),
                                                 HasSubstr("reordered.zip:centres.txt"))));
}

TEST(Npy, IsReadInEveryNumberTypeByteOrderLayoutAndVersion) {
    for (const char* name :
         {"f8.npy", "f8_fortran.npy", "f8_big_endian.npy", "version2.npy", "version3.npy"})
        EXPECT_EQ(read_weights(name), weights()) << name;
    EXPECT_EQ(read_weights("f4.npy"), Matrix(weights().cast<float>().cast<double>()));
    for (const char* name : {"i4.npy", "i8_big_endian.npy", "u1.npy"})
        EXPECT_EQ(read_weights(name), whole(weights())) << name;
    EXPECT_EQ(read_weights("bool.npy"), Matrix((weights().array() > 0.0).cast<double>()));
}

TEST(Npy, IsRefusedWhereItHoldsNoMatrixOfRealNumbers) {
    expect_refused("complex.npy", HasSubstr("found the type \"<c16\""));
    expect_refused("object.npy", HasSubstr("found the type \"|O\""));
    expect_refused("record.npy", HasSubstr("records of several fields"));
    expect_refused("three_dimensions.npy", HasSubstr("an array of 3 dimensions"));
}

TEST(Npz, IsReadByTheNamesOfTvb) {
    for (const char* name : {"stored.npz", "compressed.npz"})
        expect_everything(read_connectome(fixtures / name));
}

TEST(Npz, TakesTheOnlySquareMatrixAndAsksWhichOfSeveral) {
    EXPECT_EQ(read_weights("one_square.npz"), weights());
    EXPECT_EQ(read_weights("two_squares.npz:fc"), lengths());
    expect_refused("two_squares.npz", AllOf(HasSubstr("sc (4 x 4 <f8), fc (4 x 4 <f8)"),
                                            HasSubstr("two_squares.npz:sc")));
    expect_refused("two_squares.npz:fd",
                   AllOf(HasSubstr("unknown array \"fd\""), HasSubstr("sc"), HasSubstr("fc")));
}

TEST(Matlab, IsReadInVersions4And5And73) {
    for (const char* name : {"v4.mat", "v5_big_endian.mat"})
        EXPECT_EQ(read_weights(name), weights()) << name;
    EXPECT_EQ(read_weights("v5_compressed.mat:sc"), weights());
    EXPECT_EQ(read_weights("octave_v7.mat"), weights());
    EXPECT_EQ(read_weights("v7_3.mat:sc"), weights());
    EXPECT_EQ(read_weights("v7_3_python.mat:sc"), weights());
    EXPECT_EQ(read_weights("single.mat"), Matrix(weights().cast<float>().cast<double>()));
    expect_refused("v7_3.mat", HasSubstr("fc (4 x 4 double), sc (4 x 4 double)"));
}

TEST(Matlab, TakesLabelsFromTheOnlyCellArrayOfAsManyTexts) {
    const Connectome c = read_connectome(fixtures / "v5.mat:sc");
    EXPECT_THAT(labels_of(c), ElementsAre("lA", "lB", "rA", "rB-\xC3\xA9"));
    EXPECT_EQ(c.lengths_mm, lengths());
    expect_hemispheres(c);
    EXPECT_THAT(labels_of(read_connectome(fixtures / "octave_v7.mat")),
                ElementsAre("lA", "lB", "rA", "rB"));
    EXPECT_THAT(labels_of(read_connectome(fixtures / "char_matrix.mat")),
                ElementsAre("lA", "lB", "rA", "rB"));
}

TEST(Matlab, MayBeSparse) {
    EXPECT_EQ(read_weights("sparse.mat:sc"), weights());
    EXPECT_EQ(read_weights("sparse_v7_3.mat"), weights());
    EXPECT_EQ(read_weights("octave_sparse.mat"), weights());
    EXPECT_EQ(read_connectome(fixtures / "sparse.mat").weights.nonZeros(), 8);
}

TEST(Matlab, IsRefusedWhereItHoldsNoMatrixOfRealNumbers) {
    expect_refused("complex.mat", HasSubstr("found 4 x 4 complex"));
    expect_refused("struct.mat", HasSubstr("found sc (1 x 1 struct)"));
    expect_refused("v5.mat:names", HasSubstr("square"));
}

TEST(Hdf5, IsReadByThePathOrTheNamesOfTvb) {
    expect_everything(read_connectome(fixtures / "tvb.h5"));
    expect_everything(read_connectome(fixtures / "tvb.h5:/connectivity/weights"));
    const Connectome c = read_connectome(fixtures / "fixed_texts.h5:/a/sc");
    EXPECT_EQ(Matrix(c.weights), weights());
    EXPECT_THAT(labels_of(c), ElementsAre("lA", "lB", "rA", "rB-\xC3\xA9"));
}

TEST(Hdf5, OfOctaveHasItsColumnsFirst) {
    EXPECT_EQ(read_weights("octave.h5"), weights());
    EXPECT_EQ(read_weights("octave.h5:sc"), weights());
}

TEST(Hdf5, IsRefusedByNameWhereItHoldsNoMatrixOrOnlyPromisesOne) {
    expect_refused("complex.h5", HasSubstr("found 4 x 4 compound"));
    expect_refused("promises.h5", HasSubstr("1000000 x 1000000 numbers take more than"));
    expect_refused("fixed_texts.h5", HasSubstr("a/fc (4 x 4 real), a/sc (4 x 4 real)"));
    expect_refused("tvb.h5:/connectivity/nothing", HasSubstr("unknown array"));
}

TEST(MatrixMarket, IsReadInEveryLayoutFieldAndSymmetry) {
    EXPECT_EQ(read_weights("general.mtx"), weights());
    EXPECT_EQ(read_weights("array.mtx"), weights());
    EXPECT_EQ(read_weights("symmetric.mtx"), lengths());
    EXPECT_EQ(read_weights("symmetric_array.mtx"), lengths());
    Matrix skew = lengths().triangularView<Eigen::Upper>();
    skew = Matrix(skew - skew.transpose());
    EXPECT_EQ(read_weights("skew.mtx"), skew);
    EXPECT_EQ(read_weights("integer.mtx"), whole(weights()));
    const Matrix pattern = (weights().array() > 0.0).cast<double>();
    EXPECT_EQ(read_weights("pattern.mtx"), pattern);
}

TEST(GraphMl, IsReadFromSourceOntoTarget) {
    const Connectome c = read_connectome(fixtures / "graph.graphml");
    EXPECT_EQ(Matrix(c.weights), weights());
    EXPECT_THAT(labels_of(c), ElementsAre("lA", "lB", "rA", "rB-\xC3\xA9"));
    expect_hemispheres(c);
    EXPECT_EQ(c.lengths_mm(0, 1), 30.5);
    EXPECT_EQ(c.lengths_mm.sum(), 30.5) << "unknown lengths are 0";
    EXPECT_FALSE(c.has_positions);
}

TEST(BidsRelmat, TakesItsLabelsFromTheNodeIndicesAndHeedsItsSidecar) {
    const Connectome c = read_connectome(fixtures / "sub-01_meas-count_relmat.dense.tsv");
    EXPECT_EQ(Matrix(c.weights), weights());
    EXPECT_THAT(labels_of(c), ElementsAre("left A", "lB", "rA", "rB"));
    EXPECT_THAT(c.notes, ElementsAre(HasSubstr("undirected, but the matrix is asymmetric")));
}

TEST(ReadConnectome, TransposesWhatHasTheSenderInTheRows) {
    const ConnectomeOptions from_row{.lengths = fixtures / "two_squares.npz:sc",
                                     .orientation = Orientation::from_row};
    const Connectome c = read_connectome(fixtures / "f8.npy", from_row);
    EXPECT_EQ(Matrix(c.weights), weights().transpose());
    EXPECT_EQ(c.lengths_mm, weights().transpose());
}

TEST(ReadConnectome, TakesLengthsFromAnotherFileAndOfAnotherFormat) {
    for (const char* file : {"two_squares.npz:fc", "symmetric.mtx", "tvb.zip", "v5.mat"})
        EXPECT_EQ(read_connectome(fixtures / "f8.npy", {.lengths = fixtures / file}).lengths_mm,
                  lengths())
            << file;
    EXPECT_THROW((void)read_connectome(fixtures / "f8.npy", {.lengths = fixtures / "none.npy"}),
                 ConfigError);
}

TEST(ReadConnectome, GivesEqualWeightsOneChecksumWhateverTheFormat) {
    const std::string expected = read_connectome(fixtures / "tvb.zip").checksum;
    for (const char* name : {"f8_big_endian.npy", "sparse.mat", "tvb.h5", "general.mtx",
                             "graph.graphml", "stored.npz"})
        EXPECT_EQ(read_connectome(fixtures / name).checksum, expected) << name;
    EXPECT_NE(read_connectome(fixtures / "symmetric.mtx").checksum, expected);
}

TEST(SplitArrayPath, EndsTheFileAtTheLastColonBeforeWhichThereIsOne) {
    EXPECT_EQ(split_array_path(fixtures / "tvb.h5").name, "");
    EXPECT_EQ(split_array_path(fixtures / "tvb.h5:/a/b:c").name, "/a/b:c");
    EXPECT_EQ(split_array_path(fixtures / "tvb.h5:/a/b:c").file, fixtures / "tvb.h5");
    EXPECT_EQ(split_array_path("nothing:sc").file, "nothing:sc");
}

}  // namespace
}  // namespace cortifold
