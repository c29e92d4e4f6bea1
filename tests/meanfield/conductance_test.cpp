#include "networks.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/equilibrium/newton.hpp>
#include <cortifold/meanfield/linear_response.hpp>
#include <cortifold/meanfield/working_point.hpp>

#include <gtest/gtest.h>

#include <cmath>

namespace cortifold::test {
namespace {

/// The network of Brunel with conductances that have the same effect at rest.
LifNetwork with_conductances(LifNetwork network, double reversal_mV, double tau_s) {
    for (LifPopulation& population : network.populations) {
        population.reversals = LifReversals{reversal_mV, -reversal_mV, tau_s, tau_s};
        population.neuron.tau_s = tau_s;
    }
    for (auto* list : {&network.projections, &network.drives})
        for (LifProjection& projection : *list) projection.weight_mV /= reversal_mV;
    return network;
}

/// One population that a source excites and another inhibits.
LifNetwork receiver(const LifReversals& reversals) {
    LifNetwork network;
    network.populations = {{"cells", 100.0, LifNeuron{{.tau_m = 20.0, .tau_s = 1.0}}}};
    network.populations[0].input_mV = 3.0;
    network.populations[0].reversals = reversals;
    network.sources = {{"excites", 8.0}, {"inhibits", 20.0}};
    network.drives = {{0, 0, 1000.0, 0.004, 0.0, {}}, {1, 0, 200.0, -0.01, 0.003, {}}};
    return network;
}

TEST(Conductances, MakeTheMembraneFasterAndDrawToTheirReversals) {
    const LifReversals to{70.0, -15.0, 1.0, 4.0};
    const LifNetwork network = receiver(to);
    const Vector silence = Vector::Zero(1);
    const LifNeuron neuron = effective_neurons(network, silence)[0];
    const LifInput input = input_statistics(network, silence)[0];
    // per ms: 1000 x 8 Hz x 0.004 and 200 x 20 Hz x 0.01 beside 1 / (20 ms)
    const double excitation = 0.032, inhibition = 0.04, leak = 0.05 + excitation + inhibition;
    const double mean = (0.05 * 3.0 + excitation * 70.0 - inhibition * 15.0) / leak;
    const double from_ex = 8.0 * 0.004 * 0.004 * std::pow(70.0 - mean, 2) / leak,
                 from_in = 4.0 * (1e-4 + 9e-6) * std::pow(-15.0 - mean, 2) / leak;
    EXPECT_NEAR(neuron.tau_m, 1.0 / leak, 1e-13);
    EXPECT_NEAR(input.mean_mV, mean, 1e-12);
    EXPECT_NEAR(input.variance_mV2, from_ex + from_in, 1e-12);
    EXPECT_NEAR(std::sqrt(neuron.tau_s), (from_ex + 2.0 * from_in) / (from_ex + from_in), 1e-12);
}

TEST(Conductances, BecomeCurrentsWhereReversalsAreFarAway) {
    for (const SynapseTheory theory : {SynapseTheory::delta, SynapseTheory::shift}) {
        LifNetwork currents = brunel(5.0, 2.0);
        for (LifPopulation& population : currents.populations) population.neuron.tau_s = 0.5;
        const WorkingPoint expected = find_working_point(currents, theory);
        const auto error = [&](double reversal) {
            const WorkingPoint found =
                find_working_point(with_conductances(brunel(5.0, 2.0), reversal, 0.5), theory,
                                   {.guess_hz = expected.rates_hz});
            EXPECT_TRUE(succeeded(found.status)) << found.message;
            EXPECT_NEAR(found.cvs[0], expected.cvs[0], 20.0 / reversal * 1e3);
            return found.rates_hz[0] - expected.rates_hz[0];
        };
        const double far = error(1e6), farther = error(2e6);
        EXPECT_LT(std::abs(far), 0.05);
        EXPECT_NEAR(far / farther, 2.0, 0.01);  // of first order in 1 / E
    }
}

TEST(Conductances, HaveExactDerivatives) {
    LifNetwork network = with_conductances(brunel(4.0, 3.0), 60.0, 0.5);
    network.populations[1].reversals.reset();  // of both kinds
    for (LifProjection& onto : network.projections)
        if (onto.target == 1) onto.weight_mV *= 60.0;
    for (LifProjection& onto : network.drives)
        if (onto.target == 1) onto.weight_mV *= 60.0;
    const auto field = make_mean_field(network, SynapseTheory::shift);
    const Vector p = default_values(field->parameters()), x{{7.0, 11.0}}, v{{0.6, -0.8}};
    const std::array free{index_of(field->parameters(), "projection.I.E.weight")};
    const Vector p_dot = Vector::Unit(p.size(), Eigen::Index(free[0])) * 1e-3;
    Vector f(2);
    Matrix f_x(2, 2), f_p(2, 1), f_xv(2, 2), f_pv(2, 1);
    field->linearize(x, p, free, f, f_x, f_p);
    field->directional(x, p, v, p_dot, free, f_xv, f_pv);
    Matrix xs = Matrix::Zero(2, 3), ps = Matrix::Zero(p.size(), 3), series(2, 3);
    xs.col(0) = x, xs.col(1) = v, ps.col(0) = p, ps.col(1) = p_dot;
    field->taylor(xs, ps, series);
    EXPECT_LT((series.col(0) - f).norm(), 1e-12 * f.norm());
    EXPECT_LT((series.col(1) - f_x * v - 1e-3 * f_p).norm(), 1e-11 * (1.0 + series.col(1).norm()));
    EXPECT_LT((2.0 * series.col(2) - f_xv * v - 1e-3 * f_pv).norm(),
              1e-10 * (1.0 + series.col(2).norm()));
}

TEST(Conductances, HaveStationaryStatesAlone) {
    const LifNetwork network = with_conductances(brunel(5.0, 2.0), 60.0, 0.5);
    const WorkingPoint point = find_working_point(network, SynapseTheory::shift);
    ASSERT_TRUE(succeeded(point.status)) << point.message;
    EXPECT_THROW((void)effective_connectivity(network, point, ComplexVector::Zero(1)), UsageError);
    LifNetwork wrong = network;
    wrong.populations[0].reversals->excitatory_mV = -100.0;
    EXPECT_THROW(wrong.validate(), UsageError);
}

}  // namespace
}  // namespace cortifold::test
