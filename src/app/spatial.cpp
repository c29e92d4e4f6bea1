#include "populations.hpp"
#include "step.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/io/table.hpp>
#include <cortifold/meanfield/from_populations.hpp>
#include <cortifold/meanfield/spatial_onset.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

namespace cortifold {

namespace {

constexpr SynapseTheory theories[] = {SynapseTheory::shift, SynapseTheory::taylor,
                                      SynapseTheory::delta};
constexpr KernelShape shapes[] = {KernelShape::boxcar, KernelShape::gaussian,
                                  KernelShape::exponential};
/// Of the linearized network: transfer functions of neurons, or low passes fitted to them.
enum class SpatialResponse { low_pass, neurons };
constexpr SpatialResponse responses[] = {SpatialResponse::low_pass, SpatialResponse::neurons};
std::string_view to_string(SpatialResponse response) {
    return response == SpatialResponse::low_pass ? "low_pass" : "neurons";
}

constexpr double per_ms = 2e-3 * std::numbers::pi;  ///< of 1 Hz
constexpr double per_second = 1e3;                  ///< of 1/ms
constexpr std::string_view width_of = "width.";

/// The kernel of projections from a population, onto all or onto one.
struct KernelEntry {
    std::string source, target;  ///< empty: onto all that have none of their own
    SpatialKernel kernel{};
};

struct CurveRequest {
    std::array<std::string, 2> names;
    std::array<std::pair<double, double>, 2> ranges;
    std::int64_t starts = 0;
};

struct SpatialOptions {
    TransferOptions transfer{};
    SpatialResponse response = SpatialResponse::low_pass;
    Vector fit_hz{};
    std::vector<KernelEntry> kernels{};
    Vector wavenumbers_per_mm{};
    RootRegion region{};
    std::optional<CurveRequest> curves{};
};

/// A network in space at some values of its quantities.
struct SpatialState {
    LifNetwork network{};
    WorkingPoint point{};
    RateReduction reduction{};  ///< of low passes
    SpatialFeedback feedback{};
    Status status = Status::converged;
    std::string message{};
};

class SpatialStep final : public Step {
public:
    SpatialStep(Record tables, SpatialOptions options)
        : tables_(std::move(tables)), options_(std::move(options)) {}

    [[nodiscard]] StepResult run(const StepContext& at) const override {
        at.progress.start("spatial");
        const SpatialState state = state_of(tables_, options_.kernels);
        StepResult result{state.status, state.message, Record::Table{}};
        result.summary["theory"] = to_string(options_.transfer.theory);
        result.summary["response"] = to_string(options_.response);
        if (!succeeded(state.status)) return result;
        describe(state, result.summary);
        const SpatialDispersion found =
            find_dispersion(state.feedback, options_.wavenumbers_per_mm, options_.region);
        write_dispersion(at, found);
        result.status = found.status;
        result.message = found.message;
        result.summary["instability"] = to_string(found.instability);
        if (succeeded(found.status) && !found.modes.empty()) {
            result.summary["leading"] = record(found.leading);
            result.message = sentence(found);
        }
        if (options_.curves) follow_curves(at, result);
        at.progress.finish();
        return result;
    }

    /// Whether all that is asked for exists: throws ConfigError.
    void check() const { (void)network_of(tables_); }

private:
    [[nodiscard]] static LifNetwork network_of(const Record& tables) {
        std::vector<ResolvedKey> noted;
        LifNetwork network = lif_network_of(read_populations(tables, noted).network);
        network.validate();
        return network;
    }

    [[nodiscard]] SpatialState state_of(const Record& tables,
                                        const std::vector<KernelEntry>& entries) const {
        SpatialState state;
        state.network = network_of(tables);
        state.point = find_working_point(state.network, options_.transfer.theory);
        state.status = state.point.status;
        state.message = state.point.message;
        if (!succeeded(state.status)) return state;
        const std::vector<SpatialKernel> kernels = kernels_of(state.network, entries);
        if (options_.response == SpatialResponse::neurons) {
            state.feedback =
                spatial_feedback(state.network, state.point, kernels, options_.transfer);
            return state;
        }
        state.reduction =
            reduce_to_rates(state.network, state.point, options_.fit_hz, options_.transfer);
        state.status = state.reduction.status;
        state.message = state.reduction.message;
        if (succeeded(state.status))
            state.feedback = spatial_feedback(state.reduction.network, kernels);
        return state;
    }

    /// One a projection; those of which nothing is said are local.
    static std::vector<SpatialKernel> kernels_of(const LifNetwork& network,
                                                 const std::vector<KernelEntry>& entries) {
        std::vector<SpatialKernel> kernels;
        for (const LifProjection& projection : network.projections) {
            const std::string &source = network.populations[projection.source].name,
                              &target = network.populations[projection.target].name;
            SpatialKernel kernel;
            for (const KernelEntry& entry : entries)
                if (entry.source == source && (entry.target.empty() || entry.target == target))
                    kernel = entry.kernel;
            kernels.push_back(kernel);
        }
        return kernels;
    }

    void describe(const SpatialState& state, Record& summary) const {
        Record populations = Record::List{};
        const bool is_reduced = options_.response == SpatialResponse::low_pass;
        for (std::size_t i = 0; i < state.network.populations.size(); ++i) {
            Record population =
                Record::Table{{"name", state.network.populations[i].name},
                              {"rate_hz", state.point.rates_hz[static_cast<Eigen::Index>(i)]},
                              {"mean_mv", state.point.inputs[i].mean_mV},
                              {"sd_mv", std::sqrt(state.point.inputs[i].variance_mV2)}};
            if (is_reduced) {
                const LowPass& low_pass = state.reduction.low_passes[i];
                population["gain_hz_per_mv"] = low_pass.gain_hz_per_mV;
                population["tau_ms"] = low_pass.tau_ms;
                population["fit_error"] = low_pass.error;
            }
            populations.push_back(std::move(population));
        }
        summary["populations"] = populations;
        Record weights = Record::List{};
        for (const RateProjection& projection : state.reduction.network.projections)
            weights.push_back(
                Record::Table{{"label", state.network.populations[projection.source].name + "." +
                                            state.network.populations[projection.target].name},
                              {"weight", projection.weight}});
        if (is_reduced) summary["projections"] = weights;
    }

    static Record record(const SpatialMode& mode) {
        const double k = mode.wavenumber_per_mm;
        const std::complex<double> lambda = mode.root.lambda_per_ms;
        Record record = Record::Table{{"wavenumber", k},
                                      {"growth", lambda.real() * per_second},
                                      {"frequency", lambda.imag() / per_ms},
                                      {"error", mode.root.error * per_second}};
        if (k > 0.0) {
            record["wavelength"] = 2.0 * std::numbers::pi / k;
            record["speed_mm_per_ms"] = lambda.imag() / k;
        }
        return record;
    }

    static std::string sentence(const SpatialDispersion& found) {
        const SpatialMode& mode = found.leading;
        const std::string what = found.instability == SpatialInstability::none
                                     ? "no instability"
                                     : std::string(to_string(found.instability)) + " instability";
        return what + ": the leading mode has " + brief(mode.wavenumber_per_mm) + "/mm, " +
               brief(mode.root.lambda_per_ms.imag() / per_ms) + " Hz and grows with " +
               brief(mode.root.lambda_per_ms.real() * per_second) + "/s";
    }

    static void write_dispersion(const StepContext& at, const SpatialDispersion& found) {
        CsvWriter table(at.folder / "dispersion.csv",
                        {{"wavenumber", "1/mm"}, {"growth", "1/s"}, {"frequency", "1/s"}});
        for (const SpatialMode& mode : found.modes)
            table.write_row(std::initializer_list<Cell>{mode.wavenumber_per_mm,
                                                        mode.root.lambda_per_ms.real() * per_second,
                                                        mode.root.lambda_per_ms.imag() / per_ms});
        table.close();
    }

    /// Differences by wave number and frequency ask for the same values again.
    [[nodiscard]] SpatialPlane plane() const {
        struct Last {
            std::array<double, 2> values{};
            SpatialFeedback feedback{};
        };
        return [this, last = std::make_shared<Last>()](const std::array<double, 2>& values) {
            if (!last->feedback || last->values != values)
                *last = Last{values, feedback_at(values)};
            return last->feedback;
        };
    }

    [[nodiscard]] SpatialFeedback feedback_at(const std::array<double, 2>& values) const {
        Record tables = tables_;
        std::vector<KernelEntry> kernels = options_.kernels;
        for (std::size_t k = 0; k < 2; ++k) {
            const std::string& name = options_.curves->names[k];
            if (!name.starts_with(width_of)) set_key(tables, name, values[k]);
            for (KernelEntry& entry : kernels)
                if (name == std::string(width_of) + entry.source) entry.kernel.width_mm = values[k];
        }
        try {
            return state_of(tables, kernels).feedback;
        } catch (const ConfigError&) {  // of values that may not be: there is no state
            return {};
        } catch (const UsageError&) {
            return {};
        }
    }

    /// Both quantities vary over their ranges.
    [[nodiscard]] std::array<Quantity, 2> quantities() const {
        const CurveRequest& request = *options_.curves;
        std::array<Quantity, 2> table{};
        for (std::size_t k = 0; k < 2; ++k) {
            const auto [low, high] = request.ranges[k];
            table[k] = {request.names[k], "", 0.5 * (low + high), low, high, "of the plane"};
        }
        return table;
    }

    void follow_curves(const StepContext& at, StepResult& result) const {
        const CurveRequest& request = *options_.curves;
        const std::array<Quantity, 2> table = quantities();
        CsvWriter points(at.folder / "curves.csv", {{"curve", ""},
                                                    {"kind", ""},
                                                    {request.names[0], ""},
                                                    {request.names[1], ""},
                                                    {"wavenumber", "1/mm"},
                                                    {"frequency", "1/s"}});
        Record curves = Record::List{};
        const ContinuationOptions options{
            .bounds = {{request.ranges[0].first, request.ranges[0].second},
                       {request.ranges[1].first, request.ranges[1].second}},
            .max_points = 400};
        std::vector<Branch> known;
        std::vector<SpatialInstability> kinds;
        for (const SpatialOnset& onset : onsets(at)) {
            if (!succeeded(onset.status)) {
                result.message += "; " + onset.message;
                continue;
            }
            const std::string name = "curve" + std::to_string(known.size() + 1);
            const CurveStart start = spatial_onset_curve(plane(), onset, table);
            std::vector<const Branch*> alike;
            for (std::size_t k = 0; k < known.size(); ++k)
                if (kinds[k] == onset.kind) alike.push_back(&known[k]);
            if (find_branch_through(start, alike, options)) continue;
            Branch branch = continue_branch(start.problem, start.point, options);
            for (const BranchPoint& point : branch.points) {
                const SpatialOnset here = onset_at(onset.kind, point.z);
                points.write_row(std::initializer_list<Cell>{
                    name, std::string(to_string(onset.kind)), here.values[0], here.values[1],
                    here.wavenumber_per_mm, here.frequency_hz});
            }
            curves.push_back(
                Record::Table{{"label", name},
                              {"kind", to_string(onset.kind)},
                              {"start", Record::List{onset.values[0], onset.values[1]}},
                              {"wavenumber", onset.wavenumber_per_mm},
                              {"frequency", onset.frequency_hz},
                              {"residual", onset.residual},
                              {"points", static_cast<std::int64_t>(branch.points.size())},
                              {"status", to_string(branch.status)},
                              {"message", branch.message}});
            known.push_back(std::move(branch));
            kinds.push_back(onset.kind);
        }
        points.close();
        result.message += "; " + std::to_string(known.size()) + " curves of onsets";
        result.summary["quantities"] =
            Record::List{Record(request.names[0]), Record(request.names[1])};
        result.summary["curves"] = std::move(curves);
    }

    /// Along lines of each quantity at a quarter, the middle and three quarters of the other's
    /// range, between neighbours of its values.
    [[nodiscard]] std::vector<SpatialOnset> onsets(const StepContext& at) const {
        const CurveRequest& request = *options_.curves;
        const SpatialPlane space = plane();
        std::vector<SpatialOnset> found;
        int line = 0;
        for (std::size_t k = 0; k < 2; ++k)
            for (const double part : {0.25, 0.5, 0.75}) {
                const auto [low, high] = request.ranges[k];
                const auto [from, to] = request.ranges[1 - k];
                const Vector values = Vector::LinSpaced(request.starts, low, high);
                at.progress.update(line++ / 6.0);
                for (SpatialOnset& onset : find_spatial_onsets(
                         space, {.values = values, .along = k, .other = from + part * (to - from)},
                         options_.wavenumbers_per_mm, options_.region))
                    found.push_back(std::move(onset));
            }
        return found;
    }

    Record tables_;
    SpatialOptions options_;
};

Vector read_grid(ConfigReader& options, std::string_view key, std::pair<double, double> range,
                 std::int64_t points) {
    constexpr double most_points = 1e5;
    ConfigReader table = options.table(key);
    const auto given = table.range("range").value_or(range);
    if (given.first < 0.0)
        throw ConfigError(
            table.path("range") + " must not be negative, begins at " + show(given.first),
            table.where("range"));
    const auto count = table.integer("points", points, {3.0, most_points});
    table.finish();
    return Vector::LinSpaced(count, given.first, given.second);
}

SpatialKernel read_kernel(ConfigReader& table, int dimensions) {
    std::optional<SpatialKernel> kernel;
    for (const KernelShape shape : shapes)
        if (table.has(to_string(shape))) {
            if (kernel)
                throw ConfigError(table.path(to_string(shape)) + " is a second shape of one kernel",
                                  table.where(to_string(shape)));
            kernel = {shape, table.number(to_string(shape), {}, {0.0, positive.high}), dimensions};
        }
    table.finish();
    if (!kernel)
        throw ConfigError(table.path("boxcar") +
                              " is missing: a kernel is { boxcar = 0.2 }, { gaussian = 0.2 } or { "
                              "exponential = 0.2 }, its width in mm",
                          table.record().where);
    return *kernel;
}

std::vector<KernelEntry> read_kernels(ConfigReader& options, const PopulationNetwork& network) {
    const int dimensions = static_cast<int>(options.integer("dimensions", 1, {1.0, 2.0}));
    ConfigReader table = options.table("kernels");
    std::vector<std::string> names;
    for (const Population& population : network.populations) names.push_back(population.name);
    std::vector<KernelEntry> all, own;
    for (const std::string& source : names) {
        if (!table.has(source)) continue;
        ConfigReader entry = table.table(source);
        const bool by_target = std::ranges::any_of(
            names, [&](const std::string& target) { return entry.has(target); });
        if (!by_target) {
            all.push_back({source, "", read_kernel(entry, dimensions)});
            continue;
        }
        for (const std::string& target : names) {
            if (!entry.has(target)) continue;
            ConfigReader one = entry.table(target);
            own.push_back({source, target, read_kernel(one, dimensions)});
        }
        entry.finish();
    }
    table.finish();
    all.insert(all.end(), own.begin(), own.end());
    if (all.empty())
        throw ConfigError(options.path("kernels") +
                              " must say how far the connections of at least one population reach, "
                              "as in { E = { boxcar = 0.2 } }",
                          options.where("kernels"));
    return all;
}

/// Transfer functions of neurons are integrals that converge above -1 / tau_m alone.
RootRegion read_region(ConfigReader& options, const LifNetwork& network, SpatialResponse response) {
    constexpr double default_low = -200.0, inside = 0.95;
    double border = -std::numeric_limits<double>::infinity();
    if (response == SpatialResponse::neurons)
        for (const LifPopulation& population : network.populations)
            border = std::max(border, -per_second / population.neuron.tau_m);
    RootRegion region;
    const double low = options.number("slowest_growth", std::max(default_low, inside * border));
    if (!(low > border))
        throw ConfigError(options.path("slowest_growth") + " = " + show(low) +
                              "/s must be above -1 / tau_m = " + show(border) +
                              "/s of all neurons, whose transfer functions end there",
                          options.where("slowest_growth"));
    region.low = low / per_second;
    region.high = options.number("fastest_growth", 500.0, positive) / per_second;
    region.frequency = options.number("highest_frequency", 600.0, positive) * per_ms;
    return region;
}

std::optional<CurveRequest> read_curves(ConfigReader& options,
                                        const std::vector<KernelEntry>& kernels) {
    const Record *names = options.any("parameters2"), *ranges = options.any("ranges");
    const std::int64_t starts = options.integer("starts", 5, {2.0, 1e3});
    if (names == nullptr && ranges == nullptr) return std::nullopt;
    const auto refuse = [&](std::string_view key, const std::string& must) {
        throw ConfigError(options.path(key) + " must be " + must, options.where(key));
    };
    const auto is_pair = [](const Record* list) {
        return list != nullptr && list->is<Record::List>() && list->as<Record::List>().size() == 2;
    };
    if (!is_pair(names)) refuse("parameters2", "a list of two quantities");
    if (!is_pair(ranges)) refuse("ranges", "two ranges, as in [[0.5, 3.0], [0.05, 0.4]]");
    CurveRequest request{{}, {}, starts};
    for (std::size_t k = 0; k < 2; ++k) {
        const Record& name = names->as<Record::List>()[k];
        const Record& range = ranges->as<Record::List>()[k];
        const bool is_name =
            name.is<std::string>() &&
            (is_spiking_quantity(name.as<std::string>()) ||
             std::ranges::any_of(kernels, [&](const KernelEntry& entry) {
                 return name.as<std::string>() == std::string(width_of) + entry.source;
             }));
        if (!is_name)
            refuse("parameters2",
                   "quantities of the network, as projection.E.I.weight, or width.NAME, the reach "
                   "of the connections of a population that has a kernel");
        if (!is_pair(&range) || !range.as<Record::List>()[0].is_finite_number() ||
            !range.as<Record::List>()[1].is_finite_number() ||
            !(range.as<Record::List>()[0].number() < range.as<Record::List>()[1].number()))
            refuse("ranges", "two ranges of ascending numbers");
        request.names[k] = name.as<std::string>();
        request.ranges[k] = {range.as<Record::List>()[0].number(),
                             range.as<Record::List>()[1].number()};
    }
    if (request.names[0] == request.names[1])
        refuse("parameters2", "two different quantities, not \"" + request.names[0] + "\" twice");
    return request;
}

}  // namespace

std::unique_ptr<Step> read_spatial(ConfigReader& options, const Study& study) {
    Record tables = step_population_tables(options, study);
    std::vector<ResolvedKey> noted;
    const PopulationStudy read = read_populations(tables, noted);
    SpatialOptions spatial;
    spatial.transfer.theory =
        options.choice<SynapseTheory>("theory", spatial.transfer.theory, theories);
    spatial.response = options.choice<SpatialResponse>("response", spatial.response, responses);
    spatial.fit_hz = read_grid(options, "fit", {1.0, 199.0}, 199);
    spatial.kernels = read_kernels(options, read.network);
    spatial.wavenumbers_per_mm = read_grid(options, "wavenumbers", {0.0, 100.0}, 101);
    spatial.curves = read_curves(options, spatial.kernels);
    try {
        spatial.region = read_region(options, lif_network_of(read.network), spatial.response);
        spatial.region.validate();
        auto step = std::make_unique<SpatialStep>(std::move(tables), std::move(spatial));
        step->check();
        return step;
    } catch (const UsageError& error) {
        throw ConfigError(
            std::string("there is no mean field of this network in space: ") + error.what(),
            options.record().where);
    }
}

}  // namespace cortifold
