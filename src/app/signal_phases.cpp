// Phases in a band, and what they have to do with one another and with amplitudes: the quantities
// pac and kuramoto.
#include "signal_quantity.hpp"
#include <cortifold/io/table.hpp>
#include <cortifold/signal/analytic_signal.hpp>
#include <cortifold/signal/correlation.hpp>
#include <cortifold/signal/modulation.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cortifold {

namespace {

constexpr double false_discoveries = 0.05;  // share of the regions called significant
constexpr double too_regular = 0.9;         // a phase whose shifts say nothing

class PhaseAmplitude final : public SignalQuantity {
public:
    PhaseAmplitude(Band phase, Band amplitude, PhaseAmplitudeOptions options)
        : phase_(phase), amplitude_(amplitude), options_(options) {}

    [[nodiscard]] StepResult measure(const Signals& signals) const override {
        const ComplexMatrix slow = analytic_signal(signals.series, phase_);
        const ComplexMatrix fast = analytic_signal(signals.series, amplitude_);
        if (signals.is_silent(slow) || signals.is_silent(fast))
            return {Status::no_theory, "there is nothing in a band of some region",
                    Record::Table{}};
        const std::vector<PhaseAmplitudeCoupling> found = couplings(signals, slow, fast);
        for (std::size_t region = 0; region < found.size(); ++region)
            if (!succeeded(found[region].status))
                return {found[region].status,
                        "region " + std::to_string(region) + ": " + found[region].message,
                        Record::Table{}};
        write_regions(signals, found);
        const Vector distribution = mean_distribution(found);
        write_phases(signals, distribution);
        return summarize(found);
    }

private:
    [[nodiscard]] std::vector<PhaseAmplitudeCoupling> couplings(const Signals& signals,
                                                                const ComplexMatrix& slow,
                                                                const ComplexMatrix& fast) const {
        // Both end where the filter with the longer response does.
        const Eigen::Index rows = std::min(slow.rows(), fast.rows());
        const auto inner = [rows](const ComplexMatrix& z, Eigen::Index region) {
            return z.col(region).segment((z.rows() - rows) / 2, rows).eval();
        };
        std::vector<PhaseAmplitudeCoupling> found(static_cast<std::size_t>(signals.regions()));
        const int threads = signals.at.context.threads;
#pragma omp parallel for num_threads(threads) schedule(dynamic) if (threads > 1)
        for (Eigen::Index region = 0; region < signals.regions(); ++region) {
            if (interrupted()) continue;
            PhaseAmplitudeOptions options = options_;
            options.seed = signals.at.context.seed;
            options.entity = static_cast<std::uint64_t>(region);
            found[static_cast<std::size_t>(region)] = phase_amplitude_coupling(
                inner(slow, region).cwiseArg(), inner(fast, region).cwiseAbs(), options);
        }
        return found;
    }

    static void write_regions(const Signals& signals,
                              const std::vector<PhaseAmplitudeCoupling>& found) {
        CsvWriter table(signals.at.folder / "pac.csv", {{"region", ""},
                                                        {"modulation_index", ""},
                                                        {"z", ""},
                                                        {"p", ""},
                                                        {"mean_vector_length", signals.unit},
                                                        {"mean_vector_length_z", ""},
                                                        {"mean_vector_length_p", ""},
                                                        {"preferred_phase", "rad"},
                                                        {"regularity", ""}});
        for (std::size_t region = 0; region < found.size(); ++region) {
            const PhaseAmplitudeCoupling& one = found[region];
            table.write_row(std::initializer_list<Cell>{
                static_cast<std::int64_t>(region), one.modulation_index.value,
                one.modulation_index.z, one.modulation_index.p, one.mean_vector_length.value,
                one.mean_vector_length.z, one.mean_vector_length.p, one.preferred_phase,
                one.regularity});
        }
        table.close();
    }

    static Vector mean_distribution(const std::vector<PhaseAmplitudeCoupling>& found) {
        Vector sum = Vector::Zero(found.front().amplitude_by_phase.size());
        for (const PhaseAmplitudeCoupling& one : found) sum += one.amplitude_by_phase;
        return sum / static_cast<double>(found.size());
    }

    /// A row a bin, at its middle.
    static void write_phases(const Signals& signals, const Vector& distribution) {
        CsvWriter table(signals.at.folder / "pac_phases.csv",
                        {{"phase", "rad"}, {"amplitude", ""}});
        const double width = 2.0 * std::numbers::pi / static_cast<double>(distribution.size());
        for (Eigen::Index k = 0; k < distribution.size(); ++k)
            table.write_row(std::initializer_list<double>{
                -std::numbers::pi + (static_cast<double>(k) + 0.5) * width, distribution[k]});
        table.close();
    }

    [[nodiscard]] StepResult summarize(const std::vector<PhaseAmplitudeCoupling>& found) const {
        const auto count = static_cast<Eigen::Index>(found.size());
        Vector index(count), length(count), regularity(count), p(count);
        std::complex<double> resultant = 0.0;
        for (Eigen::Index k = 0; k < count; ++k) {
            const PhaseAmplitudeCoupling& one = found[static_cast<std::size_t>(k)];
            index[k] = one.modulation_index.value;
            length[k] = one.mean_vector_length.value;
            regularity[k] = one.regularity;
            p[k] = one.modulation_index.p;
            resultant += std::polar(length[k], one.preferred_phase);
        }
        const int significant = count_discoveries(p, false_discoveries);
        Record summary = Record::Table{{"phase", band_record(phase_)},
                                       {"amplitude", band_record(amplitude_)},
                                       {"modulation_index", index.mean()},
                                       {"mean_vector_length", length.mean()},
                                       {"preferred_phase", std::arg(resultant)},
                                       {"surrogates", options_.surrogates},
                                       {"least_p", p.minCoeff()},
                                       {"significant", significant},
                                       {"regularity", regularity.mean()}};
        if (const std::string note = note_on(regularity.mean()); !note.empty())
            summary["note"] = note;
        return {Status::converged,
                "in " + std::to_string(significant) + " of " + std::to_string(count) +
                    " regions amplitudes follow the phase, modulation index " + brief(index.mean()),
                std::move(summary)};
    }

    [[nodiscard]] std::string note_on(double regularity) const {
        std::string note;
        if (regularity > too_regular)
            note =
                "the slow rhythm is so regular that shifts leave a coupling as it was: z and p say "
                "nothing";
        if (amplitude_.high - amplitude_.low < 2.0 * phase_.high)
            note += std::string(note.empty() ? "" : "; ") +
                    "the band of the amplitude is narrower than twice the largest frequency of the "
                    "phase: a filter that narrow takes modulation out";
        return note;
    }

    Band phase_, amplitude_;
    PhaseAmplitudeOptions options_;
};

class KuramotoOrder final : public SignalQuantity {
public:
    explicit KuramotoOrder(Band band) : band_(band) {}

    [[nodiscard]] StepResult measure(const Signals& signals) const override {
        Record summary = Record::Table{{"band", band_record(band_)}};
        const ComplexMatrix analytic = analytic_signal(signals.whole(), band_);
        if (signals.is_silent(analytic))
            return {Status::no_theory, "there is nothing in the band of some region", summary};
        const Vector order = order_parameter(analytic);
        const double first =
            signals.series.start +
            signals.series.step * static_cast<double>(filter_margin(band_, signals.series.step));
        CsvWriter table(signals.at.folder / "kuramoto.csv",
                        {{"t", signals.time_unit}, {"order_parameter", ""}});
        for (Eigen::Index k = 0; k < order.size(); ++k)
            table.write_row(std::initializer_list<double>{
                first + signals.series.step * static_cast<double>(k), order[k]});
        table.close();
        const double mean = order.mean();
        const double sd = std::sqrt((order.array() - mean).square().mean());
        summary["mean"] = mean;
        summary["sd"] = sd;
        summary["minimum"] = order.minCoeff();
        summary["maximum"] = order.maxCoeff();
        return {Status::converged,
                "order parameter " + brief(mean) + ", metastability (its standard deviation) " +
                    brief(sd),
                std::move(summary)};
    }

private:
    Band band_;
};

}  // namespace

std::unique_ptr<SignalQuantity> read_pac(ConfigReader& options, const SignalSource& source) {
    const Band phase = read_filter(options, "phase", source);
    const Band amplitude = read_filter(options, "amplitude", source);
    PhaseAmplitudeOptions settings;
    settings.bins = static_cast<int>(options.integer("bins", settings.bins, {3.0, 360.0}));
    settings.surrogates =
        static_cast<int>(options.integer("surrogates", settings.surrogates, {1.0, 1e6}));
    return std::make_unique<PhaseAmplitude>(phase, amplitude, settings);
}

std::unique_ptr<SignalQuantity> read_kuramoto(ConfigReader& options, const SignalSource& source) {
    if (source.regions == 1)
        throw ConfigError("kuramoto needs several regions, and step " + source.run + " has one",
                          options.record().where);
    return std::make_unique<KuramotoOrder>(read_filter(options, "band", source));
}

}  // namespace cortifold
