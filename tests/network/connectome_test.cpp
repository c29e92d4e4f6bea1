#include <cortifold/core/error.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/network/connectome.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace cortifold {
namespace {

using Eigen::Index;
using testing::HasSubstr;
using Severity = ConnectomeFinding::Severity;

Connectome from(const Matrix& weights) {
    Connectome connectome;
    connectome.weights = weights.sparseView();
    connectome.regions.resize(static_cast<std::size_t>(weights.rows()));
    for (std::size_t i = 0; i < connectome.regions.size(); ++i)
        connectome.regions[i].label = std::string(1, static_cast<char>('a' + i));
    return connectome;
}

/// Four regions on a ring, each with its two neighbours.
Matrix ring() {
    return Matrix{{0, 1, 0, 1}, {1, 0, 1, 0}, {0, 1, 0, 1}, {1, 0, 1, 0}};
}

void expect_finding(const Connectome& connectome, Severity severity, const std::string& message) {
    const ConnectomeReport report = validate_connectome(connectome);
    for (const auto& finding : report.findings)
        if (finding.message.find(message) != std::string::npos) {
            EXPECT_EQ(finding.severity, severity) << finding.message;
            EXPECT_EQ(report.usable(), severity == Severity::warning);
            return;
        }
    std::string all;
    for (const auto& finding : report.findings) all += "\n  " + finding.message;
    ADD_FAILURE() << "no finding says: " << message << all;
}

Connectome random_directed(Index n) {
    std::mt19937_64 bits(5);
    std::uniform_real_distribution<double> uniform(0.1, 1.0);
    return from(Matrix::NullaryExpr(n, n, [&] { return uniform(bits); }));
}

TEST(ValidateConnectome, FindsNothingInARing) {
    Connectome connectome = from(ring());
    connectome.lengths_mm = 10.0 * ring();
    const ConnectomeReport report = validate_connectome(connectome);
    EXPECT_TRUE(report.findings.empty());
    EXPECT_EQ(report.nodes, 4);
    EXPECT_EQ(report.edges, 8);
    EXPECT_DOUBLE_EQ(report.density, 8.0 / 12.0);
    EXPECT_EQ(report.smallest_row_sum, 2.0);
    EXPECT_EQ(report.largest_row_sum, 2.0);
    EXPECT_EQ(report.mean_row_sum, 2.0);
    EXPECT_EQ(report.asymmetry, 0.0);
    EXPECT_EQ(report.components, 1);
}

TEST(ValidateConnectome, RefusesWeightsThatAreNotFiniteAndNamesThem) {
    for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
        Matrix w = ring();
        w(2, 1) = bad;
        expect_finding(from(w), Severity::error,
                       "not finite (1): onto region 2 \"c\" from region 1 \"b\"");
        const ConnectomeReport report = validate_connectome(from(w));
        EXPECT_EQ(report.asymmetry, 0.0);
        EXPECT_EQ(report.mean_row_sum, 0.0);
    }
}

TEST(ValidateConnectome, WarnsOfNegativeWeightsAndNamesOnlyTheFirstFew) {
    expect_finding(from(-ring()), Severity::warning,
                   "negative weights (8): onto region 0 \"a\" from region 1 \"b\"");
    expect_finding(from(-ring()), Severity::warning, ", ...");
}

TEST(ValidateConnectome, RefusesARectangleAndNothingAtAll) {
    Connectome connectome = from(ring());
    connectome.weights = Matrix::Ones(4, 3).sparseView();
    expect_finding(connectome, Severity::error, "4 x 3; a connectome is square");
    expect_finding(Connectome{}, Severity::error, "no regions");
}

TEST(ValidateConnectome, WarnsOfRegionsThatAreCutOff) {
    Matrix w = Matrix::Zero(6, 6);
    w.topLeftCorner(4, 4) = ring();
    w(0, 5) = 1.0;
    expect_finding(from(w), Severity::warning, "without any connection (1): region 4 \"e\"");
    expect_finding(from(w), Severity::warning, "receive nothing (zero rows) (1): region 5 \"f\"");
    expect_finding(from(w), Severity::warning, "by number of regions (2): 5, 1");
    EXPECT_EQ(validate_connectome(from(w)).components, 2);
    EXPECT_EQ(validate_connectome(from(w)).smallest_row_sum, 0.0);
}

TEST(ValidateConnectome, ConnectsComponentsAgainstTheDirectionOfEdges) {
    Matrix w = Matrix::Zero(3, 3);
    w(0, 1) = w(2, 1) = 1.0;  // 1 sends to both, neither answers
    EXPECT_EQ(validate_connectome(from(w)).components, 1);
}

TEST(ValidateConnectome, MeasuresAsymmetryAndSaysWhere) {
    Matrix w = ring();
    w(3, 0) = 1.25;
    EXPECT_DOUBLE_EQ(validate_connectome(from(w)).asymmetry, 0.25);
    expect_finding(from(w), Severity::warning, "max |W - W^T| = 0.25, onto region 0 \"a\"");
    w(3, 0) = std::nextafter(1.0, 2.0);
    EXPECT_TRUE(validate_connectome(from(w)).findings.empty()) << "rounding is no asymmetry";
}

TEST(ValidateConnectome, CountsSelfConnectionsAsEdgesButNotInTheDensity) {
    Matrix w = ring();
    w(1, 1) = 0.5;
    expect_finding(from(w), Severity::warning, "themselves (1): region 1 \"b\"");
    EXPECT_EQ(validate_connectome(from(w)).edges, 9);
    EXPECT_DOUBLE_EQ(validate_connectome(from(w)).density, 8.0 / 12.0);
}

TEST(ValidateConnectome, ChecksLabelsAndPositions) {
    Connectome connectome = from(ring());
    connectome.regions[3].label = "a";
    expect_finding(connectome, Severity::warning, "labels used before (1): region 3 \"a\"");
    connectome.has_positions = true;
    connectome.regions[2].position_mm.z() = std::nan("");
    expect_finding(connectome, Severity::error, "positions that are not finite (1): region 2");
    connectome.regions.pop_back();
    expect_finding(connectome, Severity::error, "3 regions are described, the weights have 4");
}

TEST(ValidateConnectome, ChecksLengths) {
    Connectome connectome = from(ring());
    connectome.lengths_mm = 10.0 * ring();
    connectome.lengths_mm(0, 1) = 11.0;
    expect_finding(connectome, Severity::warning, "way back (1): onto region 0 \"a\" from");
    connectome.lengths_mm(0, 1) = -1.0;
    expect_finding(connectome, Severity::error, "negative or not finite (1): onto region 0");
    connectome.lengths_mm = Matrix::Zero(3, 3);
    expect_finding(connectome, Severity::error, "the lengths are 3 x 3, the weights 4 x 4");
}

TEST(ValidateConnectome, HandlesAHundredThousandSparseRegions) {
    constexpr int n = 100000;
    std::vector<Eigen::Triplet<double>> chain;
    for (int i = 0; i + 1 < n; ++i) {
        chain.emplace_back(i, i + 1, 1.0);
        chain.emplace_back(i + 1, i, 1.0);
    }
    Connectome connectome;
    connectome.weights.resize(n, n);
    connectome.weights.setFromTriplets(chain.begin(), chain.end());
    const ConnectomeReport report = validate_connectome(connectome);
    EXPECT_TRUE(report.findings.empty());
    EXPECT_EQ(report.components, 1);
}

TEST(Normalized, RowsSumToOneAndKeepTheirProportions) {
    const Connectome connectome = random_directed(20);
    const Matrix w(connectome.weights), rows(normalized(connectome, Normalization::rows).weights);
    EXPECT_LT((rows.rowwise().sum() - Vector::Ones(20)).cwiseAbs().maxCoeff(), 1e-15);
    EXPECT_DOUBLE_EQ(rows(3, 7) / rows(3, 2), w(3, 7) / w(3, 2));
}

TEST(Normalized, DividesByTheNumberItIsNamedAfter) {
    const Connectome connectome = random_directed(20);
    const Matrix w(connectome.weights);
    const auto matrix = [&](Normalization n) { return Matrix(normalized(connectome, n).weights); };
    EXPECT_EQ(matrix(Normalization::none), w);
    EXPECT_DOUBLE_EQ(matrix(Normalization::maximum).maxCoeff(), 1.0);
    EXPECT_NEAR(matrix(Normalization::mean_strength).rowwise().sum().mean(), 1.0, 1e-14);
    const Matrix unit_radius = matrix(Normalization::spectral_radius);
    EXPECT_NEAR(eigenvalues(unit_radius).cwiseAbs().maxCoeff(), 1.0, 1e-13);
    EXPECT_NEAR((unit_radius / unit_radius(0, 1) - w / w(0, 1)).norm(), 0.0, 1e-12);
}

TEST(Normalized, RefusesADivisorOfZeroByName) {
    Matrix w = ring();
    w.row(2).setZero();
    try {
        (void)normalized(from(w), Normalization::rows);
        FAIL() << "a zero row was normalized";
    } catch (const UsageError& error) {
        EXPECT_THAT(error.what(), HasSubstr("region 2 \"c\""));
    }
    for (const auto kind :
         {Normalization::spectral_radius, Normalization::maximum, Normalization::mean_strength})
        EXPECT_THROW((void)normalized(from(Matrix::Zero(3, 3)), kind), UsageError)
            << to_string(kind);
}

TEST(Symmetrized, IsTheMeanOfBothDirections) {
    const Connectome connectome = random_directed(9);
    const Matrix w(connectome.weights), s(symmetrized(connectome).weights);
    EXPECT_EQ(s, s.transpose());
    EXPECT_LT((2.0 * s - w - w.transpose()).norm(), 1e-14);
}

}  // namespace
}  // namespace cortifold
