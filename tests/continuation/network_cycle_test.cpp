// Branches of cycles of 90 coupled nodes, all 540 unknowns, against what master stability says.

#include "support/mode_monodromy.hpp"
#include "support/places.hpp"
#include <cortifold/continuation/cycle.hpp>
#include <cortifold/io/connectome_reader.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/model/registry.hpp>
#include <cortifold/network/network.hpp>
#include <cortifold/ode/integrate.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <filesystem>
#include <string>

using namespace cortifold;

namespace {

const std::string aal90 = std::string(shared_data) + "/connectomes/aal90/sc2017.dat";
constexpr double digits = 1e-8;  ///< relative, of periods and exponents
constexpr double smallest_multiplier = 1e-5, well_known = 1e-4;  ///< of its exponent

/// Cycles of equal nodes on a connectome whose rows sum to one, as a parameter changes.
struct Rhythm {
    std::string model, parameter;
    double strength, from, to;
    double transient, about_a_period;  ///< in the model's time unit
    double longest_step;
};

std::ostream& operator<<(std::ostream& out, const Rhythm& rhythm) {
    return out << rhythm.model;
}

class CyclesOfNinetyNodes : public testing::TestWithParam<Rhythm> {
protected:
    void SetUp() override {
        if (!std::filesystem::exists(aal90)) GTEST_SKIP() << "the AAL90 connectome is not here";
        network.kinds = {find_model(GetParam().model).make()};
        network.connectomes = {normalized(read_connectome(aal90), Normalization::rows)};
        network.links = default_links(*network.kinds.front());
        network.strength = GetParam().strength;
        node = make_homogeneous_field(network);
        free = index_of(node->parameters(), GetParam().parameter);
        parameters = parameters_at(GetParam().from);
    }

    [[nodiscard]] Vector parameters_at(double value) const {
        Vector p = default_values(node->parameters());
        p[static_cast<Eigen::Index>(free)] = value;
        return p;
    }

    /// From a state of the node, at equally spaced times.
    [[nodiscard]] Orbit follow(const Vector& x, const Vector& p, double duration,
                               Eigen::Index steps) const {
        Orbit orbit{Vector::LinSpaced(steps + 1, 0.0, duration),
                    Matrix(node->dimension(), steps + 1)};
        Eigen::Index k = 0;
        (void)integrate({.field = node, .parameters = p, .initial = x, .t1 = duration},
                        {.output_step = duration / static_cast<double>(steps)},
                        [&](double, ConstVectorRef state, ConstVectorRef) {
                            if (k <= steps) orbit.states.col(k++) = state;
                            return Flow::proceed;
                        });
        return orbit;
    }

    /// About the node's attracting cycle.
    [[nodiscard]] Orbit node_orbit() const {
        constexpr Eigen::Index samples = 400;
        const Orbit transient =
            follow(default_values(node->states()), parameters, GetParam().transient, 1);
        return follow(transient.states.rightCols<1>(), parameters, GetParam().about_a_period,
                      samples);
    }
    [[nodiscard]] Orbit everywhere(const Orbit& alone) const {
        const Eigen::Index regions = network.size();
        Orbit all{alone.times, Matrix(node->dimension() * regions, alone.times.size())};
        for (Eigen::Index k = 0; k < node->dimension(); ++k)
            all.states.middleRows(k * regions, regions) = alone.states.row(k).replicate(regions, 1);
        return all;
    }

    [[nodiscard]] Branch branch_of(const std::shared_ptr<const VectorField>& field,
                                   const Orbit& orbit, const CycleOptions& options) const {
        const CurveStart start = cycles_from_orbit(field, parameters, free, orbit, options);
        return continue_branch(start.problem, start.point,
                               {.bounds = {{GetParam().from, GetParam().to}},
                                .direction = Direction::increasing,
                                .step = {.largest = GetParam().longest_step}});
    }

    /// log mu / T of the mode with a coupling eigenvalue, by integration.
    [[nodiscard]] ComplexVector exponents_of_mode(const BranchPoint& cycle,
                                                  std::complex<double> lambda) const {
        const ComplexMatrix X =
            mode_monodromy(*node, parameters_at(cycle.parameters[0]),
                           cycle.z.head(node->dimension()), cycle.period, lambda);
        return eigenvalues(X).array().log() / cycle.period;
    }

    Network network;
    std::shared_ptr<const HomogeneousField> node;
    std::size_t free = 0;
    Vector parameters;
};

/// Whether an exponent is one of the point's, as far as that is known.
void expect_among(const BranchPoint& point, std::complex<double> exponent) {
    Eigen::Index nearest = 0;
    const double distance = (point.spectrum.array() - exponent).abs().minCoeff(&nearest);
    EXPECT_LT(distance, digits * std::abs(exponent) + point.spectrum_errors[nearest]) << exponent;
    EXPECT_LT(point.spectrum_errors[nearest], well_known * std::abs(exponent)) << exponent;
}

TEST_P(CyclesOfNinetyNodes, HaveTheExponentsOfAllModesAlongABranch) {
    const Rhythm& rhythm = GetParam();
    const Orbit alone = node_orbit();
    const Branch one = branch_of(node, alone, {.method = CycleMethod::shooting}),
                 branch = branch_of(make_field(network), everywhere(alone),
                                    {.method = CycleMethod::shooting, .sections = 1, .threads = 2});
    ASSERT_EQ(one.status, Status::reached_end) << one.message;
    ASSERT_EQ(branch.status, Status::reached_end) << branch.message;
    RecordProperty("points", static_cast<int>(branch.points.size()));
    const BranchPoint &cycle = one.points.back(), &found = branch.points.back();
    EXPECT_EQ(found.parameters[0], rhythm.to);
    EXPECT_NEAR(found.period, cycle.period, digits * cycle.period);
    for (const BranchPoint& point : branch.points) {
        ASSERT_EQ(point.spectrum.size(), node->dimension() * network.size() - 1);
        EXPECT_TRUE(point.n_unstable.has_value());
    }

    // Smaller multipliers than some are lost in the larger ones.
    const auto expect_all = [&](const ComplexVector& exponents) {
        for (const std::complex<double> exponent : exponents)
            if (exponent.real() * cycle.period > std::log(smallest_multiplier))
                expect_among(found, exponent);
    };
    const ComplexVector lambdas = general_spectrum(coupling_matrix(network)).values;
    EXPECT_NEAR(std::abs(lambdas[0] - 1.0), 0.0, digits);
    expect_all(cycle.spectrum);
    for (const Eigen::Index mode : {1, 45, 89}) {
        SCOPED_TRACE("mode " + std::to_string(mode));
        expect_all(exponents_of_mode(cycle, lambdas[mode]));
    }
}

/// A slow direction a node, and more.
TEST_P(CyclesOfNinetyNodes, HaveTooManySlowDirectionsForNewtonAndPicard) {
    const CurveStart start =
        cycles_from_orbit(make_field(network), parameters, free, everywhere(node_orbit()),
                          {.method = CycleMethod::newton_picard, .threads = 2});
    const Continuation run(start.problem, start.point, {});
    EXPECT_FALSE(succeeded(run.branch().status));
    EXPECT_TRUE(run.branch().points.empty());
    EXPECT_NE(run.branch().message.find("of 540 directions"), std::string::npos)
        << run.branch().message;
}

INSTANTIATE_TEST_SUITE_P(
    Of, CyclesOfNinetyNodes,
    testing::Values(Rhythm{"jansen_rit", "p", 20.0, 140.0, 150.0, 20.0, 0.252711796, 0.05},
                    Rhythm{"ng_ping", "I_ext_E", 5.0, 10.0, 10.1, 400.0, 18.6756715, 0.2}),
    [](const auto& tested) { return tested.param.model; });

}  // namespace
