// What every model in the registry must satisfy, and every model written as text. A new model is
// tested by being listed in models/CMakeLists.txt, or by its .ode file in its folder.

#include "model/equation_models.hpp"
#include "models/node_argument.hpp"
#include "models/registered_model.hpp"
#include "models/shipped_models.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>

using namespace cortifold;

namespace {

constexpr std::array<std::string_view, 20> known_units{
    "1",    "ms",   "s",  "1/ms", "1/s", "Hz", "rad/s", "rad/ms", "mV",     "mV/ms",
    "mV/s", "1/mV", "pA", "nA",   "nS",  "pF", "mm",    "uA/cm2", "mS/cm2", "uF/cm2"};

constexpr double step = 4e-4;           ///< of differences, in units of an argument's own size
constexpr double truncation = 1e-8;     ///< relative error of a difference of fourth order
constexpr double cancellation = 1e-12;  ///< its roundoff: unit roundoff over the step

/// The slope at 0 of a function of t, by the central difference of fourth order.
Matrix slope(auto&& function) {
    const Matrix near = function(step) - function(-step);
    const Matrix far = function(2.0 * step) - function(-2.0 * step);
    return (8.0 * near - far) / (12.0 * step);
}

/// Where the exact slope differs from the difference by more than the difference is wrong.
void expect_slope(const Matrix& exact, const Matrix& difference, const Matrix& function) {
    const double scale = function.cwiseAbs().maxCoeff();
    for (Eigen::Index i = 0; i < exact.rows(); ++i)
        for (Eigen::Index k = 0; k < exact.cols(); ++k)
            EXPECT_NEAR(difference(i, k), exact(i, k),
                        truncation * std::abs(exact(i, k)) + cancellation * (scale + 1.0))
                << "row " << i << ", column " << k;
}

class Model : public RegisteredModel {
protected:
    const NodeArgument argument{*node};
    const Vector z = argument.near_defaults(1);
    const Vector v = argument.direction(2);
};

/// Batches of nodes near the defaults, a row a node.
struct Batch {
    Matrix x, u, p;

    Batch(const NodeArgument& argument, Eigen::Index rows) {
        Matrix z(argument.size(), rows);
        for (Eigen::Index k = 0; k < rows; ++k)
            z.col(k) = argument.near_defaults(static_cast<std::uint64_t>(k));
        x = argument.x(z).transpose();
        u = argument.u(z).transpose();
        p = argument.p(z).transpose();
    }
    [[nodiscard]] Matrix evaluate(const Node& node, Eigen::Index first, Eigen::Index rows) const {
        const auto n_h = static_cast<Eigen::Index>(node.outputs().size());
        const auto part = [&](const Matrix& all) { return all.middleRows(first, rows); };
        Matrix dx(rows, x.cols()), h(rows, n_h);
        node.rhs_batch(part(x), part(u), part(p), dx);
        node.output_batch(part(x), part(p), h);
        return (Matrix(rows, x.cols() + n_h) << dx, h).finished();
    }
};

constexpr std::array<Eigen::Index, 5> batch_sizes{1, 7, 8, 9, 90};

}  // namespace

TEST_P(Model, ItsTablesAreComplete) {
    for (const auto table : {node->states(), node->inputs(), node->outputs(), node->parameters()}) {
        std::set<std::string_view> names;
        for (const Quantity& q : table) {
            EXPECT_TRUE(names.insert(q.name).second) << q.name << " stands twice";
            EXPECT_THAT(known_units, testing::Contains(q.unit)) << q.name;
            EXPECT_FALSE(q.meaning.empty()) << q.name;
        }
    }
    EXPECT_THAT(known_units, testing::Contains(node->time_unit()));
    EXPECT_FALSE(node->states().empty());
}

TEST_P(Model, ItsNameIsThatOfItsFolder) {
    EXPECT_EQ(node->name(), GetParam().name);
}

TEST_P(Model, ItsDefaultsLieInsideTheirRanges) {
    for (const auto table : {node->states(), node->inputs(), node->outputs(), node->parameters()})
        for (const Quantity& q : table) {
            EXPECT_LT(q.low, q.high) << q.name;
            EXPECT_GE(q.value, q.low) << q.name;
            EXPECT_LE(q.value, q.high) << q.name;
        }
}

TEST_P(Model, StatesAndParametersDoNotShareNames) {
    for (const Quantity& state : node->states())
        EXPECT_EQ(find_index(node->parameters(), state.name), std::nullopt) << state.name;
}

TEST_P(Model, ItIsFiniteWithItsDerivativesEverywhereInItsRanges) {
    constexpr std::uint64_t points = 200;
    for (std::uint64_t seed = 0; seed < points; ++seed) {
        const Vector at = argument.in_range(seed);
        EXPECT_TRUE(argument.value(at).allFinite()) << at.transpose();
        EXPECT_TRUE(argument.jacobian(at).allFinite()) << at.transpose();
        EXPECT_TRUE(argument.jacobian_slope(at, v).allFinite()) << at.transpose();
    }
}

TEST_P(Model, ItsJacobianIsTheSlopeOfItsRightHandSide) {
    const Matrix exact = argument.jacobian(z);
    for (Eigen::Index k = 0; k < argument.size(); ++k) {
        const Vector direction = v[k] * Vector::Unit(argument.size(), k);
        expect_slope(exact.col(k) * v[k],
                     slope([&](double t) { return argument.value(z + t * direction); }),
                     argument.value(z));
    }
}

TEST_P(Model, ItsDirectionalDerivativeIsTheSlopeOfItsJacobian) {
    expect_slope(argument.jacobian_slope(z, v),
                 slope([&](double t) { return argument.jacobian(z + t * v); }),
                 argument.jacobian(z));
}

TEST_P(Model, ItsTaylorSeriesBeginsWithItsJacobianAndItsDirectionalDerivative) {
    constexpr double roundoff = 1e-13;
    Matrix curve = Matrix::Zero(argument.size(), 3);
    curve.col(0) = z;
    curve.col(1) = v;
    const Matrix found = argument.taylor(curve);
    Matrix expected(found.rows(), 3);
    expected << argument.value(z), argument.jacobian(z) * v,
        0.5 * argument.jacobian_slope(z, v) * v;
    EXPECT_LT((found - expected).cwiseAbs().maxCoeff(), roundoff * expected.cwiseAbs().maxCoeff());
}

// Moving the origin of the expansion along the curve: d c_k / dt = (k + 1) c_{k+1}, for every
// order.
TEST_P(Model, ItsTaylorCoefficientsAreTheSlopesOfTheOnesBelow) {
    Matrix curve = Matrix::Zero(argument.size(), Node::taylor_order + 1);
    curve.col(1) = 0.1 * v;
    const auto coefficients = [&](double t) {
        curve.col(0) = z + t * curve.col(1);
        return argument.taylor(curve);
    };
    const Matrix at = coefficients(0.0);
    const Matrix difference = slope(coefficients);
    for (Eigen::Index k = 0; k < Node::taylor_order; ++k)
        expect_slope(static_cast<double>(k + 1) * at.col(k + 1), difference.col(k), at.col(k));
}

TEST_P(Model, ARowIsTheSameInEveryBatch) {
    const Batch batch(argument, batch_sizes.back());
    const Matrix all = batch.evaluate(*node, 0, batch_sizes.back());
    for (const Eigen::Index rows : batch_sizes) {
        const Eigen::Index last = batch_sizes.back() - rows;
        EXPECT_EQ(batch.evaluate(*node, 0, rows), all.topRows(rows)) << rows;
        EXPECT_EQ(batch.evaluate(*node, last, rows), all.bottomRows(rows)) << rows;
    }
}

TEST_P(Model, ABatchAgreesWithOneNodeAtATime) {
    constexpr double relative = 1e-14;
    for (const Eigen::Index rows : batch_sizes) {
        const Matrix found = Batch(argument, rows).evaluate(*node, 0, rows);
        for (Eigen::Index k = 0; k < rows; ++k) {
            const Vector at = argument.near_defaults(static_cast<std::uint64_t>(k));
            const Vector expected = argument.value(at);
            EXPECT_LE((found.row(k).transpose() - expected).cwiseAbs().maxCoeff(),
                      relative * expected.cwiseAbs().maxCoeff());
        }
    }
}

TEST_P(Model, SharedParametersAreThoseOfEveryRow) {
    constexpr Eigen::Index rows = 9;
    Batch batch(argument, rows);
    const Matrix one = batch.p.topRows(1);
    Matrix dx(rows, batch.x.cols());
    node->rhs_batch(batch.x, batch.u, one, dx);
    batch.p = one.replicate(rows, 1);
    EXPECT_EQ(dx, batch.evaluate(*node, 0, rows).leftCols(batch.x.cols()));
}

TEST_P(Model, ItsReadmeNamesItsSource) {
    EXPECT_THAT(std::string(GetParam().readme), testing::ContainsRegex("doi.org/10\\.|arXiv:"));
}

INSTANTIATE_TEST_SUITE_P(Registry, Model, every_model(), model_name);

namespace {

/// A built-in model with its formulas as text.
TestedModel as_text(const WrittenModel& written) {
    TestedModel model = find_model(written.name);
    model.make = [written] { return make_equation_node(written.definition()); };
    return model;
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Text, Model,
                         testing::Values(as_text(written_fitzhugh_nagumo()),
                                         as_text(written_jansen_rit()), as_text(written_ng_ping())),
                         model_name);
INSTANTIATE_TEST_SUITE_P(Shipped, Model, every_shipped_model(), model_name);
