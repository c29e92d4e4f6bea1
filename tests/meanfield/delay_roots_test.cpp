#include "microcircuit.hpp"
#include "networks.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/meanfield/delay_roots.hpp>
#include <cortifold/meanfield/rate_network.hpp>

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <numbers>

namespace cortifold::test {
namespace {

using Complex = std::complex<double>;
using ::testing::HasSubstr;

RateNetwork rates(const Matrix& weights, double tau_ms, double delay_ms) {
    RateNetwork network{Vector::Constant(weights.rows(), tau_ms), {}};
    for (Eigen::Index i = 0; i < weights.rows(); ++i)
        for (Eigen::Index j = 0; j < weights.cols(); ++j)
            network.projections.push_back({static_cast<std::size_t>(j),
                                           static_cast<std::size_t>(i),
                                           weights(i, j),
                                           {DelayKind::fixed, delay_ms}});
    return network;
}

LinearFeedback one_rate(double weight, double tau_ms, double delay_ms) {
    return feedback_of(rates(Matrix::Constant(1, 1, weight), tau_ms, delay_ms));
}

int count(const LinearFeedback& feedback) {
    const UnstableRoots found = count_unstable_roots(feedback);
    EXPECT_TRUE(succeeded(found.status)) << found.message;
    return found.count;
}

using DelayRootsReference = ReferenceNumbers;
TEST_F(DelayRootsReference, AreTheBranchesOfLambertsFunction) {
    const Record& stored = at(cases, {"linear_stability"});
    const LinearFeedback feedback =
        feedback_of(rates(matrix_of(at(stored, {"W"})), number(at(stored, {"tau"})) / milli,
                          number(at(stored, {"delay"})) / milli));
    const auto found = find_characteristic_roots(feedback, {-2.5, 0.5, 10.0});
    ASSERT_TRUE(succeeded(found.status)) << found.message;
    // The matrix has rank 1: the other eigenvalue leaves -1 / tau.
    ASSERT_EQ(found.roots.size(), 4);
    EXPECT_EQ(found.counted, 7);
    EXPECT_TRUE(found.complete);
    EXPECT_NEAR(found.roots[0].lambda_per_ms.real(), -0.1, 1e-14);
    for (std::size_t k = 0; k < 3; ++k) {
        const Complex expected = complex_of(at(stored, {"branches", std::to_string(k)})) * milli,
                      root = found.roots[k + 1].lambda_per_ms;
        EXPECT_LT(std::abs(root - expected), 1e-12 * std::abs(expected));
        EXPECT_LT(found.roots[k].error, 1e-12);
    }
    EXPECT_EQ(count(feedback), 0);
}

// tau x' = -x + w x(t - d) with w < -1: i omega is a root where cos(omega d) = 1 / w and
// sin(omega d) = -omega tau / w (Hayes 1950).
TEST(DelayRoots, CrossTheAxisWhereHayesSaysSo) {
    constexpr double tau = 7.0, w = -3.0;
    const double omega = std::sqrt(w * w - 1.0) / tau;
    const double first = std::acos(1.0 / w) / omega, turn = 2.0 * std::numbers::pi / omega;
    for (int pairs = 0; pairs < 4; ++pairs) {
        const double onset = first + pairs * turn;
        EXPECT_EQ(count(one_rate(w, tau, onset * (1.0 - 1e-7))), 2 * pairs);
        EXPECT_EQ(count(one_rate(w, tau, onset * (1.0 + 1e-7))), 2 * pairs + 2);
    }
    const auto at_onset = find_characteristic_roots(one_rate(w, tau, first), {-0.1, 0.1, 1.0});
    ASSERT_FALSE(at_onset.roots.empty());
    EXPECT_LT(std::abs(at_onset.roots.front().lambda_per_ms - Complex(0.0, omega)), 1e-13);
}

TEST(DelayRoots, OfAWeakOrPositiveLoopAreCounted) {
    EXPECT_EQ(count(one_rate(-0.9, 5.0, 1000.0)), 0);  // stable at any delay
    EXPECT_EQ(count(one_rate(0.9, 5.0, 20.0)), 0);
    EXPECT_EQ(count(one_rate(1.1, 5.0, 0.1)), 1);
}

TEST(DelayRoots, WithoutDelayAreThoseOfTheMatrix) {
    const Matrix weights = (Matrix(2, 2) << 3.0, -2.5, 4.0, -1.0).finished();
    const LinearFeedback feedback = feedback_of(rates(weights, 10.0, 0.0));
    // (eigenvalue - 1) / tau of 1 +- i sqrt(6)
    const auto found = find_characteristic_roots(feedback, {-0.09, 0.5, 2.0});
    ASSERT_EQ(found.roots.size(), 1) << found.message;
    EXPECT_LT(std::abs(found.roots[0].lambda_per_ms - Complex(0.0, std::sqrt(6.0) / 10.0)), 1e-14);
    const auto real = find_characteristic_roots(one_rate(3.0, 10.0, 0.0), {-0.09, 0.5, 2.0});
    ASSERT_EQ(real.roots.size(), 1) << real.message;
    EXPECT_NEAR(real.roots[0].lambda_per_ms.real(), 0.2, 1e-15);
    EXPECT_EQ(real.roots[0].lambda_per_ms.imag(), 0.0);
}

TEST(DelayRoots, OfEqualLoopsAreMultiple) {
    const LinearFeedback feedback = feedback_of(rates(-3.0 * Matrix::Identity(2, 2), 7.0, 4.0));
    const auto found = find_characteristic_roots(feedback, {-0.2, 0.2, 1.0});
    ASSERT_TRUE(succeeded(found.status)) << found.message;
    const auto single = find_characteristic_roots(one_rate(-3.0, 7.0, 4.0), {-0.2, 0.2, 1.0});
    ASSERT_EQ(found.roots.size(), single.roots.size());
    EXPECT_EQ(found.roots[0].multiplicity, 2);
    EXPECT_LT(std::abs(found.roots[0].lambda_per_ms - single.roots[0].lambda_per_ms),
              found.roots[0].error);
}

RC_GTEST_PROP(DelayRoots, AreAsManyAsTheAxisTells, ()) {
    const int n = *rc::gen::inRange(1, 4);
    RateNetwork network{Vector(n), {}};
    for (int i = 0; i < n; ++i) {
        network.tau_ms[i] = *rc::gen::inRange(20, 300) * 0.1;
        for (int j = 0; j < n; ++j)
            network.projections.push_back(
                {static_cast<std::size_t>(j),
                 static_cast<std::size_t>(i),
                 *rc::gen::inRange(-40, 40) * 0.1,
                 {DelayKind::truncated_gaussian, *rc::gen::inRange(1, 80) * 0.1, 0.5}});
    }
    const LinearFeedback feedback = feedback_of(network);
    const UnstableRoots unstable = count_unstable_roots(feedback);
    RC_PRE(succeeded(unstable.status) && unstable.least_distance > 1e-6);
    // On the right |lambda| tau <= sum of |w|.
    const auto found = find_characteristic_roots(feedback, {0.0, 8.0, 8.0});
    RC_ASSERT(succeeded(found.status));
    RC_ASSERT(found.counted == unstable.count);
}

using MicrocircuitRoots = ReferenceNumbers;
// Bos et al. 2016: an eigenvalue of M passes 1 on its right at 284 Hz.
TEST_F(MicrocircuitRoots, OfHighGammaGrowInTheLinearTheory) {
    const LifNetwork network = microcircuit(at(bos, {"params_SI"}));
    for (const SynapseTheory theory : {SynapseTheory::shift, SynapseTheory::taylor}) {
        const WorkingPoint point = find_working_point(network, theory);
        const LinearFeedback feedback = feedback_of(network, point, {.theory = theory});
        EXPECT_EQ(count(feedback), 2);
        const auto found = find_characteristic_roots(feedback, {0.0, 0.2, 3.0});
        ASSERT_TRUE(found.complete) << found.message;
        ASSERT_EQ(found.roots.size(), 1);
        EXPECT_LT(found.roots[0].residual, 1e-9);
        EXPECT_NEAR(found.roots[0].lambda_per_ms.imag() / (2e-3 * std::numbers::pi), 284.0, 10.0);
    }
}

TEST(DelayRoots, AreNotCountedWhereTheFeedbackStays) {
    const LinearFeedback constant{[](const ComplexVector& lambda) {
        return std::vector<ComplexMatrix>(static_cast<std::size_t>(lambda.size()),
                                          ComplexMatrix::Constant(1, 1, 0.99));
    }};
    const UnstableRoots found = count_unstable_roots(constant);
    EXPECT_EQ(found.status, Status::no_theory);
    EXPECT_THAT(found.message, HasSubstr("cannot be counted"));
    const UnstableRoots neutral = count_unstable_roots(one_rate(1.0, 5.0, 1.0));
    EXPECT_EQ(neutral.status, Status::singular_jacobian);
}

TEST(DelayRoots, RefuseWhatIsNoRegionAndNoNetwork) {
    const LinearFeedback feedback = one_rate(1.0, 5.0, 1.0);
    EXPECT_THROW((void)find_characteristic_roots(feedback, {1.0, 0.0, 1.0}), UsageError);
    EXPECT_THROW((void)find_characteristic_roots(feedback, {0.0, 1.0, 0.0}), UsageError);
    EXPECT_THROW((void)one_rate(1.0, 0.0, 1.0), UsageError);
    EXPECT_THROW((void)feedback_of(RateNetwork{Vector::Ones(1), {{0, 1, 1.0, {}}}}), UsageError);
}

}  // namespace
}  // namespace cortifold::test
