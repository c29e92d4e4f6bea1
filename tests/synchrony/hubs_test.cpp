#include "growth_curve.hpp"
#include "support/graphs.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/model/registry.hpp>
#include <cortifold/ode/rest.hpp>
#include <cortifold/synchrony/hubs.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace cortifold {
namespace {

using namespace cortifold::test;
using Eigen::Index;
using ::testing::HasSubstr;

/// Its own real part: effects are those on lambda.
const GrowthCurve real_part([](std::complex<double> lambda) { return lambda.real(); });

Network network_of(const Matrix& weights, CouplingKind kind) {
    Network network;
    network.kinds = {find_model("fold_normal_form").make()};
    network.links = default_links(*network.kinds.front(), kind);
    network.strength = 1.0;
    network.connectomes = {connectome_of(weights)};
    return network;
}

HubResult hubs_of(const Matrix& weights, CouplingKind kind, const MasterStability& state,
                  const HubOptions& options = {}) {
    const Network network = network_of(weights, kind);
    return find_hubs(state, network, coupling_modes(network), options);
}

HubResult diffusive_hubs(const Matrix& weights,
                         const HubOptions& options = {.after = AfterRemoval::others_stay}) {
    return hubs_of(weights, CouplingKind::diffusive, real_part, options);
}

const RegionEffect& effect_on(const HubResult& hubs, Index region) {
    return *std::ranges::find(hubs.regions, region, &RegionEffect::region);
}

TEST(Hubs, OfAStarAreItsCentre) {
    // The Laplacian has 0, 1 and leaves + 1. Without a leaf it is a smaller star; without the
    // centre nothing is left to make the leaves decay.
    const HubResult hubs = diffusive_hubs(star_graph(6));
    ASSERT_EQ(hubs.status, Status::converged) << hubs.message;
    EXPECT_NEAR(hubs.leading.lambda.real(), -1.0, 1e-13);
    ASSERT_EQ(hubs.regions.size(), 7U);
    EXPECT_EQ(hubs.regions.front().region, 0);
    EXPECT_NEAR(*hubs.regions.front().effect.exact, 1.0, 1e-13);
    for (std::size_t k = 1; k < 7; ++k) EXPECT_NEAR(*hubs.regions[k].effect.exact, 0.0, 1e-13);
}

TEST(Hubs, OfACompleteGraphTakeOneFromEveryEigenvalue) {
    // -n is n - 1 times an eigenvalue of K_n; a connection onto i from j adds e_i (e_i - e_j)^T,
    // whose eigenvalue on transverse vectors is 1, exactly so.
    constexpr Index n = 7;
    const HubResult hubs = diffusive_hubs(complete_graph(n));
    ASSERT_EQ(hubs.status, Status::converged) << hubs.message;
    for (const RegionEffect& at : hubs.regions) EXPECT_NEAR(*at.effect.exact, 1.0, 1e-12);
    ASSERT_EQ(hubs.connections.size(), static_cast<std::size_t>(n * (n - 1)));
    for (const ConnectionEffect& at : hubs.connections) {
        EXPECT_NEAR(*at.effect.first_order, 1.0, 1e-9);
        EXPECT_NEAR(at.effect.exact.value_or(1.0), 1.0, 1e-12);
    }
}

TEST(Hubs, AreAllRegionsOfARingAlike) {
    constexpr Index n = 9;
    const GrowthCurve state([](std::complex<double> z) { return 1.7 + z.real(); });
    const HubResult hubs = hubs_of(ring_graph(n), CouplingKind::diffusive, state,
                                   {.after = AfterRemoval::others_stay});
    ASSERT_EQ(hubs.status, Status::converged) << hubs.message;
    EXPECT_EQ(hubs.unstable_modes, 4);  // 2 cos(2 pi k / 9) - 2 > -1.7 for k = 1, 2 and back
    for (const RegionEffect& at : hubs.regions) {
        EXPECT_NEAR(at.participation, 1.0 / n, 1e-14);
        EXPECT_NEAR(at.leading_participation, 1.0 / n, 1e-14);
        EXPECT_NEAR(*at.effect.first_order, *hubs.regions[0].effect.first_order, 1e-11);
        // what is left is a path
        const double path = 2.0 * std::cos(std::acos(-1.0) / (n - 1)) - 2.0;
        EXPECT_NEAR(hubs.leading.growth + *at.effect.exact, 1.7 + path, 1e-13);
    }
}

RC_GTEST_PROP(Hubs, ShareOutEachModeAndSendWhatTheirConnectionsSend, ()) {
    const auto seed = *rc::gen::inRange(0U, 1000U);
    const Index n = *rc::gen::inRange(4, 9);
    const HubResult hubs = hubs_of(random_walk_graph(n, seed), CouplingKind::additive, real_part);
    RC_PRE(hubs.status == Status::converged);
    double shared = 0.0, leading = 0.0;
    Vector sent = Vector::Zero(n);
    for (const ConnectionEffect& at : hubs.connections) sent[at.from] += *at.effect.first_order;
    for (const RegionEffect& at : hubs.regions) {
        shared += at.participation;
        leading += at.leading_participation;
        RC_ASSERT(std::abs(*at.effect.first_order - sent[at.region]) <= 1e-10);
    }
    RC_ASSERT(std::abs(shared - 1.0) <= 1e-10);
    RC_ASSERT(std::abs(leading - 1.0) <= 1e-10);
}

RC_GTEST_PROP(Hubs, AreTheSameUnderOtherNumbers, ()) {
    const auto seed = *rc::gen::inRange(0U, 1000U);
    constexpr Index n = 6;
    std::vector<Index> order(n);
    std::iota(order.begin(), order.end(), Index{0});
    std::ranges::shuffle(order, std::mt19937_64(seed));
    const Matrix weights = random_walk_graph(n, seed), shuffled = weights(order, order);
    const HubResult a = hubs_of(weights, CouplingKind::additive, real_part),
                    b = hubs_of(shuffled, CouplingKind::additive, real_part);
    RC_PRE(a.status == Status::converged);
    for (Index k = 0; k < n; ++k) {
        const RegionEffect &of_b = effect_on(b, k),
                           &of_a = effect_on(a, order[static_cast<std::size_t>(k)]);
        RC_ASSERT(std::abs(of_a.participation - of_b.participation) <= 1e-10);
        RC_ASSERT(std::abs(*of_a.effect.exact - *of_b.effect.exact) <= 1e-10);
    }
}

/// |first order - exact| of removing what has weights of this size.
struct Case {
    const char* name;
    CouplingKind kind;
    AfterRemoval after;
};
constexpr Case cases[] = {
    {"additive", CouplingKind::additive, AfterRemoval::rows_keep_sums},
    {"diffusive, rows normalized", CouplingKind::diffusive, AfterRemoval::rows_keep_sums},
    {"diffusive", CouplingKind::diffusive, AfterRemoval::others_stay}};

TEST(Hubs, AreOfFirstOrderUpToTheSquareOfWhatIsRemoved) {
    // Of complex lambda, too: the leading modes of this growth are a pair.
    const GrowthCurve state([](std::complex<double> z) {
        return std::sin(z.real()) + 20.0 * z.imag() * z.imag() + 0.3 * z.real() * z.real();
    });
    constexpr Index n = 8, i = 2, j = 5;
    for (const Case& at : cases) {
        SCOPED_TRACE(at.name);
        double last_region = 0.0, last_connection = 0.0;
        for (const double size : {1e-3, 5e-4, 2.5e-4}) {
            Matrix weights = random_walk_graph(n, 5);
            weights.col(j) *= size;
            if (at.after == AfterRemoval::rows_keep_sums)
                weights = (weights.rowwise().sum().cwiseInverse().asDiagonal() * weights).eval();
            const HubResult hubs =
                hubs_of(weights, at.kind, state, {.after = at.after, .exact_connections = n * n});
            ASSERT_EQ(hubs.status, Status::converged) << hubs.message;
            ASSERT_NE(hubs.leading.lambda.imag(), 0.0);
            const RemovalEffect& region = effect_on(hubs, j).effect;
            const auto connection = std::ranges::find_if(
                hubs.connections, [](const auto& c) { return c.onto == i && c.from == j; });
            const double of_region = std::abs(*region.first_order - *region.exact);
            const double of_connection =
                std::abs(*connection->effect.first_order - *connection->effect.exact);
            if (last_region > 0.0) {
                EXPECT_NEAR(last_region / of_region, 4.0, 0.1);
                EXPECT_NEAR(last_connection / of_connection, 4.0, 0.1);
            }
            last_region = of_region;
            last_connection = of_connection;
        }
    }
}

TEST(Hubs, AreWhatTheDispersionRelationOfTheChangedNetworkSays) {
    Network network = network_of(Matrix::Ones(1, 1), CouplingKind::additive);
    network.kinds = {find_model("ng_ping").make()};
    network.links = default_links(*network.kinds.front());
    network.strength = 9.0;
    constexpr Index n = 10, lost = 3;
    network.connectomes[0].weights = random_walk_graph(n, 3).sparseView();
    const auto field = make_homogeneous_field(network);
    Vector p = default_values(field->parameters());
    p[static_cast<Index>(index_of(field->parameters(), "I_ext_E"))] = 15.0;
    const RestResult rest = find_rest({field, p, default_values(field->states())});
    ASSERT_EQ(rest.equilibrium.status, Status::converged);
    const auto state = stability_of_equilibrium(field, p, rest.equilibrium.state);
    const HubResult hubs = find_hubs(*state, network, coupling_modes(network));
    ASSERT_EQ(hubs.status, Status::converged) << hubs.message;

    std::vector<Index> rest_of;
    for (Index k = 0; k < n; ++k)
        if (k != lost) rest_of.push_back(k);
    Connectome smaller;
    const Matrix weights = network.connectomes[0].weights;
    smaller.weights = Matrix(weights(rest_of, rest_of)).sparseView();
    network.connectomes[0] = normalized(smaller, Normalization::rows);
    const DispersionResult after = dispersion_relation(*state, coupling_modes(network).values);
    double largest = after.modes[1].growth;
    for (std::size_t k = 2; k < after.modes.size(); ++k)
        largest = std::max(largest, after.modes[k].growth);
    const RemovalEffect& effect = effect_on(hubs, lost).effect;
    EXPECT_NEAR(hubs.leading.growth + *effect.exact, largest, 1e-13);
    EXPECT_EQ(effect.unstable_modes, after.unstable_modes);
}

TEST(Hubs, DoNotDependOnTheNumberOfThreads) {
    const Matrix weights = random_walk_graph(20, 1);
    HubOptions options;
    const HubResult one = hubs_of(weights, CouplingKind::additive, real_part, options);
    options.context.threads = 2;
    const HubResult two = hubs_of(weights, CouplingKind::additive, real_part, options);
    for (std::size_t k = 0; k < one.regions.size(); ++k) {
        EXPECT_EQ(one.regions[k].region, two.regions[k].region);
        EXPECT_EQ(*one.regions[k].effect.exact, *two.regions[k].effect.exact);
    }
}

TEST(Hubs, AreNotKnownWhereARegionWouldLoseItsOnlyInput) {
    // 1 hears 0 alone.
    const Matrix weights{{0.0, 0.7, 0.3}, {1.0, 0.0, 0.0}, {0.5, 0.5, 0.0}};
    const HubResult hubs = hubs_of(weights, CouplingKind::additive, real_part);
    ASSERT_EQ(hubs.status, Status::converged) << hubs.message;
    EXPECT_EQ(hubs.regions.back().region, 0);
    EXPECT_FALSE(hubs.regions.back().effect.first_order.has_value());
    EXPECT_FALSE(hubs.regions.back().effect.exact.has_value());
    EXPECT_TRUE(hubs.regions.front().effect.exact.has_value());
    EXPECT_EQ(hubs.connections.back().onto, 1);
    EXPECT_FALSE(hubs.connections.back().effect.exact.has_value());
}

TEST(Hubs, RemoveExactlyAsManyAsAskedForAndStopWhenTold) {
    const Matrix weights = random_walk_graph(6, 1);
    const auto exact = [](const auto& list) {
        return std::ranges::count_if(list, [](const auto& at) { return bool(at.effect.exact); });
    };
    HubOptions options{.exact_regions = 2, .exact_connections = 3};
    HubResult hubs = hubs_of(weights, CouplingKind::additive, real_part, options);
    EXPECT_EQ(exact(hubs.regions), 2);
    EXPECT_EQ(exact(hubs.connections), 3);
    options.watch = [](double) { return Flow::stop; };
    hubs = hubs_of(weights, CouplingKind::additive, real_part, options);
    EXPECT_EQ(hubs.status, Status::stopped_by_observer);
    EXPECT_EQ(hubs.regions.size(), 6U);
    EXPECT_EQ(exact(hubs.regions), 0);
}

TEST(Hubs, SayWhereTheyCannotBeKnown) {
    EXPECT_EQ(hubs_of(Matrix::Ones(1, 1), CouplingKind::additive, real_part).status,
              Status::no_theory);
    EXPECT_EQ(diffusive_hubs(Matrix::Zero(3, 3)).status, Status::no_theory);
    // 1/2 twice with one eigenvector
    const Matrix defective{{0.5, 0.5, 0.0}, {0.0, 0.5, 0.5}, {0.0, 0.0, 1.0}};
    const HubResult hubs = hubs_of(defective, CouplingKind::additive, real_part);
    EXPECT_EQ(hubs.status, Status::no_theory);
    EXPECT_THAT(hubs.message, HasSubstr("cannot be separated"));
}

TEST(Hubs, RefuseWhatHasNoMeaning) {
    const Matrix weights = random_walk_graph(4, 1);
    EXPECT_THROW((void)hubs_of(weights, CouplingKind::additive, real_part,
                               {.after = AfterRemoval::others_stay}),
                 UsageError);
    EXPECT_THROW((void)diffusive_hubs(weights, {.exact_regions = -1}), UsageError);
    const Network network = network_of(weights, CouplingKind::additive);
    EXPECT_THROW((void)find_hubs(real_part, network, CouplingModes{}), UsageError);
}

}  // namespace
}  // namespace cortifold
