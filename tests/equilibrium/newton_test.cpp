#include "fields.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/equilibrium/newton.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace cortifold {
namespace {

using ::testing::HasSubstr;
using testing::jansen_rit;
using testing::make_field;
using testing::montbrio_pazo_roxin;
using ::testing::ThrowsMessage;
using testing::vector;

constexpr double epsilon = std::numeric_limits<double>::epsilon();

EquilibriumResult solve(std::shared_ptr<const VectorField> field, Vector parameters, Vector guess,
                        NewtonMethod method = NewtonMethod::newton) {
    return find_equilibrium({std::move(field), std::move(parameters), std::move(guess)},
                            {.method = method});
}

constexpr auto square_root_formula = [](const auto& x, const auto& p) {
    return std::array{p[0] - x[0] * x[0]};
};
const auto square_root = make_field<1, 1>(square_root_formula);

TEST(FindEquilibrium, ReachesTheLastDigitAndTheExactEigenvalue) {
    const EquilibriumResult result = solve(square_root, vector({2.0}), vector({1.0}));
    EXPECT_EQ(result.status, Status::converged) << result.message;
    EXPECT_NEAR(result.state[0], std::sqrt(2.0), epsilon);
    EXPECT_NEAR(result.eigenvalues[0].real(), -2.0 * std::sqrt(2.0), 4.0 * epsilon);
    EXPECT_EQ(result.n_unstable, 0);
}

TEST(FindEquilibrium, ConvergesQuadratically) {
    const auto residuals = solve(square_root, vector({2.0}), vector({1.5})).residuals;
    for (std::size_t k = 1; k + 1 < residuals.size(); ++k)
        EXPECT_LT(residuals[k], residuals[k - 1] * residuals[k - 1]);
}

TEST(FindEquilibrium, GivesTheSameRootInAnyUnits) {
    for (const double unit : {1e-9, 1.0, 1e9}) {
        const EquilibriumResult result =
            solve(square_root, vector({2.0 * unit * unit}), vector({unit}));
        EXPECT_TRUE(succeeded(result.status)) << result.message;
        EXPECT_NEAR(result.state[0] / unit, std::sqrt(2.0), 2.0 * epsilon);
    }
}

// Newton without damping diverges from |x| > 1.39.
TEST(FindEquilibrium, IsGlobalizedByTheLineSearch) {
    const auto arctangent = make_field<1, 0>([](const auto& x, const auto&) {
        using std::log, std::sqrt;
        const auto s = x[0] + sqrt(x[0] * x[0] + 1.0);
        return std::array{log(s)};  // asinh
    });
    const EquilibriumProblem far{arctangent, Vector(), vector({300.0})};
    EXPECT_EQ(find_equilibrium(far).status, Status::converged);
    EXPECT_NEAR(find_equilibrium(far).state[0], 0.0, 1e-15);
    EXPECT_FALSE(succeeded(find_equilibrium(far, {.line_search = false}).status));
}

class BothMethods : public ::testing::TestWithParam<NewtonMethod> {};
INSTANTIATE_TEST_SUITE_P(, BothMethods,
                         ::testing::Values(NewtonMethod::newton, NewtonMethod::kinsol));

// Exact: v = -Delta / (2 pi r) and the quartic in r of eta = -5, J = 15.
TEST_P(BothMethods, FindTheFocusOfTheBistableMeanField) {
    const EquilibriumResult focus =
        solve(montbrio_pazo_roxin(), vector({-5.0, 15.0}), vector({1.2, -0.2}), GetParam());
    ASSERT_EQ(focus.status, Status::converged) << focus.message;
    EXPECT_NEAR(focus.state[0], 1.0305967988375717, 1e-15);
    EXPECT_NEAR(focus.state[1], -0.15442988302642605, 1e-15);
    EXPECT_NEAR(focus.eigenvalues[0].real(), -0.3088597660528521, 1e-14);
    EXPECT_NEAR(focus.eigenvalues[0].imag(), 3.318628982006482, 1e-14);
}

// In the curve's own parametrization by y = y1 - y2 (reference: specs of the model, section 1.3).
TEST_P(BothMethods, SolveTheJansenRitModelInPhysicalUnitsWithoutTuning) {
    const auto rate = [](double v) { return 5.0 / (1.0 + std::exp(0.56 * (6.0 - v))); };
    for (const double y : {-1.0, 3.0, 8.0}) {
        const double y0 = 0.0325 * rate(y), y2 = 0.44 * 33.75 * rate(33.75 * y0), y1 = y + y2;
        const double p = y1 / 0.0325 - 108.0 * rate(135.0 * y0);
        const Vector exact = vector({y0, y1, y2, 0.0, 0.0, 0.0});
        const Vector guess = exact + vector({0.01, 1.0, -1.0, 1.0, 100.0, -100.0});
        const EquilibriumResult result = solve(jansen_rit(), vector({p}), guess, GetParam());
        ASSERT_EQ(result.status, Status::converged) << result.message;
        EXPECT_LT((result.state - exact).cwiseAbs().maxCoeff(), 1e-12) << "y = " << y;
    }
}

TEST_P(BothMethods, SayWhyThereIsNoEquilibrium) {
    const EquilibriumResult result = solve(square_root, vector({-1.0}), vector({3.0}), GetParam());
    EXPECT_FALSE(succeeded(result.status));
    EXPECT_NE(result.status, Status::non_finite);
    EXPECT_TRUE(result.state.allFinite());
    EXPECT_EQ(result.eigenvalues.size(), 0);
    EXPECT_FALSE(result.message.empty());
}

TEST_P(BothMethods, ReportAFieldThatIsNotFinite) {
    const auto logarithm = make_field<1, 0>([](const auto& x, const auto&) {
        using std::log;
        return std::array{log(x[0])};
    });
    const EquilibriumResult result = solve(logarithm, Vector(), vector({-1.0}), GetParam());
    EXPECT_EQ(result.status, Status::non_finite) << result.message;
    EXPECT_EQ(result.state[0], -1.0);
    EXPECT_FALSE(std::isnan(result.residual));
}

TEST(FindEquilibrium, NamesItsFactsWhenTheIterationsRunOut) {
    const EquilibriumResult result =
        find_equilibrium({square_root, vector({2.0}), vector({1e6})}, {.max_iterations = 3});
    EXPECT_EQ(result.status, Status::iteration_limit);
    EXPECT_EQ(result.residuals.size(), 3u);
    EXPECT_THAT(result.message, HasSubstr("after 3 Newton iterations: scaled residual"));
}

TEST(FindEquilibrium, ReportsASingularJacobianUnlessTheFieldVanishesThere) {
    EXPECT_EQ(solve(square_root, vector({2.0}), vector({0.0})).status, Status::singular_jacobian);
    EXPECT_EQ(solve(square_root, vector({0.0}), vector({0.0})).status, Status::converged);
}

TEST(FindEquilibrium, ClosesInOnADoubleRoot) {
    const EquilibriumResult fold = solve(square_root, vector({0.0}), vector({1.0}));
    EXPECT_NEAR(fold.state[0], 0.0, 1e-12) << fold.message;
}

using SquareRoot = testing::FormulaField<1, 1, decltype(square_root_formula)>;

TEST(FindEquilibrium, ClaimsNoStabilityOfAFixedPointMap) {
    struct Map : SquareRoot {
        using SquareRoot::SquareRoot;
        [[nodiscard]] Meaning meaning() const override { return Meaning::fixed_point_map; }
    };
    const EquilibriumResult result =
        solve(std::make_shared<Map>(square_root_formula), vector({2.0}), vector({1.0}));
    EXPECT_EQ(result.status, Status::converged);
    EXPECT_EQ(result.eigenvalues.size(), 0);
}

TEST_P(BothMethods, UseTheStructuredSolverOfAField) {
    struct Structured : SquareRoot {
        using SquareRoot::SquareRoot;
        [[nodiscard]] bool has_structured_solver() const override { return true; }
        [[nodiscard]] std::unique_ptr<LinearSolver<double>> factorize(ConstVectorRef x,
                                                                      ConstVectorRef p,
                                                                      double shift) const override {
            ++factorizations;
            return SquareRoot::factorize(x, p, shift);
        }
        mutable int factorizations = 0;
    };
    const auto field = std::make_shared<Structured>(square_root_formula);
    const EquilibriumResult result = solve(field, vector({2.0}), vector({1.0}), GetParam());
    EXPECT_EQ(result.status, Status::converged);
    EXPECT_GE(field->factorizations, static_cast<int>(result.residuals.size()));
}

TEST(FindEquilibrium, RefusesWrongSizesAndOptionsByName) {
    EXPECT_THAT(
        [] {
            (void)solve(square_root, vector({1.0, 2.0}), vector({1.0}));
        },
        ThrowsMessage<UsageError>(HasSubstr("2 parameters were given, the field has 1")));
    EXPECT_THAT([] { (void)solve(nullptr, Vector(), Vector()); },
                ThrowsMessage<UsageError>(HasSubstr("no field")));
    EXPECT_THAT([] { NewtonOptions{.max_iterations = 0}.validate(); },
                ThrowsMessage<UsageError>(HasSubstr("newton.max_iterations = 0")));
}

}  // namespace
}  // namespace cortifold
