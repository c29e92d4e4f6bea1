// The exact mean field of networks of quadratic integrate-and-fire neurons.
#include "montbrio_pazo_roxin/qif_population.hpp"
#include "ng_ping/qif_populations.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/meanfield/qif_mean_field.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <complex>
#include <numbers>
#include <random>

namespace cortifold::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr double pi = std::numbers::pi;

template <class Model>
typename Model::template Parameters<double> defaults() {
    typename Model::template Parameters<double> p{};
    Model::parameters(p, [](double& value, const Quantity& q) { value = q.value; });
    return p;
}

/// Figure 2 of the paper: eta = -5, J = 15, Delta = 1; in units of tau.
PopulationNetwork bistable(double tau = 1.0) {
    auto p = defaults<MontbrioPazoRoxin>();
    p.tau = tau;
    return montbrio_pazo_roxin::network(p, {0.02 / tau, -2.0});
}

PopulationNetwork gamma() {
    return ng_ping::network(defaults<NgPing>(), {0.02, -1.0, 0.0, 0.02, -1.0, 0.0});
}

Vector rhs(const QifMeanField& theory, ConstVectorRef x) {
    Vector dx(x.size());
    theory.field->rhs(x, theory.parameters, dx);
    return dx;
}

TEST(QifMeanField, OfOnePopulationIsTheModelOfMontbrioPazoAndRoxin) {
    auto p = defaults<MontbrioPazoRoxin>();
    p.tau = 7.0;
    p.Delta = 0.6;
    p.I = 2.5;
    const QifMeanField theory = qif_mean_field_of(montbrio_pazo_roxin::network(p, {0.05, -1.5}));
    ASSERT_EQ(theory.field->dimension(), 2);
    EXPECT_NEAR(theory.initial[theory.rates[0]], 0.05, 1e-16);
    EXPECT_EQ(theory.initial[theory.potentials[0]], -1.5);
    std::mt19937 random(1);
    std::uniform_real_distribution<double> any(0.0, 1.0);
    for (int k = 0; k < 20; ++k) {
        const MontbrioPazoRoxin::State<double> x{any(random), 4.0 * any(random) - 3.0};
        MontbrioPazoRoxin::State<double> dx{};
        MontbrioPazoRoxin::rhs(x, {}, p, dx);
        const Vector slope = rhs(theory, Vector{{x.r, x.v}});
        EXPECT_NEAR(slope[theory.rates[0]], dx.r, 1e-14);
        EXPECT_NEAR(slope[theory.potentials[0]], dx.v, 1e-14 * std::abs(dx.v) + 1e-14);
    }
}

TEST(QifMeanField, OfTwoPopulationsIsTheGammaRhythmsModel) {
    auto p = defaults<NgPing>();
    p.tau_i = 5.0;
    p.Delta_i = 0.3;
    p.I_ext_I = 1.5;
    p.J_ee = 3.0;
    const QifMeanField theory =
        qif_mean_field_of(ng_ping::network(p, {0.02, -1.0, 0.0, 0.03, -1.2, 0.0}));
    ASSERT_EQ(theory.field->dimension(), 6);
    // Low passes follow the populations: of E first, whose projection is the first one.
    const std::array<Eigen::Index, 6> slots{theory.rates[0], theory.potentials[0], 4,
                                            theory.rates[1], theory.potentials[1], 5};
    EXPECT_EQ(theory.initial[slots[0]], 0.02);
    EXPECT_EQ(theory.initial[slots[4]], -1.2);
    std::mt19937 random(2);
    std::uniform_real_distribution<double> any(0.0, 1.0);
    for (int k = 0; k < 20; ++k) {
        std::array<double, 6> at{};
        for (double& value : at) value = any(random);
        at[1] -= 1.0, at[4] -= 1.0;
        const auto x = std::bit_cast<NgPing::State<double>>(at);
        NgPing::State<double> dx{};
        NgPing::rhs(x, {}, p, dx);
        const auto expected = std::bit_cast<std::array<double, 6>>(dx);
        Vector state(6);
        for (std::size_t i = 0; i < 6; ++i) state[slots[i]] = at[i];
        const Vector slope = rhs(theory, state);
        for (std::size_t i = 0; i < 6; ++i)
            EXPECT_NEAR(slope[slots[i]], expected[i], 1e-14 * (1.0 + std::abs(expected[i])));
    }
}

// One low pass of a source for each time constant of its targets.
TEST(QifMeanField, HasSynapsesOfTheTargetsTimeConstants) {
    PopulationNetwork network = gamma();
    std::get<QifExp>(network.populations[1].neuron).tau_ex = 2.0;
    const QifMeanField theory = qif_mean_field_of(network);
    ASSERT_EQ(theory.field->dimension(), 7);
    EXPECT_EQ(theory.parameters.segment(10, 3),
              (Vector{{1.0, 5.0, 2.0}}));  // after two nodes of five
}

// The table of the specification, tau = 1; in ms everything scales with tau.
TEST(QifMeanField, FindsTheThreeStatesOfTheBistablePopulation) {
    for (const double tau : {1.0, 20.0}) {
        const QifMeanField theory = qif_mean_field_of(bistable(tau));
        const SearchResult found = find_equilibria(theory);
        ASSERT_EQ(found.equilibria.size(), 3U);
        const double rates[] = {0.0811344419501, 0.472980340685, 1.03059679884};
        const std::complex<double> leading[] = {
            -2.448738426, 1.641678186, {-0.3088597661, 3.318628982}};
        for (std::size_t k = 0; k < 3; ++k) {
            const EquilibriumResult& state = found.equilibria[k];
            EXPECT_NEAR(state.state[theory.rates[0]] * tau, rates[k], 1e-11);
            EXPECT_EQ(state.n_unstable, k == 1 ? 1 : 0);
            EXPECT_NEAR(state.eigenvalues[0].real() * tau, leading[k].real(), 1e-8);
            EXPECT_NEAR(std::abs(state.eigenvalues[0].imag()) * tau, leading[k].imag(), 1e-8);
        }
    }
}

// Section 4.2 of the specification at (I, eps) = (10, 0).
TEST(QifMeanField, FindsTheUnstableFocusOfTheGammaRhythm) {
    const QifMeanField theory = qif_mean_field_of(gamma());
    const SearchResult found = find_equilibria(theory);
    ASSERT_EQ(found.equilibria.size(), 1U);
    const EquilibriumResult& state = found.equilibria[0];
    EXPECT_NEAR(state.state[theory.rates[0]], 0.0744980416707, 1e-12);
    EXPECT_NEAR(state.state[theory.potentials[1]], -0.455170786258, 1e-11);
    EXPECT_NEAR(state.eigenvalues[0].real(), 0.0869191268, 1e-9);
    EXPECT_EQ(state.n_unstable, 2);
}

TEST(QifMeanField, SearchesABoxThatHoldsAllEquilibria) {
    std::mt19937 random(3);
    std::uniform_real_distribution<double> any(-1.0, 1.0);
    for (int k = 0; k < 50; ++k) {
        auto p = defaults<MontbrioPazoRoxin>();
        p.tau = 10.0;
        p.J = 40.0 * any(random);
        const double r = std::exp(4.0 * any(random)) / p.tau;  // an equilibrium by construction
        const double v = -p.Delta / (2.0 * pi * p.tau * r), spread = pi * p.tau * r;
        p.eta = spread * spread - v * v - p.J * p.tau * r;
        const QifMeanField theory = qif_mean_field_of(montbrio_pazo_roxin::network(p, {0.1, 0.0}));
        const Vector x{{r, v}};
        EXPECT_LT(rhs(theory, x).cwiseAbs().maxCoeff(), 1e-9 * (1.0 + std::abs(p.eta)));
        EXPECT_TRUE((x.array() >= theory.low.array()).all() &&
                    (x.array() <= theory.high.array()).all())
            << "r " << r << " J " << p.J;
    }
}

// The sum over quantiles itself: uncoupled neurons at rest or at the rates sqrt(eta) / (pi tau).
TEST(QifMeanField, KnowsWhatQuantilesOfFinitePopulationsLack) {
    auto p = defaults<MontbrioPazoRoxin>();
    p.tau = 10.0;
    p.J = 0.0;
    p.eta = 1.0;
    for (const std::uint32_t neurons : {1000U, 16000U}) {
        double mean = 0.0;
        for (std::uint32_t j = 1; j <= neurons; ++j) {
            const double eta = p.eta + p.Delta * std::tan(pi * (j / (neurons + 1.0) - 0.5));
            mean += std::sqrt(std::max(eta, 0.0)) / (pi * p.tau * neurons);
        }
        const QifMeanField theory = qif_mean_field_of(
            montbrio_pazo_roxin::network(p, {0.1, 0.0}, {neurons, 0.1, Law::lorentzian_quantiles}),
            PopulationLimit::quantiles);
        const double rate = find_equilibria(theory).equilibria[0].state[theory.rates[0]];
        EXPECT_NEAR(rate - theory.missing[0], mean, 0.5 / neurons / p.tau);
    }
}

// What a population lacks reaches it as a current, through its synapses: r is at the fixed point
// of the rate under eta + J tau (r - missing).
TEST(QifMeanField, SendsWhatItsPopulationsLack) {
    auto p = defaults<MontbrioPazoRoxin>();
    p.tau = 10.0;
    const PopulationNetwork network =
        montbrio_pazo_roxin::network(p, {0.01, -2.0}, {2500, 0.1, Law::lorentzian_quantiles});
    const QifMeanField theory = qif_mean_field_of(network, PopulationLimit::quantiles);
    const SearchResult found = find_equilibria(theory);
    ASSERT_EQ(found.equilibria.size(), 3U);
    for (const EquilibriumResult& state : found.equilibria) {
        const double r = state.state[theory.rates[0]],
                     current = p.eta + p.J * p.tau * (r - theory.missing[0]);
        const double expected =
            std::sqrt(0.5 * (current + std::hypot(current, p.Delta))) / (pi * p.tau);
        EXPECT_NEAR(r, expected, 1e-12);
    }
    EXPECT_EQ(qif_mean_field_of(network).missing[0], 0.0);
}

// Without coupling w = pi tau r + i v obeys a Riccati equation, tau w' = Delta + i eta - i w^2:
// with w = -i tau u'/u the rate is the turn of u, tau^2 u'' = (i Delta - eta) u.
TEST(QifMeanField, CoursesOfUncoupledNeuronsAreThoseOfTheRiccatiEquation) {
    auto p = defaults<MontbrioPazoRoxin>();
    p.tau = 10.0;
    p.J = 0.0;
    p.eta = 1.0;
    const double start = 20.0, amplitude = 3.0;
    PopulationNetwork network = montbrio_pazo_roxin::network(p, {0.01, -1.0});
    network.populations[0].currents = {CurrentStep{start, 1000.0, amplitude}};
    constexpr Eigen::Index bins = 60;
    const RateCourses courses =
        find_courses(qif_mean_field_of(network), {.bin_ms = 1.0, .count = bins});
    ASSERT_EQ(courses.status, Status::reached_end);
    ASSERT_EQ(courses.rates_hz.rows(), bins);
    using Complex = std::complex<double>;
    constexpr Complex i{0.0, 1.0};
    Complex w{pi * p.tau * 0.01, -1.0};
    for (Eigen::Index bin = 0; bin < bins; ++bin) {
        const double eta = p.eta + (static_cast<double>(bin) < start ? 0.0 : amplitude);
        const Complex kappa = std::sqrt(i * p.Delta - eta), z = kappa / p.tau;
        const Complex u = std::cosh(z) + i * w / kappa * std::sinh(z);
        EXPECT_NEAR(courses.rates_hz(bin, 0), 1e3 * std::arg(u) / pi, 1e-5) << bin;
        w = -i * (kappa * std::sinh(z) + i * w * std::cosh(z)) / u;
    }
}

TEST(QifMeanField, StaysAtAnEquilibriumItBeginsWith) {
    PopulationNetwork network = bistable(10.0);
    const SearchResult found = find_equilibria(qif_mean_field_of(network));
    const Vector x = found.equilibria[2].state;
    network.populations[0].initial_mv = montbrio_pazo_roxin::potentials(10.0, x[0], x[1]);
    const RateCourses courses =
        find_courses(qif_mean_field_of(network), {.start_ms = 30.0, .bin_ms = 2.0, .count = 40});
    EXPECT_LT((courses.rates_hz.array() - 1e3 * x[0]).cwiseAbs().maxCoeff(), 1e-4);
}

TEST(QifMeanField, HasTheCurrentsOfTheTables) {
    PopulationNetwork network = bistable();
    network.populations[0].currents = {CurrentRamp{10.0, 30.0, 1.0, 5.0}};
    const auto current = [&](double t) {
        double sum = 0.0;
        for (const Drive& drive : qif_mean_field_of(network).drives)
            sum += wave_value(drive.wave, t);
        return sum;
    };
    for (const auto& [t, value] : {std::pair{9.0, 0.0}, {10.0, 1.0}, {20.0, 3.0}, {30.0, 0.0}})
        EXPECT_NEAR(current(t), value, 1e-14);
    EXPECT_NEAR(current(29.999999), 5.0, 1e-6);
    network.populations[0].currents = {CurrentSinusoid{2.0, 10.0, 0.3}, CurrentStep{0.0, 5.0, 0.5}};
    for (const double t : {1.0, 17.0})
        EXPECT_NEAR(current(t), 2.0 * std::sin(0.02 * pi * t + 0.3) + (t < 5.0 ? 0.5 : 0.0), 1e-14);
}

TEST(QifMeanField, SaysWhatTheNetworkDoesNotHave) {
    PopulationNetwork network = bistable(10.0);
    network.projections[0].delay_ms.mean = 0.05;
    EXPECT_THAT(doubts_of_qif_mean_field(network, 0.05), IsEmpty());
    EXPECT_THAT(doubts_of_qif_mean_field(network, 0.2),
                ElementsAre(HasSubstr("qif: spikes from qif take 0.15 ms")));
    network.projections[0].rule = Indegree{100};
    EXPECT_THAT(doubts_of_qif_mean_field(network, 0.05),
                ElementsAre(HasSubstr("qif: 100 synapses from some neurons of qif")));
    network.populations[0].initial_mv = {.mean = -2.0, .sd = 1.0};
    network.populations[0].varied[0].law.high = 50.0;
    EXPECT_THAT(doubts_of_qif_mean_field(network, 0.05),
                ElementsAre(HasSubstr("not Lorentzian"), HasSubstr("eta has limits"),
                            HasSubstr("100 synapses")));
}

TEST(QifMeanField, SaysWhatFinitePopulationsLack) {
    PopulationNetwork network = bistable(10.0);
    network.projections[0].delay_ms.mean = 0.05;
    network.populations[0].varied[0].law.law = Law::lorentzian_quantiles;
    EXPECT_THAT(doubts_of_qif_mean_field(network, 0.05),
                ElementsAre(HasSubstr("qif: the mean rate of 10000 neurons at quantiles lacks "
                                      "0.262261/s")));
    EXPECT_THAT(doubts_of_qif_mean_field(network, 0.05, PopulationLimit::quantiles), IsEmpty());
}

TEST(QifMeanField, LeavesTheLimitsRateWhereFinitePopulationsLackMore) {
    QifMeanField theory;
    theory.populations = {"many", "few"};
    theory.missing = Vector{{0.002, 0.02}};
    const Matrix rates{{0.01, 0.01}, {0.005, 0.05}}, seen{{8.0, 10.0}, {3.0, 50.0}};
    std::vector<std::string> doubts;
    EXPECT_LT((seen_rates_hz(theory, rates, doubts) - seen).cwiseAbs().maxCoeff(), 1e-12);
    EXPECT_THAT(doubts, ElementsAre(HasSubstr("few: finite populations lack 20/s")));
}

TEST(QifMeanField, RefusesWhatHasNoExactTheory) {
    const auto message = [](auto&& change) {
        PopulationNetwork network = bistable();
        change(network);
        try {
            (void)qif_mean_field_of(network);
        } catch (const UsageError& error) {
            return std::string(error.what());
        }
        return std::string("nothing was thrown");
    };
    using Changed = PopulationNetwork&;
    EXPECT_THAT(message([](Changed n) { n.populations[0].varied[0].law.law = Law::normal; }),
                HasSubstr("population.qif.parameters.eta has no Lorentzian law"));
    EXPECT_THAT(message([](Changed n) { n.populations[0].varied[0].law.sd = 0.0; }),
                HasSubstr("population.qif.parameters.eta has no Lorentzian law"));
    EXPECT_THAT(message([](Changed n) { n.populations[0].varied.clear(); }),
                HasSubstr("eta = { lorentzian = [centre, half-width] }"));
    EXPECT_THAT(message([](Changed n) {
                    n.populations[0].varied.push_back({"tau", {.mean = 10.0, .sd = 1.0}});
                }),
                HasSubstr("population.qif.parameters.tau is drawn for each neuron"));
    EXPECT_THAT(
        message([](Changed n) { n.populations[0].gaussian = GaussianCurrent{.density = 1.0}; }),
        HasSubstr("population.qif has a noise of its own"));
    EXPECT_THAT(message([](Changed n) { n.projections[0].rule = OneToOne{}; }),
                HasSubstr("projection.qif.qif.rule names single synapses"));
    EXPECT_THAT(message([](Changed n) {
                    n.populations.push_back({.name = "L", .size = 10, .neuron = LifDelta{}});
                }),
                HasSubstr("population.L has neurons \"lif_delta\""));
}

}  // namespace
}  // namespace cortifold::test
