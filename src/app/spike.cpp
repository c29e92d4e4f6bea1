#include "memory.hpp"
#include "populations.hpp"
#include "spike_record.hpp"
#include "step.hpp"
#include <cortifold/io/population_reader.hpp>
#include <cortifold/scan/team.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace cortifold {

namespace {

using Clock = std::chrono::steady_clock;

constexpr double bytes_per_gigabyte = 1e9;
/// Between two writes of what was recorded [ms].
constexpr double chunk_ms = 100.0;

struct SpikeOptions {
    double duration_ms = 0.0, transient_ms = 0.0;
    std::uint64_t least_spikes = 4;
    std::optional<double> memory_gb;  ///< none: what the machine has left
    SpikingOptions engine;
    SpikeRecordOptions record;
};

double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

class SpikeStep final : public Step {
public:
    SpikeStep(PopulationNetwork network, SpikeOptions options)
        : network_(std::move(network)), options_(std::move(options)) {}

    [[nodiscard]] bool shares_work() const override { return true; }

    [[nodiscard]] StepResult run(const StepContext& at) const override {
        const auto begin = Clock::now();
        SpikingSimulation simulation(network_, allowed(at), at.context);
        const double build_s = seconds_since(begin);
        at.progress.start("spike");
        SpikeRecord record(at.context.rank == 0 ? at.folder : nowhere, network_,
                           options_.engine.step_ms, options_.transient_ms, options_.record);
        const auto start = Clock::now();
        Status status = advance(simulation, options_.transient_ms, nullptr, at);
        simulation.clear_records();
        if (status == Status::reached_end)
            status = advance(simulation, options_.duration_ms, &record, at);
        const double simulate_s = seconds_since(start);
        at.progress.finish();
        StepResult result{status == Status::stopped_by_observer ? Status::interrupted : status, "",
                          Record::Table{}, Record::Table{}};
        summarize(simulation, record, result);
        measure(simulation, build_s, simulate_s, result);
        return result;
    }

private:
    /// Tells what the simulation takes, and what of it is allowed.
    [[nodiscard]] SpikingOptions allowed(const StepContext& at) const {
        SpikingOptions engine = options_.engine;
        double limit = options_.memory_gb.value_or(0.0) * bytes_per_gigabyte;
        if (!options_.memory_gb) limit = static_cast<double>(available_memory_bytes());
        if (at.context.ranks > 1) limit = std::stod(at.team.broadcast(show(limit)));
        if (limit > 0.0) engine.memory_limit_bytes = static_cast<std::uint64_t>(limit);
        const MemoryEstimate estimate = estimate_memory(network_, engine, at.context);
        if (at.cell == nullptr && at.team.leads())
            at.progress.tell(
                "spike: " + std::to_string(network_.neurons()) + " neurons, " +
                brief(estimate.synapses) + " synapses take " +
                brief(estimate.total() / bytes_per_gigabyte) + " GB" +
                (at.context.ranks > 1 ? " on a rank" : "") +
                (limit > 0.0 ? " of " + brief(limit / bytes_per_gigabyte) + " GB" : ""));
        return engine;
    }

    Status advance(SpikingSimulation& simulation, double duration_ms, SpikeRecord* record,
                   const StepContext& at) const {
        const double whole = options_.transient_ms + options_.duration_ms;
        const double end = simulation.time_ms() + duration_ms;
        const double half_step = 0.5 * options_.engine.step_ms;
        std::string note;
        const auto observe = [&](double t) {
            at.progress.update(t / whole, note);
            return interrupted() ? Flow::stop : Flow::proceed;
        };
        Status status = Status::reached_end;
        while (status == Status::reached_end && simulation.time_ms() < end - half_step) {
            const double begin = simulation.time_ms();
            status = simulation.run(std::min(chunk_ms, end - begin), observe);
            const std::vector<Spike> spikes = simulation.take_spikes();
            if (record != nullptr) record->add(spikes);
            const double seconds = (simulation.time_ms() - begin) * 1e-3;
            const double rate = static_cast<double>(spikes.size()) /
                                (static_cast<double>(network_.neurons()) * seconds);
            note = brief(rate) + " spikes/s of a neuron";
        }
        return status;
    }

    void summarize(const SpikingSimulation& simulation, SpikeRecord& record,
                   StepResult& result) const {
        const SpikingFacts facts = simulation.facts();
        const double recorded = std::max(0.0, simulation.time_ms() - options_.transient_ms);
        result.summary["duration"] = recorded;
        result.summary["neurons"] = static_cast<std::int64_t>(facts.neurons);
        result.summary["synapses"] = static_cast<std::int64_t>(facts.synapses);
        result.summary["synaptic_events"] = static_cast<std::int64_t>(facts.synaptic_events);
        result.summary["least_delay"] = facts.least_delay_ms;
        result.summary["worst_weight_error"] = facts.worst_weight_error;
        record.close(simulation, options_.least_spikes, result.summary);
        const double spikes = result.summary.find("spikes")->number();
        result.message =
            std::to_string(facts.neurons) + " neurons, " + std::to_string(facts.synapses) +
            " synapses, " + brief(recorded) + " ms" +
            (recorded > 0.0
                 ? ", " + brief(spikes / (static_cast<double>(facts.neurons) * recorded * 1e-3)) +
                       " spikes/s of a neuron"
                 : "");
    }

    static void measure(const SpikingSimulation& simulation, double build_s, double simulate_s,
                        StepResult& result) {
        const double simulated_s = simulation.time_ms() * 1e-3;
        result.measures["build_s"] = build_s;
        result.measures["simulate_s"] = simulate_s;
        if (simulated_s > 0.0) result.measures["real_time_factor"] = simulate_s / simulated_s;
        if (simulate_s > 0.0)
            result.measures["events_per_s"] =
                static_cast<double>(simulation.facts().synaptic_events) / simulate_s;
        result.measures["peak_memory_mb"] = peak_memory_mb();
    }

    PopulationNetwork network_;
    SpikeOptions options_;
};

/// "all", "none", or a list of populations.
std::vector<bool> read_kept(ConfigReader& options, const PopulationNetwork& network) {
    options.assume("record", "all");
    const Record* given = options.record().find("record");
    if (given == nullptr) return std::vector<bool>(network.populations.size(), true);
    (void)options.any("record");
    const bool is_list = given->is<Record::List>();
    if (!is_list && given->is<std::string>() &&
        (given->as<std::string>() == "all" || given->as<std::string>() == "none"))
        return std::vector<bool>(network.populations.size(), given->as<std::string>() == "all");
    std::vector<bool> kept(network.populations.size(), false);
    const auto refuse = [&](const Record& found) {
        throw ConfigError(
            options.path("record") + " must be \"all\", \"none\" or a list of populations",
            found.where);
    };
    if (!is_list) refuse(*given);
    for (const Record& name : given->as<Record::List>()) {
        if (!name.is<std::string>()) refuse(name);
        try {
            kept[network.index_of(name.as<std::string>())] = true;
        } catch (const ConfigError& error) {
            throw ConfigError(options.path("record") + ": " + error.what(), name.where);
        }
    }
    return kept;
}

void read_activity(ConfigReader& options, double step_ms, ActivityOptions& activity) {
    activity.rate_bin_ms = options.number("rate_bin", activity.rate_bin_ms, {step_ms, 1e6});
    activity.count_bin_ms = options.number("count_bin", activity.count_bin_ms, {step_ms, 1e6});
    activity.correlation_bin_ms =
        options.number("correlation_bin", activity.correlation_bin_ms, {step_ms, 1e6});
    activity.correlated_neurons = static_cast<std::uint32_t>(
        options.integer("correlated_neurons", activity.correlated_neurons, {0.0, 1e4}));
    activity.blocks =
        static_cast<std::uint32_t>(options.integer("blocks", activity.blocks, {0.0, 1e4}));
}

}  // namespace

std::unique_ptr<Step> read_spike(ConfigReader& options, const Study& study) {
    PopulationStudy read = read_study_populations(options, study);
    SpikeOptions spike;
    constexpr double longest_ms = 1e12;
    spike.engine.step_ms = read.step_ms;
    spike.duration_ms = options.number("duration", {}, {positive.low, longest_ms});
    spike.transient_ms = options.number("transient", 0.0, {0.0, longest_ms});
    spike.record.kept = read_kept(options, read.network);
    spike.record.raster_neurons = static_cast<std::uint32_t>(
        options.integer("raster_neurons", spike.record.raster_neurons, {0.0, 1e5}));
    spike.record.raster_ms =
        options.number("raster_duration", spike.record.raster_ms, {0.0, longest_ms});
    spike.least_spikes = static_cast<std::uint64_t>(
        options.integer("least_spikes", static_cast<std::int64_t>(spike.least_spikes), {3.0, 1e6}));
    read_activity(options, read.step_ms, spike.engine.activity);
    if (options.has("memory_gb")) spike.memory_gb = options.number("memory_gb", {}, positive);
    return std::make_unique<SpikeStep>(std::move(read.network), std::move(spike));
}

}  // namespace cortifold
