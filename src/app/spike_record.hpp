#pragma once

#include <cortifold/io/record.hpp>
#include <cortifold/io/row_journal.hpp>
#include <cortifold/io/table.hpp>
#include <cortifold/spiking/simulation.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

namespace cortifold {

/// `count` neurons of a population, spread evenly over it: parameters may go with the number.
struct NeuronChoice {
    std::uint32_t size = 0, count = 0;
    [[nodiscard]] std::uint32_t neuron(std::uint32_t k) const {
        return static_cast<std::uint32_t>(std::uint64_t{k} * size / count);
    }
    /// Which of them a neuron of the population is.
    [[nodiscard]] std::optional<std::uint32_t> number(std::uint32_t neuron) const;
};

/// What a run of a spiking network leaves besides its summary.
struct SpikeRecordOptions {
    std::vector<NeuronChoice> kept{};    ///< a population each: whose spikes are all written
    std::uint32_t raster_neurons = 400;  ///< by the sizes of populations, but a twentieth of each
    double raster_ms = 500.0;            ///< from the end of the transient
    std::vector<Column> potentials{};    ///< of the neurons whose potentials are recorded
};

/// Takes down spikes and potentials as they come, in journals that survive whatever ends the run.
/// At the end these become data.h5 (`spikes`: t, and the neuron's number in the network,
/// populations in their order; `potentials`), raster.csv of some neurons of each population and
/// potentials.csv over a short time; besides, rates.csv in bins, spectra.csv of these (Welch's
/// method) and populations.csv.
class SpikeRecord {
public:
    /// Times are given from `start_ms` on, the end of the transient. `place` is null, or where an
    /// earlier run was that this one goes on with.
    SpikeRecord(const std::filesystem::path& folder, const PopulationNetwork& network,
                double step_ms, double start_ms, const SpikeRecordOptions& options,
                const Record& place = {});
    /// In order of time.
    void add(std::span<const Spike> spikes, const PotentialSamples& potentials);
    /// Hands all it has to the system, and says how much that is.
    [[nodiscard]] Record place();
    /// Writes all tables and adds `populations` to the summary.
    void close(const SpikingSimulation& simulation, std::uint64_t least_spikes, Record& summary);
    /// Removes the journals: of rank 0, when all is written that they held.
    static void remove_journals(const std::filesystem::path& folder);

private:
    struct Part {
        std::string name;
        std::uint32_t first;
        NeuronChoice kept, shown;
        std::uint32_t first_row;  ///< in the raster
    };
    [[nodiscard]] const Part& part_of(std::uint32_t neuron) const;
    void write_data();
    void write_raster();
    void write_potentials();
    void write_rates(const PopulationRates& rates) const;
    /// The frequency of the highest peak of each population, where it has one.
    [[nodiscard]] std::vector<std::optional<double>> write_spectra(
        const PopulationRates& rates) const;
    [[nodiscard]] std::vector<Column> rate_columns(Column first) const;
    [[nodiscard]] std::vector<Column> potential_table() const;

    std::filesystem::path folder_;
    double step_ms_, start_ms_, raster_ms_;
    std::vector<Part> parts_;
    std::vector<Column> potential_columns_;
    RowJournal spikes_, raster_, potentials_;
};

}  // namespace cortifold
