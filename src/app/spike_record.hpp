#pragma once

#include <cortifold/io/record.hpp>
#include <cortifold/io/table.hpp>
#include <cortifold/spiking/simulation.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

namespace cortifold {

/// What a run of a spiking network leaves besides its summary.
struct SpikeRecordOptions {
    std::vector<bool> kept{};            ///< of which populations all spikes are written
    std::uint32_t raster_neurons = 400;  ///< by the sizes of populations, but a twentieth of each
    double raster_ms = 500.0;            ///< from the end of the transient
};

/// Writes spikes as they come: to data.h5 (`spikes`: t, and the neuron's number in the network,
/// populations in their order) those of the populations that are kept, to raster.csv those of some
/// neurons of each population over a short time. At the end also rates.csv in bins, spectra.csv of
/// these (Welch's method) and populations.csv.
class SpikeRecord {
public:
    /// Times are given from `start_ms` on, the end of the transient.
    SpikeRecord(const std::filesystem::path& folder, const PopulationNetwork& network,
                double step_ms, double start_ms, const SpikeRecordOptions& options);
    /// In order of time.
    void add(std::span<const Spike> spikes);
    /// Writes the tables of the whole run and adds `populations` to the summary.
    void close(const SpikingSimulation& simulation, std::uint64_t least_spikes, Record& summary);

private:
    struct Part {
        std::string name;
        std::uint32_t first, size;
        std::uint32_t shown, first_row;  ///< neurons in the raster, and where they stand
        bool kept;
    };
    [[nodiscard]] const Part& part_of(std::uint32_t neuron) const;
    void add_to_raster(double t, std::uint32_t neuron, const Part& part);
    void write_rates(const PopulationRates& rates) const;
    /// The frequency of the highest peak of each population, where it has one.
    [[nodiscard]] std::vector<std::optional<double>> write_spectra(
        const PopulationRates& rates) const;
    [[nodiscard]] std::vector<Column> rate_columns(Column first) const;

    std::filesystem::path folder_;
    double step_ms_, start_ms_, raster_ms_;
    std::vector<Part> parts_;
    Hdf5Writer spikes_;
    CsvWriter raster_;
};

}  // namespace cortifold
