// How fast spiking networks are built and run: the whole microcircuit of Potjans & Diesmann, a
// tenth of it, the network of Brunel, and neurons without synapses. By the clock and by processor
// time, which other programs on the machine disturb less.
//   spiking_microcircuit [whole|tenth|brunel|neurons] [SECONDS of biological time] [THREADS]
//                        [scalar|avx2|avx512]
#include "machine_limits.hpp"
#include "potjans_diesmann/potjans_diesmann.hpp"
#include <cortifold/spiking/simulation.hpp>

#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
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

void print(const char* format, std::optional<double> value, std::optional<double> error) {
    if (value) std::printf(format, *value);
    if (error) std::printf(" +- %-8.2g", *error);
    if (!value || !error) std::printf("            ");
}

void print_activity(const SpikingSimulation& simulation) {
    std::printf(
        "population rate [1/s]           sd   silent    CV                LvR"
        "               Fano (3 ms)        synchrony           correlation (30 ms)\n");
    for (const PopulationActivity& p : simulation.activity()) {
        std::printf("%-8s", p.name.c_str());
        print("%8.3f", p.rate_hz, p.errors.rate_hz);
        std::printf("%6.2f %7.3f ", p.rate_sd_hz, static_cast<double>(p.silent) / p.size);
        print("%7.3f", p.cv_isi, p.errors.cv_isi);
        print("%7.3f", p.lvr, p.errors.lvr);
        print("%7.1f", p.fano, p.errors.fano);
        print("%9.5f", p.synchrony, p.errors.synchrony);
        print("%8.4f", p.correlation, p.errors.correlation);
        std::printf("\n");
    }
}

/// What was done in these seconds of each thread, of what the machine could do at most.
void print_limits(double events, double processor, double bytes_a_synapse, int threads) {
    const MachineLimits limits = measure_machine(threads);
    const double of_scatter = events / limits.scatter_events_per_s / processor;
    const double of_stream = events * bytes_a_synapse / limits.triad_bytes_per_s / processor;
    std::printf("limits          %12.4g events/s scattered, %.1f GB/s streamed\n",
                limits.scatter_events_per_s, limits.triad_bytes_per_s * 1e-9);
    std::printf("reached         %12.3f of the one, %.3f of the other\n", of_scatter, of_stream);
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

void run(const PopulationNetwork& network, const SpikingOptions& options, double seconds,
         int threads) {
    constexpr double transient_ms = 100.0;
    const Context context{.threads = threads, .seed = 1};
    const MemoryEstimate estimate = estimate_memory(network, options, context);
    const double bytes_a_synapse = estimate.synapse_bytes / estimate.synapses;
    std::printf("memory estimate %12.0f MB, %.2f bytes a synapse\n", estimate.total() * 1e-6,
                bytes_a_synapse);
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
    std::printf("instructions    %12s\n", std::string(to_string(facts.instructions)).c_str());
    std::printf("neurons         %12.0f\nsynapses        %12.0f\n",
                static_cast<double>(facts.neurons), static_cast<double>(facts.synapses));
    std::printf("stored          %12.2f bytes a synapse\n",
                static_cast<double>(facts.synapse_bytes) / static_cast<double>(facts.synapses));
    std::printf("real-time factor %11.3f by the clock, %.3f by processor time / %d threads\n",
                wall / seconds, processor / seconds / threads, threads);
    std::printf("events          %12.4g /s of biological time, %.4g /s by the clock\n",
                events / seconds, events / wall);
    std::printf("an event        %12.2f ns of processor time, neurons and drive included\n",
                processor / events * 1e9);
    const double peak = static_cast<double>(Clock::now().ru_maxrss) * 1024.0;
    std::printf("peak memory     %12.0f MB, %.2f bytes a synapse\n", peak * 1e-6,
                peak / static_cast<double>(facts.synapses));
    print_activity(simulation);
    print_limits(events, processor / threads, bytes_a_synapse, threads);
}

/// Without synapses: what a step of a neuron takes, with a constant current and with Poisson
/// spikes.
void run_neurons(const SpikingOptions& options, double seconds, int threads) {
    constexpr std::uint32_t size = 77'184;
    for (const bool with_poisson : {false, true}) {
        PopulationNetwork network;
        network.populations = {{.name = "a", .size = size, .initial_mv = {-65.0}}};
        Population& population = network.populations.front();
        population.current_pa = 200.0;
        if (with_poisson) population.poisson = PoissonDrive{2000.0, 8.0, {1.0}};
        SpikingSimulation simulation(network, options, {.threads = threads, .seed = 1});
        simulation.run(100.0);
        const Clock propagate;
        simulation.run(1e3 * seconds);
        const double steps = seconds * 1e3 / options.step_ms * size;
        std::printf("a neuron's step %12.2f ns of processor time, %.2f ns by the clock%s\n",
                    propagate.processor() / steps * 1e9, propagate.wall() / steps * 1e9,
                    with_poisson ? ", with Poisson spikes" : "");
    }
}

}  // namespace

int main(int argc, char** argv) {
    const std::string what = argc > 1 ? argv[1] : "whole";
    const double seconds = argc > 2 ? std::atof(argv[2]) : 1.0;
    const int threads = argc > 3 ? std::atoi(argv[3]) : 2;
    SpikingOptions options;
    for (const InstructionSet instructions : supported_instructions())
        if (argc > 4 && to_string(instructions) == argv[4]) options.instructions = instructions;
    if (what == "neurons")
        run_neurons(options, seconds, threads);
    else if (what == "brunel")
        run(brunel(), options, seconds, threads);
    else if (what == "tenth")
        run(potjans_diesmann::network({.neurons = 0.1, .indegrees = 0.1}), options, seconds,
            threads);
    else
        run(potjans_diesmann::network(), options, seconds, threads);
}
