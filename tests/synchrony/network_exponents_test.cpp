// The Floquet exponents of a synchronous cycle from all 540 unknowns of a network, against those of
// its 90 modes.
#include "support/places.hpp"
#include "synchrony/synchronous_cycle.hpp"
#include "synchrony/tangent_flow.hpp"
#include <cortifold/io/connectome_reader.hpp>
#include <cortifold/linalg/periodic_schur.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

namespace cortifold {
namespace {

struct Rhythm {
    std::string model, parameter;
    ContinuationOptions::Bound range;
    double strength, value;
};

std::ostream& operator<<(std::ostream& out, const Rhythm& rhythm) {
    return out << rhythm.model;
}

class SynchronousCycle : public testing::TestWithParam<Rhythm> {
protected:
    static constexpr double same = 1e-7;  ///< of exponents, in parts of 1 / T
    static constexpr double smallest_multiplier = 1e-6;
};

/// Tangent maps of equal parts of a cycle, all states together.
std::vector<Matrix> tangent_maps(const std::shared_ptr<const VectorField>& field,
                                 const Vector& parameters, const Vector& initial, double period) {
    constexpr int parts = 4;
    LyapunovOptions options;
    options.relative_tolerance = 1e-12;
    options.absolute_tolerance = 1e-14;
    TangentFlow flow({.field = field, .parameters = parameters, .initial = initial}, options);
    std::vector<Matrix> maps;
    for (int part = 1; part <= parts; ++part) {
        flow.set_vectors(Matrix::Identity(initial.size(), initial.size()));
        const double end = period * part / parts;
        while (flow.t() < end)
            if (!succeeded(flow.advance(end))) return {};
        maps.push_back(flow.vectors());
    }
    return maps;
}

/// Takes the nearest of `left` out: its distance.
double take_nearest(std::vector<std::complex<double>>& left, std::complex<double> exponent) {
    const auto nearest = std::ranges::min_element(
        left, {}, [&](std::complex<double> other) { return std::abs(other - exponent); });
    const double distance = std::abs(*nearest - exponent);
    left.erase(nearest);
    return distance;
}

TEST_P(SynchronousCycle, OfNinetyNodesHasTheExponentsOfAllItsModes) {
    const std::string aal90 = std::string(shared_data) + "/connectomes/aal90/sc2017.dat";
    if (!std::filesystem::exists(aal90)) GTEST_SKIP() << "the AAL90 connectome is not here";
    const Rhythm& rhythm = GetParam();
    const Synchronous state(rhythm.model, rhythm.parameter, rhythm.range, rhythm.strength,
                            rhythm.value, {.tolerance = 1e-9});
    const double period = state.cycle.period;
    ASSERT_GT(period, 0.0);
    Network network;
    network.kinds = {find_model(rhythm.model).make()};
    network.connectomes = {normalized(read_connectome(aal90), Normalization::rows)};
    network.links = default_links(*network.kinds.front());
    const Vector node = state.cycle.z.head(state.field->dimension());
    const ProductSpectrum all = product_spectrum(
        tangent_maps(make_field(network), state.parameters,
                     node.transpose().replicate(network.size(), 1).reshaped(), period));
    ASSERT_EQ(all.status, Status::converged);
    ASSERT_EQ(all.logarithms.size(), node.size() * network.size());

    std::vector<std::complex<double>> of_modes;
    for (const Mode& mode : state.at(coupling_modes(network).values).modes)
        for (const auto& exponent : mode.eigenvalues) of_modes.push_back(exponent * period);
    ASSERT_EQ(std::ssize(of_modes), all.logarithms.size());
    int compared = 0;
    double farthest = 0.0;
    for (const std::complex<double> logarithm : all.logarithms) {
        const double distance = take_nearest(of_modes, logarithm);
        if (logarithm.real() < std::log(smallest_multiplier)) continue;
        farthest = std::max(farthest, distance);
        ++compared;
    }
    RecordProperty("compared", compared);
    RecordProperty("farthest", std::to_string(farthest / period));
    EXPECT_LT(farthest, same) << compared << " exponents";
    EXPECT_GE(compared, 2 * network.size());
}

INSTANTIATE_TEST_SUITE_P(Of, SynchronousCycle,
                         testing::Values(Rhythm{"jansen_rit", "p", {-100.0, 400.0}, 50.0, 230.0},
                                         Rhythm{"ng_ping", "I_ext_E", {-10.0, 40.0}, 5.0, 13.0}),
                         [](const auto& tested) { return tested.param.model; });

}  // namespace
}  // namespace cortifold
