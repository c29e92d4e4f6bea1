// How fast spiking networks are built and run: the whole microcircuit of Potjans & Diesmann, a
// tenth of it, and the network of Brunel. By the clock and by processor time, which other programs
// on the machine disturb less.
//   spiking_microcircuit [whole|tenth|brunel] [SECONDS of biological time] [THREADS]
#include "potjans_diesmann/potjans_diesmann.hpp"
#include <cortifold/spiking/simulation.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace cortifold;

double processor_seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

struct Clock {
    std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();
    rusage usage = now();
    static rusage now() {
        rusage used{};
        getrusage(RUSAGE_SELF, &used);
        return used;
    }
    [[nodiscard]] double wall() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    }
    [[nodiscard]] double processor() const {
        const rusage used = now();
        return processor_seconds(used.ru_utime) + processor_seconds(used.ru_stime) -
               processor_seconds(usage.ru_utime) - processor_seconds(usage.ru_stime);
    }
};

/// Variance over mean of the counts of a population in bins.
double fano(const std::vector<Spike>& spikes, std::uint32_t first, std::uint32_t size,
            std::uint64_t first_step, std::size_t bins) {
    constexpr std::uint64_t steps_per_bin = 30;  // 3 ms
    std::vector<double> counts(bins);
    for (const Spike& spike : spikes) {
        const std::size_t bin = (spike.step - first_step) / steps_per_bin;
        if (spike.neuron >= first && spike.neuron - first < size && bin < bins) ++counts[bin];
    }
    double mean = 0.0, square = 0.0;
    for (const double count : counts) {
        mean += count / static_cast<double>(bins);
        square += count * count / static_cast<double>(bins);
    }
    return mean > 0.0 ? (square - mean * mean) / mean : 0.0;
}

void print_activity(const SpikingSimulation& simulation, double seconds, double start_ms) {
    std::printf("population   rate [1/s]     sd  silent     CV  Fano (3 ms)\n");
    const std::vector<Spike> spikes = simulation.spikes();
    const auto first_step = static_cast<std::uint64_t>(std::llround(start_ms / 0.1));
    const auto bins = static_cast<std::size_t>(seconds * 1e3 / 3.0);
    std::uint32_t first = 0;
    for (const PopulationActivity& p : simulation.activity()) {
        std::printf("%-10s %12.3f %6.2f %7.3f %6.3f %12.1f\n", p.name.c_str(), p.rate_hz,
                    p.rate_sd_hz, static_cast<double>(p.silent) / p.size, p.cv_isi.value_or(0.0),
                    fano(spikes, first, p.size, first_step, bins));
        first += p.size;
    }
}

/// 8000 excitatory and 2000 inhibitory neurons, J = 0.1 mV, g = 5, drive twice that of threshold.
PopulationNetwork brunel() {
    constexpr double weight_mv = 0.1, g = 5.0, delay_ms = 1.5;
    PopulationNetwork network;
    for (const auto& [name, size] : {std::pair{"E", 8000U}, {"I", 2000U}})
        network.populations.push_back({.name = name,
                                       .size = size,
                                       .neuron = LifDelta{},
                                       .initial_mv = {10.0},
                                       .poisson = PoissonDrive{1000.0, 20.0, weight_mv}});
    for (const std::string target : {"E", "I"}) {
        network.projections.push_back({"E", target, Indegree{800}, {weight_mv}, {delay_ms}});
        network.projections.push_back({"I", target, Indegree{200}, {-g * weight_mv}, {delay_ms}});
    }
    return network;
}

void run(const PopulationNetwork& network, double seconds, int threads) {
    constexpr double transient_ms = 100.0;
    const SpikingOptions options;
    const Context context{.threads = threads, .seed = 1};
    std::printf("memory estimate %12.0f MB\n",
                estimate_memory(network, options, context).total() * 1e-6);
    const Clock build;
    SpikingSimulation simulation(network, options, context);
    std::printf("build           %12.2f s wall, %.2f s processor\n", build.wall(),
                build.processor());
    simulation.run(transient_ms);
    simulation.clear_records();
    const auto before = static_cast<double>(simulation.facts().synaptic_events);
    const Clock propagate;
    simulation.run(1e3 * seconds);
    const double wall = propagate.wall(), processor = propagate.processor();
    const SpikingFacts facts = simulation.facts();
    const double events = static_cast<double>(facts.synaptic_events) - before;
    std::printf("neurons         %12.0f\nsynapses        %12.0f\n",
                static_cast<double>(facts.neurons), static_cast<double>(facts.synapses));
    std::printf("real-time factor %11.3f by the clock, %.3f by processor time / %d threads\n",
                wall / seconds, processor / seconds / threads, threads);
    std::printf("events          %12.4g /s of biological time\n", events / seconds);
    std::printf("an event        %12.2f ns of processor time, neurons and drive included\n",
                processor / events * 1e9);
    std::printf("peak memory     %12.0f MB\n",
                static_cast<double>(Clock::now().ru_maxrss) * 1024e-6);
    print_activity(simulation, seconds, transient_ms);
}

}  // namespace

int main(int argc, char** argv) {
    const std::string what = argc > 1 ? argv[1] : "whole";
    const double seconds = argc > 2 ? std::atof(argv[2]) : 1.0;
    const int threads = argc > 3 ? std::atoi(argv[3]) : 2;
    if (what == "brunel")
        run(brunel(), seconds, threads);
    else if (what == "tenth")
        run(potjans_diesmann::network({.neurons = 0.1, .indegrees = 0.1}), seconds, threads);
    else
        run(potjans_diesmann::network(), seconds, threads);
}
