// Modes of matrices that are not symmetric.
#include "sparse_matrices.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/linalg/sparse_spectrum.hpp>

#include <Eigen/SVD>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

namespace cortifold {
namespace {

using testing::HasSubstr;

TEST(SparseModes, OfAGeneralMatrixAreCheckedByASearchBesideThose) {
    const SparseMatrix a = random_sparse(400, 5, Symmetry::none, 3);
    for (const auto end :
         {SpectrumEnd::largest, SpectrumEnd::smallest, SpectrumEnd::largest_magnitude}) {
        const SparseModes modes =
            sparse_modes(a, {.count = 6, .end = end, .route = SpectrumRoute::matrix_free});
        EXPECT_EQ(modes.count_check, CountCheck::deflation) << modes.message;
    }
}

/// The Laplacian of a directed graph: rings that listen to nobody else, and nodes that listen to
/// three at random.
SparseMatrix listening(int rings, int length, int others, unsigned seed) {
    std::mt19937_64 bits(seed);
    std::uniform_real_distribution<double> value(0.5, 1.0);
    const int n = rings * length + others;
    std::uniform_int_distribution<int> node(0, n - 1);
    Triplets entries;
    const auto hears = [&](int to, int from) {
        const double w = value(bits);
        entries.emplace_back(to, from, -w);
        entries.emplace_back(to, to, w);
    };
    for (int k = 0; k < rings * length; ++k)
        hears(k, k % length + 1 < length ? k + 1 : k + 1 - length);
    for (int k = rings * length; k < n; ++k)
        for (int edge = 0; edge < 3; ++edge) hears(k, node(bits));
    return assembled(n, entries);
}

TEST(SparseModes, OfADirectedGraphHaveAZeroForEachPartThatListensToNobody) {
    for (const int parts : {1, 2, 5, 17}) {
        const SparseMatrix a = listening(parts, 20, 500, static_cast<unsigned>(parts));
        const SparseSpectrumOptions options{
            .count = 20, .end = SpectrumEnd::smallest, .route = SpectrumRoute::matrix_free};
        const SparseModes modes = sparse_modes(a, options);
        expect_sound(a, modes);
        EXPECT_EQ(modes.count_check, CountCheck::deflation) << modes.message;
        const ComplexVector dense = expected(a, options);
        ASSERT_EQ(modes.values.size(), dense.size());
        EXPECT_LT((modes.values - dense).cwiseAbs().maxCoeff(), 1e-8);
        EXPECT_EQ((modes.values.array().abs() < accuracy).count(), parts);
        Eigen::JacobiSVD<ComplexMatrix> zeros(modes.vectors.rightCols(parts));
        EXPECT_GT(zeros.singularValues().minCoeff(), 1e-5) << "not a basis";
    }
}

TEST(SparseModes, OfADefectiveEigenvalueSayHowManyVectorsItLacks) {
    constexpr int n = 400;
    Triplets entries{{n - 2, n - 1, 40.0}, {0, 1, 1.0}};
    for (int i = 0; i < n; ++i) entries.emplace_back(i, i, std::min(i, n - 2));
    const SparseMatrix a = assembled(n, entries);
    const SparseModes modes = sparse_modes(a, {.count = 5, .route = SpectrumRoute::matrix_free});
    expect_sound(a, modes);
    EXPECT_EQ(modes.count_check, CountCheck::deflation) << modes.message;
    EXPECT_THAT(modes.message, HasSubstr("span 4 dimensions only"));
    EXPECT_THAT(modes.message, HasSubstr("condition numbers up to inf"));
    const double wanted[] = {n - 2, n - 2, n - 3, n - 4, n - 5};
    for (Index k = 0; k < 5; ++k) EXPECT_NEAR(std::abs(modes.values[k] - wanted[k]), 0.0, 1e-4);
}

/// Strictly triangular: every eigenvalue is zero.
SparseMatrix nilpotent(int n) {
    std::mt19937_64 bits(1);
    std::uniform_real_distribution<double> value(0.0, 1.0);
    std::uniform_int_distribution<int> node(0, n - 1);
    Triplets entries;
    for (int k = 0; k < 5 * n; ++k) {
        const int i = node(bits), j = node(bits);
        if (i != j) entries.emplace_back(std::min(i, j), std::max(i, j), value(bits));
    }
    return assembled(n, entries);
}

TEST(SparseModes, OfANilpotentMatrixAreNotCalledFoundForTheirSmallResiduals) {
    const SparseMatrix a = nilpotent(2500);
    for (const Index count : {1, 6}) {
        const SparseModes modes =
            sparse_modes(a, {.count = count, .route = SpectrumRoute::matrix_free});
        if (modes.values.size() > 0 && modes.values.cwiseAbs().maxCoeff() > 1e-6) {
            EXPECT_EQ(modes.status, Status::iteration_limit) << modes.message;
        }
    }
}

TEST(SparseModes, OfAGeneralMatrixSayHowMuchLargerThanResidualsErrorsMayBe) {
    constexpr int n = 400;
    constexpr double coupling = 30.0;  // of x = e_n-1 + 30 e_0, y = e_n-1: |x| = sqrt(901)
    Triplets entries{{0, n - 1, coupling}};
    for (int i = 1; i < n; ++i) entries.emplace_back(i, i, i == n - 1 ? 1.0 : 0.5 * i / n);
    const SparseMatrix a = assembled(n, entries);
    const SparseModes modes = sparse_modes(a, {.count = 3, .route = SpectrumRoute::matrix_free});
    expect_sound(a, modes);
    EXPECT_THAT(modes.message, HasSubstr("of condition numbers up to 30.01"));
}

}  // namespace
}  // namespace cortifold
