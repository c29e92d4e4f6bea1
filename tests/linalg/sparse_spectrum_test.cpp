#include "sparse_matrices.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/linalg/sparse_spectrum.hpp>

#include <Spectra/GenEigsSolver.h>
#include <Spectra/MatOp/SparseGenMatProd.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>
#include <vector>

namespace cortifold {
namespace {

using testing::HasSubstr;

TEST(SparseModes, OfARingComeInPairsThatAreAllFound) {
    constexpr Index n = 1500, count = 41;
    const SparseMatrix a = rings(1, n);
    for (const SpectrumRoute route : krylov_routes) {
        const SparseModes modes =
            sparse_modes(a, {.count = count, .end = SpectrumEnd::smallest, .route = route});
        expect_sound(a, modes);
        EXPECT_EQ(modes.count_check, CountCheck::inertia);
        ASSERT_EQ(modes.values.size(), count);
        for (Index k = 0; k < count; ++k)  // decreasing
            EXPECT_NEAR(modes.values[count - 1 - k].real(), ring_eigenvalue((k + 1) / 2, n),
                        accuracy);
    }
}

TEST(SparseModes, OfALatticeHaveUpToTwentyFourEqualEigenvaluesThatAreAllFound) {
    constexpr Index side = 12, count = 100;
    const SparseMatrix a = torus(side);
    const std::vector<double> all = torus_eigenvalues(side);
    for (const SpectrumRoute route : krylov_routes) {
        const SparseModes modes =
            sparse_modes(a, {.count = count, .end = SpectrumEnd::smallest, .route = route});
        expect_sound(a, modes);
        EXPECT_EQ(modes.count_check, CountCheck::inertia);
        for (Index k = 0; k < count; ++k)
            EXPECT_NEAR(modes.values[count - 1 - k].real(), all[static_cast<std::size_t>(k)], 1e-9);
    }
}

TEST(SparseModes, OfManyPartsHaveAZeroForEach) {
    constexpr Index parts = 60;
    const SparseMatrix a = rings(parts, 20);
    for (const SpectrumRoute route : krylov_routes) {
        const SparseModes modes =
            sparse_modes(a, {.count = 70, .end = SpectrumEnd::smallest, .route = route});
        expect_sound(a, modes);
        EXPECT_EQ(modes.count_check, CountCheck::inertia) << modes.message;
        EXPECT_EQ((modes.values.real().array().abs() < accuracy).count(), parts);
    }
}

TEST(SparseModes, OfCompleteAndStarGraphsAreOneEigenvalueAgainAndAgain) {
    constexpr Index n = 300, count = 40;
    std::vector<Edge> complete, star;
    for (Index i = 0; i < n; ++i) {
        for (Index j = 0; j < i; ++j) complete.emplace_back(i, j);
        if (i > 0) star.emplace_back(0, i);
    }
    for (const auto& [edges, repeated] : {std::pair{complete, 300.0}, {star, 1.0}})
        for (const SpectrumRoute route : krylov_routes) {
            const SparseMatrix a = laplacian(n, edges);
            const SparseModes modes =
                sparse_modes(a, {.count = count, .end = SpectrumEnd::smallest, .route = route});
            expect_sound(a, modes);
            EXPECT_NEAR(std::abs(modes.values[count - 1]), 0.0, 1e-9);
            EXPECT_LT((modes.values.head(count - 1).array() - repeated).abs().maxCoeff(), 1e-8);
        }
}

TEST(SparseModes, OfASymmetricMatrixAreThoseOfTheDenseOneAtEitherEnd) {
    const SparseMatrix a = random_sparse(400, 4, Symmetry::symmetric, 1);
    for (const auto end :
         {SpectrumEnd::largest, SpectrumEnd::smallest, SpectrumEnd::largest_magnitude})
        for (const SpectrumRoute route : krylov_routes) {
            const SparseModes modes = sparse_modes(a, {.count = 30, .end = end, .route = route});
            expect_sound(a, modes);
            EXPECT_EQ(modes.route, route);
            EXPECT_EQ(modes.count_check, CountCheck::inertia);
            const ComplexVector dense = expected(a, {.count = 30, .end = end});
            EXPECT_LT((modes.values - dense).cwiseAbs().maxCoeff(), accuracy) << to_string(end);
        }
}

TEST(SparseModes, OfARandomWalkOnASymmetricGraphAreFoundAsThoseOfASymmetricMatrix) {
    SparseMatrix w = random_sparse(400, 4, Symmetry::symmetric, 2).cwiseAbs();
    const Vector strength = w * Vector::Ones(400);
    w = strength.cwiseInverse().asDiagonal() * w;
    const SparseModes modes = sparse_modes(w, {.count = 20, .route = SpectrumRoute::shift_invert});
    expect_sound(w, modes);
    EXPECT_EQ(modes.count_check, CountCheck::inertia);
    EXPECT_NEAR(std::abs(modes.values[0] - 1.0), 0.0, accuracy);
    EXPECT_LT((modes.values - expected(w, {.count = 20})).cwiseAbs().maxCoeff(), accuracy);
}

TEST(SparseModes, WithoutAFactorAreCheckedByASearchBesideThoseFound) {
    const SparseMatrix a = torus(9);
    const SparseModes modes = sparse_modes(a, {.count = 30,
                                               .end = SpectrumEnd::smallest,
                                               .route = SpectrumRoute::matrix_free,
                                               .most_factor_entries = 0.0});
    expect_sound(a, modes);
    EXPECT_EQ(modes.count_check, CountCheck::deflation);
    const std::vector<double> all = torus_eigenvalues(9);
    for (Index k = 0; k < 30; ++k)
        EXPECT_NEAR(modes.values[29 - k].real(), all[static_cast<std::size_t>(k)], 1e-9);
}

TEST(SparseModes, TakeNoFactorThatIsLargerThanAllowed) {
    const SparseMatrix a = torus(8);
    const SparseSpectrumOptions small{
        .count = 10, .end = SpectrumEnd::smallest, .most_factor_entries = 1e4};
    SparseSpectrumOptions forced = small;
    forced.route = SpectrumRoute::shift_invert;
    EXPECT_THROW((void)sparse_modes(a, forced), UsageError);
}

TEST(SparseModes, NeedNoLargerFactorWhereTheDiagonalIsEmpty) {
    const SparseMatrix a = torus(12);
    SparseMatrix weights = -a;
    weights.prune([](Index i, Index j, double) { return i != j; });
    for (const SparseMatrix& each : {a, weights}) {
        const SparseModes modes = sparse_modes(
            each, {.count = 10, .route = SpectrumRoute::shift_invert, .most_factor_entries = 4e5});
        expect_sound(each, modes);
    }
}

TEST(SparseModes, OfAGeneralMatrixAreThoseOfTheDenseOne) {
    const SparseMatrix a = random_sparse(400, 5, Symmetry::none, 3);
    for (const auto end :
         {SpectrumEnd::largest, SpectrumEnd::smallest, SpectrumEnd::largest_magnitude}) {
        const SparseSpectrumOptions options{
            .count = 12, .end = end, .route = SpectrumRoute::matrix_free};
        const SparseModes modes = sparse_modes(a, options);
        expect_sound(a, modes);
        const ComplexVector dense = expected(a, options);
        ASSERT_EQ(modes.values.size(), dense.size());
        EXPECT_LT((modes.values - dense).cwiseAbs().maxCoeff(), 1e-8) << to_string(end);
    }
}

TEST(SparseModes, NearAShiftAreThoseOfTheDenseMatrix) {
    for (const Symmetry symmetry : {Symmetry::symmetric, Symmetry::none}) {
        const SparseMatrix a = random_sparse(400, 5, symmetry, 4);
        SparseSpectrumOptions options{.count = 9, .end = SpectrumEnd::nearest, .shift = 0.5};
        const ComplexVector dense = expected(a, options);
        options.route = SpectrumRoute::shift_invert;
        const SparseModes modes = sparse_modes(a, options);
        expect_sound(a, modes);
        EXPECT_EQ(modes.count_check,
                  symmetry == Symmetry::symmetric ? CountCheck::inertia : CountCheck::none);
        ASSERT_EQ(modes.values.size(), dense.size());
        EXPECT_LT((modes.values - dense).cwiseAbs().maxCoeff(), 1e-9);
    }
}

TEST(SparseModes, NearAShiftAreCountedAlsoWhereTheyRepeat) {
    constexpr double shift = 3.01;
    const SparseMatrix a = torus(12);
    const SparseModes modes = sparse_modes(a, {.count = 60,
                                               .end = SpectrumEnd::nearest,
                                               .shift = shift,
                                               .route = SpectrumRoute::shift_invert});
    expect_sound(a, modes);
    EXPECT_EQ(modes.count_check, CountCheck::inertia) << modes.message;
    const auto distance = [&](double value) { return std::abs(value - shift); };
    // One more where rounding makes a conjugate pair of the last two.
    ASSERT_GE(modes.values.size(), 60);
    std::vector<double> all = torus_eigenvalues(12);
    const Vector values = modes.values.real();
    std::vector<double> found(values.begin(), values.end());
    std::ranges::sort(all, {}, distance);
    std::ranges::sort(found, {}, distance);
    for (std::size_t k = 0; k < found.size(); ++k)
        EXPECT_NEAR(distance(found[k]), distance(all[k]), accuracy);
}

TEST(SparseModes, NearAShiftThatIsAnEigenvalueFindIt) {
    std::vector<Edge> path;
    for (Index i = 1; i < 200; ++i) path.emplace_back(i - 1, i);
    const SparseMatrix a = laplacian(200, path);
    const SparseModes modes = sparse_modes(a, {.count = 3,
                                               .end = SpectrumEnd::nearest,
                                               .shift = 0.0,
                                               .route = SpectrumRoute::shift_invert});
    expect_sound(a, modes);
    EXPECT_NEAR(std::abs(modes.values[2]), 0.0, accuracy);
}

TEST(SparseModes, OfAMatrixFarFromNormalAreThoseOfTheDenseOne) {
    const SparseMatrix a = cyclic(400);
    for (const auto end : {SpectrumEnd::largest, SpectrumEnd::largest_magnitude}) {
        const SparseSpectrumOptions options{
            .count = 4, .end = end, .tolerance = 1e-12, .route = SpectrumRoute::matrix_free};
        const SparseModes modes = sparse_modes(a, options);
        expect_sound(a, modes);
        const ComplexVector dense = expected(a, options);
        EXPECT_LT((modes.values - dense).cwiseAbs().maxCoeff(), accuracy) << modes.values << dense;
        EXPECT_LE(modes.values.real().maxCoeff(), -0.1);
    }
}

TEST(RelativeResiduals, RefuseAnEigenvalueThatALibraryCallsConverged) {
    const SparseMatrix a = cyclic(400);
    Spectra::SparseGenMatProd<double, Eigen::RowMajor> op(a);
    Spectra::GenEigsSolver solver(op, 4, 40);
    solver.init();
    solver.compute(Spectra::SortRule::LargestReal);
    if (solver.info() != Spectra::CompInfo::Successful)
        GTEST_SKIP() << "this version of Spectra does not call them converged";
    const ComplexVector values = solver.eigenvalues();
    if (values.real().maxCoeff() <= 0.0) GTEST_SKIP() << "this version of Spectra is right";
    // Beyond the numerical abscissa, -0.1, a residual is at least the distance to it.
    const Vector residuals = relative_residuals(a, values, solver.eigenvectors());
    for (Index k = 0; k < values.size(); ++k)
        if (values[k].real() > 0.0) {
            EXPECT_GT(residuals[k], SparseSpectrumOptions{}.tolerance);
        }
}

TEST(RelativeResiduals, GrowWithTheDistanceFromAnEigenvalue) {
    const SparseMatrix a = rings(1, 100);
    const SparseModes modes = sparse_modes(a, {.count = 5});
    const ComplexVector moved = modes.values.array() + 1e-3;
    const Vector residuals = relative_residuals(a, moved, modes.vectors);
    EXPECT_LT((residuals.array() - 1e-3 / 4.0).abs().maxCoeff(), 1e-12);  // the norm is 4
}

TEST(SparseModes, ThatDoNotConvergeKeepTheGoodOnesAndSayHowMany) {
    Triplets shift;  // all eigenvalues of a cyclic shift are equally large
    for (int i = 0; i < 500; ++i) shift.emplace_back(i, (i + 1) % 500, 1.0);
    const SparseMatrix a = assembled(500, shift);
    const SparseModes modes = sparse_modes(
        a,
        {.count = 5, .end = SpectrumEnd::largest_magnitude, .route = SpectrumRoute::matrix_free});
    EXPECT_EQ(modes.status, Status::iteration_limit);
    EXPECT_THAT(modes.message, HasSubstr(" of 5 eigenvalues"));
    EXPECT_EQ(modes.residuals.size(), modes.values.size());
    EXPECT_EQ(modes.vectors.cols(), modes.values.size());
    EXPECT_TRUE((modes.residuals.array() <= accuracy).all());
}

TEST(SparseModes, AreEqualBitForBitForOneSeedAndInValueForAnother) {
    const SparseMatrix a = torus(10);
    SparseSpectrumOptions options{
        .count = 20, .end = SpectrumEnd::smallest, .route = SpectrumRoute::shift_invert};
    const SparseModes first = sparse_modes(a, options), again = sparse_modes(a, options);
    EXPECT_EQ(first.values, again.values);
    EXPECT_EQ(first.vectors, again.vectors);
    options.seed = 5;
    const SparseModes other = sparse_modes(a, options);
    EXPECT_NE(first.vectors, other.vectors);
    EXPECT_LT((first.values - other.values).cwiseAbs().maxCoeff(), accuracy);
}

TEST(SparseModes, ScaleWithTheMatrix) {
    const SparseMatrix a = torus(8);
    for (const double scale : {1e-150, 1e150}) {
        const SparseMatrix scaled = scale * a;
        const SparseModes modes =
            sparse_modes(scaled, {.count = 10, .route = SpectrumRoute::shift_invert});
        expect_sound(scaled, modes);
        EXPECT_NEAR(modes.values[0].real() / scale, 12.0, 1e-9);
    }
}

TEST(SparseModes, OfSmallMatricesAreDenseAndComplete) {
    const SparseModes modes = sparse_modes(rings(1, 50), {.count = 1000});
    EXPECT_EQ(modes.status, Status::converged);
    EXPECT_EQ(modes.route, SpectrumRoute::dense);
    EXPECT_EQ(modes.count_check, CountCheck::complete);
    EXPECT_EQ(modes.values.size(), 50);
}

TEST(SparseModes, GoNoKrylovRouteToMostOfTheSpectrum) {
    for (const SpectrumRoute route : krylov_routes) {
        EXPECT_THROW((void)sparse_modes(rings(1, 50), {.count = 1, .route = route}), UsageError);
        EXPECT_THROW((void)sparse_modes(rings(1, 400), {.count = 101, .route = route}), UsageError);
    }
}

TEST(SparseModes, NearAShiftOfAGeneralMatrixSayThatTheirCountIsNotChecked) {
    const SparseMatrix a = random_sparse(400, 5, Symmetry::none, 3);
    const SparseModes modes = sparse_modes(a, {.count = 6,
                                               .end = SpectrumEnd::nearest,
                                               .shift = 0.5,
                                               .route = SpectrumRoute::shift_invert});
    EXPECT_EQ(modes.count_check, CountCheck::none);
    EXPECT_THAT(modes.message, HasSubstr("without a check that none is missing"));
}

TEST(SparseModes, OfNoNodesAreNoneAndOfARectangleRefused) {
    EXPECT_EQ(sparse_modes(SparseMatrix(0, 0)).status, Status::converged);
    EXPECT_THROW((void)sparse_modes(SparseMatrix(2, 3)), UsageError);
    EXPECT_THROW((void)sparse_modes(rings(1, 9), {.count = 0}), UsageError);
    EXPECT_THROW((void)sparse_modes(rings(1, 9), {.tolerance = 0.0}), UsageError);
}

TEST(SparseModes, SayNonFiniteOfANaN) {
    SparseMatrix a = rings(1, 200);
    a.coeffRef(3, 3) = std::nan("");
    const SparseModes modes = sparse_modes(a);
    EXPECT_EQ(modes.status, Status::non_finite);
    EXPECT_EQ(modes.values.size(), 0);
}

RC_GTEST_PROP(EigenvalueCounts, AreThoseOfTheDenseMatrix, ()) {
    const auto n = *rc::gen::inRange<Index>(1, 60);
    const auto degree = *rc::gen::inRange<Index>(1, 12);
    const auto seed = *rc::gen::arbitrary<unsigned>();
    const SparseMatrix a = random_sparse(n, degree, Symmetry::symmetric, seed);
    const double number = 0.1 * *rc::gen::inRange(-50, 50) + 0.01234567;
    const auto count = count_eigenvalues_below(a, number);
    RC_ASSERT(count.has_value());
    const Vector values = symmetric_spectrum(Matrix(a)).values.real();
    RC_ASSERT(count->below >= (values.array() < number - count->error).count());
    RC_ASSERT(count->below <= (values.array() < number + count->error).count());
    RC_ASSERT(count->error < 1e-6);
}

TEST(EigenvalueCounts, OfALatticeFollowItsClosedForm) {
    const SparseMatrix a = torus(10);
    const std::vector<double> all = torus_eigenvalues(10);
    for (const double number : {-0.5, 0.1, 1.3, 5.05, 11.1, 12.5}) {
        const auto count = count_eigenvalues_below(a, number);
        ASSERT_TRUE(count.has_value()) << number;
        EXPECT_LT(count->error, 1e-3);
        EXPECT_EQ(count->below, std::ranges::lower_bound(all, number) - all.begin()) << number;
    }
}

}  // namespace
}  // namespace cortifold
