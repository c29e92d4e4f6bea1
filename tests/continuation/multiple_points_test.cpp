// Points where symmetry makes several eigenvalues cross at once: where they are, how many branches
// leave, and their curves in two parameters.
#include "support/branches.hpp"
#include <cortifold/continuation/two_parameter.hpp>
#include <cortifold/equilibrium/newton.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/model/registry.hpp>
#include <cortifold/network/network.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

using namespace cortifold;
using cortifold::testing::follow;
using cortifold::testing::make_series_field;
using cortifold::testing::places;
using cortifold::testing::types;
using cortifold::testing::vector;
using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

namespace {

constexpr double roundoff = 1e-14;
using Fields = std::shared_ptr<const VectorField>;

/// Equal nodes on a ring that diffuse at the rate p2: u' = p1 u + u^2 / 2 - u^3 + p2 (u'' on the
/// ring) - 0.15 (l^2 + r^2), with u = x - 0.3 p1 and the neighbours l and r. Where all u are zero
/// the eigenvalue of the pattern m is p1 - 2 p2 (1 - cos(2 pi m / N)), double but for m = 0, N / 2.
template <std::size_t N>
Fields ring() {
    return make_series_field<N, 2>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        std::array<T, N> u, f;
        for (std::size_t i = 0; i < N; ++i) u[i] = x[i] - 0.3 * p[0];
        for (std::size_t i = 0; i < N; ++i) {
            const T l = u[(i + N - 1) % N], r = u[(i + 1) % N];
            f[i] = p[0] * u[i] + 0.5 * u[i] * u[i] - u[i] * u[i] * u[i] +
                   p[1] * (l + r - 2.0 * u[i]) - 0.15 * (l * l + r * r);
        }
        return f;
    });
}

double place_of_pattern(std::size_t m, std::size_t nodes, double diffusion) {
    return 2.0 * diffusion *
           (1.0 -
            std::cos(2.0 * std::numbers::pi * static_cast<double>(m) / static_cast<double>(nodes)));
}

/// x_i (p - x_i^2 - 0.3 sum of the other x_j^2): the symmetry of a cube of N dimensions.
template <std::size_t N>
Fields cube() {
    return make_series_field<N, 1>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        T all = x[0] * x[0];
        for (std::size_t i = 1; i < N; ++i) all = all + x[i] * x[i];
        std::array<T, N> f;
        for (std::size_t i = 0; i < N; ++i) f[i] = x[i] * (p[0] - 0.3 * all - 0.7 * x[i] * x[i]);
        return f;
    });
}

/// p x + g x^2 - x^3 for N nodes that inhibit one another alike: all permutations, and x -> -x
/// where g = 0. At p = 0 all states whose sum is zero become unstable at once.
template <std::size_t N>
Fields alike(double g) {
    return make_series_field<N, 1>([g](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        T sum = x[0];
        for (std::size_t i = 1; i < N; ++i) sum = sum + x[i];
        std::array<T, N> f;
        for (std::size_t i = 0; i < N; ++i)
            f[i] = p[0] * x[i] + g * x[i] * x[i] - x[i] * x[i] * x[i] - sum;
        return f;
    });
}

/// x (p - x + y / 2), y (s p + d - y + 0.3 x), and a state that decays: two eigenvalues that pass
/// through zero with speeds 1 and s, at 0 and -d / s.
Fields two_crossings(double s, double d) {
    return make_series_field<3, 1>([s, d](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 3>{x[0] * (p[0] - x[0] + 0.5 * x[1]),
                                x[1] * (s * p[0] + d - x[1] + 0.3 * x[0]), -1.0 * x[2]};
    });
}

Branch trivial_branch(const Fields& field, const Vector& parameters, double offset, double high) {
    return follow(field, Vector::Constant(field->dimension(), offset * parameters[0]), parameters,
                  {.bounds = {{parameters[0], high}}});
}

/// Of the branch points of a branch with more than one dimension.
std::vector<std::size_t> numbers_of_branches(const Fields& field, const Vector& parameters,
                                             const Branch& branch) {
    std::vector<std::size_t> numbers;
    for (const SpecialPoint& point : branch.special)
        if (point.multiplicity > 1)
            numbers.push_back(branches_at(field, parameters, 0, point).size());
    return numbers;
}

template <std::size_t N>
void expect_patterns_of_ring() {
    SCOPED_TRACE(N);
    constexpr double diffusion = 0.2;
    const Branch branch = trivial_branch(ring<N>(), vector({-0.9, diffusion}), 0.3, 2.0);
    ASSERT_THAT(branch.special, SizeIs(N / 2 + 1));
    for (std::size_t m = 0; m < branch.special.size(); ++m) {
        const SpecialPoint& point = branch.special[m];
        EXPECT_EQ(point.type, PointType::branch_point);
        EXPECT_EQ(point.multiplicity, m == 0 || 2 * m == N ? 1 : 2);
        EXPECT_NEAR(point.at.parameters[0], place_of_pattern(m, N, diffusion), roundoff);
        EXPECT_LE(point.error, roundoff);
    }
}

/// n branches on each reflection's axis, both ways.
template <std::size_t N>
std::vector<std::size_t> branches_of_ring() {
    const Vector parameters = vector({-0.9, 0.2});
    return numbers_of_branches(ring<N>(), parameters,
                               trivial_branch(ring<N>(), parameters, 0.3, 2.0));
}

std::size_t branches_at_origin(const Fields& field) {
    const auto numbers =
        numbers_of_branches(field, vector({-0.9}), trivial_branch(field, vector({-0.9}), 0.0, 1.1));
    return numbers.size() == 1 ? numbers[0] : 0;
}

}  // namespace

TEST(MultiplePoints, OfRingsAreLocatedToRounding) {
    expect_patterns_of_ring<3>();
    expect_patterns_of_ring<4>();
    expect_patterns_of_ring<5>();
    expect_patterns_of_ring<8>();
    expect_patterns_of_ring<14>();
}

TEST(MultiplePoints, AreLocatedToRoundingWhereTheWholeJacobianVanishes) {
    const Branch branch = trivial_branch(cube<3>(), vector({-0.9}), 0.0, 1.1);
    EXPECT_THAT(places(branch), ElementsAre(DoubleNear(0.0, roundoff)));
    EXPECT_EQ(branch.special[0].multiplicity, 3);
}

// The pattern m of a ring of N has the symmetry of a polygon of N / gcd(N, m) corners.
TEST(MultiplePoints, HaveTwoBranchesOnEachAxisOfAPolygon) {
    EXPECT_THAT(branches_of_ring<3>(), ElementsAre(6));
    EXPECT_THAT(branches_of_ring<4>(), ElementsAre(8));
    EXPECT_THAT(branches_of_ring<5>(), ElementsAre(10, 10));
    EXPECT_THAT(branches_of_ring<6>(), ElementsAre(12, 6));
    EXPECT_THAT(branches_of_ring<7>(), ElementsAre(14, 14, 14));
    EXPECT_THAT(branches_of_ring<8>(), ElementsAre(16, 8, 16));
    EXPECT_THAT(branches_of_ring<10>(), ElementsAre(20, 10, 20, 10));
}

// Cubic equations (3^k - 1), or quadratic ones (2 (2^k - 1)).
TEST(MultiplePoints, HaveAsManyBranchesAsTheirEquationsHaveRealRoots) {
    EXPECT_EQ(branches_at_origin(cube<2>()), 8U);
    EXPECT_EQ(branches_at_origin(cube<3>()), 26U);
    EXPECT_EQ(branches_at_origin(cube<4>()), 80U);
    EXPECT_EQ(branches_at_origin(alike<3>(0.0)), 12U);
    EXPECT_EQ(branches_at_origin(alike<4>(0.0)), 26U);
    EXPECT_EQ(branches_at_origin(alike<3>(0.5)), 6U);
    EXPECT_EQ(branches_at_origin(alike<4>(0.5)), 14U);
    EXPECT_EQ(branches_at_origin(alike<5>(0.5)), 30U);
}

TEST(MultiplePoints, LeadToBranchesThatGoAwayFromThem) {
    const Vector parameters = vector({-0.9, 0.2});
    const Branch trivial = trivial_branch(ring<5>(), parameters, 0.3, 2.0);
    for (const SpecialPoint& point : trivial.special)
        for (const CurveStart& start : branches_at(ring<5>(), parameters, 0, point)) {
            const Branch branch =
                continue_branch(start.problem, start.point,
                                {.bounds = {{-0.9, 2.0}}, .direction = Direction::along});
            EXPECT_EQ(branch.status, Status::reached_end) << branch.message;
            double before = 0.0;  // how far the states are from being equal
            for (std::size_t k = 0; k < 5; ++k) {
                const Vector x = branch.points.at(k).z.head(5);
                const double spread =
                    (x.array() - 0.3 * branch.points[k].parameters[0]).matrix().norm();
                EXPECT_GT(spread, before);
                before = spread;
            }
        }
}

// x = (a, 0) with p = a^2: besides the trivial branch there are (0, +-a) and (+-a, +-a).
TEST(MultiplePoints, LeadToTheTrivialBranchAndAllOthersFromOneThatLeaves) {
    const Branch side = follow(cube<2>(), vector({0.8, 0.0}), vector({0.64}),
                               {.bounds = {{-0.5, 1.0}}, .direction = Direction::decreasing});
    ASSERT_THAT(types(side), ElementsAre(PointType::branch_point));
    EXPECT_EQ(side.special[0].multiplicity, 2);
    EXPECT_NEAR(side.special[0].at.parameters[0], 0.0, roundoff);
    const auto starts = branches_at(cube<2>(), vector({0.64}), 0, side.special[0]);
    int trivial = 0, with_zero = 0, mixed = 0;
    for (const CurveStart& start : starts) {
        const Eigen::Array2d x = start.point.z.head(2).cwiseAbs();
        const bool tiny[] = {x[0] < 1e-9, x[1] < 1e-9};
        (tiny[0] && tiny[1] ? trivial : tiny[0] || tiny[1] ? with_zero : mixed) += 1;
    }
    EXPECT_EQ(trivial, 2);
    EXPECT_EQ(with_zero, 2);
    EXPECT_EQ(mixed, 4);
}

// (p, 0), (0, s p) and a mixed state, each on both sides.
TEST(MultiplePoints, MayHaveEigenvaluesOfDifferentSpeeds) {
    for (const double s : {1.5, 20.0}) {
        SCOPED_TRACE(s);
        const Branch branch = trivial_branch(two_crossings(s, 0.0), vector({-0.9}), 0.0, 1.0);
        ASSERT_THAT(places(branch), ElementsAre(DoubleNear(0.0, roundoff)));
        EXPECT_EQ(branch.special[0].multiplicity, 2);
        EXPECT_EQ(branches_at(two_crossings(s, 0.0), vector({-0.9}), 0, branch.special[0]).size(),
                  6U);
    }
}

TEST(MultiplePoints, AreToldFromSimpleOnesThatAreNear) {
    for (const double d : {1e-3, 1e-4, 1e-5, 1e-6}) {
        SCOPED_TRACE(d);
        const Branch branch = trivial_branch(two_crossings(2.0, d), vector({-0.9}), 0.0, 1.0);
        ASSERT_THAT(places(branch),
                    ElementsAre(DoubleNear(-d / 2.0, roundoff), DoubleNear(0.0, roundoff)));
        for (const SpecialPoint& point : branch.special) EXPECT_EQ(point.multiplicity, 1);
    }
}

// x'' = p x - x^3 + p x': two eigenvalues pass through zero with one eigenvector.
TEST(MultiplePoints, AreSimpleWhereTheKernelHasOneDimension) {
    const auto field = make_series_field<2, 1>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 2>{x[1], p[0] * x[0] - x[0] * x[0] * x[0] + p[0] * x[1]};
    });
    for (const double start : {-0.9, -0.7, -0.37}) {
        SCOPED_TRACE(start);
        const Branch branch = trivial_branch(field, vector({start}), 0.0, 1.0);
        ASSERT_THAT(types(branch), ElementsAre(PointType::branch_point));
        EXPECT_EQ(branch.special[0].multiplicity, 1);
        EXPECT_NEAR(branch.special[0].at.parameters[0], 0.0, roundoff);
        EXPECT_EQ(branches_at(field, vector({start}), 0, branch.special[0]).size(), 1U);
    }
}

// Any direction is as good as another: the branches form a surface, of which none is singled out.
TEST(MultiplePoints, OfAContinuousSymmetryLeadNowhereInParticular) {
    const auto circle = make_series_field<2, 1>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        const T r = x[0] * x[0] + x[1] * x[1];
        return std::array<T, 2>{x[0] * (p[0] - r), x[1] * (p[0] - r)};
    });
    const Branch branch = trivial_branch(circle, vector({-0.9}), 0.0, 1.0);
    ASSERT_THAT(types(branch), ElementsAre(PointType::branch_point));
    EXPECT_EQ(branches_at(circle, vector({-0.9}), 0, branch.special[0]).size(), 0U);
}

TEST(MultiplePoints, HaveCurvesInTwoParameters) {
    const Branch trivial = trivial_branch(ring<5>(), vector({-0.9, 0.2}), 0.3, 2.0);
    ASSERT_THAT(trivial.special, SizeIs(3));
    const SpecialPoint& point = trivial.special[1];
    const auto starts = curves_through(
        ring<5>(),
        {PointType::branch_point, point.at.z.head(5), vector({point.at.parameters[0], 0.2})},
        {0, 1});
    ASSERT_THAT(starts, SizeIs(1));
    const Branch curve =
        continue_branch(starts[0].problem, starts[0].point, {.bounds = {{-1.0, 2.0}, {0.1, 0.5}}});
    EXPECT_EQ(curve.status, Status::reached_end) << curve.message;
    EXPECT_THAT(curve.special, IsEmpty());
    ASSERT_GT(curve.points.size(), 5U);
    for (const BranchPoint& at : curve.points) {
        EXPECT_NEAR(at.parameters[0], place_of_pattern(1, 5, at.parameters[1]), 1e-12);
        EXPECT_EQ(at.n_unstable, 1);  // the pattern that is alike everywhere
    }
}

// Three equal oscillators, each coupled to the two others alike: z' = (p + i) z - z |z|^2 and a
// coupling that damps what is alike.
TEST(MultiplePoints, OfSeveralPairsHaveNoCurvesOfHopfPoints) {
    const auto oscillators = make_series_field<6, 2>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        std::array<T, 6> f;
        const T re = x[0] + x[2] + x[4], im = x[1] + x[3] + x[5];
        for (std::size_t i = 0; i < 6; i += 2) {
            const T r = x[i] * x[i] + x[i + 1] * x[i + 1];
            f[i] = (p[0] - r) * x[i] - x[i + 1] - p[1] * re;
            f[i + 1] = x[i] + (p[0] - r) * x[i + 1] - p[1] * im;
        }
        return f;
    });
    const Vector parameters = vector({-0.9, 0.4});
    const Branch trivial = trivial_branch(oscillators, parameters, 0.0, 1.0);
    ASSERT_THAT(types(trivial), ElementsAre(PointType::hopf));
    const SpecialPoint& point = trivial.special[0];
    EXPECT_EQ(point.multiplicity, 2);
    EXPECT_NEAR(point.at.parameters[0], 0.0, roundoff);
    EXPECT_EQ(point.at.n_unstable, 0);
    const auto starts = curves_through(
        oscillators, {PointType::hopf, point.at.z.head(6), vector({0.0, 0.4}), 1.0}, {0, 1});
    ASSERT_THAT(starts, SizeIs(1));
    const Branch curve = continue_branch(starts[0].problem, starts[0].point);
    EXPECT_THAT(curve.points, IsEmpty());
    EXPECT_FALSE(succeeded(curve.status));
    EXPECT_THAT(curve.message, HasSubstr("2 pairs of eigenvalues"));
}

// The pattern m of a ring has the coupling eigenvalue cos(2 pi m / N), and becomes critical where
// the mode's Jacobian is singular. With 18 nodes the network's own solver takes part.
TEST(MultiplePoints, OfANetworkAreThoseOfItsModes) {
    constexpr Eigen::Index nodes = 18;
    Network network;
    network.kinds = {find_model("jansen_rit").make()};
    network.links = default_links(*network.kinds[0]);
    network.strength = 50.0;
    Connectome connectome;
    connectome.weights.resize(nodes, nodes);
    for (Eigen::Index i = 0; i < nodes; ++i)
        for (const Eigen::Index next : {(i + 1) % nodes, (i + nodes - 1) % nodes})
            connectome.weights.insert(i, next) = 0.5;
    network.connectomes = {connectome};
    const auto field = make_field(network);
    const auto alone = make_homogeneous_field(network);
    ASSERT_TRUE(field->has_structured_solver());

    const auto table = field->parameters();
    const auto p =
        static_cast<std::size_t>(std::ranges::find(table, "p", &Quantity::name) - table.begin());
    Vector parameters = default_values(field->parameters());
    parameters[static_cast<Eigen::Index>(p)] = 60.0;
    const EquilibriumResult rest =
        find_equilibrium({alone, parameters, Vector::Zero(alone->dimension())});
    ASSERT_TRUE(succeeded(rest.status));
    const Vector state = rest.state.transpose().replicate(nodes, 1).reshaped();
    const Branch branch =
        continue_branch(equilibrium_curve(field, parameters, p), equilibrium_start(state, 60.0),
                        {.bounds = {{60.0, 120.0}}});
    ASSERT_THAT(branch.special, SizeIs(nodes / 2 + 1));
    EXPECT_EQ(branch.special[0].type, PointType::fold);
    for (std::size_t m = 1; m < branch.special.size(); ++m) {
        SCOPED_TRACE(m);
        const SpecialPoint& point = branch.special[m];
        EXPECT_EQ(point.type, PointType::branch_point);
        EXPECT_EQ(point.multiplicity, 2 * m == nodes ? 1 : 2);
        parameters[static_cast<Eigen::Index>(p)] = point.at.parameters[0];
        Vector node(alone->dimension());
        for (Eigen::Index i = 0; i < node.size(); ++i) node[i] = point.at.z[i * nodes];
        Matrix at_zero(node.size(), node.size()), slope = at_zero;
        alone->mode_jacobian(node, parameters, at_zero, slope);
        const double lambda = std::cos(2.0 * std::numbers::pi * static_cast<double>(m) / nodes);
        const ComplexVector values = eigenvalues(at_zero + lambda * slope);
        EXPECT_LT(values.cwiseAbs().minCoeff(), 1e-11 * values.cwiseAbs().maxCoeff());
    }
    EXPECT_EQ(branches_at(field, parameters, p, branch.special[3]).size(), 12U);  // a hexagon
    EXPECT_EQ(branches_at(field, parameters, p, branch.special[6]).size(), 6U);   // a triangle
}
