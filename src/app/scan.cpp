#include "axis.hpp"
#include "populations.hpp"
#include "scan_cell.hpp"
#include "scan_record.hpp"
#include "step.hpp"
#include <cortifold/io/table.hpp>
#include <cortifold/scan/scan.hpp>

#include <algorithm>

namespace cortifold {

namespace {

constexpr double most_refinements = 8.0;
constexpr double most_cells = 1e7;  // before refinement
constexpr ChainDirection directions[] = {ChainDirection::increasing, ChainDirection::decreasing};

struct Options {
    std::vector<ScanAxis> axes;
    int refinements = 0;
    std::int64_t chain_length = 1;
    ChainDirection direction = ChainDirection::increasing;
    std::vector<std::string> curves;
};

class Scan final : public Step {
public:
    Scan(CellWork work, Options options) : work_(std::move(work)), options_(std::move(options)) {}

    [[nodiscard]] bool shares_work() const override { return true; }
    void forget(const std::filesystem::path& folder) const override { remove_journals(folder); }

    [[nodiscard]] StepResult run(const StepContext& at) const override {
        const ScanGrid grid(options_.axes, options_.refinements, options_.direction);
        at.progress.start("scan");
        const CellRunner cells(work_, at);
        const ScanResult found = run_scan(
            {grid, [&](const std::vector<double>& values, const std::vector<Vector>& memory,
                       int threads) { return cells.run(values, memory, threads); }},
            {.folder = at.folder,
             .threads = at.context.threads,
             .chain_length = options_.chain_length,
             .progress = [&](double part) { at.progress.update(part); },
             .interrupted = interrupted},
            at.team);
        at.progress.finish();
        StepResult result = summarize_scan(grid, work_, found);
        Record curves = Record::List{};
        for (const std::string& curve : options_.curves) curves.push_back(curve);
        result.summary["curves"] = curves;
        if (!at.team.leads()) return result;
        write_scan(at.folder, grid, work_, found);
        return result;
    }

private:
    CellWork work_;
    Options options_;
};

std::vector<std::string> read_texts(ConfigReader& options, std::string_view key) {
    const Record* list = options.any(key);
    const bool of_texts = list != nullptr && list->is<Record::List>() &&
                          std::ranges::all_of(list->as<Record::List>(), [](const Record& item) {
                              return item.is<std::string>();
                          });
    if (list != nullptr && !of_texts)
        throw ConfigError(options.path(key) + " must be a list of texts", list->where);
    std::vector<std::string> texts;
    if (list != nullptr)
        for (const Record& item : list->as<Record::List>()) texts.push_back(item.as<std::string>());
    return texts;
}

/// Steps of the study by their names, and steps of its own.
void read_steps(ConfigReader& options, const Study& study, CellWork& work) {
    const Record* list = options.any("steps");
    if (list == nullptr || !list->is<Record::List>() || list->as<Record::List>().empty())
        throw ConfigError(options.path("steps") +
                              " must list what is run in every cell: names of steps, or tables as "
                              "{ do = \"msf\", at = \"attractor\" }",
                          options.where("steps"));
    std::vector<std::string> known;
    for (const Record& step : study.steps.as<Record::List>())
        known.push_back(step.find("name")->as<std::string>());
    Record tables = Record::List{};
    for (const Record& item : list->as<Record::List>()) {
        if (!item.is<std::string>()) {
            tables.push_back(item);
            continue;
        }
        const auto found = std::ranges::find(known, item.as<std::string>());
        if (found == known.end())
            throw ConfigError(unknown_name("step", item.as<std::string>(), known), item.where);
        tables.push_back(
            study.steps.as<Record::List>()[static_cast<std::size_t>(found - known.begin())]);
    }
    const std::vector<std::string> names = step_names(tables);
    for (std::size_t k = 0; k < names.size(); ++k) {
        Record& table = tables.as<Record::List>()[k];
        const Record& action = *table.find("do");
        const auto kind =
            std::ranges::find(step_kinds(), action.as<std::string>(), &StepKind::name);
        std::vector<std::string> kinds;
        for (const StepKind& known_kind : step_kinds())
            if (known_kind.read != read_scan) kinds.emplace_back(known_kind.name);
        if (std::ranges::find(kinds, action.as<std::string>()) == kinds.end())
            throw ConfigError(unknown_name("step of a scan", action.as<std::string>(), kinds),
                              action.where);
        if (std::ranges::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(k),
                              names[k]) != names.begin() + static_cast<std::ptrdiff_t>(k))
            throw ConfigError("two steps of a scan are called \"" + names[k] + "\"", table.where);
        require_model(*kind, study, table.where);
        table["name"] = names[k];
        for (ScannedStep& before : work.steps)
            before.is_read = before.is_read ||
                             std::ranges::find(kind->reads, before.kind->name, &ReadStep::kind) !=
                                 kind->reads.end();
        work.steps.push_back({names[k], &*kind, table, {}});
    }
    if (std::ranges::none_of(work.steps,
                             [](const auto& step) { return step.kind->has_parameters(); }))
        throw ConfigError(options.path("steps") + " has no step that depends on parameters",
                          list->where);
    work.path = options.path("steps");
    work.study.steps = std::move(tables);
}

/// Tables within one another, as dotted keys make them, as one with dotted names.
void flatten(const Record& table, const std::string& prefix, Record& flat) {
    for (const auto& [name, value] : table.as<Record::Table>())
        if (value.is<Record::Table>())
            flatten(value, prefix + name + ".", flat);
        else
            flat[prefix + name] = value;
}

/// The parameter of the model that an axis names.
std::size_t model_parameter(const Study& study, const VectorField* field, const std::string& name,
                            const SourceLine& where) {
    if (field == nullptr)
        throw ConfigError("a scan over " + name +
                              " needs a [model]; quantities of spiking networks are called "
                              "population.NAME.key, projection.SOURCE.TARGET.key and spiking.key",
                          where);
    return parameter_index(study, *field, name, where);
}

void read_axes(ConfigReader& options, const Study& study, CellWork& work, Options& read) {
    const Record* given = options.any("axes");
    constexpr std::size_t most_axes = 3;
    Record axes = Record::Table{};
    if (given != nullptr && given->is<Record::Table>()) flatten(*given, "", axes);
    if (axes.as<Record::Table>().empty() || axes.as<Record::Table>().size() > most_axes)
        throw ConfigError(options.path("axes") +
                              " must name one to three parameters, as in { eps = [0, 30, 61] }",
                          given == nullptr ? options.record().where : given->where);
    axes.where = given->where;
    Network node = study.network;
    node.connectomes.clear();
    std::shared_ptr<const VectorField> field;
    if (!node.kinds.empty()) field = make_homogeneous_field(node);
    std::vector<std::size_t> numbers;
    for (const auto& [name, range] : axes.as<Record::Table>()) {
        const auto [low, high, points] = read_axis(axes, name, options.path("axes"));
        work.parameters.push_back(name);
        work.where.push_back(range.where);
        if (is_spiking_quantity(name)) {
            read.axes.push_back({name, "", low, high, points});
            continue;
        }
        numbers.push_back(model_parameter(study, field.get(), name, range.where));
        if (std::ranges::count(numbers, numbers.back()) > 1)
            throw ConfigError("two axes are the parameter " + name, range.where);
        read.axes.push_back({short_name(*field, numbers.back()),
                             std::string(field->parameters()[numbers.back()].unit), low, high,
                             points});
    }
    double cells = 1.0;
    for (const ScanAxis& axis : read.axes) cells *= static_cast<double>(axis.points);
    if (cells > most_cells)
        throw ConfigError(options.path("axes") + " make " + show(cells) + " cells, more than the " +
                              show(most_cells) + " of a scan",
                          axes.where);
    for (const ScannedStep& step : work.steps) {
        if (!step.kind->needs_model || field == nullptr) continue;
        const Record* own = step.table.find("parameters");
        if (own == nullptr || !own->is<Record::Table>()) continue;
        for (const auto& [name, value] : own->as<Record::Table>())
            if (std::ranges::find(numbers, parameter_index(study, *field, name, value.where)) !=
                numbers.end())
                throw ConfigError("the parameter " + name + " is an axis of the scan", value.where);
    }
}

void read_record(ConfigReader& options, CellWork& work) {
    const std::vector<std::string> paths = read_texts(options, "record");
    if (paths.empty())
        throw ConfigError(options.path("record") +
                              " must list what is kept of each cell, as \"msf.unstable_modes\"",
                          options.where("record"));
    std::vector<std::string> names;
    for (const ScannedStep& step : work.steps) names.push_back(step.name);
    for (const std::string& path : paths) {
        const auto dot = path.find('.');
        const auto step = std::ranges::find(names, path.substr(0, dot));
        if (step == names.end())
            throw ConfigError(unknown_name("step of this scan", path.substr(0, dot), names),
                              options.where("record"));
        if (dot == std::string::npos || dot + 1 == path.size())
            throw ConfigError("\"" + path + "\" must be a step, a dot and a key of its summary",
                              options.where("record"));
        const auto number = static_cast<std::size_t>(step - names.begin());
        const std::string in_step = path.substr(dot + 1);
        work.record.push_back({path, number, in_step});
        work.steps[number].recorded.push_back(in_step.substr(0, in_step.find_first_of(".[")));
    }
}

/// Earlier steps that may have curves of the two parameters of the axes.
void read_curves(ConfigReader& options, const Study& study, Options& read) {
    read.curves = read_texts(options, "curves");
    const auto& own = options.record().find("name")->as<std::string>();
    std::vector<std::string> known;
    for (const Record& step : study.steps.as<Record::List>()) {
        const std::string& action = step.find("do")->as<std::string>();
        if (step.find("name")->as<std::string>() == own) break;
        if (action == "continue" || action == "diagram")
            known.push_back(step.find("name")->as<std::string>());
    }
    for (const std::string& curve : read.curves)
        if (std::ranges::find(known, curve) == known.end())
            throw ConfigError(unknown_name("earlier step with curves", curve, known),
                              options.where("curves"));
    if (!read.curves.empty() && read.axes.size() < 2)
        throw ConfigError("curves are laid over a map, and this scan has one axis",
                          options.where("curves"));
}

/// Every step at both ends of all axes, and next to the low one, where numbers are not whole if any
/// between are not: what may not be is refused before anything is run.
void check_cells(ConfigReader& options, CellWork& work, const Options& read) {
    std::vector<double> low, next, high;
    for (const ScanAxis& axis : read.axes) {
        low.push_back(axis.low);
        next.push_back(axis.low + (axis.high - axis.low) / static_cast<double>(axis.points - 1));
        high.push_back(axis.high);
    }
    std::vector<ResolvedKey> unused;
    for (const ScannedStep& step : work.steps) {
        const auto check = [&](ConfigReader reader) {
            (void)reader.text("name");
            (void)reader.text("do");
            (void)step.kind->read(reader, work.study);
            reader.finish();
        };
        const std::string path = work.path + "." + step.name;
        const Record at_low = with_parameters(work, step, low),
                     at_next = with_parameters(work, step, next),
                     at_high = with_parameters(work, step, high);
        check(options.within(at_low, "steps." + step.name));
        check({at_next, path, unused});
        check({at_high, path, work.study.resolved});
    }
}

}  // namespace

std::unique_ptr<Step> read_scan(ConfigReader& options, const Study& study) {
    CellWork work;
    Options read;
    work.study = study;
    read_steps(options, study, work);
    read_axes(options, study, work, read);
    read_record(options, work);
    read.refinements = static_cast<int>(options.integer("refine", 0, {0.0, most_refinements}));
    const bool follows =
        std::ranges::any_of(work.steps, [](const ScannedStep& step) { return step.kind->follows; });
    const std::int64_t all = read.axes.front().points;
    read.chain_length =
        options.integer("chain", follows ? all : 1, {1.0, static_cast<double>(all)});
    read.direction = options.choice<ChainDirection>("direction", read.direction, directions);
    if (read.chain_length == 1 && options.has("direction"))
        throw ConfigError(
            "direction is that of a chain, and here no cell follows another: give chain",
            options.where("direction"));
    read_curves(options, study, read);
    check_cells(options, work, read);
    return std::make_unique<Scan>(std::move(work), std::move(read));
}

}  // namespace cortifold
