// A reduced microcircuit with a burst of spikes, on the ranks that have been started, as arguments
// say:
//   run_of_ranks OUT [threads N] [until MS] [delays LEAST_MS] [seed N] [procedural 1]
//                    [resume FILE] [save FILE] [kill RANK] [poor RANK] [fail RANK]
// writes spikes, statistics and facts to the file OUT, all numbers exactly; saves its state each
// 10 ms; at half the time one rank kills itself. A poor rank may take no memory, one that fails
// throws what its observer says.
#include "potjans_diesmann/potjans_diesmann.hpp"
#include <cortifold/io/spiking_checkpoint.hpp>
#include <cortifold/scan/team.hpp>
#include <cortifold/spiking/simulation.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

namespace {

using namespace cortifold;

class Arguments {
public:
    Arguments(int count, char** words) {
        for (int k = 2; k + 1 < count; k += 2) values_[words[k]] = words[k + 1];
    }
    [[nodiscard]] std::string text(const std::string& name) const {
        return values_.contains(name) ? values_.at(name) : std::string();
    }
    [[nodiscard]] double number(const std::string& name, double without) const {
        return values_.contains(name) ? std::stod(values_.at(name)) : without;
    }
    [[nodiscard]] int integer(const std::string& name, int without) const {
        return static_cast<int>(number(name, without));
    }

private:
    std::map<std::string, std::string> values_{};
};

PopulationNetwork network(const Arguments& arguments) {
    const double least_ms = arguments.number("delays", 0.0);
    PopulationNetwork network = potjans_diesmann::network({.neurons = 0.05, .indegrees = 0.05});
    network.populations.push_back(  // one step has more spikes than all others
        {.name = "burst", .size = 3000, .neuron = LifExp{}, .initial_mv = {-45.0}});
    network.projections.push_back({"burst", "L4E", Indegree{40}, {5.0, 1.0}, {3.0, 1.0, 2.0}});
    for (Projection& projection : network.projections)
        if (least_ms > 0.0)
            projection.delay_ms = {.mean = 2.0 * least_ms, .sd = 1.0, .low = least_ms};
    return network;
}

void write(SpikingSimulation& simulation, const std::string& file, bool leads) {
    std::ostringstream text;
    text << std::hexfloat;
    for (const Spike& spike : simulation.spikes())
        text << spike.step << ' ' << spike.neuron << '\n';
    for (const PopulationActivity& a : simulation.activity(3)) {
        text << a.name << ' ' << a.spikes << ' ' << a.silent << ' ' << a.rate_hz << ' '
             << a.rate_sd_hz << ' ' << a.blocks;
        for (const auto& figure :
             {a.cv_isi, a.lvr, a.fano, a.synchrony, a.correlation, a.correlation_sd,
              a.errors.rate_hz, a.errors.cv_isi, a.errors.lvr, a.errors.fano, a.errors.synchrony,
              a.errors.correlation})
            text << ' ' << figure.value_or(-1.0);
        text << '\n';
    }
    const PotentialSamples samples = simulation.take_potentials();
    if (samples.times_ms.size() > 0) text << samples.values_mv.bottomRows(1) << '\n';
    text << simulation.rates().rates_hz.col(0).sum() << '\n';
    const SpikingFacts facts = simulation.facts();
    text << facts.synapses << ' ' << facts.synaptic_events << ' ' << simulation.potential_mv(17)
         << ' ' << simulation.potential_mv(static_cast<std::uint32_t>(facts.neurons - 1)) << '\n';
    if (leads) std::ofstream(file) << text.str();
}

void run(const Team& team, const std::string& out, const Arguments& arguments) {
    const Context context{.threads = arguments.integer("threads", 1),
                          .rank = team.rank(),
                          .ranks = team.ranks(),
                          .seed = static_cast<std::uint64_t>(arguments.integer("seed", 12))};
    const ActivityOptions activity{.count_bin_ms = 1.0, .correlation_bin_ms = 5.0, .blocks = 4};
    const RecordingOptions recording{.potentials = {{"L23E", 60, 10}, {"burst", 1000, 3}}};
    const SynapseStorage synapses = arguments.integer("procedural", 0) != 0
                                        ? SynapseStorage::procedural
                                        : SynapseStorage::stored;
    SpikingOptions options{.recording = recording, .activity = activity, .synapses = synapses};
    if (arguments.integer("poor", -1) == team.rank()) options.memory_limit_bytes = 1000;
    SpikingSimulation simulation(network(arguments), options, context);
    if (!arguments.text("resume").empty()) read_checkpoint(arguments.text("resume"), simulation);
    const double until_ms = arguments.number("until", 60.0), piece_ms = 10.0;
    while (simulation.time_ms() < until_ms - 0.01) {
        simulation.run(std::min(piece_ms, until_ms - simulation.time_ms()), [&](double) {
            if (arguments.integer("fail", -1) == team.rank())
                throw std::runtime_error("the disk is full");
            return Flow::proceed;
        });
        if (!arguments.text("save").empty()) write_checkpoint(arguments.text("save"), simulation);
        if (arguments.integer("kill", -1) == team.rank() && simulation.time_ms() > 0.5 * until_ms)
            (void)std::raise(SIGKILL);
    }
    write(simulation, out, team.leads());
}

}  // namespace

int main(int count, char** words) {
    try {
        const Team team;
        run(team, words[1], Arguments(count, words));
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
