#include "spike_record.hpp"

#include <cortifold/signal/rhythm.hpp>
#include <cortifold/signal/spectrum.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>
#include <utility>

namespace cortifold {

namespace {

namespace fs = std::filesystem;

constexpr const char* spikes_journal = "spikes.rows";
constexpr const char* raster_journal = "raster.rows";
constexpr const char* potentials_journal = "potentials.rows";

std::uint64_t rows_in(const Record& place, std::string_view journal) {
    const Record* rows = place.find(journal);
    return rows != nullptr && rows->is<std::int64_t>()
               ? static_cast<std::uint64_t>(rows->as<std::int64_t>())
               : 0;
}

/// A figure of a population, its standard error, and how both are called.
struct Figures {
    std::string_view name;
    std::optional<double> PopulationActivity::*value;
    std::optional<double> ActivityErrors::*error;
};
constexpr std::array figures{
    Figures{"cv_isi", &PopulationActivity::cv_isi, &ActivityErrors::cv_isi},
    Figures{"lvr", &PopulationActivity::lvr, &ActivityErrors::lvr},
    Figures{"fano", &PopulationActivity::fano, &ActivityErrors::fano},
    Figures{"synchrony", &PopulationActivity::synchrony, &ActivityErrors::synchrony},
    Figures{"correlation", &PopulationActivity::correlation, &ActivityErrors::correlation}};

Record optional_record(const std::optional<double>& value) {
    return value ? Record(*value) : Record();
}

Record population_record(const PopulationActivity& activity) {
    Record record = Record::Table{{"name", activity.name},
                                  {"size", std::int64_t{activity.size}},
                                  {"spikes", static_cast<std::int64_t>(activity.spikes)},
                                  {"rate_hz", activity.rate_hz},
                                  {"rate_hz_error", optional_record(activity.errors.rate_hz)},
                                  {"rate_hz_sd", activity.rate_sd_hz}};
    const double size = activity.size;
    record["silent_fraction"] = static_cast<double>(activity.silent) / size;
    record["silent_fraction_error"] = optional_record(activity.errors.silent_fraction);
    for (const Figures& figure : figures) {
        record[figure.name] = optional_record(activity.*figure.value);
        record[std::string(figure.name) + "_error"] =
            optional_record(activity.errors.*figure.error);
    }
    record["blocks"] = static_cast<std::int64_t>(activity.blocks);
    return record;
}

/// Frequency and amplitude of the rhythm near a peak of the spectrum.
void add_rhythm(ConstVectorRef rates_hz, double bin_ms, std::optional<double> peak_hz,
                Record& population) {
    constexpr double same = 0.1;  ///< in parts: else the cycles are not those of the peak
    std::optional<Rhythm> rhythm;
    if (peak_hz) rhythm = find_rhythm(rates_hz, bin_ms * 1e-3);
    if (rhythm && std::abs(rhythm->frequency - *peak_hz) > same * *peak_hz) rhythm.reset();
    const auto figure = [&](double Rhythm::*value) {
        return rhythm ? Record((*rhythm).*value) : Record();
    };
    population["rhythm_hz"] = rhythm ? Record(rhythm->frequency) : optional_record(peak_hz);
    population["rhythm_hz_error"] = figure(&Rhythm::frequency_error);
    population["rate_amplitude_hz"] = figure(&Rhythm::amplitude);
    population["rate_amplitude_hz_error"] = figure(&Rhythm::amplitude_error);
}

/// The same as a row; what there is not is an empty field.
std::vector<Cell> row_of(const Record& population) {
    std::vector<Cell> row;
    for (const auto& [key, value] : population.as<Record::Table>())
        if (value.is<std::string>())
            row.emplace_back(value.as<std::string>());
        else if (value.is<std::int64_t>())
            row.emplace_back(value.as<std::int64_t>());
        else if (value.is_null())
            row.emplace_back(std::string());
        else
            row.emplace_back(value.number());
    return row;
}

std::vector<Column> columns_of(const Record& population) {
    std::vector<Column> columns;
    for (const auto& [key, value] : population.as<Record::Table>())
        columns.push_back(key.starts_with("rate_hz") ? Column{"rate" + key.substr(7), "1/s"}
                                                     : Column{key, ""});
    return columns;
}

}  // namespace

std::optional<std::uint32_t> NeuronChoice::number(std::uint32_t neuron) const {
    if (count == 0) return std::nullopt;
    const std::uint64_t k = (std::uint64_t{neuron} * count + size - 1) / size;
    if (k >= count || this->neuron(static_cast<std::uint32_t>(k)) != neuron) return std::nullopt;
    return static_cast<std::uint32_t>(k);
}

SpikeRecord::SpikeRecord(const fs::path& folder, const PopulationNetwork& network, double step_ms,
                         double start_ms, const SpikeRecordOptions& options, const Record& place)
    : folder_(folder),
      step_ms_(step_ms),
      start_ms_(start_ms),
      raster_ms_(options.raster_ms),
      potential_columns_(options.potentials),
      spikes_(folder / spikes_journal, 2, rows_in(place, "spikes")),
      raster_(folder / raster_journal, 2, rows_in(place, "raster")),
      potentials_(folder / potentials_journal, 1 + options.potentials.size(),
                  rows_in(place, "potentials")) {
    const double share =
        std::min(1.0, options.raster_neurons / static_cast<double>(network.neurons()));
    constexpr std::uint32_t least_part = 20;  // small populations are to be seen, too
    const std::uint32_t least = options.raster_neurons / least_part;
    std::uint32_t first = 0, row = 0;
    for (std::size_t p = 0; p < network.populations.size(); ++p) {
        const auto& [name, size] =
            std::tie(network.populations[p].name, network.populations[p].size);
        const auto fair = static_cast<std::uint32_t>(std::floor(share * size));
        const NeuronChoice shown{size, std::max(fair, std::min(least, size))};
        parts_.push_back({name, first, options.kept[p], shown, row});
        first += size;
        row += shown.count;
    }
}

const SpikeRecord::Part& SpikeRecord::part_of(std::uint32_t neuron) const {
    return *std::prev(std::ranges::upper_bound(parts_, neuron, {}, &Part::first));
}

void SpikeRecord::add(std::span<const Spike> spikes, const PotentialSamples& potentials) {
    for (const Spike& spike : spikes) {
        const double t = static_cast<double>(spike.step + 1) * step_ms_ - start_ms_;
        const std::array row{t, static_cast<double>(spike.neuron)};
        const Part& part = part_of(spike.neuron);
        const std::uint32_t local = spike.neuron - part.first;
        if (part.kept.number(local)) spikes_.add(row);
        if (t <= raster_ms_ && part.shown.number(local)) raster_.add(row);
    }
    std::vector<double> row;
    for (std::size_t k = 0; k < potentials.times_ms.size(); ++k) {
        row.assign(1, potentials.times_ms[k] - start_ms_);
        const auto values = potentials.values_mv.row(static_cast<Eigen::Index>(k));
        row.insert(row.end(), values.begin(), values.end());
        potentials_.add(row);
    }
}

Record SpikeRecord::place() {
    Record place = Record::Table{};
    for (const auto& [name, journal] :
         {std::pair{"spikes", &spikes_}, {"raster", &raster_}, {"potentials", &potentials_}}) {
        journal->flush();
        place[name] = static_cast<std::int64_t>(journal->rows());
    }
    return place;
}

void SpikeRecord::remove_journals(const fs::path& folder) {
    for (const char* journal : {spikes_journal, raster_journal, potentials_journal})
        fs::remove(folder / journal);
}

void SpikeRecord::write_data() {
    Hdf5Writer data(folder_ / "data.h5", "spikes", {{"t", "ms"}, {"neuron", ""}});
    spikes_.for_rows([&](std::span<const double> row) { data.write_row(row); });
    if (!potential_columns_.empty()) {
        data.begin("potentials", potential_table());
        potentials_.for_rows([&](std::span<const double> row) { data.write_row(row); });
    }
    data.close();
}

void SpikeRecord::write_raster() {
    CsvWriter table(folder_ / "raster.csv", {{"t", "ms"}, {"row", ""}, {"population", ""}});
    raster_.for_rows([&](std::span<const double> spike) {
        const auto neuron = static_cast<std::uint32_t>(spike[1]);
        const Part& part = part_of(neuron);
        const std::int64_t row = part.first_row + *part.shown.number(neuron - part.first);
        table.write_row(std::initializer_list<Cell>{spike[0], row, part.name});
    });
    table.close();
}

/// For the time of the raster.
void SpikeRecord::write_potentials() {
    if (potential_columns_.empty()) return;
    CsvWriter table(folder_ / "potentials.csv", potential_table());
    potentials_.for_rows([&](std::span<const double> row) {
        if (row[0] <= raster_ms_) table.write_row(row);
    });
    table.close();
}

std::vector<Column> SpikeRecord::potential_table() const {
    std::vector<Column> columns{{"t", "ms"}};
    columns.insert(columns.end(), potential_columns_.begin(), potential_columns_.end());
    return columns;
}

void SpikeRecord::write_rates(const PopulationRates& rates) const {
    CsvWriter table(folder_ / "rates.csv", rate_columns({"t", "ms"}));
    for (Eigen::Index bin = 0; bin < rates.rates_hz.rows(); ++bin) {
        std::vector<double> row{rates.start_ms - start_ms_ +
                                (static_cast<double>(bin) + 0.5) * rates.bin_ms};
        for (const double rate : rates.rates_hz.row(bin)) row.push_back(rate);
        table.write_row(row);
    }
    table.close();
}

/// Frequencies in 1/s. None where the run is too short for one.
std::vector<std::optional<double>> SpikeRecord::write_spectra(const PopulationRates& rates) const {
    std::vector<std::optional<double>> rhythms(parts_.size());
    constexpr Eigen::Index least_bins = 64;  // eight segments of eight
    if (rates.rates_hz.rows() < least_bins) return rhythms;
    const PowerSpectrum spectrum = power_spectrum({rates.rates_hz, rates.bin_ms * 1e-3});
    CsvWriter table(folder_ / "spectra.csv", rate_columns({"frequency", "1/s"}));
    for (Eigen::Index k = 0; k < spectrum.frequencies.size(); ++k) {
        std::vector<double> row{spectrum.frequencies[k]};
        for (const double density : spectrum.density.row(k)) row.push_back(density);
        table.write_row(row);
    }
    table.close();
    for (std::size_t p = 0; p < parts_.size(); ++p) {
        const auto peaks = spectral_peaks(spectrum.density.col(static_cast<Eigen::Index>(p)),
                                          spectrum.resolution(),
                                          {.degrees_of_freedom = spectrum.degrees_of_freedom});
        if (!peaks.empty()) rhythms[p] = peaks.front().frequency;
    }
    return rhythms;
}

/// A density of the square of a rate has the unit of a rate, too.
std::vector<Column> SpikeRecord::rate_columns(Column first) const {
    std::vector<Column> columns{std::move(first)};
    for (const Part& part : parts_) columns.push_back({part.name, "1/s"});
    return columns;
}

void SpikeRecord::close(const SpikingSimulation& simulation, std::uint64_t least_spikes,
                        Record& summary) {
    write_data();
    write_raster();
    write_potentials();
    const PopulationRates rates = simulation.rates();
    const std::vector<PopulationActivity> activities = simulation.activity(least_spikes);
    summary["raster_duration"] = raster_ms_;
    summary["spikes"] = std::int64_t{0};
    summary["populations"] = Record::List{};
    if (activities.empty()) return;  // of a rank that does not lead
    write_rates(rates);
    const std::vector<std::optional<double>> rhythms = write_spectra(rates);
    Record populations = Record::List{};
    std::int64_t spikes = 0;
    for (std::size_t p = 0; p < activities.size(); ++p) {
        spikes += static_cast<std::int64_t>(activities[p].spikes);
        populations.push_back(population_record(activities[p]));
        Record& population = populations.as<Record::List>().back();
        add_rhythm(rates.rates_hz.col(static_cast<Eigen::Index>(p)), rates.bin_ms, rhythms[p],
                   population);
        population["raster_neurons"] = std::int64_t{parts_[p].shown.count};
    }
    summary["spikes"] = spikes;
    summary["populations"] = populations;
    CsvWriter table(folder_ / "populations.csv",
                    columns_of(populations.as<Record::List>().front()));
    for (const Record& population : populations.as<Record::List>())
        table.write_row(row_of(population));
    table.close();
}

}  // namespace cortifold
