#include "support/places.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/io/connectome_reader.hpp>
#include <cortifold/io/record.hpp>
#include <cortifold/io/table.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/network/laplacian.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

namespace cortifold {
namespace {

namespace fs = std::filesystem;
using Eigen::Index;
using testing::HasSubstr;

class ConnectomeFolder : public testing::Test {
protected:
    ConnectomeFolder()
        : folder_(fs::temp_directory_path() /
                  ("cortifold_" + std::to_string(getpid()) + "_" +
                   testing::UnitTest::GetInstance()->current_test_info()->name())) {
        fs::create_directories(folder_);
    }
    ~ConnectomeFolder() override { fs::remove_all(folder_); }

    /// Reads a file with this text.
    [[nodiscard]] Connectome read(const std::string& text,
                                  const std::string& name = "weights.csv") const {
        write_file(folder_ / name, text);
        return read_connectome(folder_ / name);
    }
    void expect_refused(const std::string& text, int line, const std::string& message,
                        const std::string& name = "weights.csv") const {
        write_file(folder_ / name, text);
        expect_path_refused(folder_ / name, folder_ / name, line, message);
    }
    /// With good weights of two regions beside it.
    void expect_refused_in_folder(const std::string& name, const std::string& text, int line,
                                  const std::string& message) const {
        write_file(folder_ / "weights.csv", "a,b\n0,1\n1,0\n");
        write_file(folder_ / name, text);
        expect_path_refused(folder_, folder_ / name, line, message);
        fs::remove(folder_ / name);
    }
    static void expect_path_refused(const fs::path& path, const fs::path& file, int line,
                                    const std::string& message) {
        try {
            (void)read_connectome(path);
            ADD_FAILURE() << "was read; expected: " << message;
        } catch (const ConfigError& error) {
            EXPECT_THAT(error.what(), HasSubstr(message));
            EXPECT_EQ(error.where().file, file.string());
            EXPECT_EQ(error.where().line, line) << error.what();
        }
    }

    fs::path folder_;
};

Matrix two_by_two() {
    return Matrix{{0.0, 0.5}, {2.0, 0.0}};
}

TEST_F(ConnectomeFolder, ReadsAMatrixHoweverItIsSpaced) {
    for (const char* text :
         {"0,0.5\n2,0\n", "0,0.5\r\n2,0\r\n", "0 0.5\n2 0", "  0\t 5e-1  \n\n\n# remark\n+2 0.0\n",
          "\xEF\xBB\xBF# remark\n0 , .5 \n2.0,0  \n\n"}) {
        EXPECT_EQ(Matrix(read(text).weights), two_by_two()) << text;
        EXPECT_EQ(read(text).regions.size(), 2U);
    }
}

TEST_F(ConnectomeFolder, ReadsLinesHoweverTheyEndEvenInOneFile) {
    for (const char* text :
         {"0 0.5\r2 0\r", "0 0.5\r\n2 0\r", "0 0.5\n\r2 0\r\n\n", "\r0 0.5\n2 0"})
        EXPECT_EQ(Matrix(read(text, "weights.txt").weights), two_by_two());
    expect_refused("0 0.5\r\r\n2 x\r", 3, "column 2, found \"x\"", "weights.txt");
}

TEST_F(ConnectomeFolder, ReadsLabelsFromAHeaderRowAndAFirstColumn) {
    for (const char* text :
         {"V1,\"M1, left\"\n0,0.5\n2,0\n", "area,V1,\"M1, left\"\nV1,0,0.5\n\"M1, left\",2,0\n",
          "V1,\"M1, left\"\nV1,0,0.5\n\"M1, left\",2,0\n", "V1,0,0.5\n\"M1, left\",2,0\n"}) {
        const Connectome connectome = read(text);
        EXPECT_EQ(Matrix(connectome.weights), two_by_two()) << text;
        EXPECT_EQ(connectome.regions[0].label, "V1") << text;
        EXPECT_EQ(connectome.regions[1].label, "M1, left") << text;
    }
}

TEST_F(ConnectomeFolder, ReadsAnEdgeListAsWeightsOntoFrom) {
    const Connectome connectome = read("2\n# onto from weight\n0 1 0.5\n1 0 2\n1 1 0\n", "a.dat");
    EXPECT_EQ(Matrix(connectome.weights), two_by_two());
    EXPECT_EQ(connectome.weights.nonZeros(), 2) << "a weight of zero is no edge";
    EXPECT_EQ(connectome.regions.size(), 2U);
}

TEST_F(ConnectomeFolder, RefusesAMatrixWithTheLineAndTheColumn) {
    expect_refused("", 0, "empty file");
    expect_refused("# only a remark\n\n", 2, "empty file");
    expect_refused("a,b\n", 1, "expected rows of numbers after the header");
    expect_refused("0,1\n1,x\n", 2, "column 2, found \"x\"");
    expect_refused("0,1\n\n1,\n", 3, "column 2, found \"\"");
    expect_refused("0,1,2\n1,0\n2,1,0\n", 2, "expected 3 values as in the first row, found 2");
    expect_refused("0,1\n1,0\n1,1\n", 3, "row 3 of a matrix with 2 columns");
    expect_refused("0,1,2\n1,0,2\n", 2, "ends after 2 rows of 3 columns");
    expect_refused("a,b,c\n0,1\n1,0\n", 2, "header names 3 regions, this row has 2 values");
    expect_refused("a,b\na,0,1\nc,1,0\n", 3, "labelled \"c\", its column \"b\"");
    expect_refused("0,nan\n1,0\n", 1, "finite number in column 2, found \"nan\"");
    expect_refused("0,-inf\n1,0\n", 1, "finite number");
    expect_refused("0,1e999\n1,0\n", 1, "finite number");
    expect_refused("0,0x10\n1,0\n", 1, "finite number");
    expect_refused("0,1;2\n1,0\n", 1, "found \"1;2\"");
    expect_refused("0;1\n1;0\n", 1, "semicolons separate no values here");
    std::string wide = "1";
    for (int k = 0; k < 200001; ++k) wide += ",1";
    expect_refused(wide, 1, "more than 200001 values in one line");
    wide.resize(2 * 23171 - 1);
    expect_refused(wide, 0, "23171 x 23171 numbers take more than 4294967296 bytes");
}

TEST_F(ConnectomeFolder, RefusesAnEdgeListWithTheLineAndTheColumn) {
    const auto refused = [&](const std::string& text, int line, const std::string& message) {
        expect_refused(text, line, message, "edges.dat");
    };
    refused("-3\n", 1, "nodes from 1 to 200000, found -3");
    refused("0\n", 1, "nodes from 1 to");
    refused("4000000000\n0 1 1\n", 1, "found 4000000000");
    refused("99999999999999999999999\n", 1, "whole number in column 1");
    refused("2.5\n", 1, "whole number in column 1, found \"2.5\"");
    refused("3\n0 1\n", 2, "expected `onto from weight`, found 2 values");
    refused("3\n0 3 1\n", 2, "node from 0 to 2 in column 2, found 3");
    refused("3\n-1 0 1\n", 2, "node from 0 to 2 in column 1, found -1");
    refused("3\n0 1 1\n1 0 1\n\n0 1 2\n", 5, "edge 0 1 stands already in line 2");
    refused("3\n0 1 nan\n", 2, "finite number in column 3");
}

TEST_F(ConnectomeFolder, ShowsNoControlCharactersOfAFileAndOnlyItsBeginning) {
    expect_refused("0,\x1b[2J" + std::string(1000, 'x') + "\n1,0\n", 1,
                   "found \"?[2J" + std::string(36, 'x') + "...\"");
}

TEST_F(ConnectomeFolder, SaysWhatIsMissing) {
    expect_path_refused(folder_, folder_, 0, "expected an array called weights");
    write_file(folder_ / "readme.txt", "");
    expect_path_refused(folder_, folder_, 0,
                        "found readme.txt; name one, as in " + (folder_.string() + ":readme.txt"));
    EXPECT_THROW((void)read_connectome(folder_ / "nothing.csv"), ConfigError);
}

TEST_F(ConnectomeFolder, RefusesTablesThatDoNotFitTheWeights) {
    expect_refused_in_folder("lengths.csv", "0,1,1\n1,0,1\n1,1,0\n", 3,
                             "3 regions, the weights have 2");
    expect_refused_in_folder("lengths.csv", "b,c\n0,1\n1,0\n", 0,
                             "region 0 is \"b\" here and \"a\" elsewhere");
    expect_refused_in_folder("centres.csv", "a,0,0,0\nb,0,0,0\nc,0,0,0\n", 3, "3 regions, the");
    expect_refused_in_folder("centres.csv", "a,0,0,0\na,0,0,0\n", 0, "no reordering");
    expect_refused_in_folder("centres.csv", "a,0\nb,0,0,0\n", 1, "expected `label, x, y, z`");
    expect_refused_in_folder("centres.csv", "a,0,0,0\nb,0,nan,0\n", 2, "column 3, found \"nan\"");
    expect_refused_in_folder("hemispheres.csv", "label,hemisphere\na,left\nb,middle\n", 0,
                             "expected left, right or unknown, or 0 (left) or 1 (right), found");
}

TEST_F(ConnectomeFolder, MatchesTablesInAnotherOrderByLabel) {
    write_file(folder_ / "weights.csv", "a,b\n0,1\n2,0\n");
    write_file(folder_ / "lengths.csv", "b,a\n0,3\n4,0\n");
    write_file(folder_ / "centres.csv", "b,2,2,2.5\na,1,1,1\n");
    write_file(folder_ / "hemispheres.csv", "label,hemisphere\nb,right\na,left\n");
    const Connectome c = read_connectome(folder_);
    EXPECT_EQ(c.lengths_mm, (Matrix{{0, 4}, {3, 0}}));
    EXPECT_EQ(c.regions[0].position_mm.z(), 1.0);
    EXPECT_EQ(c.regions[1].hemisphere, Hemisphere::right);
    EXPECT_EQ(c.notes.size(), 3U);
    EXPECT_EQ(validate_connectome(c).findings.size(), 5U) << "the notes and two asymmetries";
}

TEST_F(ConnectomeFolder, RefusesWhatValidationFindsUnusable) {
    write_file(folder_ / "weights.csv", "0,1\n1,0\n");
    write_file(folder_ / "lengths.csv", "0,-1\n1,0\n");
    expect_path_refused(folder_, folder_, 0, "unusable connectome: lengths that are negative");
}

Connectome awkward() {
    Connectome c;
    Matrix w{{0.0, 1.0 / 3.0, 5e-324}, {-0.1, 0.0, 1e308}, {2.2250738585072014e-308, 0.1, 0.0}};
    c.weights = w.sparseView();
    c.lengths_mm = Matrix{{0.0, 0.1, 1e-17}, {0.1, -0.0, 30.0}, {1e-17, 1e17, 0.0}};
    c.has_positions = true;
    c.regions = {{"# \"V1\", left", {0.1, -1.0 / 3.0, 1e-300}, Hemisphere::left},
                 {" spaces ", {1.0, 2.0, 3.0}, Hemisphere::right},
                 {"12", {0.0, 0.0, 0.0}, Hemisphere::unknown}};
    return c;
}

TEST_F(ConnectomeFolder, IsReadBackBitForBit) {
    const Connectome before = awkward();
    write_connectome(before, folder_);
    const Connectome after = read_connectome(folder_);
    EXPECT_EQ(Matrix(after.weights), Matrix(before.weights));
    EXPECT_EQ(after.lengths_mm, before.lengths_mm);
    EXPECT_TRUE(std::signbit(after.lengths_mm(1, 1)));
    EXPECT_TRUE(after.has_positions);
    for (std::size_t i = 0; i < before.regions.size(); ++i) {
        EXPECT_EQ(after.regions[i].label, before.regions[i].label);
        EXPECT_EQ(after.regions[i].position_mm, before.regions[i].position_mm);
        EXPECT_EQ(after.regions[i].hemisphere, before.regions[i].hemisphere);
    }
    EXPECT_EQ(after.source, folder_.string());
}

TEST_F(ConnectomeFolder, KeepsNothingOfTheConnectomeThatStoodThere) {
    write_connectome(awkward(), folder_);
    Connectome bare = awkward();
    bare.lengths_mm.resize(0, 0);
    bare.has_positions = false;
    bare.regions.assign(3, Region{});
    write_connectome(bare, folder_);
    const Connectome after = read_connectome(folder_);
    EXPECT_EQ(after.lengths_mm.size(), 0);
    EXPECT_FALSE(after.has_positions);
    EXPECT_EQ(after.regions[0].label, "");
}

TEST_F(ConnectomeFolder, IsNotWrittenWhereItCouldNotBeReadBack) {
    Connectome connectome = awkward();
    connectome.regions[1].label = "two\nlines";
    EXPECT_THROW(write_connectome(connectome, folder_), UsageError);
    connectome = awkward();
    connectome.lengths_mm(0, 1) = std::numeric_limits<double>::quiet_NaN();
    EXPECT_THROW(write_connectome(connectome, folder_), UsageError);
    write_file(folder_ / "file", "");
    EXPECT_THROW(write_connectome(awkward(), folder_ / "file" / "below"), OutputError);
}

TEST_F(ConnectomeFolder, HoldsTheTrackedSyntheticConnectomeByteForByte) {
    const fs::path tracked = fs::path(source_folder) / "data/synthetic90";
    write_connectome(generate_connectome(), folder_);
    for (const char* name : {"weights.csv", "lengths.csv", "centres.csv", "hemispheres.csv"})
        EXPECT_EQ(checksum(read_file(folder_ / name)), checksum(read_file(tracked / name))) << name;
    const Connectome connectome = read_connectome(tracked);
    EXPECT_TRUE(validate_connectome(connectome).findings.empty());
    EXPECT_THAT(read_file(tracked / "README.md"), HasSubstr("`" + connectome.checksum + "`"));
}

class Aal90 : public testing::Test {
protected:
    void SetUp() override {
        const fs::path file = fs::path(shared_data) / "connectomes/aal90/sc2017.dat";
        const fs::path numbers = fs::path(reference_numbers) / "neural_masses.json";
        if (!fs::exists(file) || !fs::exists(numbers))
            GTEST_SKIP() << "the AAL90 connectome or its reference numbers are not here";
        connectome_ = read_connectome(file);
        reference_ = *read_json(numbers.string()).find("connectome_AAL90");
    }
    /// Eigenvalues against the listed ones, both ascending.
    static void expect_spectrum(ComplexVector values, const Record* list) {
        ASSERT_NE(list, nullptr);
        std::vector<double> expected;
        for (const Record& value : list->as<Record::List>()) expected.push_back(value.number());
        std::ranges::sort(expected);
        ASSERT_EQ(values.size(), static_cast<Index>(expected.size()));
        values.reverseInPlace();
        for (Index k = 0; k < values.size(); ++k)
            EXPECT_NEAR(std::abs(values[k] - expected[static_cast<std::size_t>(k)]), 0.0, 1e-9)
                << "eigenvalue " << k;
    }
    [[nodiscard]] static ComplexVector weights_of(const Connectome& c, Normalization n) {
        return eigenvalues(Matrix(graph_matrix(normalized(c, n), GraphMatrix::weights)));
    }

    Connectome connectome_;
    Record reference_;
};

TEST_F(Aal90, HasThePublishedSizeAndRowSums) {
    const ConnectomeReport report = validate_connectome(connectome_);
    EXPECT_TRUE(report.usable());
    EXPECT_EQ(report.nodes, 90);
    EXPECT_EQ(report.edges, 7936);
    EXPECT_NEAR(report.smallest_row_sum, reference_.find("row_sum_min")->number(), 1e-12);
    EXPECT_NEAR(report.largest_row_sum, reference_.find("row_sum_max")->number(), 1e-12);
    EXPECT_NEAR(report.mean_row_sum, reference_.find("row_sum_mean")->number(), 1e-12);
    EXPECT_NEAR(report.asymmetry, 0.628, 5e-4);
}

TEST_F(Aal90, HasThePublishedSpectra) {
    expect_spectrum(weights_of(connectome_, Normalization::rows),
                    reference_.find("eig_row_normalised"));
    expect_spectrum(weights_of(connectome_, Normalization::mean_strength),
                    reference_.find("eig_mean_strength_normalised"));
    expect_spectrum(eigenvalues(Matrix(graph_matrix(connectome_, GraphMatrix::laplacian))),
                    reference_.find("eig_laplacian_combinatorial_rowsum"));
    expect_spectrum(
        eigenvalues(Matrix(graph_matrix(connectome_, GraphMatrix::laplacian_random_walk))),
        reference_.find("eig_laplacian_random_walk"));
}

TEST_F(Aal90, HasThePublishedSpectraWhenSymmetrized) {
    const Connectome symmetric = symmetrized(connectome_);
    const Record* reference = reference_.find("symmetrised");
    ASSERT_NE(reference, nullptr);
    expect_spectrum(weights_of(symmetric, Normalization::rows),
                    reference->find("eig_row_normalised"));
    for (const auto& [kind, key] :
         {std::pair{GraphMatrix::laplacian_symmetric, "eig_laplacian_sym_normalised"},
          std::pair{GraphMatrix::laplacian, "eig_laplacian_combinatorial"}}) {
        const DenseSpectrum s = symmetric_spectrum(Matrix(graph_matrix(symmetric, kind)));
        EXPECT_LT(s.residuals.maxCoeff(), 1e-14);
        expect_spectrum(s.values, reference->find(key));
    }
}

TEST_F(Aal90, HasSmallResidualsAndAModeThatSeparatesTheHemispheres) {
    const DenseSpectrum s = general_spectrum(
        Matrix(graph_matrix(normalized(connectome_, Normalization::rows), GraphMatrix::weights)));
    EXPECT_LT(s.residuals.maxCoeff(), 1e-14);
    const Vector mode = s.vectors.col(1).real();
    EXPECT_LT(mode.head(45).mean() * mode.tail(45).mean(), 0.0);
}

}  // namespace
}  // namespace cortifold
