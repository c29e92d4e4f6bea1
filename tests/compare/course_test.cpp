#include <cortifold/compare/course.hpp>
#include <cortifold/core/error.hpp>
#include <cortifold/core/rng.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace cortifold {
namespace {

PredictedCourse course(const std::function<double(double)>& rate, double end_ms, int points) {
    const Vector t = Vector::LinSpaced(points, 0.0, end_ms);
    return {t, t.unaryExpr(rate)};
}

/// Middles of bins of 2 ms over a second, counts with the scatter of Poisson ones.
CountedCourse counted(const std::function<double(double)>& rate, double size) {
    const Vector t = Vector::LinSpaced(500, 1.0, 999.0);
    Vector rates = t.unaryExpr(rate);
    const CounterRng rng({.seed = 3});
    for (Eigen::Index k = 0; k < t.size(); ++k)
        rates[k] += rng.normal(static_cast<std::uint64_t>(k)) * std::sqrt(rates[k] / (size * 2e-3));
    return {t, rates, 2.0, size};
}

double wave(double t) {
    return 30.0 + 20.0 * std::sin(0.02 * t);
}

TEST(Courses, AreAveragedOverBins) {
    const auto slope = [](double t) { return 10.0 + 0.1 * t; };
    const CourseComparison found =
        compare_courses(course(slope, 1000.0, 3),
                        {Vector::LinSpaced(100, 5.0, 995.0), Vector::Zero(100), 10.0, 1e3});
    ASSERT_EQ(found.t_ms.size(), 100);
    EXPECT_NEAR(found.predicted_hz[37], slope(375.0), 1e-12);
    const auto bent =
        compare_courses({Vector::LinSpaced(3, 0.0, 2.0), Eigen::Vector3d(0.0, 6.0, 0.0)},
                        {Vector::Constant(1, 1.0), Vector::Zero(1), 2.0, 1.0});
    EXPECT_NEAR(bent.predicted_hz[0], 3.0, 1e-14);
}

TEST(Courses, InBinsAreTakenAsTheyAre) {
    const Vector t = Vector::LinSpaced(500, 1.0, 999.0);
    const PredictedCourse jagged{t, Vector::LinSpaced(500, 1.0, 9.0) + Vector::Random(500), 2.0};
    EXPECT_LT((compare_courses(jagged, counted(wave, 1e4)).predicted_hz - jagged.rate_hz)
                  .cwiseAbs()
                  .maxCoeff(),
              1e-9);
    const Vector wide = Vector::LinSpaced(250, 2.0, 998.0);
    const auto two = compare_courses(jagged, {wide, wide, 4.0, 1e4});
    EXPECT_NEAR(two.predicted_hz[7], 0.5 * (jagged.rate_hz[14] + jagged.rate_hz[15]), 1e-9);
}

TEST(Courses, HaveTheScatterOfCounts) {
    const CourseComparison found = compare_courses(course(wave, 1000.0, 5000), counted(wave, 1e4));
    EXPECT_NEAR(found.predicted_hz[100], wave(found.t_ms[100]), 3e-3);  // bend of 2 ms
    EXPECT_DOUBLE_EQ(found.error_hz[100], std::sqrt(found.predicted_hz[100] / (1e4 * 2e-3)));
    EXPECT_NEAR(found.squares, 500.0, 4.0 * std::sqrt(2.0 * 500.0));
    EXPECT_NEAR(found.deviation_hz, found.scatter_hz, 0.1 * found.scatter_hz);
    EXPECT_TRUE(found.agrees({.tolerance = 0.0, .largest_z = 3.0}));
}

TEST(Courses, ThatLagAreFoundOut) {
    const auto late = [](double t) { return wave(t - 10.0); };
    const CourseComparison found = compare_courses(course(wave, 1000.0, 5000), counted(late, 1e4));
    EXPECT_FALSE(found.agrees({.tolerance = 0.05, .largest_z = 3.0}));
    EXPECT_TRUE(found.agrees({.tolerance = 0.2, .largest_z = 3.0}));
    EXPECT_GT(std::abs(*found.at(found.largest).z()), 4.0);
}

TEST(Courses, EndWhereThePredictionDoes) {
    EXPECT_EQ(compare_courses(course(wave, 500.0, 100), counted(wave, 1e4)).t_ms.size(), 250);
    EXPECT_EQ(
        compare_courses({Eigen::Vector2d(2e3, 3e3), Eigen::Vector2d(1.0, 1.0)}, counted(wave, 1e4))
            .t_ms.size(),
        0);
}

TEST(Courses, OfSilenceHaveTheErrorOfASpike) {
    const CourseComparison found = compare_courses(course([](double) { return 0.0; }, 1000.0, 2),
                                                   counted([](double) { return 0.0; }, 50.0));
    EXPECT_DOUBLE_EQ(found.error_hz[0], 1.0 / (50.0 * 2e-3));
    EXPECT_TRUE(found.agrees({}));
}

TEST(Courses, RefuseTimesThatDoNotAscend) {
    EXPECT_THROW((void)compare_courses({Eigen::Vector2d(1.0, 1.0), Eigen::Vector2d(1.0, 1.0)},
                                       counted(wave, 1e4)),
                 UsageError);
}

}  // namespace
}  // namespace cortifold
