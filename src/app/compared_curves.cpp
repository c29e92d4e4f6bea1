#include "compared_curves.hpp"

#include <cortifold/compare/course.hpp>
#include <cortifold/compare/density.hpp>
#include <cortifold/io/table.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace cortifold {

namespace {

namespace fs = std::filesystem;

constexpr Eigen::Index least_bins = 64;  // eight segments of eight

/// The rates of a run in bins, a column a population.
struct CountedRates {
    TimeSeries series{};  ///< in s
    Vector t_ms{};
    double bin_ms = 0.0;
};

std::optional<CountedRates> read_rates(const CsvTable& table,
                                       const std::vector<std::string>& populations) {
    CountedRates rates;
    rates.t_ms = table.numbers("t");
    const auto step = uniform_step(rates.t_ms);
    if (!step) return std::nullopt;
    rates.bin_ms = *step;
    rates.series = {Matrix(rates.t_ms.size(), std::ssize(populations)), *step * 1e-3};
    for (std::size_t p = 0; p < populations.size(); ++p)
        rates.series.values.col(static_cast<Eigen::Index>(p)) = table.numbers(populations[p]);
    return rates;
}

/// Of those that both tables have a column of.
std::vector<std::string> common_populations(const Record& state, const CsvTable& theory,
                                            const CsvTable& run) {
    std::vector<std::string> names;
    for (const Record& population : state.find("populations")->as<Record::List>()) {
        const auto& name = population.find("name")->as<std::string>();
        if (theory.has(name) && run.has(name)) names.push_back(name);
    }
    return names;
}

/// The rows of one state, where there are several; those with numbers.
PredictedDensity predicted_density(const CsvTable& table, const Record& state,
                                   const std::string& population, double white_hz) {
    const std::vector<std::string> states = table.texts("state");
    const Vector frequencies = table.numbers("frequency"), densities = table.numbers(population);
    const auto& label = state.find("label")->as<std::string>();
    std::vector<double> f, density;
    for (std::size_t k = 0; k < states.size(); ++k) {
        const auto row = static_cast<Eigen::Index>(k);
        if (states[k] != label || !std::isfinite(densities[row])) continue;
        f.push_back(frequencies[row]);
        density.push_back(densities[row]);
    }
    const auto size = static_cast<Eigen::Index>(f.size());
    return {Vector::Map(f.data(), size), Vector::Map(density.data(), size), white_hz};
}

double size_of(const EarlierStep& run, const std::string& population) {
    const Record* found = find_named(*run.summary.find("populations"), population);
    return found == nullptr ? 0.0 : number_of(*found, "size").value_or(0.0);
}

class SpectraTables {
public:
    SpectraTables(const fs::path& folder, const AgreementRule& rule)
        : rule_(rule),
          densities_(folder / "spectra.csv", {{"population", ""},
                                              {"frequency", "1/s"},
                                              {"predicted", "1/s"},
                                              {"observed", "1/s"}}),
          bands_(folder / "bands.csv", {{"population", ""},
                                        {"low", "1/s"},
                                        {"high", "1/s"},
                                        {"predicted", "1/s"},
                                        {"observed", "1/s"},
                                        {"standard_error", "1/s"},
                                        {"z", ""},
                                        {"agrees", ""}}) {}

    void write(const std::string& population, const Vector& shown, const PowerSpectrum& observed,
               Eigen::Index signal) {
        for (Eigen::Index k = 1; k < shown.size(); ++k)
            if (shown[k] > 0.0)
                densities_.write_row(std::initializer_list<Cell>{
                    population, observed.frequencies[k], shown[k], observed.density(k, signal)});
    }
    Record write(const std::string& population, const std::vector<BandComparison>& bands) {
        std::int64_t agree = 0;
        double squares = 0.0;
        const BandComparison* worst = nullptr;
        for (const BandComparison& band : bands) {
            const bool agrees = judge(band.density, rule_).agrees;
            const double z = *band.density.z();
            agree += agrees;
            squares += z * z;
            if (worst == nullptr || std::abs(z) > std::abs(*worst->density.z())) worst = &band;
            bands_.write_row(std::initializer_list<Cell>{
                population, band.band.low, band.band.high, band.density.predicted,
                band.density.observed, *band.density.error, z, std::string(agrees ? "yes" : "no")});
        }
        const auto count = static_cast<double>(bands.size());
        return Record::Table{{"name", population},
                             {"bands", static_cast<std::int64_t>(bands.size())},
                             {"agree", agree},
                             {"agrees", agree == std::ssize(bands)},
                             {"squares", squares},
                             {"chance", chance_of_squares(squares, count)},
                             {"largest_z", *worst->density.z()},
                             {"largest_z_at", Record::List{worst->band.low, worst->band.high}}};
    }
    void close() {
        densities_.close();
        bands_.close();
    }

private:
    const AgreementRule& rule_;
    CsvWriter densities_, bands_;
};

void add_peaks(const std::string& population, const std::vector<PeakComparison>& peaks,
               const Record& validity, std::vector<Check>& checks) {
    int number = 0;
    for (const PeakComparison& peak : peaks)
        checks.push_back({population, "peak" + std::to_string(++number) + "_hz", "1/s",
                          peak.frequency_hz, peak.is_observed, validity});
}

Record course_record(const std::string& population, const CourseComparison& course,
                     const AgreementRule& rule) {
    const auto bins = static_cast<double>(course.t_ms.size());
    return Record::Table{{"name", population},
                         {"bins", static_cast<std::int64_t>(course.t_ms.size())},
                         {"agrees", course.agrees(rule)},
                         {"deviation_hz", course.deviation_hz},
                         {"scatter_hz", course.scatter_hz},
                         {"level_hz", course.level_hz},
                         {"squares", course.squares},
                         {"chance", chance_of_squares(course.squares, bins)},
                         {"largest_z", *course.at(course.largest).z()},
                         {"largest_z_at", course.t_ms[course.largest]}};
}

}  // namespace

const Record* find_named(const Record& list, std::string_view name) {
    const auto& items = list.as<Record::List>();
    const auto found = std::ranges::find_if(items, [&](const Record& item) {
        const Record* own = item.find("name");
        return own != nullptr && own->is<std::string>() && own->as<std::string>() == name;
    });
    return found == items.end() ? nullptr : &*found;
}

std::optional<double> number_of(const Record& table, std::string_view key) {
    const Record* found = table.find(key);
    if (found == nullptr || !found->is_finite_number()) return std::nullopt;
    return found->number();
}

Record doubts_about(const Record& state, const std::string& population, bool of_curves) {
    Record list = Record::List{};
    const Record* doubts = state.find("validity");
    if (doubts == nullptr || !doubts->is<Record::List>()) return list;
    const auto is_of = [](const Record& doubt, const Record& one) {
        return doubt.as<std::string>().starts_with(one.find("name")->as<std::string>() + ":");
    };
    const auto& populations = state.find("populations")->as<Record::List>();
    for (const Record& doubt : doubts->as<Record::List>()) {
        const auto whose =
            std::ranges::find_if(populations, [&](const Record& one) { return is_of(doubt, one); });
        const bool is_own =
            whose != populations.end() && whose->find("name")->as<std::string>() == population;
        if (is_own || (of_curves && whose == populations.end())) list.push_back(doubt);
    }
    return list;
}

Record compare_spectra(const ComparedRun& compared, const AgreementRule& rule, int bands,
                       const fs::path& folder, std::vector<Check>& checks) {
    Record spectra = Record::List{};
    const fs::path theory_file = compared.theory.folder / "spectra.csv",
                   run_file = compared.run.folder / "rates.csv";
    if (!fs::exists(theory_file) || !fs::exists(run_file)) return spectra;
    const CsvTable theory = read_csv(theory_file), run = read_csv(run_file);
    const auto populations = common_populations(compared.state, theory, run);
    const auto rates = read_rates(run, populations);
    if (!rates || rates->series.values.rows() < least_bins) return spectra;
    const PowerSpectrum observed = power_spectrum(rates->series);
    SpectraTables tables(folder, rule);
    for (std::size_t p = 0; p < populations.size(); ++p) {
        const auto signal = static_cast<Eigen::Index>(p);
        const double size = size_of(compared.run, populations[p]);
        const Record* state = find_named(*compared.state.find("populations"), populations[p]);
        const double white = number_of(*state, "rate_hz").value_or(0.0) / size;
        const PredictedDensity predicted =
            predicted_density(theory, compared.state, populations[p], white);
        if (!(size > 0.0) || predicted.frequencies_hz.size() < 2) continue;
        const Vector shown = shown_density(predicted, observed, rates->bin_ms);
        if (observed.density.col(signal).isZero(0.0)) continue;  // a silent population
        const auto compared_bands = compare_bands(shown, observed, signal, bands);
        if (compared_bands.empty()) continue;
        tables.write(populations[p], shown, observed, signal);
        spectra.push_back(tables.write(populations[p], compared_bands));
        Record& last = spectra.as<Record::List>().back();
        last["validity"] = doubts_about(compared.state, populations[p], true);
        add_peaks(populations[p], compare_peaks(shown, observed, signal), last["validity"], checks);
    }
    tables.close();
    return spectra;
}

Record compare_time_courses(const ComparedRun& compared, const AgreementRule& rule,
                            const fs::path& folder) {
    Record courses = Record::List{};
    const fs::path theory_file = compared.theory.folder / "courses.csv",
                   run_file = compared.run.folder / "rates.csv";
    if (!fs::exists(theory_file) || !fs::exists(run_file)) return courses;
    const CsvTable theory = read_csv(theory_file), run = read_csv(run_file);
    const auto populations = common_populations(compared.state, theory, run);
    const auto rates = read_rates(run, populations);
    if (!rates) return courses;
    const Record* own = compared.theory.summary.find("courses");
    const auto of_theory = [&](std::string_view key) {
        return own != nullptr ? number_of(*own, key).value_or(0.0) : 0.0;
    };
    const double later_ms =
        of_theory("transient") - number_of(compared.run.summary, "transient").value_or(0.0);
    CsvWriter table(folder / "courses.csv", {{"population", ""},
                                             {"t", "ms"},
                                             {"predicted", "1/s"},
                                             {"observed", "1/s"},
                                             {"standard_error", "1/s"}});
    for (std::size_t p = 0; p < populations.size(); ++p) {
        const double size = size_of(compared.run, populations[p]);
        if (!(size > 0.0)) continue;
        const CourseComparison course =
            compare_courses({theory.numbers("t").array() + later_ms, theory.numbers(populations[p]),
                             of_theory("rate_bin")},
                            {rates->t_ms, rates->series.values.col(static_cast<Eigen::Index>(p)),
                             rates->bin_ms, size});
        if (course.t_ms.size() == 0) continue;
        for (Eigen::Index k = 0; k < course.t_ms.size(); ++k)
            table.write_row(std::initializer_list<Cell>{populations[p], course.t_ms[k],
                                                        course.predicted_hz[k],
                                                        course.observed_hz[k], course.error_hz[k]});
        courses.push_back(course_record(populations[p], course, rule));
        courses.as<Record::List>().back()["validity"] =
            doubts_about(compared.state, populations[p], true);
    }
    table.close();
    return courses;
}

}  // namespace cortifold
