#include <cortifold/continuation/equilibrium_curve.hpp>
#include <cortifold/core/error.hpp>
#include <cortifold/model/equation_model.hpp>
#include <cortifold/synchrony/transverse.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace cortifold {
namespace {

constexpr double rounding = 1e-9;

std::vector<SpecialPoint> of_type(const Branch& branch, PointType type) {
    std::vector<SpecialPoint> found;
    std::ranges::copy_if(branch.special, std::back_inserter(found),
                         [&](const SpecialPoint& point) { return point.type == type; });
    return found;
}

Link diffusive(const std::string& output, const std::string& input, double gain) {
    Link link;
    link.output = output;
    link.input = input;
    link.kind = CouplingKind::diffusive;
    link.gain = gain;
    return link;
}

/// The Brusselator with diffusion: d(lambda) = -lambda times the gains is what a mode loses.
struct Reaction {
    static constexpr double gain_x = 0.2, gain_y = 0.6;
    ModeSet modes;
    Vector parameters;
    std::array<std::size_t, 2> free{};

    explicit Reaction(const ComplexVector& lambdas) {
        const EquationDefinition definition = parse_ode(
            "par A=1, B=1, u=0, w=0\ninit X=1, Y=1\n"
            "X' = A - (B + 1)*X + X^2*Y + u\nY' = B*X - X^2*Y + w\ndone\n",
            "brusselator.ode", {});
        modes.network.kinds = {make_equation_node(definition, {{"X", "Y"}, {"u", "w"}})};
        modes.network.links = {diffusive("X", "u", gain_x), diffusive("Y", "w", gain_y)};
        modes.network.strength = 1.0;
        modes.field = make_homogeneous_field(modes.network);
        modes.lambdas = lambdas;
        parameters = default_values(modes.field->parameters());
        free = {index_of(modes.field->parameters(), "A"), index_of(modes.field->parameters(), "B")};
    }

    /// B where a mode begins to grow: a Turing instability, or an oscillatory one.
    static double turing(double A, double lambda) {
        const double x = -lambda * gain_x, y = -lambda * gain_y;
        return (1.0 + x) * (A * A + y) / y;
    }
    static double oscillatory(double A, double lambda) {
        return 1.0 + A * A - lambda * (gain_x + gain_y);
    }
    [[nodiscard]] double first(double A) const {
        double least = 1e9;
        for (const std::complex<double> lambda : modes.lambdas)
            least = std::min({least, turing(A, lambda.real()), oscillatory(A, lambda.real())});
        return least;
    }

    /// Where B begins to be critical for a given A, and the curve in both from there.
    [[nodiscard]] SpecialPoint start(double A) {
        parameters[static_cast<Eigen::Index>(free[0])] = A;
        const Vector equilibrium{{A, parameters[static_cast<Eigen::Index>(free[1])] / A}};
        ContinuationOptions options{.bounds = {{0.5, 6.0}}};
        options.tests = {transverse_test(modes, parameters, free[1])};
        const Branch branch = continue_branch(
            equilibrium_curve(modes.field, parameters, free[1]),
            equilibrium_start(equilibrium, parameters[static_cast<Eigen::Index>(free[1])]),
            options);
        const auto found = of_type(branch, PointType::transverse);
        EXPECT_EQ(found.size(), 1U);
        return found.at(0);
    }
    [[nodiscard]] std::vector<TransverseCurve> curves(double A) {
        const SpecialPoint at = start(A);
        parameters[static_cast<Eigen::Index>(free[1])] = at.at.parameters[0];
        return follow_transverse({modes, parameters, free, at.at},
                                 {.bounds = {{0.2, 2.0}, {0.5, 6.0}}});
    }
};

std::pair<double, double> ends(const std::vector<TransverseCurve>& curves) {
    double low = 1e9, high = -1e9;
    for (const TransverseCurve& curve : curves)
        for (const BranchPoint& point : curve.branch.points) {
            low = std::min(low, point.parameters[0]);
            high = std::max(high, point.parameters[0]);
        }
    return {low, high};
}

TEST(TransverseTest, FindsWhereAModeBeginsToGrowAndHow) {
    Reaction reaction(ComplexVector::Constant(1, -1.0));
    const SpecialPoint slow = reaction.start(0.5);
    EXPECT_NEAR(slow.at.parameters[0], Reaction::turing(0.5, -1.0), rounding);
    EXPECT_EQ(slow.scenario, "stationary");
    const SpecialPoint fast = reaction.start(1.5);
    EXPECT_NEAR(fast.at.parameters[0], Reaction::oscillatory(1.5, -1.0), rounding);
    EXPECT_EQ(fast.scenario, "oscillatory");
    EXPECT_NEAR(fast.normal_form.at("lambda"), -1.0, 0.0);
}

TEST(TransverseCurves, OfAModeAreTuringLinesThatTurnOscillatoryAtABogdanovTakensPoint) {
    Reaction reaction(ComplexVector::Constant(1, -1.0));
    for (const double A : {0.5, 1.5}) {
        const auto curves = reaction.curves(A);
        ASSERT_EQ(curves.size(), 2U) << A;
        for (const TransverseCurve& curve : curves) {
            const bool turing = curve.critical.transition == Transition::stationary;
            ASSERT_GT(curve.branch.points.size(), 3U);
            for (const BranchPoint& point : curve.branch.points) {
                const double A_here = point.parameters[0];
                EXPECT_NEAR(
                    point.parameters[1],
                    turing ? Reaction::turing(A_here, -1.0) : Reaction::oscillatory(A_here, -1.0),
                    rounding);
            }
            const auto special = of_type(curve.branch, PointType::bogdanov_takens);
            if (special.empty()) continue;
            EXPECT_NEAR(special[0].at.parameters[0], std::sqrt(0.6), rounding);
        }
        EXPECT_NEAR(ends(curves).first, 0.2, rounding);
        EXPECT_NEAR(ends(curves).second, 2.0, rounding);
    }
}

TEST(TransverseCurves, OfAllModesAreTheirEnvelope) {
    Reaction reaction(ComplexVector{{-0.5, -1.0, -2.0, -3.0, -3.0}});
    const auto curves = reaction.curves(0.5);
    ASSERT_EQ(curves.size(), 4U);  // Turing, Turing, oscillatory, Turing
    std::set<double> corners;
    for (const TransverseCurve& curve : curves)
        for (const BranchPoint& point : curve.branch.points) {
            EXPECT_NEAR(point.parameters[1], reaction.first(point.parameters[0]), rounding);
            EXPECT_EQ(point.n_unstable, 0);
        }
    for (const TransverseCurve& curve : curves)
        for (const SpecialPoint& special : curve.branch.special)
            corners.insert(special.at.parameters[0]);
    for (const double square : {0.1 / (5.0 / 3.0), 0.2, 1.8})
        EXPECT_NEAR(*std::ranges::min_element(corners, {},
                                              [&](double A) { return std::abs(A * A - square); }),
                    std::sqrt(square), rounding);
    EXPECT_NEAR(ends(curves).first, 0.2, rounding);
    EXPECT_NEAR(ends(curves).second, 2.0, rounding);
}

/// Two routes: defining systems with second derivatives of a ring, and eigenvalues.
TEST(TransverseCurves, OfComplexModesAreZerosOfTheirGrowth) {
    Reaction reaction(
        ComplexVector{{std::complex<double>(-1.0, 0.7), std::complex<double>(-1.0, -0.7)}});
    for (const double A : {0.4, 1.2}) {
        const auto curves = reaction.curves(A);
        ASSERT_FALSE(curves.empty());
        for (const TransverseCurve& curve : curves) {
            ASSERT_GT(curve.branch.points.size(), 3U) << curve.branch.message;
            for (const BranchPoint& point : curve.branch.points) {
                Vector p = reaction.parameters;
                p[static_cast<Eigen::Index>(reaction.free[0])] = point.parameters[0];
                p[static_cast<Eigen::Index>(reaction.free[1])] = point.parameters[1];
                const Mode mode = stability_of_equilibrium(reaction.modes.field, p, point.z.head(2))
                                      ->at(reaction.modes.lambdas.head(1))
                                      .front();
                EXPECT_NEAR(mode.growth, 0.0, rounding);
                EXPECT_NEAR(std::abs(mode.eigenvalues[0].imag()),
                            std::sqrt(point.z[point.z.size() - 1]), rounding);
            }
        }
        EXPECT_NEAR(ends(curves).second, 2.0, rounding);
    }
}

TEST(CriticalPattern, IsTheEigenvectorOfTheModesJacobian) {
    Reaction reaction(ComplexVector::Constant(1, -1.0));
    for (const double A : {0.5, 1.5}) {
        const SpecialPoint at = reaction.start(A);
        Vector p = reaction.parameters;
        p[static_cast<Eigen::Index>(reaction.free[1])] = at.at.parameters[0];
        const auto critical = critical_values(reaction.modes, p, at.at);
        ASSERT_FALSE(critical.empty());
        const ComplexVector v =
            critical_pattern({reaction.modes, p, reaction.free, at.at}, critical[0]);
        Matrix at_zero(2, 2), slope(2, 2);
        reaction.modes.field->mode_jacobian(at.at.z.head(2), p, at_zero, slope);
        EXPECT_LT(((at_zero - slope) * v - critical[0].value * v).norm(), 1e-7);
        EXPECT_NEAR(v.norm(), 1.0, 1e-14);
    }
}

TEST(TransverseCurves, NeedTwoParametersAndACriticalStart) {
    Reaction reaction(ComplexVector::Constant(1, -1.0));
    const SpecialPoint at = reaction.start(0.5);
    EXPECT_TRUE(
        follow_transverse({reaction.modes, reaction.parameters, reaction.free, at.at}, {}).empty());
    EXPECT_THROW(
        (void)follow_transverse(
            {reaction.modes, reaction.parameters, {reaction.free[0], reaction.free[0]}, at.at}, {}),
        UsageError);
}

}  // namespace
}  // namespace cortifold
