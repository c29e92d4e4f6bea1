#include "step.hpp"
#include "synchronous_state.hpp"
#include <cortifold/io/table.hpp>
#include <cortifold/synchrony/hubs.hpp>

#include <algorithm>

namespace cortifold {

namespace {

using Eigen::Index;

/// An empty field where nothing is known.
Cell cell(const std::optional<double>& value) {
    return value ? Cell(*value) : Cell(std::string());
}

std::vector<Column> with_effect(std::vector<Column> columns, const std::string& rate) {
    columns.insert(columns.end(), {{"first_order", rate}, {"exact", rate}, {"unstable_modes", ""}});
    return columns;
}

std::vector<Cell> with_effect(std::vector<Cell> cells, const RemovalEffect& effect) {
    cells.push_back(cell(effect.first_order));
    cells.push_back(cell(effect.exact));
    cells.push_back(effect.exact ? Cell(std::int64_t{effect.unstable_modes}) : Cell(std::string()));
    return cells;
}

void add(Record& entry, const RemovalEffect& effect) {
    if (effect.first_order) entry["first_order"] = *effect.first_order;
    if (!effect.exact) return;
    entry["exact"] = *effect.exact;
    entry["unstable_modes"] = effect.unstable_modes;
}

class HubsStep final : public Step {
public:
    HubsStep(ModeStep step, const HubOptions& options)
        : step_(std::move(step)), options_(options) {}

    [[nodiscard]] StepResult run(const StepContext& at) const override {
        const SynchronousState found = find_synchronous_state(step_, at);
        if (!found.stability || !succeeded(found.status))
            return {found.status, found.message, Record::Table{}};
        HubOptions options = options_;
        options.context = at.context;
        options.watch = [&](double done) {
            at.progress.update(done);
            return interrupted() ? Flow::stop : Flow::proceed;
        };
        at.progress.start("hubs");
        const HubResult hubs =
            find_hubs(*found.stability, at.study.network, found.coupling, options);
        at.progress.finish();
        if (hubs.regions.empty()) return {hubs.status, hubs.message, Record::Table{}};
        write_regions(at, hubs);
        write_connections(at, hubs);
        return summarize(at, hubs, found);
    }

private:
    static std::string label(const StepContext& at, Index region) {
        const auto& regions = at.study.network.connectomes.front().regions;
        return regions.empty() ? "" : regions[static_cast<std::size_t>(region)].label;
    }

    void write_regions(const StepContext& at, const HubResult& hubs) const {
        CsvWriter table(at.folder / "regions.csv", with_effect({{"region", ""},
                                                                {"label", ""},
                                                                {"participation", ""},
                                                                {"leading_participation", ""}},
                                                               rate_unit(*step_.system.field)));
        for (const RegionEffect& hub : hubs.regions)
            table.write_row(with_effect({std::int64_t{hub.region}, label(at, hub.region),
                                         hub.participation, hub.leading_participation},
                                        hub.effect));
        table.close();
    }

    void write_connections(const StepContext& at, const HubResult& hubs) const {
        CsvWriter table(at.folder / "connections.csv", with_effect({{"onto", ""},
                                                                    {"onto_label", ""},
                                                                    {"from", ""},
                                                                    {"from_label", ""},
                                                                    {"weight", ""}},
                                                                   rate_unit(*step_.system.field)));
        for (const ConnectionEffect& hub : hubs.connections)
            table.write_row(with_effect({std::int64_t{hub.onto}, label(at, hub.onto),
                                         std::int64_t{hub.from}, label(at, hub.from), hub.weight},
                                        hub.effect));
        table.close();
    }

    [[nodiscard]] StepResult summarize(const StepContext& at, const HubResult& hubs,
                                       const SynchronousState& state) const {
        const bool stopped = hubs.status == Status::stopped_by_observer && interrupted();
        StepResult result{stopped ? Status::interrupted : hubs.status,
                          hubs.message + "; " + state.message, Record::Table{}};
        result.summary["unstable_modes"] = hubs.unstable_modes;
        result.summary["mode"] = hubs.leading.index;
        result.summary["lambda"] = complex_record(hubs.leading.lambda);
        result.summary["growth"] = hubs.leading.growth;
        result.summary["frequency"] = hubs.leading.frequency;
        result.summary["slope"] = complex_record(hubs.slope);
        result.summary["after_removal"] = to_string(options_.after);
        Record regions = Record::List{}, connections = Record::List{};
        for (const RegionEffect& hub : hubs.regions) {
            if (!hub.effect.exact) continue;
            Record entry = Record::Table{{"region", std::int64_t{hub.region}},
                                         {"label", label(at, hub.region)},
                                         {"participation", hub.participation},
                                         {"leading_participation", hub.leading_participation}};
            add(entry, hub.effect);
            regions.push_back(std::move(entry));
        }
        for (const ConnectionEffect& hub : hubs.connections) {
            if (!hub.effect.exact) continue;
            Record entry = Record::Table{{"onto", std::int64_t{hub.onto}},
                                         {"onto_label", label(at, hub.onto)},
                                         {"from", std::int64_t{hub.from}},
                                         {"from_label", label(at, hub.from)},
                                         {"weight", hub.weight}};
            add(entry, hub.effect);
            connections.push_back(std::move(entry));
        }
        result.summary["regions"] = regions;
        result.summary["connections"] = connections;
        const auto unknown = std::ranges::count_if(hubs.regions, [](const RegionEffect& hub) {
            return !hub.effect.first_order.has_value();
        });
        if (unknown > 0)
            result.summary["note"] = std::to_string(unknown) +
                                     (unknown == 1 ? " region" : " regions") +
                                     " cannot be removed: another would lose its only "
                                     "input, and with it the homogeneous state";
        return result;
    }

    ModeStep step_;
    HubOptions options_;
};

}  // namespace

std::unique_ptr<Step> read_hubs(ConfigReader& options, const Study& study) {
    const Network& network = study.network;
    if (network.connectomes.empty() || network.links.empty() || network.size() < 2)
        throw ConfigError("hubs are of a network: it needs network.connectome, with two regions",
                          options.record().where);
    ModeStep step = read_mode_step(options, study);
    HubOptions asked;
    const bool additive = network.links.front().kind == CouplingKind::additive;
    asked.after = additive || study.normalization == Normalization::rows
                      ? AfterRemoval::rows_keep_sums
                      : AfterRemoval::others_stay;
    const auto nodes = static_cast<double>(network.size());
    asked.exact_regions = options.integer(
        "exact_regions", std::min(asked.exact_regions, network.size()), {0.0, nodes});
    const auto edges = network.connectomes.front().weights.nonZeros();
    asked.exact_connections =
        options.integer("exact_connections", std::min(asked.exact_connections, edges),
                        {0.0, static_cast<double>(edges)});
    return std::make_unique<HubsStep>(std::move(step), asked);
}

}  // namespace cortifold
