#include "signal_quantity.hpp"
#include <cortifold/io/hdf5_columns.hpp>
#include <cortifold/model/equation_model.hpp>
#include <cortifold/signal/analytic_signal.hpp>

#include <algorithm>
#include <array>

namespace cortifold {

namespace {

struct QuantityKind {
    std::string_view name;
    ReadQuantity read;
};
constexpr std::array quantity_kinds{
    QuantityKind{"psd", read_psd},           QuantityKind{"am", read_am},
    QuantityKind{"pac", read_pac},           QuantityKind{"maxima", read_maxima},
    QuantityKind{"kuramoto", read_kuramoto}, QuantityKind{"fc", read_fc},
    QuantityKind{"modes", read_modes}};

/// Of the errors that integration was allowed a step: a signal that changes by less is at rest.
constexpr double errors_left = 10.0;

/// Of a run; of fixed steps only rounding is known.
struct Tolerances {
    double relative = 1e-12, absolute = 0.0;
};

/// What a run of this many regions calls a state of one of them.
std::string column_name(std::string_view state, Eigen::Index region, Eigen::Index regions) {
    return std::string(state) + (regions > 1 ? "[" + std::to_string(region) + "]" : "");
}

/// A state, or an expression in the states of a region.
class SignalFormula {
public:
    /// Throws ConfigError for a name that is no state.
    SignalFormula(std::string text, const SourceLine& where, const Node& node)
        : text_(std::move(text)) {
        const auto state = find_index(node.states(), text_);
        for (const Quantity& quantity : node.states())
            if (!state || quantity.name == text_) states_.push_back(quantity);
        if (state) return;
        EquationDefinition definition;  // with the states alone: what a run has stored
        definition.name = "signal";
        for (const Quantity& quantity : states_) {
            EquationDefinition::State constant;
            constant.name = quantity.name;
            constant.rhs = {"0", where};
            definition.states.push_back(std::move(constant));
        }
        node_ = make_equation_node(std::move(definition));
        EquationDefinition::Event event;
        event.name = "signal";
        event.condition = {text_, where};
        formula_ = make_node_events({&event, 1}, *node_);
    }

    [[nodiscard]] const std::string& text() const { return text_; }
    /// That of its states, where they all have one.
    [[nodiscard]] std::string unit() const {
        const bool alike = std::ranges::all_of(
            states_, [&](const Quantity& state) { return state.unit == states_[0].unit; });
        return alike ? std::string(states_[0].unit) : "";
    }
    /// The columns of a run that it needs, after the time, by states and then regions.
    [[nodiscard]] std::vector<std::string> columns(Eigen::Index regions) const {
        std::vector<std::string> names{"t"};
        for (const Quantity& state : states_)
            for (Eigen::Index region = 0; region < regions; ++region)
                names.push_back(column_name(state.name, region, regions));
        return names;
    }
    /// A row a time, a column a region, of what was read under these columns.
    [[nodiscard]] Matrix values(const Matrix& stored, Eigen::Index regions) const {
        if (!formula_) return stored.rightCols(regions);
        Matrix values(stored.rows(), regions);
        const auto count = static_cast<Eigen::Index>(states_.size());
        const Vector none;
        Vector x(count), value(1);
        for (Eigen::Index region = 0; region < regions; ++region)
            for (Eigen::Index row = 0; row < stored.rows(); ++row) {
                for (Eigen::Index k = 0; k < count; ++k)
                    x[k] = stored(row, 1 + k * regions + region);
                formula_->values({x, none, none}, value);
                values(row, region) = value[0];
            }
        return values;
    }

private:
    std::string text_;
    std::vector<Quantity> states_;
    std::shared_ptr<const Node> node_;
    std::unique_ptr<const NodeEvents> formula_;
};

struct NamedQuantity {
    std::string name;
    std::unique_ptr<SignalQuantity> quantity;
};

class SignalStep final : public Step {
public:
    SignalStep(const SignalSource& source, const Tolerances& tolerances, bool remove_spatial_mean,
               SignalFormula formula, std::vector<NamedQuantity> quantities)
        : of_(source.run),
          regions_(source.regions),
          samples_(source.samples()),
          tolerances_(tolerances),
          remove_spatial_mean_(remove_spatial_mean),
          formula_(std::move(formula)),
          quantities_(std::move(quantities)) {}

    [[nodiscard]] StepResult run(const StepContext& at) const override {
        const auto source = std::ranges::find(at.earlier, of_, &EarlierStep::name);
        if (source == at.earlier.end() ||
            !(source->samples || std::filesystem::exists(source->folder / "data.h5")))
            return {Status::no_theory, "the run of step " + of_ + " left no samples",
                    Record::Table{}};
        at.progress.start("signal");
        const std::vector<std::string> columns = formula_.columns(regions_);
        NumericTable stored =
            source->samples ? chosen_columns(*source->samples, columns)
                            : read_hdf5_columns(source->folder / "data.h5", "trajectory", columns);
        const auto step = leave_even_times(stored.values);
        if (!step)
            return {Status::no_theory,
                    "the run of step " + of_ + " left " + std::to_string(stored.values.rows()) +
                        " samples, no three of them at even times",
                    Record::Table{}};
        return measure_all(at, make_signals(at, stored, *step));
    }

private:
    static NumericTable chosen_columns(const NumericTable& all,
                                       const std::vector<std::string>& names) {
        NumericTable chosen;
        std::vector<std::size_t> places;
        for (const std::string& name : names) {
            const auto found = std::ranges::find(all.columns, name, &Column::name);
            chosen.columns.push_back(*found);
            places.push_back(static_cast<std::size_t>(found - all.columns.begin()));
        }
        chosen.values = all.values(Eigen::all, places);
        return chosen;
    }

    /// Their step. A last sample, taken where a run ended between two, is left out.
    static std::optional<double> leave_even_times(Matrix& samples) {
        if (samples.rows() < 3) return std::nullopt;
        if (const auto step = uniform_step(samples.col(0))) return step;
        samples.conservativeResize(samples.rows() - 1, Eigen::NoChange);
        return uniform_step(samples.col(0));
    }

    [[nodiscard]] Signals make_signals(const StepContext& at, const NumericTable& stored,
                                       double step) const {
        const double start = stored.values(0, 0);
        Matrix values = formula_.values(stored.values, regions_);
        const Matrix mean = values.rowwise().mean();
        const double least_change =
            errors_left *
            (tolerances_.absolute + tolerances_.relative * values.cwiseAbs().maxCoeff());
        if (remove_spatial_mean_) values = without_spatial_mean(values);
        return {at,
                {std::move(values), step, start},
                {mean, step, start},
                formula_.text(),
                formula_.unit(),
                stored.columns.front().unit,
                remove_spatial_mean_,
                least_change};
    }

    [[nodiscard]] StepResult measure_all(const StepContext& at, const Signals& signals) const {
        const auto samples = static_cast<std::int64_t>(signals.series.values.rows());
        StepResult result{Status::converged, "", Record::Table{}};
        result.summary["of"] = of_;
        result.summary["signal"] = signals.name;
        result.summary["time_unit"] = signals.time_unit;
        result.summary["regions"] = static_cast<std::int64_t>(regions_);
        result.summary["samples"] = samples;
        result.summary["output_step"] = signals.series.step;
        result.summary["spatial_mean_removed"] = remove_spatial_mean_;
        if (!signals.series.values.allFinite()) {
            result.status = Status::non_finite;
            result.message = signals.name + " is not a number at every time";
            return result;
        }
        for (std::size_t k = 0; k < quantities_.size(); ++k) {
            at.progress.update(static_cast<double>(k) / static_cast<double>(quantities_.size()));
            StepResult found = measure(*quantities_[k].quantity, signals);
            if (interrupted()) return {Status::interrupted, "interrupted", result.summary};
            if (succeeded(result.status)) result.status = found.status;
            found.summary["status"] = to_string(found.status);
            found.summary["message"] = found.message;
            result.message += (k > 0 ? "; " : "") + quantities_[k].name + ": " + found.message;
            result.summary[quantities_[k].name] = std::move(found.summary);
        }
        at.progress.finish();
        return result;
    }

    StepResult measure(const SignalQuantity& quantity, const Signals& signals) const {
        try {
            return quantity.measure(signals);
        } catch (const UsageError& error) {  // the options were checked against a run to its end
            const auto samples = static_cast<double>(signals.series.values.rows());
            const bool whole = samples > samples_ - 1.5;  // a last one may be off the even times
            return {Status::no_theory,
                    (whole ? "" : "the run ended too early: ") + std::string(error.what()),
                    Record::Table{}};
        }
    }

    std::string of_;
    Eigen::Index regions_;
    double samples_;  ///< of a run to its end
    Tolerances tolerances_;
    bool remove_spatial_mean_;
    SignalFormula formula_;
    std::vector<NamedQuantity> quantities_;
};

/// What the keys of a run resolved to: of a step beside this one, in the study or in a scan.
class RunKeys {
public:
    RunKeys(const ConfigReader& options, const Study& study, const std::string& run)
        : study_(study), path_(options.path("")) {
        const auto& own = options.record().find("name")->as<std::string>();
        path_.replace(path_.size() - own.size() - 1, own.size(), run);
    }
    /// None: it has no such key.
    [[nodiscard]] const Record* find(std::string_view key) const {
        const auto found =
            std::ranges::find(study_.resolved, path_ + std::string(key), &ResolvedKey::path);
        return found == study_.resolved.end() ? nullptr : &found->value;
    }

private:
    const Study& study_;
    std::string path_;  ///< ends with a dot
};

Tolerances tolerances_of(const RunKeys& run) {
    const Record* relative = run.find("relative_tolerance");
    const Record* absolute = run.find("absolute_tolerance");
    if (relative == nullptr || absolute == nullptr) return {};
    return {relative->number(), absolute->number()};
}

/// The name of the run: that of the key `of`, or the nearest before this step.
std::string read_run(ConfigReader& options, const Study& study) {
    std::vector<std::string> runs;
    const std::string& own = options.record().find("name")->as<std::string>();
    for (const Record& step : study.steps.as<Record::List>()) {
        const std::string& name = step.find("name")->as<std::string>();
        if (name == own) break;
        if (step.find("do")->as<std::string>() == "simulate") runs.push_back(name);
    }
    if (runs.empty())
        throw ConfigError("a step signal reads what a step simulate before it wrote; there is none",
                          options.record().where);
    const std::string of = options.text("of", runs.back());
    if (std::ranges::find(runs, of) == runs.end())
        throw ConfigError(unknown_name("earlier step simulate", of, runs), options.where("of"));
    return of;
}

SignalSource read_source(const ConfigReader& options, const Study& study, const RunKeys& run,
                         const std::string& name) {
    const auto resolved = [&](std::string_view key) -> const Record& { return *run.find(key); };
    if (resolved("members").number() > 1.0)
        throw ConfigError("step " + name + " is an ensemble; signals are of a single run",
                          options.where("of"));
    const bool full = resolved("manifold").as<std::string>() == "full";
    return {study, name, resolved("output_step").number(), resolved("duration").number(),
            full ? study.network.size() : 1};
}

std::vector<NamedQuantity> read_quantities(ConfigReader& options, const SignalSource& source) {
    std::vector<std::string> names;
    for (const QuantityKind& kind : quantity_kinds) names.emplace_back(kind.name);
    const Record* list = options.any("quantities");
    options.assume("quantities", Record::List{"psd"});
    if (list != nullptr && (!list->is<Record::List>() || list->as<Record::List>().empty()))
        throw ConfigError("quantities is a list of names, as [\"psd\", \"fc\"]", list->where);
    std::vector<NamedQuantity> quantities;
    for (const Record& item : list == nullptr ? Record::List{"psd"} : list->as<Record::List>()) {
        const std::string name = item.is<std::string>() ? item.as<std::string>() : "";
        const auto kind = std::ranges::find(quantity_kinds, name, &QuantityKind::name);
        if (kind == quantity_kinds.end())
            throw ConfigError(unknown_name("quantity", name, names), item.where);
        if (std::ranges::find(quantities, name, &NamedQuantity::name) != quantities.end())
            throw ConfigError("quantities has \"" + name + "\" twice", item.where);
        ConfigReader table = options.table(name);
        quantities.push_back({name, kind->read(table, source)});
        table.finish();
    }
    return quantities;
}

std::string squared(const std::string& unit) {
    if (unit.empty() || unit == "1") return "";
    return (unit.find_first_of("/ ") == std::string::npos ? unit : "(" + unit + ")") + "^2";
}

}  // namespace

bool Signals::is_at_rest() const {
    for (Eigen::Index region = 0; region < regions(); ++region)
        if (!is_constant(series.values.col(region))) return false;
    return true;
}

TimeSeries Signals::whole() const {
    if (!spatial_mean_removed) return series;
    return {series.values.colwise() + mean.values.col(0), series.step, series.start};
}

std::string Signals::square_unit() const {
    return squared(unit);
}

std::string Signals::density_unit() const {
    const std::string square = square_unit();
    return square.empty() ? time_unit : square + " " + time_unit;
}

Band read_frequencies(ConfigReader& options, std::string_view key, const SignalSource& source) {
    const auto range = options.range(key);
    if (!range)
        throw ConfigError(options.path(key) + " = [low, high] is needed: frequencies in 1/T",
                          options.record().where);
    const Band band{range->first, range->second};
    try {
        require_band(band, source.step);
    } catch (const UsageError& error) {
        throw ConfigError(options.path(key) + ": " + error.what(), options.where(key));
    }
    return band;
}

Band read_filter(ConfigReader& options, std::string_view key, const SignalSource& source) {
    const Band band = read_frequencies(options, key, source);
    const auto margin = static_cast<double>(filter_margin(band, source.step));
    if (source.samples() <= 2.0 * margin)
        throw ConfigError(
            options.path(key) + ": a filter of this band leaves out " + show(margin * source.step) +
                " at either end, which leaves nothing of a run of " + show(source.duration),
            options.where(key));
    return band;
}

Record band_record(const Band& band) {
    return Record::List{band.low, band.high};
}

std::unique_ptr<Step> read_signal(ConfigReader& options, const Study& study) {
    const std::string run = read_run(options, study);
    const RunKeys keys(options, study, run);
    const SignalSource source = read_source(options, study, keys, run);
    const Node& node = *study.network.kinds.front();
    const std::string text = options.text("signal", std::string(node.states().front().name));
    SignalFormula formula(text, options.where("signal"), node);
    const bool remove = options.flag("remove_spatial_mean", false);
    if (remove && source.regions == 1)
        throw ConfigError("remove_spatial_mean needs several regions: of one nothing would be left",
                          options.where("remove_spatial_mean"));
    return std::make_unique<SignalStep>(source, tolerances_of(keys), remove, std::move(formula),
                                        read_quantities(options, source));
}

}  // namespace cortifold
