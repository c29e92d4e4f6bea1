// Networks of spiking neurons as tables: what they read as, and what is refused.
#include <cortifold/io/population_reader.hpp>
#include <cortifold/model/network_scale.hpp>
#include <cortifold/model/registry.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

namespace cortifold {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr std::string_view two_populations = R"(
[[population]]
name = "4E"
size = 21915
model = "lif_exp"
parameters = { C = 250.0, tau_m = 10.0, tau_s = 0.7, t_ref = 2.0, E_L = -65.0, V_th = -50.0, V_reset = -65.0 }
initial = { V = { normal = [-63.33, 4.74] } }
drive = { poisson = { indegree = 2100, rate_hz = 8.0, weight = 87.81, delay = 0.1 } }
rate_hz = 4.4

[[population]]
name = "23E"
size = 20683
model = "lif_exp"

[[projection]]
source = "4E"
target = "23E"
rule = { total_number = 20253647 }
weight = { normal = [175.62, 17.56], clip = 0.0 }
delay = { normal = [1.5, 0.75], redraw_below = 0.05 }
autapses = true
multapses = true

[spiking]
step = 0.05
)";

PopulationStudy read(std::string_view text, std::span<const std::string> settings = {}) {
    Record tables = parse_toml(text, "study.toml");
    for (const std::string& setting : settings) apply_setting(tables, setting);
    std::vector<ResolvedKey> resolved;
    return read_populations(tables, resolved);
}
PopulationStudy read_with(const std::string& setting) {
    return read(two_populations, std::vector{setting});
}

std::string refusal(std::string_view text, std::span<const std::string> settings = {}) {
    try {
        (void)read(text, settings);
    } catch (const ConfigError& error) {
        return error.what();
    }
    return "was read";
}
std::string refusal_with(const std::string& setting) {
    return refusal(two_populations, std::vector{setting});
}
/// With another text in the place of one that stands there once.
std::string refusal_of(const std::string& what, const std::string& instead) {
    std::string text(two_populations);
    text.replace(text.find(what), what.size(), instead);
    return refusal(text);
}

TEST(PopulationReader, ReadsTheTablesOfTheMicrocircuit) {
    const auto [network, step_ms, instructions, places] = read(two_populations);
    EXPECT_EQ(step_ms, 0.05);
    EXPECT_EQ(instructions, std::nullopt);
    ASSERT_EQ(network.populations.size(), 2U);
    const Population& l4e = network.populations[0];
    EXPECT_EQ(l4e.size, 21915U);
    const auto& neuron = std::get<LifExp>(l4e.neuron);
    EXPECT_EQ(neuron.tau_ex, 0.7);
    EXPECT_EQ(neuron.tau_in, 0.7);
    EXPECT_EQ(l4e.initial_mv.mean, -63.33);
    EXPECT_EQ(l4e.initial_mv.sd, 4.74);
    EXPECT_EQ(l4e.poisson->indegree * l4e.poisson->rate_hz, 16800.0);
    EXPECT_EQ(l4e.poisson->weight.mean, 87.81);
    ASSERT_EQ(network.projections.size(), 1U);
    const Projection& projection = network.projections[0];
    EXPECT_EQ(std::get<TotalNumber>(projection.rule).synapses, 20253647U);
    EXPECT_EQ(projection.weight.low, 0.0);
    EXPECT_TRUE(std::isinf(projection.weight.high));
    EXPECT_EQ(projection.weight.outside, Outside::clipped);
    EXPECT_EQ(projection.delay_ms.low, 0.05);
    EXPECT_EQ(projection.delay_ms.outside, Outside::redrawn);
}

TEST(PopulationReader, LetsNeuronsBeginAtRestUnlessToldOtherwise) {
    const PopulationNetwork network = read(two_populations).network;
    EXPECT_EQ(network.populations[1].initial_mv.mean, LifExp{}.E_L);
    EXPECT_EQ(network.populations[1].initial_mv.sd, 0.0);
}

TEST(PopulationReader, ClipsWeightsOfEitherSignAtTheSideOfZero) {
    const auto inhibitory = read_with("projection.4E.23E.weight={normal=[-4.0,1.0],clip=0.0}");
    EXPECT_EQ(inhibitory.network.projections[0].weight.high, 0.0);
    EXPECT_TRUE(std::isinf(inhibitory.network.projections[0].weight.low));
    const auto both = read_with("projection.4E.23E.weight={normal=[4.0,1.0],clip=[2,5]}");
    EXPECT_EQ(both.network.projections[0].weight.low, 2.0);
    EXPECT_EQ(both.network.projections[0].weight.high, 5.0);
}

TEST(PopulationReader, ReadsParametersThatDifferFromNeuronToNeuron) {
    const PopulationNetwork network = read(R"(
[[population]]
name = "qif"
size = 100
model = "qif_delta"
parameters = { tau = { lognormal = [10.0, 2.0], redraw_above = 50.0 }, eta = { lorentzian = [-5.0, 1.0], quantiles = true } }
)")
                                          .network;
    const Population& qif = network.populations.front();
    EXPECT_EQ(qif.initial_mv.mean, 0.0) << "without a potential of rest";
    ASSERT_EQ(qif.varied.size(), 2U);
    EXPECT_EQ(qif.varied[0].name, "tau");
    EXPECT_EQ(qif.varied[0].law.law, Law::log_normal);
    EXPECT_EQ(qif.varied[0].law.high, 50.0);
    EXPECT_EQ(qif.varied[1].law.law, Law::lorentzian_quantiles);
    EXPECT_EQ(qif.varied[1].law.mean, -5.0);
    std::vector<ResolvedKey> resolved;
    const std::array rates{std::numeric_limits<double>::quiet_NaN()};
    const PopulationStudy again = read_populations(population_tables(network, rates), resolved);
    EXPECT_EQ(again.network.populations[0].varied[1].law.law, Law::lorentzian_quantiles);
    EXPECT_THAT(refusal_of("clip = 0.0", "lorentzian = [1.0, 1.0]"),
                HasSubstr("weight.normal and lorentzian are given, one of them is meant"));
    EXPECT_THAT(
        refusal_of("normal = [1.5, 0.75]", "lorentzian = [1.5, 0.75]"),
        HasSubstr(
            "projection.4E.23E.delay must have a normal or a log-normal law (study.toml:16)"));
}

TEST(PopulationReader, ReadsCurrents) {
    const PopulationNetwork network = read(R"(
[[population]]
name = "A"
size = 1
model = "lif_exp"
[population.drive]
constant = 5.0
gaussian = { mean = 1.0, density = 2.0 }
step = { start = 10.0, stop = 20.0, amplitude = 3.0 }
ramp = { start = 1.0, stop = 2.0, last = 4.0 }
sinusoid = { amplitude = 6.0, frequency_hz = 7.0, phase = 0.5 }
)")
                                          .network;
    std::vector<ResolvedKey> resolved;
    const std::array rates{std::numeric_limits<double>::quiet_NaN()};
    const PopulationNetwork again =
        read_populations(population_tables(network, rates), resolved).network;
    for (const Population* a : {&network.populations[0], &again.populations[0]}) {
        EXPECT_EQ(a->current_pa, 5.0);
        EXPECT_EQ(a->gaussian->density, 2.0);
        ASSERT_EQ(a->currents.size(), 3U);
        EXPECT_EQ(std::get<CurrentStep>(a->currents[0]).stop_ms, 20.0);
        EXPECT_EQ(std::get<CurrentRamp>(a->currents[1]).last, 4.0);
        EXPECT_EQ(std::get<CurrentSinusoid>(a->currents[2]).frequency_hz, 7.0);
    }
}

TEST(PopulationReader, NamesItsQuantitiesByPopulationAndProjection) {
    const auto rate = read_with("population.4E.drive.poisson.rate_hz=9.5");
    EXPECT_EQ(rate.network.populations[0].poisson->rate_hz, 9.5);
    const auto weight = read_with("projection.4E.23E.weight=100");
    EXPECT_EQ(weight.network.projections[0].weight.mean, 100.0);
    EXPECT_EQ(weight.network.projections[0].weight.sd, 0.0);
    EXPECT_THAT(refusal_with("projection.4E.23E.rule={probability=0.1}"),
                HasSubstr("multapses = true does not go with rule = { probability = .. }"));
}

TEST(PopulationReader, ReadsWhatItWrites) {
    const NetworkEntry& entry = registered_networks().front();
    const PopulationNetwork network = entry.make({});
    std::vector<ResolvedKey> resolved;
    const PopulationStudy again =
        read_populations(population_tables(network, entry.rates_hz), resolved);
    ASSERT_EQ(again.network.populations.size(), network.populations.size());
    for (std::size_t p = 0; p < network.populations.size(); ++p) {
        const Population &a = network.populations[p], &b = again.network.populations[p];
        EXPECT_EQ(a.name, b.name);
        EXPECT_EQ(a.size, b.size);
        EXPECT_EQ(a.initial_mv.sd, b.initial_mv.sd);
        EXPECT_EQ(a.current_pa, b.current_pa);
        EXPECT_EQ(a.poisson->weight.mean, b.poisson->weight.mean);
        EXPECT_EQ(std::get<LifExp>(a.neuron).tau_in, std::get<LifExp>(b.neuron).tau_in);
    }
    ASSERT_EQ(again.network.projections.size(), network.projections.size());
    for (std::size_t k = 0; k < network.projections.size(); ++k) {
        const Projection &a = network.projections[k], &b = again.network.projections[k];
        EXPECT_EQ(a.source + a.target, b.source + b.target);
        EXPECT_EQ(std::get<TotalNumber>(a.rule).synapses, std::get<TotalNumber>(b.rule).synapses);
        EXPECT_EQ(a.weight.mean, b.weight.mean);
        EXPECT_EQ(a.weight.low, b.weight.low);
        EXPECT_EQ(a.weight.high, b.weight.high);
        EXPECT_EQ(a.delay_ms.low, b.delay_ms.low);
    }
}

TEST(PopulationReader, ReadsEveryRule) {
    const auto rule_of = [](const std::string& rule) {
        std::string text(two_populations);
        text.replace(text.find("{ total_number = 20253647 }"), 27, rule);
        text.replace(text.find("multapses = true"), 16, "");
        text.replace(text.find("size = 20683"), 12, "size = 21915");
        return read(text).network.projections[0].rule;
    };
    EXPECT_EQ(std::get<Indegree>(rule_of("{ indegree = 7 }")).sources, 7U);
    EXPECT_EQ(std::get<Outdegree>(rule_of("{ outdegree = 8 }")).targets, 8U);
    EXPECT_EQ(std::get<ConnectionProbability>(rule_of("{ probability = 0.1 }")).probability, 0.1);
    EXPECT_TRUE(std::holds_alternative<AllToAll>(rule_of("\"all_to_all\"")));
    EXPECT_TRUE(std::holds_alternative<OneToOne>(rule_of("\"one_to_one\"")));
    EXPECT_FALSE(std::get<TotalNumber>(
                     read_with("projection.4E.23E.multapses=false").network.projections[0].rule)
                     .multapses);
}

TEST(PopulationReader, DrivesEveryNeuronByTheMeanOfItsSpikes) {
    for (const auto& [model, current] : {std::pair{"lif_exp", 0.5},
                                         {"lif_delta", 250.0},
                                         {"lif_alpha", 0.5 * std::exp(1.0)},
                                         {"qif_delta", 10.0},
                                         {"qif_exp", 10.0},
                                         {"eif_exp", 2.0},
                                         {"adex_exp", 2.0},
                                         {"izhikevich", 1.0}}) {
        const std::string text = "[[population]]\nname = \"A\"\nsize = 1\nmodel = \"" +
                                 std::string(model) +
                                 "\"\ndrive = { poisson = { indegree = 100, rate_hz = 10.0, "
                                 "weight = 1.0 } }\n[spiking]\ndrive = \"constant\"\n";
        EXPECT_NEAR(read(text).network.populations[0].current_pa, current, 1e-12) << model;
    }
    EXPECT_THAT(refusal("[[population]]\nname = \"A\"\nsize = 1\nmodel = \"lif_conductance\"\n"
                        "drive = { poisson = { indegree = 1, rate_hz = 1.0, weight = 1.0 } }\n"
                        "[spiking]\ndrive = \"constant\"\n"),
                HasSubstr("whose mean current depends on their potential"));
}

TEST(PopulationReader, PutsANamedNetworkBeforeFurtherTables) {
    Record study = parse_toml(
        "model = { name = \"potjans_diesmann\" }\n[[population]]\nname = \"TH\"\nsize = 902\n"
        "model = \"lif_exp\"\n[[projection]]\nsource = \"TH\"\ntarget = \"L4E\"\n"
        "rule = { indegree = 90 }\nweight = 87.81\ndelay = 1.5\n",
        "study.toml");
    ASSERT_TRUE(names_network(study));
    expand_named_network(study);
    apply_setting(study, "population.L23E.drive.poisson.rate_hz=7.5");
    study["spiking"] = Record::Table{};
    std::vector<ResolvedKey> resolved;
    const PopulationNetwork network = read_populations(study, resolved).network;
    ASSERT_EQ(network.populations.size(), 9U);
    EXPECT_EQ(network.populations[0].poisson->rate_hz, 7.5);
    EXPECT_EQ(network.populations[8].name, "TH");
    EXPECT_EQ(network.projections.size(), 56U);
}

TEST(PopulationReader, AddsAPulseFromTheThalamus) {
    const auto read_pulse = [](const std::string& spiking) {
        Record study = parse_toml("model = { name = \"potjans_diesmann\" }\n[spiking]\n" + spiking,
                                  "study.toml");
        expand_named_network(study);
        std::vector<ResolvedKey> resolved;
        return read_populations(study, resolved).network;
    };
    const PopulationNetwork network = read_pulse("thalamus = { start = 300.0, duration = 5.0 }\n");
    ASSERT_EQ(network.populations.size(), 9U);
    EXPECT_EQ(network.populations[8].size, 902U);
    const auto& source = std::get<PoissonSource>(network.populations[8].neuron);
    EXPECT_EQ(source.rate_hz, 120.0);
    EXPECT_EQ(source.start_ms, 300.0);
    EXPECT_EQ(source.stop_ms, 305.0);
    // Each pair has at least one synapse with the probability that is published.
    const double pairs = 902.0 * 21915.0;
    const Projection& onto_l4e = network.projections[55];
    EXPECT_EQ(onto_l4e.target, "L4E");
    const double joined =
        -std::expm1(network.expected_synapses(onto_l4e) * std::log1p(-1.0 / pairs));
    EXPECT_NEAR(joined, 0.0983, 1e-7);
    EXPECT_EQ(read_pulse("scale = { neurons = 0.1, synapses = 0.1 }\nthalamus = {}\n")
                  .populations[8]
                  .size,
              90U);
    EXPECT_THROW(read_pulse("thalamus = { rate = 3.0 }\n"), ConfigError);
    EXPECT_THROW(read_pulse("thalamus = { duration = 0.0 }\n"), ConfigError);
    EXPECT_THAT(refusal_with("spiking.thalamus={start=1.0}"),
                HasSubstr("unknown key of spiking \"thalamus\""));
}

TEST(PopulationReader, TakesDelaysFromDistances) {
    const auto delay_of = [](const std::string& delay) {
        return read_with("projection.4E.23E.delay=" + delay).network.projections[0].delay_ms;
    };
    const Distribution far = delay_of(
        "{ distance_mm = 35.0, speed_m_s = 3.5, offset_ms = 0.5, relative_sd = 0.2, redraw_below = "
        "1.0 }");
    EXPECT_DOUBLE_EQ(far.mean, 10.5);
    EXPECT_DOUBLE_EQ(far.sd, 2.1);
    EXPECT_EQ(far.low, 1.0);
    EXPECT_EQ(delay_of("{ distance_mm = 7.0, speed_m_s = 3.5 }").sd, 0.0);
    EXPECT_THAT(refusal_with("projection.4E.23E.delay={ distance_mm = 7.0 }"),
                HasSubstr("projection.4E.23E.delay.speed_m_s is missing"));
    EXPECT_THAT(refusal_with("projection.4E.23E.delay={ distance_mm = 7.0, speed_m_s = 0.0 }"),
                HasSubstr("speed_m_s = 0 must be positive"));
    EXPECT_THAT(refusal_with("projection.4E.23E.weight={ distance_mm = 7.0, speed_m_s = 1.0 }"),
                HasSubstr("unknown key of projection.4E.23E.weight \"distance_mm\""));
}

/// Mean and variance of the current into a neuron of 23E, up to a common factor each.
std::pair<double, double> input_of_23e(const PopulationNetwork& network) {
    const Population& target = network.populations[1];
    const Projection& projection = network.projections[0];
    const double sources = network.expected_synapses(projection) / target.size;
    const double mean = projection.weight.mean, sd = projection.weight.sd;
    constexpr double rate_hz = 4.4, tau_s = 0.5e-3;
    return {target.current_pa + sources * mean * rate_hz * tau_s,
            sources * (mean * mean + sd * sd)};
}

TEST(PopulationReader, KeepsMeanAndVarianceOfWhatItScales) {
    const auto whole = read(two_populations);
    const auto part = read_with("spiking.scale={neurons=0.2,synapses=0.1}");
    EXPECT_EQ(part.network.populations[0].size, 4383U);
    EXPECT_NEAR(part.network.expected_synapses(part.network.projections[0]), 0.02 * 20253647, 1.0);
    const auto [mean, variance] = input_of_23e(whole.network);
    const auto [part_mean, part_variance] = input_of_23e(part.network);
    constexpr double rounding = 1e-3;  // numbers of neurons and synapses are whole
    EXPECT_NEAR(part_mean / mean, 1.0, rounding);
    EXPECT_NEAR(part_variance / variance, 1.0, rounding);
    EXPECT_GT(part.network.populations[1].current_pa, 0.5 * mean);
}

TEST(PopulationReader, DrivesByTheMeanCurrentOnDemand) {
    const PopulationNetwork network = read_with("spiking.drive=\"constant\"").network;
    EXPECT_FALSE(network.populations[0].poisson.has_value());
    EXPECT_NEAR(network.populations[0].current_pa, 2100 * 8.0 * 87.81 * 0.7e-3, 1e-9);
}

TEST(PopulationReader, ReadsWeightsOfADriveByTheirLawAndReceptorsOfAProjection) {
    const std::string text =
        "[[population]]\nname = \"A\"\nsize = 1\nmodel = \"eglif\"\n"
        "drive = { poisson = { indegree = 10, rate_hz = 4.0, weight = { lognormal = [0.24, 0.1] } "
        "} }\n"
        "[[projection]]\nsource = \"A\"\ntarget = \"A\"\nrule = { indegree = 1 }\n"
        "weight = 0.4\ndelay = 1.0\nreceptor = \"third\"\n";
    const PopulationNetwork network = read(text).network;
    const Distribution& weight = network.populations[0].poisson->weight;
    EXPECT_EQ(weight.mean, 0.24);
    EXPECT_EQ(weight.sd, 0.1);
    EXPECT_EQ(weight.law, Law::log_normal);
    EXPECT_EQ(network.projections[0].receptor, Receptor::third);
    EXPECT_THAT(refusal_of("source = \"4E\"", "receptor = \"third\"\nsource = \"4E\""),
                AllOf(HasSubstr("receptor = third: the neurons of population.23E have none"),
                      HasSubstr("study.toml:16")));
}

TEST(PopulationReader, KnowsTheInstructionsOfThisProcessor) {
    const std::string one =
        "[[population]]\nname = \"A\"\nsize = 1\nmodel = \"lif_exp\"\n[spiking]\n";
    EXPECT_EQ(read(one + "instructions = \"scalar\"\n").instructions, InstructionSet::scalar);
    EXPECT_THAT(refusal(one + "instructions = \"mmx\"\n"),
                AllOf(HasSubstr("scalar"), HasSubstr("mmx")));
}

TEST(PopulationReader, SaysWhereAndWhatWasAskedFoundAndAllowed) {
    EXPECT_THAT(refusal_of("size = 21915", "size = 0"),
                AllOf(HasSubstr("population.4E.size = 0 must be in [1, 4294967295]"),
                      HasSubstr("study.toml:4")));
    EXPECT_THAT(refusal_of("size = 21915", "sizes = 21915"),
                HasSubstr("population.4E.size is missing: a whole number is needed here"));
    EXPECT_THAT(refusal_of("tau_m = 10.0", "tau_m = -1.0"),
                HasSubstr("population.4E.parameters.tau_m = -1 must be in [0.1, 1000]"));
    EXPECT_THAT(
        refusal_of("source = \"4E\"", "source = \"4F\""),
        AllOf(HasSubstr("projection.source: unknown population \"4F\"; did you mean \"4E\""),
              HasSubstr("study.toml:17")));
    EXPECT_THAT(refusal_of("model = \"lif_exp\"", "model = \"lif_expo\""),
                AllOf(HasSubstr("population.4E.model: unknown model of a neuron \"lif_expo\""),
                      HasSubstr("did you mean \"lif_exp\"")));
    EXPECT_THAT(refusal_of("tau_s = 0.7", "tau_s = 0.7, tau_ex = 1.0"),
                HasSubstr("tau_s and tau_ex are given, one of them is meant"));
    EXPECT_THAT(refusal_of("poisson =", "noise ="),
                AllOf(HasSubstr("unknown key of population.4E.drive \"noise\""),
                      HasSubstr("constant, gaussian, step, ramp, sinusoid, poisson")));
    EXPECT_THAT(refusal_of("V_th = -50.0", "V_th = -70.0"),
                HasSubstr("population.4E.V_reset = -65 must be below V_th = -70 (study.toml:2)"));
    EXPECT_THAT(refusal_of("name = \"23E\"", "name = \"4E\""),
                HasSubstr("two populations are called \"4E\""));
    EXPECT_THAT(refusal_of("name = \"23E\"", "name = \"2.3E\""),
                HasSubstr("must be made of letters, digits, _ and -"));
    EXPECT_THAT(refusal_of("name = \"23E\"", ""), HasSubstr("population[1].name is missing"));
    EXPECT_THAT(refusal_of("target = \"23E\"", ""), HasSubstr("projection[0].target is missing"));
    EXPECT_THAT(
        refusal_with("population.4E.drive.sinusoid={ amplitude = 1.0, frequency_hz = -2.0 }"),
        HasSubstr("population.4E.drive.sinusoid.frequency_hz = -2 must be 0 or more"));
}

TEST(PopulationReader, RefusesRulesAndLawsThatItDoesNotKnow) {
    EXPECT_THAT(
        refusal_of("{ total_number = 20253647 }", "{ small_world = 3 }"),
        AllOf(HasSubstr("unknown key of projection.4E.23E.rule \"small_world\""),
              HasSubstr("total_number, indegree, outdegree, probability"), HasSubstr("toml:19")));
    EXPECT_THAT(refusal_of("{ total_number = 20253647 }", "{ total_number = 1, indegree = 2 }"),
                HasSubstr("has 2 of them"));
    EXPECT_THAT(refusal_of("{ normal = [1.5, 0.75], redraw_below = 0.05 }", "{ gamma = [1, 2] }"),
                HasSubstr("unknown key of projection.4E.23E.delay \"gamma\""));
    EXPECT_THAT(refusal_of("[1.5, 0.75]", "[1.5, -0.75]"),
                HasSubstr("projection.4E.23E.delay.normal must be [mean, standard deviation]"));
    EXPECT_THAT(refusal_of("clip = 0.0", "clip = 0.0, redraw_below = 1.0"),
                HasSubstr("clip and redraw_below are given, one of them is meant"));
    EXPECT_THAT(refusal_of("{ total_number = 20253647 }", "\"all_to_al\""),
                HasSubstr("unknown rule \"all_to_al\"; did you mean \"all_to_all\""));
    EXPECT_THAT(refusal_of("{ total_number = 20253647 }", "\"all_to_all\""),
                HasSubstr("multapses = true does not go with rule = all_to_all"));
    EXPECT_THAT(refusal_of("delay = { normal = [1.5, 0.75], redraw_below = 0.05 }", ""),
                HasSubstr("projection.4E.23E.delay is missing: a number is needed here"));
}

TEST(PopulationReader, RefusesSettingsOfWhatIsNotThere) {
    EXPECT_THAT(
        refusal_with("population.4I.size=3"),
        AllOf(HasSubstr("unknown population \"4I\"; did you mean \"4E\""), HasSubstr("(--set)")));
    EXPECT_THAT(refusal_with("projection.23E.4E.weight=3"),
                HasSubstr("unknown projection \"23E.4E\""));
    EXPECT_THAT(
        refusal_with("population.4E.drive.poisson.rate=3"),
        HasSubstr(
            "unknown key of population.4E.drive.poisson \"rate\"; allowed: indegree, rate_hz"));
    std::string twice(two_populations);
    const std::size_t first = twice.find("[[projection]]"), end = twice.find("[spiking]");
    twice += twice.substr(first, end - first);
    EXPECT_THAT(refusal(twice, std::vector<std::string>{"projection.4E.23E.weight=1"}),
                HasSubstr("2 tables are called \"projection.4E.23E\""));
}

TEST(PopulationReader, RefusesScalesThatLeaveNothingOrNeedWhatIsNotKnown) {
    EXPECT_THAT(refusal_with("spiking.scale.neurons=0"),
                HasSubstr("spiking.scale.neurons = 0 must be positive"));
    EXPECT_THAT(refusal_with("spiking.scale.neurons=1e-6"),
                HasSubstr("population.4E.size = 0 must be 1 or more"));
    std::string without(two_populations);
    without.replace(without.find("rate_hz = 4.4"), 13, "");
    EXPECT_THAT(refusal(without, std::vector<std::string>{"spiking.scale.synapses=0.5"}),
                AllOf(HasSubstr("population.4E.rate_hz is missing"), HasSubstr("study.toml:2")));
    EXPECT_EQ(refusal(without, std::vector<std::string>{"spiking.scale.neurons=0.5"}), "was read");
    EXPECT_EQ(
        refusal(without, std::vector<std::string>{"spiking.scale={synapses=0.5,keep=\"nothing\"}"}),
        "was read");
    EXPECT_THAT(refusal_with("spiking.scale.keep=\"mean\""),
                HasSubstr("allowed: mean_and_variance, nothing"));
}

}  // namespace
}  // namespace cortifold
