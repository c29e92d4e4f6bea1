// Power spectra of signals and of their envelopes: the quantities psd and am.
#include "signal_quantity.hpp"
#include <cortifold/io/table.hpp>
#include <cortifold/signal/analytic_signal.hpp>
#include <cortifold/signal/modulation.hpp>
#include <cortifold/signal/spectrum.hpp>

#include <algorithm>

namespace cortifold {

namespace {

constexpr std::size_t peaks_listed = 10;
constexpr double confidence_level = 0.95;
constexpr Window windows[] = {Window::hann, Window::rectangular};
constexpr double least_samples = 8.0;  // of a segment

struct NamedBand {
    std::string name;
    Band band;
};

WelchOptions read_welch(ConfigReader& options, const SignalSource& source) {
    WelchOptions welch;
    welch.segment = options.number("segment", source.duration / 8.0,
                                   {least_samples * source.step, source.duration});
    welch.overlap = options.number("overlap", welch.overlap, {0.0, 0.95});
    welch.window = options.choice<Window>("window", welch.window, windows);
    return welch;
}

Record peak_list(ConstVectorRef density, const PowerSpectrum& spectrum) {
    Record list = Record::List{};
    const auto peaks = spectral_peaks(density, spectrum.resolution(),
                                      {.degrees_of_freedom = spectrum.degrees_of_freedom});
    for (std::size_t k = 0; k < std::min(peaks.size(), peaks_listed); ++k)
        list.push_back(
            Record::Table{{"frequency", peaks[k].frequency}, {"density", peaks[k].density}});
    return list;
}

/// What holds for every density of a spectrum.
Record describe(const PowerSpectrum& spectrum, const Vector& density) {
    const ConfidenceFactors factors =
        confidence_factors(spectrum.degrees_of_freedom, confidence_level);
    return Record::Table{
        {"segment", spectrum.segment},
        {"segments", spectrum.segments},
        {"resolution", spectrum.resolution()},
        {"degrees_of_freedom", spectrum.degrees_of_freedom},
        {"confidence",
         Record::Table{{"level", confidence_level}, {"low", factors.low}, {"high", factors.high}}},
        {"peaks", peak_list(density, spectrum)}};
}

double total_power(ConstVectorRef density, const PowerSpectrum& spectrum) {
    const Vector& f = spectrum.frequencies;
    return band_power(density, spectrum.resolution(), {0.0, f[f.size() - 1]});
}

std::string peaks_message(const Record& summary, const std::string& unit) {
    const auto& peaks = summary.find("peaks")->as<Record::List>();
    if (peaks.empty()) return "no peak";
    return "largest peak at " + brief(peaks.front().find("frequency")->number()) + " " + unit;
}

class PowerSpectra final : public SignalQuantity {
public:
    PowerSpectra(WelchOptions welch, std::vector<NamedBand> bands)
        : welch_(welch), bands_(std::move(bands)) {}

    [[nodiscard]] StepResult measure(const Signals& signals) const override {
        if (signals.is_at_rest()) return constant();
        const PowerSpectrum spectrum = power_spectrum(signals.series, welch_);
        const Vector mean = spectrum.density.rowwise().mean();
        StepResult result{Status::converged, "", describe(spectrum, mean)};
        result.summary["variance"] = total_power(mean, spectrum);
        result.summary["bands"] = powers(mean, spectrum);
        result.message = peaks_message(result.summary, signals.rate_unit());
        const bool several = signals.regions() > 1;
        Vector of_mean;
        if (several) {
            of_mean = power_spectrum(signals.mean, welch_).density;
            result.summary["spatial_mean"] =
                Record::Table{{"variance", total_power(of_mean, spectrum)},
                              {"peaks", peak_list(of_mean, spectrum)},
                              {"bands", powers(of_mean, spectrum)}};
            write_regions(signals, spectrum);
        }
        write_means(signals, spectrum, mean, of_mean);
        return result;
    }

private:
    /// A signal without power has none in any band.
    [[nodiscard]] StepResult constant() const {
        Record list = Record::List{};
        for (const NamedBand& band : bands_) list.push_back(power_in(band, 0.0, 0.0));
        return {Status::converged, "the signal is constant",
                Record::Table{{"variance", 0.0}, {"bands", list}}};
    }

    static Record power_in(const NamedBand& band, double power, double of_all) {
        return Record::Table{{"name", band.name},
                             {"band", band_record(band.band)},
                             {"power", power},
                             {"share", of_all > 0.0 ? power / of_all : 0.0}};
    }

    [[nodiscard]] Record powers(ConstVectorRef density, const PowerSpectrum& spectrum) const {
        Record list = Record::List{};
        const double all = total_power(density, spectrum);
        for (const NamedBand& band : bands_)
            list.push_back(
                power_in(band, band_power(density, spectrum.resolution(), band.band), all));
        return list;
    }

    static void write_means(const Signals& signals, const PowerSpectrum& spectrum,
                            const Vector& mean, const Vector& of_mean) {
        std::vector<Column> columns{{"frequency", signals.rate_unit()},
                                    {"density", signals.density_unit()}};
        if (of_mean.size() > 0) columns.push_back({"spatial_mean", signals.density_unit()});
        CsvWriter table(signals.at.folder / "psd.csv", columns);
        for (Eigen::Index k = 0; k < mean.size(); ++k) {
            std::vector<double> row{spectrum.frequencies[k], mean[k]};
            if (of_mean.size() > 0) row.push_back(of_mean[k]);
            table.write_row(row);
        }
        table.close();
    }

    /// Densities to data.h5, a row a frequency; what sums them up to psd_regions.csv.
    void write_regions(const Signals& signals, const PowerSpectrum& spectrum) const {
        std::vector<Column> columns{{"frequency", signals.rate_unit()}};
        for (Eigen::Index region = 0; region < signals.regions(); ++region)
            columns.push_back({"density[" + std::to_string(region) + "]", signals.density_unit()});
        Hdf5Writer data(signals.at.folder / "data.h5", "psd", columns);
        for (Eigen::Index k = 0; k < spectrum.frequencies.size(); ++k) {
            std::vector<double> row{spectrum.frequencies[k]};
            for (const double density : spectrum.density.row(k)) row.push_back(density);
            data.write_row(row);
        }
        data.close();
        columns = {{"region", ""},
                   {"variance", signals.square_unit()},
                   {"peak_frequency", signals.rate_unit()}};
        for (const NamedBand& band : bands_)
            columns.push_back({"power_" + band.name, signals.square_unit()});
        CsvWriter table(signals.at.folder / "psd_regions.csv", columns);
        for (Eigen::Index region = 0; region < signals.regions(); ++region) {
            const Vector density = spectrum.density.col(region);
            const auto peaks = spectral_peaks(density, spectrum.resolution(),
                                              {.degrees_of_freedom = spectrum.degrees_of_freedom});
            std::vector<Cell> row{std::int64_t{region}, total_power(density, spectrum)};
            row.push_back(peaks.empty() ? Cell(std::string()) : Cell(peaks.front().frequency));
            for (const NamedBand& band : bands_)
                row.emplace_back(band_power(density, spectrum.resolution(), band.band));
            table.write_row(row);
        }
        table.close();
    }

    WelchOptions welch_;
    std::vector<NamedBand> bands_;
};

class AmplitudeModulation final : public SignalQuantity {
public:
    AmplitudeModulation(Band band, WelchOptions welch) : band_(band), welch_(welch) {}

    [[nodiscard]] StepResult measure(const Signals& signals) const override {
        const ComplexMatrix analytic = analytic_signal(signals.series, band_);
        if (signals.is_silent(analytic))
            return {Status::no_theory, "there is nothing in the band of some region",
                    Record::Table{}};
        const Matrix envelopes = analytic.cwiseAbs();
        const PowerSpectrum spectrum = power_spectrum({envelopes, signals.series.step}, welch_);
        Vector depths(signals.regions());
        for (Eigen::Index region = 0; region < depths.size(); ++region)
            depths[region] = modulation_depth(envelopes.col(region));
        write(signals, spectrum, envelopes, depths);
        const Vector mean = spectrum.density.rowwise().mean();
        Record summary = describe(spectrum, mean);
        summary["band"] = band_record(band_);
        summary["depth"] = depths.mean();
        summary["least_depth"] = depths.minCoeff();
        summary["largest_depth"] = depths.maxCoeff();
        return {
            Status::converged,
            "depth " + brief(depths.mean()) + ", " + peaks_message(summary, signals.rate_unit()),
            std::move(summary)};
    }

private:
    static void write(const Signals& signals, const PowerSpectrum& spectrum,
                      const Matrix& envelopes, const Vector& depths) {
        CsvWriter regions(signals.at.folder / "am.csv",
                          {{"region", ""}, {"mean_envelope", signals.unit}, {"depth", ""}});
        for (Eigen::Index region = 0; region < depths.size(); ++region)
            regions.write_row(std::initializer_list<Cell>{
                std::int64_t{region}, envelopes.col(region).mean(), depths[region]});
        regions.close();
        CsvWriter table(signals.at.folder / "am_spectrum.csv",
                        {{"frequency", signals.rate_unit()}, {"density", signals.density_unit()}});
        for (Eigen::Index k = 0; k < spectrum.frequencies.size(); ++k)
            table.write_row(std::initializer_list<double>{spectrum.frequencies[k],
                                                          spectrum.density.row(k).mean()});
        table.close();
    }

    Band band_;
    WelchOptions welch_;
};

}  // namespace

std::unique_ptr<SignalQuantity> read_psd(ConfigReader& options, const SignalSource& source) {
    const WelchOptions welch = read_welch(options, source);
    std::vector<NamedBand> bands;
    if (options.has("bands")) {
        ConfigReader table = options.table("bands");
        for (const auto& [name, range] : table.record().as<Record::Table>())
            bands.push_back({name, read_frequencies(table, name, source)});
        table.finish();
    }
    return std::make_unique<PowerSpectra>(welch, std::move(bands));
}

std::unique_ptr<SignalQuantity> read_am(ConfigReader& options, const SignalSource& source) {
    const Band band = read_filter(options, "band", source);
    SignalSource filtered = source;  // what the filter leaves
    filtered.duration -= 2.0 * static_cast<double>(filter_margin(band, source.step)) * source.step;
    if (filtered.duration < least_samples * source.step)
        throw ConfigError(options.path("band") + ": a filter of this band leaves too little",
                          options.where("band"));
    return std::make_unique<AmplitudeModulation>(band, read_welch(options, filtered));
}

}  // namespace cortifold
