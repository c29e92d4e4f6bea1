// The modes of a network, one small matrix each, against all its eigenvalues at once.
#include "support/places.hpp"
#include <cortifold/equilibrium/deflation.hpp>
#include <cortifold/io/config.hpp>
#include <cortifold/io/connectome_reader.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/model/registry.hpp>
#include <cortifold/network/network.hpp>
#include <cortifold/synchrony/dispersion.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <numbers>

namespace cortifold {
namespace {

constexpr double strength = 0.5;     // of the coupling: weak enough to leave every model at rest
constexpr double tolerance = 1e-10;  // of eigenvalues, relative to the largest
const std::string synthetic90 = std::string(source_folder) + "/data/synthetic90";
const std::string aal90 = std::string(shared_data) + "/connectomes/aal90/sc2017.dat";

using Spectrum = std::vector<std::complex<double>>;

/// The largest distance between partners, when each value takes the nearest that is left.
double set_distance(const Spectrum& a, Spectrum b) {
    double worst = 0.0;
    for (const auto value : a) {
        const auto nearest =
            std::ranges::min_element(b, {}, [&](auto other) { return std::abs(other - value); });
        worst = std::max(worst, std::abs(*nearest - value));
        *nearest = b.back();
        b.pop_back();
    }
    return worst;
}

/// A network at an equilibrium that all its regions share.
struct AtRest {
    AtRest(std::string_view model, const std::string& connectome, CouplingKind kind,
           double coupling) {
        network.kinds = {find_model(model).make()};
        network.connectomes = {normalized(read_connectome(connectome), Normalization::rows)};
        network.links = default_links(*network.kinds.front(), kind);
        network.strength = coupling;
        node = make_homogeneous_field(network);
        parameters = default_values(node->parameters());
    }
    void settle() {
        Vector low(node->dimension()), high(node->dimension());
        for (Eigen::Index k = 0; k < node->dimension(); ++k) {
            low[k] = node->states()[static_cast<std::size_t>(k)].low;
            high[k] = node->states()[static_cast<std::size_t>(k)].high;
        }
        const SearchResult found =
            find_all_equilibria({node, parameters, low, high, {default_values(node->states())}});
        ASSERT_FALSE(found.equilibria.empty()) << found.message;
        state = found.equilibria.front().state;
    }
    [[nodiscard]] Matrix full_jacobian() const {
        const Vector everywhere = state.transpose().replicate(network.size(), 1).reshaped();
        return jacobian(*make_field(network), everywhere, parameters);
    }
    [[nodiscard]] std::vector<Mode> modes() const {
        return dispersion_relation(*stability_of_equilibrium(node, parameters, state),
                                   general_spectrum(coupling_matrix(network)).values)
            .modes;
    }
    Network network;
    std::shared_ptr<const HomogeneousField> node;
    Vector parameters, state;
};

void expect_union_of_modes(std::string_view model, const std::string& connectome,
                           CouplingKind kind) {
    AtRest rest(model, connectome, kind, strength);
    ASSERT_NO_FATAL_FAILURE(rest.settle());
    const ComplexVector all = eigenvalues(rest.full_jacobian());
    Spectrum small;
    for (const Mode& mode : rest.modes())
        small.insert(small.end(), mode.eigenvalues.begin(), mode.eigenvalues.end());
    ASSERT_EQ(all.size(), static_cast<Eigen::Index>(small.size()));
    const double distance =
        set_distance(small, {all.begin(), all.end()}) / all.cwiseAbs().maxCoeff();
    testing::Test::RecordProperty("distance_" + std::string(to_string(kind)), show(distance));
    EXPECT_LT(distance, tolerance);
}

std::vector<std::string> coupled_models() {
    std::vector<std::string> names;
    for (const ModelEntry& model : registered_models()) {
        const auto node = model.make();
        if (node->outputs().size() == 1 && !default_links(*node).empty())
            names.emplace_back(model.name);
    }
    return names;
}

class FullJacobian : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(All, FullJacobian, testing::ValuesIn(coupled_models()),
                         [](const auto& tested) { return tested.param; });

TEST_P(FullJacobian, HasTheEigenvaluesOfTheNinetyModesOnTheSyntheticConnectome) {
    for (const CouplingKind kind : {CouplingKind::additive, CouplingKind::diffusive})
        expect_union_of_modes(GetParam(), synthetic90, kind);
}

TEST_P(FullJacobian, HasTheEigenvaluesOfTheNinetyModesOnThePublishedConnectome) {
    if (!std::filesystem::exists(aal90)) GTEST_SKIP() << "the AAL90 connectome is not here";
    for (const CouplingKind kind : {CouplingKind::additive, CouplingKind::diffusive})
        expect_union_of_modes(GetParam(), aal90, kind);
}

// The numbers of analyses/next_generation_90 by the other route: all 540 eigenvalues at once.
TEST(NextGeneration90, GrowsAsTheSpectrumOfItsFullJacobianSays) {
    AtRest rest("ng_ping", synthetic90, CouplingKind::additive, 9.0);
    rest.parameters[static_cast<Eigen::Index>(index_of(rest.node->parameters(), "I_ext_E"))] = 15.0;
    ASSERT_NO_FATAL_FAILURE(rest.settle());
    const ComplexVector all = eigenvalues(rest.full_jacobian());
    EXPECT_EQ(all.size(), 540);
    EXPECT_EQ((all.real().array() > 0.0).count(), 2 * 79) << "a pair a mode";
    EXPECT_NEAR(all[0].real(), 0.018718682407678, 1e-12);
    EXPECT_NEAR(std::abs(all[0].imag()) / (2.0 * std::numbers::pi), 0.114543254681320, 1e-12);
}

}  // namespace
}  // namespace cortifold
