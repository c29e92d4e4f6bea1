#include "networks.hpp"
#include "reference.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/meanfield/spatial_network.hpp>

#include <gmock/gmock.h>

#include <cmath>
#include <numbers>

namespace cortifold::test {
namespace {

using Complex = std::complex<double>;

/// Senk et al. 2020: two populations that receive the same input.
class SpatialReference : public ReferenceNumbers {
protected:
    void SetUp() override {
        ReferenceNumbers::SetUp();
        if (IsSkipped()) return;
        stored = at(file, {"senk2020_spatial"});
        const Record& params = at(stored, {"params_SI"});
        const auto list = [&](std::string_view key) { return vector_of(at(params, {key})); };
        const auto table = [&](std::string_view key) { return matrix_of(at(params, {key})); };
        const Vector external = vector_of(at(stored, {"nu_ext_hz"}));
        for (const Eigen::Index i : {0, 1}) {
            const LifNeuron neuron{{.tau_m = list("tau_m")[i] / milli,
                                    .tau_ref = list("tau_r")[i] / milli,
                                    .tau_s = list("tau_s")[i] / milli,
                                    .threshold = list("V_th_rel")[i] / milli,
                                    .reset = list("V_0_rel")[i] / milli}};
            network.populations.push_back({i == 0 ? "E" : "I", 1000.0, neuron});
            network.sources.push_back({i == 0 ? "excitation" : "inhibition", external[i]});
        }
        for (const Eigen::Index i : {0, 1})
            for (const Eigen::Index j : {0, 1}) {
                const auto source = static_cast<std::size_t>(j),
                           target = static_cast<std::size_t>(i);
                network.projections.push_back({source,
                                               target,
                                               table("K")(i, j),
                                               table("J")(i, j) / milli,
                                               0.0,
                                               {DelayKind::fixed, table("D_mean")(i, j) / milli}});
                network.drives.push_back(
                    {source, target, list("K_ext")[j], table("J_ext")(i, j) / milli, 0.0, {}});
                kernels.push_back({KernelShape::boxcar, 1e3 * list("width")[j]});
            }
        point = find_working_point(network, SynapseTheory::shift);
    }
    /// Its own fit, by which roots are compared beyond the digits of ours.
    [[nodiscard]] RateNetwork stored_rates() const {
        RateNetwork rates{vector_of(at(stored, {"fit", "tau_rate_s"})) / milli, {}};
        const Matrix weights = matrix_of(at(stored, {"fit", "W_rate"}));
        for (const LifProjection& projection : network.projections)
            rates.projections.push_back({projection.source, projection.target,
                                         weights(static_cast<Eigen::Index>(projection.target),
                                                 static_cast<Eigen::Index>(projection.source)),
                                         projection.delay});
        return rates;
    }
    Record stored;
    LifNetwork network;
    std::vector<SpatialKernel> kernels;
    WorkingPoint point;
};

TEST_F(SpatialReference, HasTheStoredRatesAndLowPasses) {
    ASSERT_TRUE(succeeded(point.status)) << point.message;
    const Vector rates = vector_of(at(stored, {"rates_hz"}));
    EXPECT_LT((point.rates_hz - rates).cwiseAbs().maxCoeff(), 1e-9 * rates.maxCoeff());
    const auto reduced =
        reduce_to_rates(network, point, Vector::LinSpaced(199, 1.0, 199.0),
                        {.theory = SynapseTheory::shift, .filter = SynapticFilter::included});
    ASSERT_TRUE(succeeded(reduced.status)) << reduced.message;
    const RateNetwork expected = stored_rates();
    for (const Eigen::Index i : {0, 1})
        EXPECT_NEAR(reduced.network.tau_ms[i], expected.tau_ms[i], 1e-7 * expected.tau_ms[i]);
    for (std::size_t k = 0; k < expected.projections.size(); ++k)
        EXPECT_NEAR(reduced.network.projections[k].weight, expected.projections[k].weight, 1e-6);
}

TEST_F(SpatialReference, HasTheStoredRoots) {
    const SpatialFeedback feedback = spatial_feedback(stored_rates(), kernels);
    for (const Record& sample : at(stored, {"samples"}).as<Record::List>()) {
        const double wavenumber = milli * number(at(sample, {"k_1_per_m"}));
        const auto found = find_characteristic_roots(feedback(wavenumber), {-4.0, 1.0, 9.9});
        ASSERT_TRUE(succeeded(found.status)) << found.message;
        const ComplexVector branches = [&] {
            const Record& parts = at(sample, {"lambda"});
            ComplexVector all = vector_of(at(parts, {"re"})).cast<Complex>();
            all.imag() = vector_of(at(parts, {"im"}));
            return all;
        }();
        for (const Complex branch : branches* milli) {
            if (branch.imag() < 0.0 || branch.imag() > 9.9) continue;
            double nearest = 1.0;
            for (const CharacteristicRoot& root : found.roots)
                nearest = std::min(nearest, std::abs(root.lambda_per_ms - branch));
            EXPECT_LT(nearest, 1e-10) << "at " << wavenumber << " 1/mm: " << branch;
        }
    }
}

TEST_F(SpatialReference, LosesUniformityToAWave) {
    const auto found = find_dispersion(spatial_feedback(stored_rates(), kernels),
                                       Vector::LinSpaced(100, 0.5, 99.5), {-1.0, 0.5, 4.0});
    ASSERT_TRUE(succeeded(found.status)) << found.message;
    EXPECT_EQ(found.instability, SpatialInstability::wave);
    const Record& top = at(stored, {"max_continuous"});
    const Complex expected = complex_of(at(top, {"lambda_1_per_s"})) * milli;
    EXPECT_LT(std::abs(found.leading.root.lambda_per_ms - expected), 1e-7 * std::abs(expected));
    const double wavenumber = milli * number(at(top, {"k_1_per_m"}));
    EXPECT_NEAR(found.leading.wavenumber_per_mm, wavenumber, 1e-5 * wavenumber);
}

TEST_F(SpatialReference, OfNeuronsIsCloseToThatOfTheirLowPasses) {
    const SpatialFeedback neurons =
        spatial_feedback(network, point, kernels, {.theory = SynapseTheory::shift});
    const auto spiking =
        find_dispersion(neurons, Vector::LinSpaced(3, 15.0, 24.0), {-0.15, 0.5, 3.0});
    ASSERT_TRUE(succeeded(spiking.status)) << spiking.message;
    EXPECT_EQ(spiking.instability, SpatialInstability::wave);
    EXPECT_NEAR(spiking.leading.root.lambda_per_ms.imag(), 1.314, 0.1);
}

/// By the definition, over the kernel itself.
double transform(const SpatialKernel& kernel, double k) {
    constexpr int points = 200000;
    const double reach =
        kernel.shape == KernelShape::boxcar ? kernel.width_mm : 40.0 * kernel.width_mm;
    const double s = kernel.width_mm;
    double above = 0.0, below = 0.0;
    for (int i = 0; i < points; ++i) {
        const double x = reach * (i + 0.5) / points;
        const double density = kernel.shape == KernelShape::boxcar ? 1.0
                               : kernel.shape == KernelShape::gaussian
                                   ? std::exp(-0.5 * x * x / s / s)
                                   : std::exp(-x / s);
        const bool line = kernel.dimensions == 1;
        above += density * (line ? std::cos(k * x) : x * std::cyl_bessel_j(0.0, k * x));
        below += density * (line ? 1.0 : x);
    }
    return above / below;
}

TEST(SpatialKernels, AreTheirFourierTransforms) {
    for (const KernelShape shape :
         {KernelShape::boxcar, KernelShape::gaussian, KernelShape::exponential})
        for (const int dimensions : {1, 2}) {
            const SpatialKernel kernel{shape, 0.3, dimensions};
            EXPECT_EQ(kernel_factor(kernel, 0.0), 1.0);
            EXPECT_NEAR(kernel_factor(kernel, 7.0), transform(kernel, 7.0), 1e-6)
                << to_string(shape) << " in " << dimensions;
        }
}

/// Local excitation and wide inhibition without delay: a standing pattern at a wave number where
/// a e^(-k^2 s^2 / 2) - b e^(-k^2 w^2 / 2) is largest.
TEST(SpatialDispersions, TellATuringInstability) {
    constexpr double a = 4.0, b = 3.5, narrow = 0.1, wide = 0.3;
    RateNetwork rates{Vector::Constant(1, 10.0), {{0, 0, a, {}}, {0, 0, -b, {}}}};
    const SpatialFeedback feedback =
        spatial_feedback(rates, {{KernelShape::gaussian, narrow}, {KernelShape::gaussian, wide}});
    const auto found =
        find_dispersion(feedback, Vector::LinSpaced(40, 0.0, 39.0), {-0.09, 0.5, 0.5});
    ASSERT_TRUE(succeeded(found.status)) << found.message;
    EXPECT_EQ(found.instability, SpatialInstability::turing);
    const double k = std::sqrt(2.0 * std::log(b * wide * wide / (a * narrow * narrow)) /
                               (wide * wide - narrow * narrow));
    EXPECT_NEAR(found.leading.wavenumber_per_mm, k, 1e-5 * k);
    const double weight =
        a * std::exp(-0.5 * k * k * narrow * narrow) - b * std::exp(-0.5 * k * k * wide * wide);
    EXPECT_NEAR(found.leading.root.lambda_per_ms.real(), (weight - 1.0) / 10.0, 1e-12);
}

TEST(SpatialDispersions, TellUniformOnesAndNone) {
    const auto instability = [](double weight, double delay_ms) {
        const RateNetwork rates{Vector::Constant(1, 10.0),
                                {{0, 0, weight, {DelayKind::fixed, delay_ms}}}};
        const auto found =
            find_dispersion(spatial_feedback(rates, {{KernelShape::exponential, 0.2}}),
                            Vector::LinSpaced(5, 0.0, 4.0), {-0.3, 0.5, 2.0});
        return found.instability;
    };
    EXPECT_EQ(instability(2.0, 1.0), SpatialInstability::uniform);
    EXPECT_EQ(instability(-3.0, 10.0), SpatialInstability::hopf);
    EXPECT_EQ(instability(-0.5, 1.0), SpatialInstability::none);
}

TEST(SpatialNetworks, RefuseWhatDoesNotFit) {
    const RateNetwork rates{Vector::Ones(1), {{0, 0, 1.0, {}}}};
    EXPECT_THROW((void)spatial_feedback(rates, {}), UsageError);
    EXPECT_THROW((void)spatial_feedback(rates, {{KernelShape::boxcar, -1.0}}), UsageError);
    EXPECT_THROW((void)spatial_feedback(rates, {{KernelShape::boxcar, 1.0, 3}}), UsageError);
    const SpatialFeedback feedback = spatial_feedback(rates, {{KernelShape::boxcar, 1.0}});
    EXPECT_THROW((void)find_dispersion(feedback, Vector::LinSpaced(3, 1.0, -1.0), {}), UsageError);
    const auto none = find_dispersion(feedback, Vector::LinSpaced(2, 0.0, 1.0), {5.0, 6.0, 1.0});
    EXPECT_EQ(none.status, Status::no_theory);
    const RateNetwork quiet{Vector::Constant(1, 10.0), {{0, 0, -0.5, {DelayKind::fixed, 1.0}}}};
    const auto decays = find_dispersion(spatial_feedback(quiet, {{KernelShape::boxcar, 0.2}}),
                                        Vector::LinSpaced(2, 0.0, 1.0), {-0.02, 0.5, 1.0});
    EXPECT_EQ(decays.status, Status::converged);
    EXPECT_TRUE(decays.modes.empty());
    EXPECT_EQ(decays.instability, SpatialInstability::none);
    EXPECT_THROW((void)fit_low_pass({}, {10.0, 4.0}, Vector::Ones(1)), UsageError);
}

}  // namespace
}  // namespace cortifold::test
