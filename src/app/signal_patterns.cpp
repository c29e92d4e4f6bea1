// Patterns over regions and values at maxima: the quantities fc, modes and maxima.
#include "signal_quantity.hpp"
#include "system.hpp"
#include <cortifold/io/table.hpp>
#include <cortifold/signal/analytic_signal.hpp>
#include <cortifold/signal/correlation.hpp>
#include <cortifold/signal/maxima.hpp>
#include <cortifold/signal/mode_content.hpp>
#include <cortifold/synchrony/dispersion.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cortifold {

namespace {

constexpr std::size_t modes_listed = 10;
constexpr double one_eigenvalue = 1e-9;  // eigenvalues nearer than this times the largest
constexpr double ill_conditioned = 1e3;  // modes of which coefficients may cancel

enum class Correlated { signal, envelope };
constexpr Correlated correlated[] = {Correlated::signal, Correlated::envelope};
std::string_view to_string(Correlated what) {
    return what == Correlated::signal ? "signal" : "envelope";
}

void require_connectome(std::string_view quantity, const ConfigReader& options,
                        const SignalSource& source) {
    if (source.regions == 1 || source.study.network.connectomes.empty())
        throw ConfigError(std::string(quantity) + " needs a run of a network of several regions, " +
                              "and step " + source.run + " is of one",
                          options.record().where);
}

class FunctionalConnectivity final : public SignalQuantity {
public:
    FunctionalConnectivity(std::optional<Band> band, Correlated of) : band_(band), of_(of) {}

    [[nodiscard]] StepResult measure(const Signals& signals) const override {
        const Matrix x = correlated_signals(signals);
        std::vector<Eigen::Index> regions;
        Record constant = Record::List{};
        for (Eigen::Index k = 0; k < x.cols(); ++k)
            if (signals.is_constant(x.col(k)))
                constant.push_back(static_cast<std::int64_t>(k));
            else
                regions.push_back(k);
        Record summary = Record::Table{{"of", to_string(of_)}};
        if (band_) summary["band"] = band_record(*band_);
        summary["constant_regions"] = constant;
        if (regions.size() < 2)
            return {Status::no_theory, "fewer than two regions change in time", summary};
        const Matrix fc = correlation_matrix(x(Eigen::all, regions));
        const Matrix all = Matrix(signals.at.study.network.connectomes.front().weights);
        const Matrix weights = all(regions, regions);
        write(signals, regions, fc, weights);
        return summarize(pair_values(fc), pair_values(weights), std::move(summary));
    }

private:
    [[nodiscard]] Matrix correlated_signals(const Signals& signals) const {
        if (!band_) return signals.series.values;
        const ComplexMatrix analytic = analytic_signal(signals.series, *band_);
        if (of_ == Correlated::envelope) return analytic.cwiseAbs();
        return analytic.real();
    }

    static void write(const Signals& signals, const std::vector<Eigen::Index>& regions,
                      const Matrix& fc, const Matrix& weights) {
        CsvWriter table(signals.at.folder / "fc.csv",
                        {{"row", ""}, {"column", ""}, {"correlation", ""}, {"weight", ""}});
        for (std::size_t i = 0; i < regions.size(); ++i)
            for (std::size_t j = 0; j < regions.size(); ++j) {
                const auto row = static_cast<Eigen::Index>(i),
                           column = static_cast<Eigen::Index>(j);
                table.write_row(std::initializer_list<Cell>{
                    std::int64_t{regions[i]}, std::int64_t{regions[j]}, fc(row, column),
                    0.5 * (weights(row, column) + weights(column, row))});
            }
        table.close();
    }

    /// Every pair once, with the mean of its two weights.
    static StepResult summarize(const Vector& pairs, const Vector& weights, Record summary) {
        const auto linear = pearson(pairs, weights), ranked = spearman(pairs, weights);
        summary["mean"] = pairs.mean();
        summary["minimum"] = pairs.minCoeff();
        summary["maximum"] = pairs.maxCoeff();
        summary["pairs"] = static_cast<std::int64_t>(pairs.size());
        summary["connectome_pearson"] = linear ? Record(*linear) : Record();
        summary["connectome_spearman"] = ranked ? Record(*ranked) : Record();
        const std::string compared = linear && ranked ? ", with the weights " + brief(*linear) +
                                                            " (ranks " + brief(*ranked) + ")"
                                                      : ", which all pairs or all weights share";
        return {Status::converged, "mean correlation " + brief(pairs.mean()) + compared,
                std::move(summary)};
    }

    std::optional<Band> band_;
    Correlated of_;
};

class ContentOfModes final : public SignalQuantity {
public:
    [[nodiscard]] StepResult measure(const Signals& signals) const override {
        const CouplingModes& modes = signals.at.modes.of(signals.at.study);
        if (!succeeded(modes.status))
            return {modes.status, "the coupling matrix has no spectrum", Record::Table{}};
        const ModeContent found = mode_content(signals.whole().values, modes.vectors);
        if (!succeeded(found.status))
            return {found.status, found.message + (modes.note.empty() ? "" : "; " + modes.note),
                    Record::Table{}};
        write(signals, modes, found);
        return summarize(modes, found);
    }

private:
    static Vector shares(const ModeContent& found) {
        const double sum = found.mean_square.sum();
        return sum > 0.0 ? Vector(found.mean_square / sum) : found.mean_square;
    }

    static void write(const Signals& signals, const CouplingModes& modes,
                      const ModeContent& found) {
        CsvWriter table(signals.at.folder / "mode_content.csv",
                        {{"index", ""},
                         {"lambda_re", ""},
                         {"lambda_im", ""},
                         {"mean_square", signals.square_unit()},
                         {"share", ""},
                         {"variance", signals.square_unit()},
                         {"condition", ""}});
        const Vector share = shares(found);
        for (Eigen::Index k = 0; k < share.size(); ++k)
            table.write_row(std::initializer_list<Cell>{
                std::int64_t{k + 1}, modes.values[k].real(), modes.values[k].imag(),
                found.mean_square[k], share[k], found.variance[k], found.condition[k]});
        table.close();
    }

    static StepResult summarize(const CouplingModes& modes, const ModeContent& found) {
        const Vector share = shares(found);
        std::vector<Eigen::Index> order(static_cast<std::size_t>(share.size()));
        std::iota(order.begin(), order.end(), Eigen::Index{0});
        std::ranges::stable_sort(order, std::greater{}, [&](Eigen::Index k) { return share[k]; });
        Record leading = Record::List{};
        for (std::size_t k = 0; k < std::min(order.size(), modes_listed); ++k)
            leading.push_back(Record::Table{{"index", static_cast<std::int64_t>(order[k] + 1)},
                                            {"lambda", complex_record(modes.values[order[k]])},
                                            {"mean_square", found.mean_square[order[k]]},
                                            {"share", share[order[k]]},
                                            {"variance", found.variance[order[k]]}});
        Record summary = Record::Table{{"leading", leading},
                                       {"uniform_share", share[0]},
                                       {"largest_condition", found.condition.maxCoeff()}};
        if (const std::string note = note_on(modes, found); !note.empty()) summary["note"] = note;
        if (!(share.maxCoeff() > 0.0))
            return {Status::converged, "the signal is zero", std::move(summary)};
        return {Status::converged,
                "most in mode " + std::to_string(order.front() + 1) + ", " +
                    brief(share[order.front()]) + " of all",
                std::move(summary)};
    }

    static std::string note_on(const CouplingModes& modes, const ModeContent& found) {
        std::string note = modes.note;
        const auto add = [&note](const std::string& text) {
            note += (note.empty() ? "" : "; ") + text;
        };
        const double largest = found.condition.maxCoeff();
        if (largest > ill_conditioned)
            add("eigenvectors are nearly dependent: contents may be up to " +
                brief(std::round(largest)) + " times the pattern and cancel");
        const double apart = one_eigenvalue * modes.values.cwiseAbs().maxCoeff();
        std::string shared;
        for (Eigen::Index k = 1; k < modes.values.size(); ++k)
            if (std::abs(modes.values[k] - modes.values[k - 1]) <= apart)
                shared += (shared.empty() ? "" : ", ") + std::to_string(k) + " and " +
                          std::to_string(k + 1);
        if (!shared.empty())
            add("modes of one eigenvalue, of which only the sum of contents has a meaning: " +
                shared);
        return note;
    }
};

class Maxima final : public SignalQuantity {
public:
    Maxima(double prominence, double distance) : prominence_(prominence), distance_(distance) {}

    [[nodiscard]] StepResult measure(const Signals& signals) const override {
        const TimeSeries& series = signals.series;
        CsvWriter table(signals.at.folder / "maxima.csv",
                        {{"region", ""}, {"t", signals.time_unit}, {signals.name, signals.unit}});
        std::int64_t count = 0, intervals = 0;
        int levels = 0;
        double between = 0.0;
        std::vector<double> all;
        for (Eigen::Index region = 0; region < signals.regions(); ++region) {
            const Vector x = series.values.col(region);
            if (signals.is_constant(x)) continue;
            const auto maxima = local_maxima(
                x, {.start = series.start, .step = series.step, .prominence = prominence_});
            std::vector<double> values;
            for (const Maximum& maximum : maxima) {
                table.write_row(
                    std::initializer_list<Cell>{std::int64_t{region}, maximum.t, maximum.value});
                values.push_back(maximum.value);
            }
            count += std::ssize(maxima);
            if (maxima.size() > 1) {
                intervals += std::ssize(maxima) - 1;
                between += maxima.back().t - maxima.front().t;
            }
            levels =
                std::max(levels, count_groups(values, distance_ * (x.maxCoeff() - x.minCoeff())));
            all.insert(all.end(), values.begin(), values.end());
        }
        table.close();
        Record summary = Record::Table{{"count", count}, {"levels", levels}};
        if (signals.at.cell != nullptr)  // elsewhere maxima.csv has them
            summary["values"] = Record::List(all.begin(), all.end());
        if (all.empty()) return {Status::converged, "there are none", std::move(summary)};
        const auto [least, largest] = std::ranges::minmax(all);
        summary["least"] = least;
        summary["largest"] = largest;
        if (intervals > 0) summary["mean_interval"] = between / static_cast<double>(intervals);
        return {Status::converged,
                std::to_string(count) + " between " + brief(least) + " and " + brief(largest) +
                    ", at " + std::to_string(levels) + " levels",
                std::move(summary)};
    }

private:
    double prominence_, distance_;
};

}  // namespace

std::unique_ptr<SignalQuantity> read_fc(ConfigReader& options, const SignalSource& source) {
    require_connectome("fc", options, source);
    std::optional<Band> band;
    if (options.has("band")) band = read_filter(options, "band", source);
    const auto of = options.choice<Correlated>("of", Correlated::signal, correlated);
    if (of == Correlated::envelope && !band)
        throw ConfigError(
            options.path("of") + " = \"envelope\" needs a band: fc.band = [low, high]",
            options.where("of"));
    return std::make_unique<FunctionalConnectivity>(band, of);
}

std::unique_ptr<SignalQuantity> read_modes(ConfigReader& options, const SignalSource& source) {
    require_connectome("modes", options, source);
    return std::make_unique<ContentOfModes>();
}

std::unique_ptr<SignalQuantity> read_maxima(ConfigReader& options, const SignalSource&) {
    const double prominence =
        options.number("prominence", MaximaOptions{}.prominence, {0.0, 0.999});
    return std::make_unique<Maxima>(prominence, options.number("distance", 1e-3, {0.0, 1.0}));
}

}  // namespace cortifold
