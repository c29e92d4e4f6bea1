#include "reference.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/meanfield/delay_law.hpp>
#include <cortifold/meanfield/transfer_function.hpp>

#include <gmock/gmock.h>

#include <array>
#include <numbers>

namespace cortifold::test {
namespace {

using Complex = std::complex<double>;

constexpr std::array all_kinds{DelayKind::none, DelayKind::fixed, DelayKind::gaussian,
                               DelayKind::truncated_gaussian, DelayKind::log_normal};
constexpr double digits = 1e-9;

TEST_F(ReferenceNumbers, DelayFactorsAreTheStoredOnes) {
    const Record& stored = at(cases, {"delay_factors"});
    const Vector mean = matrix_of(at(stored, {"Delay_s"})).row(0).transpose() / milli,
                 sd = matrix_of(at(stored, {"Delay_sd_s"})).row(0).transpose() / milli,
                 frequencies = vector_of(at(stored, {"freqs_hz"}));
    const auto factor = [&](std::string_view key, Eigen::Index k, Eigen::Index j) {
        const auto part = [&](std::string_view name) {
            return matrix_of(at(stored, {key, name}).as<Record::List>()[std::size_t(k)])(0, j);
        };
        return Complex(part("re"), part("im"));
    };
    const std::array<std::pair<std::string_view, DelayKind>, 3> laws{
        {{"none", DelayKind::fixed},
         {"gaussian", DelayKind::gaussian},
         {"truncated_gaussian", DelayKind::truncated_gaussian}}};
    for (const auto& [key, kind] : laws)
        for (Eigen::Index k = 0; k < frequencies.size(); ++k)
            for (Eigen::Index j = 0; j < mean.size(); ++j)
                EXPECT_LT(
                    std::abs(delay_factor({kind, mean[j], sd[j]}, oscillation(frequencies[k])) -
                             factor(key, k, j)),
                    digits)
                    << key << " " << frequencies[k];
}

TEST_F(ReferenceNumbers, LogNormalDelaysAreExactAndNotTheStoredConjugates) {
    const Record& stored = at(cases, {"delay_factors"});
    const double mean = matrix_of(at(stored, {"Delay_s"}))(0, 0) / milli,
                 sd = matrix_of(at(stored, {"Delay_sd_s"}))(0, 0) / milli;
    const Vector frequencies = vector_of(at(stored, {"freqs_hz"}));
    const auto& exact =
        at(stored, {"lognormal_exact_exp_minus_i_omega_d_first_column"}).as<Record::List>();
    for (Eigen::Index k = 0; k < frequencies.size(); ++k)
        EXPECT_LT(
            std::abs(delay_factor({DelayKind::log_normal, mean, sd}, oscillation(frequencies[k])) -
                     complex_of(exact[std::size_t(k)])),
            digits);
    // the stored ones are means of exp(+i omega d), unlike the other laws
    const Complex found =
        delay_factor({DelayKind::log_normal, mean, sd}, oscillation(frequencies[2]));
    const double stored_im = matrix_of(at(stored, {"lognormal", "im"}).as<Record::List>()[2])(0, 0);
    EXPECT_LT(found.imag() * stored_im, 0.0);
}

TEST(DelayFactor, HasTheMeanDelayAsItsSlopeAtZero) {
    constexpr double h = 1e-4;
    for (const DelayKind kind : all_kinds) {
        const DelayLaw law{kind, 2.0, 0.1};
        EXPECT_EQ(delay_factor(law, 0.0), 1.0) << to_string(kind);
        const Complex slope = (1.0 - delay_factor(law, Complex(0.0, h))) / Complex(0.0, h);
        EXPECT_NEAR(slope.real(), kind == DelayKind::none ? 0.0 : 2.0, 1e-6) << to_string(kind);
    }
}

TEST(DelayFactor, OfNarrowLawsIsThatOfAFixedDelay) {
    const Complex lambda(0.02, 1.5);
    const Complex fixed = delay_factor({DelayKind::fixed, 1.5}, lambda);
    for (const DelayKind kind :
         {DelayKind::gaussian, DelayKind::truncated_gaussian, DelayKind::log_normal}) {
        EXPECT_EQ(delay_factor({kind, 1.5, 0.0}, lambda), fixed);
        EXPECT_LT(std::abs(delay_factor({kind, 1.5, 1e-4}, lambda) - fixed), 1e-7);
    }
}

TEST(DelayFactor, IsTheMeanOverItsDensity) {
    // Simpson over the density of delays
    const double mean = 1.5, sd = 0.75, log_variance = std::log1p(sd * sd / (mean * mean)),
                 log_mean = std::log(mean) - 0.5 * log_variance;
    const auto gaussian = [](double z) { return std::exp(-0.5 * z * z); };
    const auto average = [&](auto&& density, Complex lambda) {
        constexpr int n = 400000;
        constexpr double low = 1e-9, high = 60.0, h = (high - low) / n;
        Complex sum = 0.0;
        double mass = 0.0;
        for (int k = 0; k <= n; ++k) {
            const double d = low + k * h,
                         weight = (k == 0 || k == n ? 1.0 : (k % 2 == 0 ? 2.0 : 4.0)) * density(d);
            sum += weight * std::exp(-lambda * d);
            mass += weight;
        }
        return sum / mass;
    };
    for (const Complex lambda : {Complex(0.3, 0.0), Complex(0.0, 2.0), Complex(0.5, -6.0)}) {
        const Complex cut = average([&](double d) { return gaussian((d - mean) / sd); }, lambda);
        EXPECT_LT(std::abs(delay_factor({DelayKind::truncated_gaussian, mean, sd}, lambda) - cut),
                  1e-8);
        const Complex later =
            average([&](double d) { return d < 1.2 ? 0.0 : gaussian((d - mean) / sd); }, lambda);
        constexpr double step_at_the_cut = 1e-4;
        EXPECT_LT(
            std::abs(delay_factor({DelayKind::truncated_gaussian, mean, sd, 1.2}, lambda) - later),
            step_at_the_cut);
        const Complex skew = average(
            [&](double d) {
                return gaussian((std::log(d) - log_mean) / std::sqrt(log_variance)) / d;
            },
            lambda);
        EXPECT_LT(std::abs(delay_factor({DelayKind::log_normal, mean, sd}, lambda) - skew), 1e-8);
    }
}

TEST(DelayFactor, OfACutGaussianStaysFiniteAtHighFrequencies) {
    // the cut at 0 has a density there: factor -> density(0) / lambda
    const double mean = 1.5, sd = 0.75;
    const Complex lambda(0.0, 1e6);
    const double density = std::exp(-0.5 * std::pow(mean / sd, 2)) /
                           (sd * std::sqrt(2.0 * std::numbers::pi)) /
                           (0.5 * std::erfc(-mean / (sd * std::numbers::sqrt2)));
    const Complex found = delay_factor({DelayKind::truncated_gaussian, mean, sd}, lambda);
    EXPECT_LT(std::abs(found * lambda - density), 1e-5 * density);
}

TEST(NegativeMass, IsThatOfTheUncutGaussianAlone) {
    EXPECT_NEAR(negative_mass({DelayKind::gaussian, 1.5, 0.75}), 0.022750131948179, 1e-13);
    EXPECT_EQ(negative_mass({DelayKind::truncated_gaussian, 1.5, 0.75}), 0.0);
    EXPECT_EQ(negative_mass({DelayKind::gaussian, 1.5, 0.0}), 0.0);
}

TEST(DelayLaws, RefuseWhatIsNoDelay) {
    const auto message = [](const DelayLaw& law, Complex lambda = 0.0) {
        try {
            (void)delay_factor(law, lambda);
        } catch (const UsageError& error) {
            return std::string(error.what());
        }
        return std::string("nothing was thrown");
    };
    using testing::HasSubstr;
    EXPECT_THAT(message({DelayKind::fixed, -1.0}), HasSubstr("delay.mean_ms = -1 ms of a fixed"));
    EXPECT_THAT(message({DelayKind::gaussian, 1.0, -0.1}), HasSubstr("delay.sd_ms = -0.1 ms"));
    EXPECT_THAT(message({DelayKind::log_normal, 0.0, 0.1}), HasSubstr("must be greater than 0"));
    EXPECT_THAT(message({DelayKind::log_normal, 1.0, 0.1}, {-0.1, 1.0}), HasSubstr("at least 0"));
}

}  // namespace
}  // namespace cortifold::test
