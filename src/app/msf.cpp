#include "axis.hpp"
#include "orbit_stability.hpp"
#include "step.hpp"
#include <cortifold/io/table.hpp>
#include <cortifold/synchrony/stability_range.hpp>

#include <algorithm>

namespace cortifold {

namespace {

/// Of the complex plane of lambda.
struct Region {
    Axis re, im;
};

struct Options {
    ComplexVector further;
    std::optional<std::pair<double, double>> range, strengths;
    std::optional<Region> region;
    int points = 0;
};

class MasterStabilityStep final : public Step {
public:
    MasterStabilityStep(ModeStep step, Options options)
        : step_(std::move(step)), options_(std::move(options)) {}

    [[nodiscard]] StepResult run(const StepContext& at) const override {
        const SynchronousState found = find_synchronous_state(step_, at);
        if (!found.stability || !succeeded(found.status)) return without_modes(found);
        const CouplingModes& coupling = found.coupling;
        const int threads = at.context.threads;
        const DispersionResult result =
            dispersion_relation(*found.stability, coupling.values, options_.further, threads);
        write_modes(at, *step_.system.field, result.modes);
        write_patterns(at, result.modes, coupling);
        StepResult summary = summarize_modes(step_, found, result, coupling.note);
        if (at.wants("boundaries")) add_line(at, found, coupling.values, summary);
        if (options_.strengths && at.wants("stable_strengths"))
            add_strengths(at, found, coupling.values, summary);
        if (options_.region && at.cell == nullptr) write_region(at, *found.stability, summary);
        return summary;
    }

private:
    /// The curve over real lambda, and its zeros.
    void add_line(const StepContext& at, const SynchronousState& state,
                  const ComplexVector& lambdas, StepResult& result) const {
        const auto [low, high] = lambda_range(options_.range, lambdas);
        const int threads = at.context.threads;
        const ComplexVector grid =
            Vector::LinSpaced(options_.points, low, high).cast<std::complex<double>>();
        const DispersionResult curve = dispersion_relation(*state.stability, {}, grid, threads);
        write_curve(at, *step_.system.field, curve.modes);
        tell_gaps("curve.csv", curve, result);
        const std::vector<StabilityBoundary> zeros = stability_boundaries(
            *state.stability,
            {.low = low, .high = high, .samples = options_.points, .threads = threads});
        Record boundaries = Record::List{};
        for (const StabilityBoundary& boundary : zeros)
            boundaries.push_back(Record::Table{
                {"lambda", boundary.lambda},
                {"error", boundary.error},
                {"transition", boundary.of_phase ? std::string("phase")
                                                 : std::string(to_string(boundary.transition))},
                {"frequency", boundary.mode.frequency}});
        result.summary["boundaries"] = boundaries;
        result.summary["strength"] = state.parameters[static_cast<Eigen::Index>(
            index_of(step_.system.field->parameters(), "coupling.strength"))];
        result.summary["stable_ranges"] = stable_ranges(zeros, curve.modes);
    }

    /// Of real lambda, where growth is negative; an end that is no zero is that of the curve, and
    /// has no error.
    static Record stable_ranges(const std::vector<StabilityBoundary>& zeros,
                                const std::vector<Mode>& curve) {
        Record ranges = Record::List{};
        if (curve.empty()) return ranges;
        bool stable = zeros.empty() ? curve.front().growth < 0.0 : zeros.front().rises;
        Record open = Record::Table{{"low", curve.front().lambda.real()}};
        for (const StabilityBoundary& zero : zeros) {
            if (stable) {
                open["high"] = zero.lambda;
                open["high_error"] = zero.error;
                ranges.push_back(open);
            } else {
                open = Record::Table{{"low", zero.lambda}, {"low_error", zero.error}};
            }
            stable = !stable;
        }
        if (!stable) return ranges;
        open["high"] = curve.back().lambda.real();
        ranges.push_back(std::move(open));
        return ranges;
    }

    void add_strengths(const StepContext& at, const SynchronousState& state,
                       const ComplexVector& lambdas, StepResult& result) const {
        const auto [low, high] = *options_.strengths;
        Record ranges = Record::List{};
        for (const StableStrengths& range :
             stable_strengths(*at_unit_strength(step_, state), lambdas.tail(lambdas.size() - 1),
                              {.low = low,
                              .high = high,
                              .samples = options_.points,
                              .threads = at.context.threads})) {
            Record entry = Record::Table{{"low", range.low}, {"high", range.high}};
            if (range.low_mode) {
                entry["low_error"] = range.low_error;
                entry["low_mode"] = range.low_mode->index;
            }
            if (range.high_mode) {
                entry["high_error"] = range.high_error;
                entry["high_mode"] = range.high_mode->index;
            }
            ranges.push_back(std::move(entry));
        }
        result.summary["stable_strengths"] = ranges;
    }

    /// Row by row, so that the work of a row is done with its numbers at hand.
    void write_region(const StepContext& at, const MasterStability& stability,
                      StepResult& result) const {
        const std::string rate = rate_unit(*step_.system.field);
        CsvWriter table(
            at.folder / "region.csv",
            {{"lambda_re", ""}, {"lambda_im", ""}, {"growth", rate}, {"frequency", rate}});
        const Vector re = options_.region->re.values();
        const Vector parts = options_.region->im.values();
        std::optional<DispersionResult> with_gaps;
        at.progress.start("msf");
        for (Eigen::Index k = 0; k < parts.size(); ++k) {
            at.progress.update(static_cast<double>(k) / static_cast<double>(parts.size()));
            if (interrupted()) {
                result.status = Status::interrupted;
                break;
            }
            ComplexVector row(re.size());
            std::ranges::transform(
                re, row.begin(), [&](double part) { return std::complex<double>(part, parts[k]); });
            DispersionResult found = dispersion_relation(stability, {}, row, at.context.threads);
            for (const Mode& mode : found.modes)
                table.write_row(std::initializer_list<double>{
                    mode.lambda.real(), mode.lambda.imag(), mode.growth, mode.frequency});
            if (!succeeded(found.status)) with_gaps = std::move(found);
        }
        at.progress.finish();
        table.close();
        if (with_gaps) tell_gaps("region.csv", *with_gaps, result);
    }

    ModeStep step_;
    Options options_;
};

/// Row by row.
ComplexVector points_of(const Region& region) {
    const Vector re = region.re.values(), im = region.im.values();
    ComplexMatrix points(re.size(), im.size());
    for (Eigen::Index k = 0; k < im.size(); ++k)
        points.col(k) = re.cast<std::complex<double>>().array() + std::complex<double>(0.0, im[k]);
    return points.reshaped();
}

std::optional<Region> read_region(ConfigReader& options) {
    if (!options.has("region")) return std::nullopt;
    ConfigReader table = options.table("region");
    (void)table.any("re");
    (void)table.any("im");
    table.finish();
    return Region{read_axis(table.record(), "re", options.path("region")),
                  read_axis(table.record(), "im", options.path("region"))};
}

}  // namespace

std::unique_ptr<Step> read_msf(ConfigReader& options, const Study& study) {
    ModeStep step = read_mode_step(options, study);
    Options read;
    read.further = read_lambdas(options);
    read.range = options.range("range");
    read.points = static_cast<int>(options.integer("points", 401, {3.0, 1e6}));
    read.region = read_region(options);
    read.strengths = options.range("strengths");
    if (read.strengths && (!is_diffusive(study.network) || study.network.connectomes.empty()))
        throw ConfigError(
            "strengths asks for ranges of a diffusive coupling on a connectome: under an additive "
            "one the synchronous state itself changes with the strength",
            options.where("strengths"));
    if (read.strengths && study.network.size() < 2)
        throw ConfigError(
            "strengths needs a connectome of two regions or more: one has no "
            "transverse mode",
            options.where("strengths"));
    if (step.choice.at != "orbit")
        return std::make_unique<MasterStabilityStep>(std::move(step), std::move(read));
    if (read.strengths)
        throw ConfigError("strengths needs an equilibrium or a cycle, not at = \"orbit\"",
                          options.where("strengths"));
    return read_orbit_stability(
        options, study, std::move(step),
        {std::move(read.further), read.region ? points_of(*read.region) : ComplexVector(),
         read.range, read.points});
}

}  // namespace cortifold
