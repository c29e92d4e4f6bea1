#include "meanfield/complex_pack.hpp"
#include "meanfield/cylinder_ratio.hpp"
#include "reference.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/meanfield/transfer_function.hpp>

#include <gmock/gmock.h>

#include <numbers>

namespace cortifold::test {
namespace {

using Complex = std::complex<double>;

constexpr double digits = 1e-9, transfer_digits = 1e-8;

double relative_difference(Complex found, Complex expected) {
    return std::abs(found - expected) / std::abs(expected);
}

/// Psi'(x) / Psi(x) for Re s > -1.
Complex slope_of_logarithm(Complex s, double x) {
    const CylinderMoments m = cylinder_moments(s, x);
    return s * m.first / (m.second - x * m.first);
}

/// Composite Simpson of both integrals on the logarithm of t.
CylinderRatio plain_ratio(Complex s, const CylinderBoundaries& at) {
    constexpr int n = 200000;
    constexpr double low = -60.0, high = 4.0, h = (high - low) / n;
    Complex zeroth = 0.0, first = 0.0, second = 0.0;
    for (int k = 0; k <= n; ++k) {
        const double u = low + k * h, t = std::exp(u),
                     weight = k == 0 || k == n ? 1.0 : (k % 2 == 0 ? 2.0 : 4.0);
        const Complex term = weight * std::exp(s * u - 0.5 * t * t + at.threshold * t) *
                             -std::expm1((at.reset - at.threshold) * t);
        zeroth += term;
        first += term * t;
        second += term * t * t;
    }
    const Complex ratio = first / zeroth;
    return {ratio, second / zeroth - ratio * ratio, second / zeroth};
}

TEST(ComplexPacks, HaveTheWavesOfTheStandardLibrary) {
    for (double angle = -4000.0; angle < 4000.0; angle += 1.237) {
        const Pack angles = Pack::LinSpaced(angle, angle + 1.0);
        const ComplexPack waves = polar(Pack::Constant(2.0), angles);
        for (Eigen::Index k = 0; k < 8; ++k)
            EXPECT_LT(std::abs(Complex(waves.re[k], waves.im[k]) - std::polar(2.0, angles[k])),
                      5e-15);
    }
}

TEST_F(ReferenceNumbers, ParabolicCylinderRatiosAreThoseOfFortyDigits) {
    for (const Record& row : at(cases, {"psi_grid"}).as<Record::List>()) {
        const Complex s(number(at(row, {"a_re"})) + 0.5, number(at(row, {"a_im"})));
        const double x = number(at(row, {"x"}));
        const Complex expected = complex_of(at(row, {"dpsi"})) / complex_of(at(row, {"psi_exact"}));
        EXPECT_LT(relative_difference(slope_of_logarithm(s, x), expected), digits) << s << " " << x;
    }
}

TEST(ParabolicCylinders, ContinueTheirRecurrenceFromOrderToOrder) {
    // the second moment of s is the first of s + 1, on another path
    for (const double re : {-0.49, -0.3, 0.0, 1.0, 30.0})
        for (const double im : {2.0, 3.0, 10.0, 63.0, 630.0, 6300.0})
            for (const double x : {-150.0, -30.0, -8.0, -1.0, 0.0, 1.0, 6.0, 30.0, 150.0}) {
                const Complex s(re, im);
                const CylinderMoments m = cylinder_moments(s, x),
                                      next = cylinder_moments(s + 1.0, x);
                EXPECT_LT(relative_difference(next.first * std::exp(next.log_scale - m.log_scale),
                                              m.second),
                          1e-10)
                    << s << " " << x;
            }
}

TEST(ParabolicCylinders, AgreeWithPlainQuadratureAtSmallOrders) {
    for (const Complex s : {Complex(0.0, 0.0), Complex(0.0, 0.7), Complex(-0.4, 1.9),
                            Complex(0.5, -2.1), Complex(2.0, 4.0)})
        for (const CylinderBoundaries& at :
             {CylinderBoundaries{2.0, -1.0}, {-1.0, -9.0}, {6.0, 5.5}}) {
            const CylinderRatio found = cylinder_ratio(s, at), expected = plain_ratio(s, at);
            EXPECT_LT(relative_difference(found.first, expected.first), 1e-10) << s;
            EXPECT_LT(relative_difference(found.second, expected.second), 1e-8) << s;
        }
}

TEST(ParabolicCylinders, AreOneFunctionOnBothSidesOfTheirTwoPaths) {
    // a function of s that is analytic: its fourth differences across the change are small
    for (const CylinderBoundaries& at :
         {CylinderBoundaries{3.0, -2.0, 0.2}, {-4.0, -20.0, 0.0}, {9.0, 4.0, 1.0}}) {
        constexpr double h = 1e-3;
        const auto f = [&](double k) {
            return cylinder_ratio({0.1, 2.0 + (k - 0.5) * h}, at).first;
        };
        const Complex fourth = f(-2) - 4.0 * f(-1) + 6.0 * f(0) - 4.0 * f(1) + f(2);
        EXPECT_LT(std::abs(fourth), 1e-10 * std::abs(f(0)));
    }
}

TEST(ParabolicCylinders, AreTheMeanOfTheirValuesOnACircle) {
    // analytic functions are, here around centres near the edge of convergence
    constexpr int points = 96;
    constexpr double radius = 0.3;
    for (const CylinderBoundaries& at : {CylinderBoundaries{3.0, -2.0, 0.2}, {1.0, -4.0, 0.0}})
        for (const Complex centre :
             {Complex(-0.65, 0.0), Complex(-0.65, 0.4), Complex(-0.5, 2.0)}) {
            Complex mean = 0.0;
            for (int k = 0; k < points; ++k)
                mean += cylinder_ratio(
                            centre + std::polar(radius, 2.0 * std::numbers::pi * k / points), at)
                            .first /
                        double(points);
            EXPECT_LT(relative_difference(cylinder_ratio(centre, at).first, mean), 1e-10) << centre;
        }
    const Complex near_the_edge = cylinder_ratio({-0.999, 0.3}, {3.0, -2.0, 0.2}).first;
    EXPECT_TRUE(std::isfinite(near_the_edge.real()) && std::isfinite(near_the_edge.imag()));
}

class StoredTransferFunctions : public ReferenceNumbers,
                                public testing::WithParamInterface<SynapseTheory> {};

TEST_P(StoredTransferFunctions, AreMetWhereTheyLeaveOutTheRefractoryTime) {
    const Record& stored = at(bos, {to_string(GetParam())});
    const LifNeuron neuron = neuron_of(at(bos, {"params_SI"}));
    const Vector means = vector_of(at(stored, {"mean_input_V"})) / milli,
                 sds = vector_of(at(stored, {"std_input_V"})) / milli,
                 frequencies = vector_of(at(stored, {"transfer_function", "freqs_hz"}));
    const ComplexMatrix expected =
        milli *
        complex_matrix_of(at(stored, {"transfer_function", "with_synaptic_filter_hz_per_V"}));
    const bool by_row = expected.rows() == frequencies.size();
    for (Eigen::Index i = 0; i < means.size(); ++i) {
        const ComplexVector found =
            transfer_function(neuron, {means[i], sds[i] * sds[i]}, oscillations(frequencies),
                              {GetParam(), Refractoriness::left_out});
        for (Eigen::Index k = 1; k < frequencies.size(); ++k)  // the first, 0, is another formula
            EXPECT_LT(relative_difference(found[k], by_row ? expected(k, i) : expected(i, k)),
                      transfer_digits)
                << i << " " << frequencies[k];
    }
}

INSTANTIATE_TEST_SUITE_P(Theories, StoredTransferFunctions,
                         testing::Values(SynapseTheory::shift, SynapseTheory::taylor),
                         [](const auto& tested) { return std::string(to_string(tested.param)); });

TEST_F(ReferenceNumbers, TransferFunctionsOfTheSpatialNetworkAreTheStoredOnes) {
    const Record& senk = at(file, {"senk2020_spatial"});
    const double tau_m = vector_of(at(senk, {"params_SI", "tau_m"}))[0] / milli,
                 tau_s = vector_of(at(senk, {"params_SI", "tau_s"}))[0] / milli,
                 mean = vector_of(at(senk, {"mu_V"}))[0] / milli,
                 sd = vector_of(at(senk, {"sigma_V"}))[0] / milli;
    const LifNeuron neuron{{.tau_m = tau_m, .tau_ref = 0.0, .tau_s = tau_s}};
    EXPECT_NEAR(stationary_rate(neuron, {mean, sd * sd}, SynapseTheory::shift).hz,
                vector_of(at(senk, {"rates_hz"}))[0], 1e-8);
    const Record& stored = at(senk, {"transfer_function_hz_per_V"});
    const Vector frequencies = vector_of(at(stored, {"freqs_hz"})),
                 re = vector_of(at(stored, {"pop0", "re"})),
                 im = vector_of(at(stored, {"pop0", "im"}));
    const ComplexVector found =
        transfer_function(neuron, {mean, sd * sd}, oscillations(frequencies));
    for (Eigen::Index k = 0; k < frequencies.size(); ++k)
        EXPECT_LT(relative_difference(found[k] / milli, Complex(re[k], im[k])), transfer_digits)
            << frequencies[k];
}

TEST(TransferFunction, AtFrequencyZeroIsTheSlopeOfTheRate) {
    const ComplexVector zero = ComplexVector::Zero(1);
    for (const SynapseTheory theory :
         {SynapseTheory::delta, SynapseTheory::shift, SynapseTheory::taylor})
        for (const double mean : {-20.0, 3.0, 14.0, 25.0})
            for (const double spread : {0.0, 2.0}) {
                const LifInput input{mean, 16.0, spread};
                const LifRate rate = stationary_rate({}, input, theory);
                EXPECT_LT(relative_difference(transfer_function({}, input, zero, {theory})[0],
                                              rate.by_mean),
                          1e-11)
                    << mean;
                if (theory == SynapseTheory::taylor || spread > 0.0) continue;
                const Complex left_out =
                    transfer_function({}, input, zero, {theory, Refractoriness::left_out})[0];
                EXPECT_LT(
                    relative_difference(
                        left_out, rate.by_mean / (1.0 - rate.hz * milli * LifNeuron{}.tau_ref)),
                    1e-11);
            }
}

TEST_F(ReferenceNumbers, TransferFunctionsAtFrequencyZeroAreTheExactSlopes) {
    const Record& stored = at(bos, {"shift"});
    const LifNeuron neuron = neuron_of(at(bos, {"params_SI"}));
    const Vector means = vector_of(at(stored, {"mean_input_V"})) / milli,
                 sds = vector_of(at(stored, {"std_input_V"})) / milli,
                 exact = vector_of(at(stored, {"zero_frequency_exact_hz_per_V"})) * milli;
    for (Eigen::Index i = 0; i < means.size(); ++i)
        EXPECT_LT(relative_difference(transfer_function(neuron, {means[i], sds[i] * sds[i]},
                                                        ComplexVector::Zero(1))[0],
                                      exact[i]),
                  digits);
}

TEST(TransferFunction, OfTheConjugateIsTheConjugate) {
    const ComplexVector lambda{{Complex(0.01, 0.3), Complex(-0.05, 2.0), Complex(0.2, 40.0)}};
    const LifInput input{12.0, 20.0};
    const ComplexVector found = transfer_function({}, input, lambda),
                        other = transfer_function({}, input, lambda.conjugate());
    EXPECT_LT((found - other.conjugate()).cwiseAbs().maxCoeff(), 1e-14);
}

TEST(TransferFunction, FallsWithTheRootOfTheFrequency) {
    // Psi' / Psi -> sqrt(s): N -> sqrt(2) nu / (sigma sqrt(s)), with 1 + s ~ s (Brunel et al. 2001)
    const LifInput input{12.0, 20.0};
    const double rate = stationary_rate({}, input, SynapseTheory::delta).hz;
    const Complex s(0.0, 1e8);
    const Complex found = transfer_function(
        {}, input, ComplexVector::Constant(1, s / LifNeuron{}.tau_m),
        {SynapseTheory::delta, Refractoriness::exact, SynapticFilter::left_out})[0];
    EXPECT_LT(
        relative_difference(found, std::numbers::sqrt2 * rate / (std::sqrt(20.0) * std::sqrt(s))),
        1e-3);
}

TEST(TransferFunction, ResonatesAtTheRateOfARegularNeuron) {
    const LifInput input{20.0, 0.25};
    const double rate = stationary_rate({}, input, SynapseTheory::delta).hz;
    const Vector frequencies{{0.5 * rate, rate, 1.5 * rate}};
    const Vector size =
        transfer_function({}, input, oscillations(frequencies), {SynapseTheory::delta}).cwiseAbs();
    EXPECT_GT(size[1], 1.5 * size[0]);
    EXPECT_GT(size[1], 1.5 * size[2]);
}

TEST(VarianceTransferFunction, IsTheDerivativeOfTheRateWhereNothingOscillates) {
    const LifNeuron neuron{{.tau_m = 20.0, .tau_s = 1.0, .threshold = 20.0, .reset = 10.0}};
    for (const SynapseTheory theory : {SynapseTheory::delta, SynapseTheory::shift})
        for (const LifInput& input :
             {LifInput{15.0, 25.0}, LifInput{22.0, 9.0}, LifInput{40.0, 1.0}, LifInput{2.0, 9.0},
              LifInput{15.0, 25.0, 2.0}}) {
            const double slope = stationary_rate(neuron, input, theory).by_variance;
            const Complex found =
                variance_transfer_function(neuron, input, ComplexVector::Zero(1), {theory})[0];
            EXPECT_NEAR(found.real(), slope, 1e-10 * std::abs(slope));
            EXPECT_EQ(found.imag(), 0.0);
        }
}

TEST(VarianceTransferFunction, SolvesTheFokkerPlanckEquation) {
    // by threshold integration (Richardson 2007, Phys. Rev. E 76:021919) with steps of 5 and 2.5
    // uV, extrapolated
    struct Case {
        double mean, variance, frequency;
        Complex response;
    };
    const LifNeuron neuron{{.tau_m = 20.0, .tau_s = 0.0, .threshold = 20.0, .reset = 10.0}};
    for (const Case& one : {Case{15.0, 25.0, 20.0, {0.5506039635901, 0.0845487198466}},
                            Case{15.0, 25.0, 150.0, {0.4719202156882, -0.0570243332752}},
                            Case{22.0, 9.0, 60.0, {2.2385687549201, 1.1178334137192}}}) {
        const Complex found = variance_transfer_function(
            neuron, {one.mean, one.variance},
            ComplexVector::Constant(1, oscillation(one.frequency)), {SynapseTheory::delta})[0];
        EXPECT_LT(std::abs(found - one.response), 1e-6 * std::abs(one.response));
    }
}

TEST(VarianceTransferFunction, IsNotThatOfTheExpansion) {
    EXPECT_THROW((void)variance_transfer_function({}, {10.0, 1.0}, ComplexVector::Zero(1),
                                                  {SynapseTheory::taylor}),
                 UsageError);
}

TEST(TransferFunction, RefusesLambdaWithoutAnIntegral) {
    const auto message = [](Complex lambda) {
        try {
            (void)transfer_function({}, {10.0, 1.0}, ComplexVector::Constant(1, lambda));
        } catch (const UsageError& error) {
            return std::string(error.what());
        }
        return std::string("nothing was thrown");
    };
    EXPECT_THAT(message({-0.2, 1.0}), testing::HasSubstr("must be above -1 / tau_m = -0.1 per ms"));
    EXPECT_THAT(message({std::nan(""), 1.0}), testing::HasSubstr("(nan,1)"));
}

}  // namespace
}  // namespace cortifold::test
