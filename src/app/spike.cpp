#include "memory.hpp"
#include "populations.hpp"
#include "spike_record.hpp"
#include "step.hpp"
#include <cortifold/io/population_reader.hpp>
#include <cortifold/io/spiking_checkpoint.hpp>
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
constexpr const char* checkpoint_file = "checkpoint";
constexpr std::int64_t most_potentials = 1000;  // neurons whose potentials are recorded

struct SpikeOptions {
    double duration_ms = 0.0, transient_ms = 0.0;
    std::uint64_t least_spikes = 4;
    std::optional<double> memory_gb;  ///< none: what the machine has left
    double checkpoint_s = 60.0;       ///< of wall time, from one to the next
    SpikingOptions engine;
    SpikeRecordOptions record;
};

double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Where a run is, kept now and then in its folder, so that another one can go on from there.
class Checkpoints {
public:
    Checkpoints(const StepContext& at, double interval_s)
        : at_(at), file_(at.folder / checkpoint_file), interval_s_(interval_s) {}

    /// Where an earlier run of this folder was; null: there was none.
    Record restore(SpikingSimulation& simulation) const {
        if (!agreed(at_.context.rank == 0 && std::filesystem::exists(file_))) return {};
        const std::string place = read_checkpoint(file_, simulation);
        if (at_.context.rank != 0) return {};
        at_.progress.tell("spike: goes on at " + brief(simulation.time_ms()) + " ms");
        return parse_json(place, file_.string());
    }
    void save(const SpikingSimulation& simulation, SpikeRecord& record) {
        if (at_.folder == nowhere) return;
        write_checkpoint(file_, simulation, to_json(record.place(), -1));
        saved_ = Clock::now();
    }
    void save_when_due(const SpikingSimulation& simulation, SpikeRecord& record) {
        if (agreed(seconds_since(saved_) >= interval_s_)) save(simulation, record);
    }

private:
    /// What holds on rank 0.
    [[nodiscard]] bool agreed(bool condition) const {
        return at_.context.ranks == 1 ? condition
                                      : !at_.team.broadcast(condition ? "yes" : "").empty();
    }

    const StepContext& at_;
    std::filesystem::path file_;
    double interval_s_;
    Clock::time_point saved_ = Clock::now();
};

class SpikeStep final : public Step {
public:
    SpikeStep(PopulationNetwork network, SpikeOptions options)
        : network_(std::move(network)), options_(std::move(options)) {}

    [[nodiscard]] bool shares_work() const override { return true; }

    void forget(const std::filesystem::path& folder) const override {
        std::filesystem::remove(folder / checkpoint_file);
        SpikeRecord::remove_journals(folder);
    }

    [[nodiscard]] StepResult run(const StepContext& at) const override {
        const auto begin = Clock::now();
        SpikingSimulation simulation(network_, allowed(at), at.context);
        const double build_s = seconds_since(begin);
        at.progress.start("spike");
        Checkpoints checkpoints(at, options_.checkpoint_s);
        const Record place = checkpoints.restore(simulation);
        SpikeRecord record(at.context.rank == 0 ? at.folder : nowhere, network_,
                           options_.engine.step_ms, options_.transient_ms, options_.record, place);
        const double begin_ms = simulation.time_ms();
        const std::uint64_t events = simulation.facts().synaptic_events;
        const auto start = Clock::now();
        const Status status = go_on({at, simulation, record, checkpoints});
        const double simulate_s = seconds_since(start);
        at.progress.finish();
        StepResult result{status == Status::stopped_by_observer ? Status::interrupted : status, "",
                          Record::Table{}, Record::Table{}};
        summarize(simulation, record, result);
        result.measures = Record::Table{{"build_s", build_s}, {"simulate_s", simulate_s}};
        // Of this process alone, also where it went on with the run of another.
        const double simulated_s = (simulation.time_ms() - begin_ms) * 1e-3;
        if (simulated_s > 0.0) result.measures["real_time_factor"] = simulate_s / simulated_s;
        if (simulate_s > 0.0)
            result.measures["events_per_s"] =
                static_cast<double>(simulation.facts().synaptic_events - events) / simulate_s;
        result.measures["instructions"] = std::string(to_string(simulation.facts().instructions));
        result.measures["peak_memory_mb"] = peak_memory_mb();
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

    struct Run {
        const StepContext& at;
        SpikingSimulation& simulation;
        SpikeRecord& record;
        Checkpoints& checkpoints;
    };

    Status go_on(const Run& run) const {
        Status status = Status::reached_end;
        // At its very end, too: an earlier run may have stopped there.
        if (run.simulation.time_ms() < options_.transient_ms + 0.5 * options_.engine.step_ms) {
            status = advance(run, options_.transient_ms, nullptr);
            run.simulation.clear_records();
        }
        return status == Status::reached_end
                   ? advance(run, options_.transient_ms + options_.duration_ms, &run.record)
                   : status;
    }

    Status advance(const Run& run, double end_ms, SpikeRecord* record) const {
        const auto& [at, simulation, journals, checkpoints] = run;
        const double whole_ms = options_.transient_ms + options_.duration_ms;
        const double half_step = 0.5 * options_.engine.step_ms;
        std::string note;
        const auto observe = [&](double t) {
            at.progress.update(t / whole_ms, note);
            return interrupted() ? Flow::stop : Flow::proceed;
        };
        Status status = Status::reached_end;
        while (status == Status::reached_end && simulation.time_ms() < end_ms - half_step) {
            const double begin = simulation.time_ms();
            status = simulation.run(std::min(chunk_ms, end_ms - begin), observe);
            const std::vector<Spike> spikes = simulation.take_spikes();
            const PotentialSamples potentials = simulation.take_potentials();
            if (record != nullptr) record->add(spikes, potentials);
            const double seconds = (simulation.time_ms() - begin) * 1e-3;
            const double rate = static_cast<double>(spikes.size()) /
                                (static_cast<double>(network_.neurons()) * seconds);
            note = brief(rate) + " spikes/s of a neuron";
            if (status == Status::reached_end)
                checkpoints.save_when_due(simulation, journals);
            else
                checkpoints.save(simulation, journals);
        }
        return status;
    }

    void summarize(const SpikingSimulation& simulation, SpikeRecord& record,
                   StepResult& result) const {
        const SpikingFacts facts = simulation.facts();
        const double recorded = std::max(0.0, simulation.time_ms() - options_.transient_ms);
        result.summary["duration"] = recorded;
        result.summary["transient"] = options_.transient_ms;
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

    PopulationNetwork network_;
    SpikeOptions options_;
};

/// The number of a population under a name that stands there.
std::size_t population_index(const ConfigReader& options, std::string_view key,
                             const PopulationNetwork& network, const std::string& name,
                             const SourceLine& where) {
    try {
        return network.index_of(name);
    } catch (const ConfigError& error) {
        throw ConfigError(options.path(key) + ": " + error.what(), where);
    }
}

/// "all", "none", a list of populations, or how many neurons of each.
std::vector<NeuronChoice> read_kept(ConfigReader& options, const PopulationNetwork& network) {
    std::vector<NeuronChoice> kept;
    for (const Population& population : network.populations)
        kept.push_back({population.size, population.size});
    options.assume("record", "all");
    const Record* given = options.record().find("record");
    if (given == nullptr) return kept;
    (void)options.any("record");
    const auto is_word = [&](std::string_view word) {
        return given->is<std::string>() && given->as<std::string>() == word;
    };
    if (is_word("all")) return kept;
    for (NeuronChoice& choice : kept) choice.count = 0;
    const auto index = [&](const std::string& name, const SourceLine& where) {
        return population_index(options, "record", network, name, where);
    };
    if (given->is<Record::Table>()) {
        ConfigReader counts = options.table("record");
        for (const auto& [name, count] : given->as<Record::Table>()) {
            NeuronChoice& choice = kept[index(name, count.where)];
            choice.count = static_cast<std::uint32_t>(
                counts.integer(name, {}, {0.0, static_cast<double>(choice.size)}));
        }
    } else if (given->is<Record::List>()) {
        for (const Record& name : given->as<Record::List>()) {
            if (!name.is<std::string>())
                throw ConfigError(options.path("record") + " must list names of populations",
                                  name.where);
            NeuronChoice& choice = kept[index(name.as<std::string>(), name.where)];
            choice.count = choice.size;
        }
    } else if (!is_word("none")) {
        throw ConfigError(options.path("record") +
                              " must be \"all\", \"none\", a list of populations, or how many "
                              "neurons of each, as { E = 100 }",
                          given->where);
    }
    return kept;
}

/// `populations` that are named, or all that have potentials.
std::vector<std::size_t> read_sampled(ConfigReader& table, const PopulationNetwork& network) {
    const Record* names = table.any("populations");
    std::vector<std::size_t> sampled;
    if (names == nullptr) {
        for (std::size_t p = 0; p < network.populations.size(); ++p)
            if (has_potential(network.populations[p].neuron)) sampled.push_back(p);
        return sampled;
    }
    const Record::List list =
        names->is<Record::List>() ? names->as<Record::List>() : Record::List{};
    if (list.empty() || !std::ranges::all_of(list, &Record::is<std::string>))
        throw ConfigError(table.path("populations") + " must list names of populations",
                          names->where);
    for (const Record& name : list) {
        const std::size_t p =
            population_index(table, "populations", network, name.as<std::string>(), name.where);
        if (!has_potential(network.populations[p].neuron))
            throw ConfigError(table.path("populations") + ": the sources of spikes in \"" +
                                  name.as<std::string>() + "\" have no potential",
                              name.where);
        if (std::ranges::find(sampled, p) != sampled.end())
            throw ConfigError(
                table.path("populations") + " names \"" + name.as<std::string>() + "\" twice",
                name.where);
        sampled.push_back(p);
    }
    return sampled;
}

void read_potentials(ConfigReader& options, const PopulationNetwork& network, SpikeOptions& spike) {
    if (!options.has("potentials")) return;
    ConfigReader table = options.table("potentials");
    std::vector<std::size_t> sampled = read_sampled(table, network);
    std::ranges::sort(sampled);
    const std::int64_t neurons = table.integer("neurons", 5, {1.0, 1.0 * most_potentials});
    RecordingOptions& recording = spike.engine.recording;
    const double step_ms = spike.engine.step_ms,
                 interval_ms = table.number("interval", step_ms, {step_ms, 1e6});
    if (std::abs(interval_ms / std::round(interval_ms / step_ms) - step_ms) > 1e-9 * step_ms)
        throw ConfigError(table.path("interval") + " = " + show(interval_ms) +
                              " ms must be a multiple of the step, " + show(step_ms) + " ms",
                          table.where("interval"));
    recording.potential_interval_ms = interval_ms;
    table.finish();
    for (const std::size_t p : sampled) {
        const Population& population = network.populations[p];
        const NeuronChoice choice{
            population.size,
            static_cast<std::uint32_t>(std::min<std::int64_t>(neurons, population.size))};
        for (std::uint32_t k = 0; k < choice.count; ++k) {
            recording.potentials.push_back({population.name, choice.neuron(k), 1});
            spike.record.potentials.push_back(
                {population.name + "[" + std::to_string(choice.neuron(k)) + "]",
                 std::string(potential_unit(population.neuron))});
        }
    }
    if (std::ssize(recording.potentials) > most_potentials)
        throw ConfigError(table.path("neurons") + ": the potentials of " +
                              std::to_string(recording.potentials.size()) +
                              " neurons would be recorded, at most " +
                              std::to_string(most_potentials) + " are",
                          table.where("neurons"));
}

void read_activity(ConfigReader& options, double step_ms, ActivityOptions& activity) {
    activity.rate_bin_ms = options.number("rate_bin", activity.rate_bin_ms, {step_ms, 1e6});
    activity.count_bin_ms = options.number(
        "count_bin", std::max(activity.count_bin_ms, activity.rate_bin_ms), {step_ms, 1e6});
    activity.correlation_bin_ms = options.number(
        "correlation_bin", std::max(activity.correlation_bin_ms, activity.count_bin_ms),
        {step_ms, 1e6});
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
    spike.engine.instructions = read.instructions;
    spike.duration_ms = options.number("duration", {}, {read.step_ms, longest_ms});
    spike.engine.duration_ms = spike.duration_ms;
    spike.transient_ms = options.number("transient", 0.0, {0.0, longest_ms});
    spike.record.kept = read_kept(options, read.network);
    spike.record.raster_neurons = static_cast<std::uint32_t>(
        options.integer("raster_neurons", spike.record.raster_neurons, {0.0, 1e5}));
    spike.record.raster_ms =
        options.number("raster_duration", spike.record.raster_ms, {0.0, longest_ms});
    spike.least_spikes = static_cast<std::uint64_t>(
        options.integer("least_spikes", static_cast<std::int64_t>(spike.least_spikes), {3.0, 1e6}));
    read_activity(options, read.step_ms, spike.engine.activity);
    read_potentials(options, read.network, spike);
    spike.checkpoint_s = options.number("checkpoint", spike.checkpoint_s, {0.0, longest_ms});
    read.at_places([&] { validate(read.network, spike.engine); });
    if (options.has("memory_gb")) spike.memory_gb = options.number("memory_gb", {}, positive);
    return std::make_unique<SpikeStep>(std::move(read.network), std::move(spike));
}

}  // namespace cortifold
