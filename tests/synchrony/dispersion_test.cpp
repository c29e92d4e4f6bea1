#include <cortifold/core/error.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/model/registry.hpp>
#include <cortifold/network/network.hpp>
#include <cortifold/ode/rest.hpp>
#include <cortifold/synchrony/dispersion.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace cortifold {
namespace {

Network coupled(std::string_view model, CouplingKind kind, double strength) {
    Network network;
    network.kinds = {find_model(model).make()};
    network.links = default_links(*network.kinds.front(), kind);
    network.strength = strength;
    return network;
}

DispersionResult dispersion(const Network& network, const Vector& equilibrium,
                            const ComplexVector& lambdas, const ComplexVector& further = {}) {
    const auto field = make_homogeneous_field(network);
    return dispersion_relation(
        *stability_of_equilibrium(field, default_values(field->parameters()), equilibrium), lambdas,
        further);
}

TEST(Dispersion, OfDiffusivelyCoupledFoldsShiftsTheNodesEigenvalueByLambda) {
    // x' = a + x^2-like: at any equilibrium the node's own eigenvalue moves by s lambda.
    const Network network = coupled("fold_normal_form", CouplingKind::diffusive, 0.5);
    const auto field = make_homogeneous_field(network);
    const RestResult rest =
        find_rest({field, default_values(field->parameters()), default_values(field->states())});
    ASSERT_EQ(rest.equilibrium.status, Status::converged);
    const ComplexVector lambdas{{0.0, -1.0, -2.5}};
    const DispersionResult result = dispersion(network, rest.equilibrium.state, lambdas);
    const double own = rest.equilibrium.eigenvalues[0].real();
    for (std::size_t k = 0; k < 3; ++k) {
        EXPECT_NEAR(result.modes[k].growth,
                    own + 0.5 * lambdas[static_cast<Eigen::Index>(k)].real(), 1e-12);
        EXPECT_EQ(result.modes[k].index, static_cast<int>(k) + 1);
    }
}

TEST(Dispersion, OfAConjugatePairOfCouplingEigenvaluesIsTheSame) {
    const Network network = coupled("ng_ping", CouplingKind::additive, 9.0);
    const Vector state{{0.125, -0.159, 0.125, 0.136, -0.146, 0.136}};
    const DispersionResult result =
        dispersion(network, state, ComplexVector{{{1.0, 0.0}, {0.3, 0.4}, {0.3, -0.4}}});
    EXPECT_NEAR(result.modes[1].growth, result.modes[2].growth, 1e-13);
    EXPECT_NEAR(result.modes[1].frequency, result.modes[2].frequency, 1e-13);
    EXPECT_NE(result.modes[0].growth, result.modes[1].growth);
}

TEST(Dispersion, OfTheUniformModeIsTheSpectrumOfTheSelfCoupledNode) {
    const Network network = coupled("ng_ping", CouplingKind::additive, 9.0);
    const auto field = make_homogeneous_field(network);
    Vector p = default_values(field->parameters());
    p[static_cast<Eigen::Index>(index_of(field->parameters(), "I_ext_E"))] = 15.0;
    const RestResult rest = find_rest({field, p, default_values(field->states())});
    ASSERT_EQ(rest.equilibrium.status, Status::converged);
    EXPECT_TRUE(rest.attracting);
    const DispersionResult result = dispersion_relation(
        *stability_of_equilibrium(field, p, rest.equilibrium.state), ComplexVector{{1.0}});
    EXPECT_NEAR(result.modes[0].growth, rest.equilibrium.eigenvalues[0].real(), 1e-13);
    EXPECT_NEAR(result.modes[0].frequency,
                std::abs(rest.equilibrium.eigenvalues[0].imag()) / (2.0 * std::numbers::pi), 1e-13);
    EXPECT_EQ(result.unstable_modes, 0);
}

TEST(Dispersion, CountsTransverseModesOfTheNetworkAlone) {
    const Network network = coupled("fold_normal_form", CouplingKind::diffusive, 1.0);
    // Unstable in itself at x = 1 (f' = 2 x): every mode with 2 + lambda > 0 grows.
    const DispersionResult result =
        dispersion(network, Vector{{1.0}}, ComplexVector{{0.0, -1.0, -3.0}}, ComplexVector{{-0.5}});
    const double own = result.modes[0].growth;
    EXPECT_EQ(result.unstable_modes, own > 1.0 ? 1 : 0);
    EXPECT_EQ(result.modes.back().index, 0);
    EXPECT_NEAR(result.modes.back().growth, own - 0.5, 1e-14);
}

TEST(Dispersion, SaysSoWhereTheLinearizationIsNotFinite) {
    const Network network = coupled("fold_normal_form", CouplingKind::diffusive, 1.0);
    EXPECT_EQ(dispersion(network, Vector{{std::nan("")}}, ComplexVector{{0.0}}).status,
              Status::non_finite);
    EXPECT_THROW((void)dispersion(network, Vector{{1.0, 2.0}}, ComplexVector{{0.0}}), UsageError);
}

TEST(Rest, OfAnOscillatingNodeIsItsUnstableEquilibrium) {
    const auto field = make_homogeneous_field(coupled("ng_ping", CouplingKind::additive, 5.0));
    Vector p = default_values(field->parameters());
    p[static_cast<Eigen::Index>(index_of(field->parameters(), "I_ext_E"))] = 13.0;
    const RestResult rest = find_rest({field, p, default_values(field->states())});
    ASSERT_EQ(rest.equilibrium.status, Status::converged);
    EXPECT_FALSE(rest.attracting);
    EXPECT_EQ(rest.equilibrium.n_unstable, 2);
}

TEST(CouplingModes, PutTheUniformModeFirstAlsoWhereItsEigenvalueIsTheLowest) {
    // W = I - ones: row sums -2, and eigenvalue 1 twice.
    Network network = coupled("wilson_cowan", CouplingKind::additive, 1.0);
    network.connectomes.resize(1);
    const Matrix weights = Matrix::Identity(3, 3) - Matrix::Ones(3, 3);
    network.connectomes[0].weights = weights.sparseView();
    const CouplingModes modes = coupling_modes(network);
    EXPECT_NEAR(modes.values[0].real(), -2.0, 1e-14);
    EXPECT_LT((modes.vectors.col(0).array() - std::sqrt(1.0 / 3.0)).abs().maxCoeff(), 1e-14);
    for (const Eigen::Index k : {1, 2}) {
        EXPECT_NEAR(modes.values[k].real(), 1.0, 1e-14);
        EXPECT_LT((weights * modes.vectors.col(k) - modes.vectors.col(k)).norm(), 1e-14);
    }
}

TEST(CouplingModes, SayWhichOfThemCannotBeSeparated) {
    // 1/2 twice with one eigenvector.
    Network network = coupled("ng_ping", CouplingKind::additive, 5.0);
    network.connectomes.resize(1);
    const Matrix weights{{1.0, 0.0, 0.0}, {0.5, 0.5, 0.0}, {0.2, 0.3, 0.5}};
    network.connectomes[0].weights = weights.sparseView();
    const CouplingModes modes = coupling_modes(network);
    EXPECT_THAT(modes.note, testing::StartsWith("modes that cannot be separated: 2, 3;"));
    // The full Jacobian is triangular in blocks: its spectrum is that of the modes all the same.
    const Vector node{{0.1, -0.2, 0.1, 0.1, -0.2, 0.1}};
    const auto field = make_field(network);
    const ComplexVector all =
        eigenvalues(jacobian(*field, node.transpose().replicate(3, 1).reshaped().eval(),
                             default_values(field->parameters())));
    for (const Mode& mode : dispersion(network, node, modes.values).modes)
        for (const std::complex<double> value : mode.eigenvalues)
            EXPECT_LT((all.array() - value).abs().minCoeff(), 1e-6);
    network.connectomes[0].weights =
        Matrix{{0.0, 0.4, 0.6}, {0.3, 0.0, 0.7}, {0.5, 0.5, 0.0}}.sparseView();
    EXPECT_EQ(coupling_modes(network).note, "");
}

TEST(Rest, AtZeroIsSettledOn) {
    const auto field = make_homogeneous_field(coupled("wilson_cowan", CouplingKind::additive, 0.0));
    Vector p = default_values(field->parameters());
    p[static_cast<Eigen::Index>(index_of(field->parameters(), "P"))] = 0.0;
    const RestResult rest = find_rest({field, p, default_values(field->states())});
    EXPECT_TRUE(rest.attracting) << rest.message;
    EXPECT_LT(rest.equilibrium.state.norm(), 1e-15);
}

}  // namespace
}  // namespace cortifold
