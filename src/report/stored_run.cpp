#include "stored_run.hpp"

#include <algorithm>
#include <array>
#include <fstream>

namespace cortifold {
namespace {

// The name of a step becomes a folder and part of file names; anything else could lead elsewhere.
bool is_folder_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_' || c == '-';
    });
}

bool is_success(std::string_view status) {
    constexpr std::array fine{Status::converged,           Status::reached_end,
                              Status::point_limit,         Status::closed_branch,
                              Status::left_domain,         Status::ended_at_bogdanov_takens,
                              Status::ended_at_hopf,       Status::ended_at_snic,
                              Status::ended_at_homoclinic, Status::stopped_by_observer};
    return std::ranges::any_of(fine, [&](Status s) { return to_string(s) == status; });
}

std::optional<Record> read_if_present(const std::filesystem::path& file) {
    if (!std::filesystem::exists(file)) {
        return std::nullopt;
    }
    return read_json(file.string());
}

StepRecord read_step(const std::filesystem::path& run, const Record& entry) {
    StepRecord step{text_at(entry, "name"),
                    text_at(entry, "do"),
                    text_at(entry, "status"),
                    text_at(entry, "message"),
                    is_success(text_at(entry, "status")),
                    std::nullopt};
    if (!is_folder_name(step.name)) {
        throw ConfigError(
            "\"" + step.name + "\" is no name of a step: letters, digits, _ and - are",
            {(run / "manifest.json").string()});
    }
    step.summary = read_if_present(run / step.name / "summary.json");
    return step;
}

}  // namespace

const Record* record_at(const Record& record, std::string_view dotted_path) {
    const auto dot = dotted_path.find('.');
    const Record* found = record.find(dotted_path.substr(0, dot));
    if (found == nullptr || dot == std::string_view::npos) {
        return found;
    }
    return record_at(*found, dotted_path.substr(dot + 1));
}

std::string text_at(const Record& record, std::string_view dotted_path) {
    const Record* found = record_at(record, dotted_path);
    return found != nullptr && found->is<std::string>() ? found->as<std::string>() : "";
}

std::optional<double> number_at(const Record& record, std::string_view dotted_path) {
    const Record* found = record_at(record, dotted_path);
    return found != nullptr && found->is_number() ? std::optional(found->number()) : std::nullopt;
}

const Record::List& list_at(const Record& record, std::string_view dotted_path) {
    static const Record::List none;
    const Record* found = record_at(record, dotted_path);
    return found != nullptr && found->is<Record::List>() ? found->as<Record::List>() : none;
}

const Record::Table& table_at(const Record& record, std::string_view dotted_path) {
    static const Record::Table none;
    const Record* found = record_at(record, dotted_path);
    return found != nullptr && found->is<Record::Table>() ? found->as<Record::Table>() : none;
}

std::optional<std::complex<double>> complex_of(const Record& pair) {
    if (!pair.is<Record::List>()) {
        return std::nullopt;
    }
    const auto& parts = pair.as<Record::List>();
    if (parts.size() != 2 || !parts[0].is_number() || !parts[1].is_number()) {
        return std::nullopt;
    }
    return std::complex(parts[0].number(), parts[1].number());
}

std::vector<std::complex<double>> complex_list(const Record& record, std::string_view dotted_path) {
    std::vector<std::complex<double>> numbers;
    for (const Record& pair : list_at(record, dotted_path)) {
        if (const auto number = complex_of(pair)) {
            numbers.push_back(*number);
        }
    }
    return numbers;
}

StoredRun read_stored_run(const std::filesystem::path& path) {
    const auto manifest = path / "manifest.json";
    if (!std::filesystem::exists(manifest)) {
        throw ConfigError(path.string() + " holds no manifest.json: the folder of a run is needed");
    }
    StoredRun run{
        path, read_json(manifest.string()), {}, read_if_present(path / "network" / "summary.json")};
    for (const Record& entry : list_at(run.manifest, "steps")) {
        run.steps.push_back(read_step(path, entry));
    }
    return run;
}

std::vector<Mode> read_modes(const Record& summary) {
    std::vector<Mode> modes;
    for (const Record& record : list_at(summary, "modes")) {
        const Record* lambda = record.find("lambda");
        const Record* unstable = record.find("unstable");
        const auto growth = number_at(record, "growth");
        if (lambda == nullptr || !complex_of(*lambda) || !growth) {
            continue;
        }
        Mode mode;
        mode.index = static_cast<int>(number_at(record, "index").value_or(0));
        mode.lambda = *complex_of(*lambda);
        mode.growth = *growth;
        mode.frequency = number_at(record, "frequency").value_or(0);
        mode.unstable = unstable != nullptr && unstable->is<bool>() && unstable->as<bool>();
        modes.push_back(std::move(mode));
    }
    return modes;
}

TableHeading::TableHeading(const StoredRun& run, const std::string& table) : table_(table) {
    std::ifstream file(run.path / table);
    std::string line;
    if (!std::getline(file, line)) {
        throw ConfigError(table + " is missing or empty");
    }
    columns_ = csv_heading(line);
}

bool TableHeading::has(std::string_view name) const {
    return std::ranges::find(columns_, name, &Column::name) != columns_.end();
}

std::size_t TableHeading::place(std::string_view name) const {
    const auto found = std::ranges::find(columns_, name, &Column::name);
    if (found == columns_.end()) {
        std::string known;
        for (const Column& column : columns_) {
            known += (known.empty() ? "" : ", ") + column.name;
        }
        throw ConfigError(table_ + " has no column \"" + std::string(name) + "\"; it has " + known);
    }
    return static_cast<std::size_t>(found - columns_.begin()) + 1;
}

const Column& TableHeading::column(std::string_view name) const {
    return columns_[place(name) - 1];
}

std::string label(const Column& column) {
    const bool dimensionless = column.unit.empty() || column.unit == "1" || column.unit == "1/1";
    return dimensionless ? column.name : column.name + " [" + column.unit + "]";
}

namespace {

/// The last dispersion step before a simulation at the same state with the same parameters.
const StepRecord* predicting_step(const StoredRun& run, const StepRecord& simulation) {
    const auto option = [&](const StepRecord& step, std::string_view key) {
        const Record* value = record_at(run.manifest, "study.step." + step.name + std::string(key));
        return value == nullptr ? Record() : *value;
    };
    const auto place = [&](const StepRecord& step, std::string_view key) {
        const std::string label =
            text_at(run.manifest, "study.step." + step.name + std::string(key));
        return label == "equilibrium" ? "rest" : label;
    };
    const StepRecord* found = nullptr;
    for (const StepRecord& step : run.steps) {
        if (&step == &simulation) {
            return found;
        }
        const bool same =
            place(step, ".at") == place(simulation, ".initial") &&
            to_json(option(step, ".parameters")) == to_json(option(simulation, ".parameters"));
        if (step.kind == "dispersion" && step.succeeded && step.summary && same) {
            found = &step;
        }
    }
    return found;
}

}  // namespace

std::optional<Mode> leading_mode(const StepRecord& dispersion) {
    std::optional<Mode> leading;
    for (const Mode& mode : read_modes(*dispersion.summary)) {
        if (mode.index > 1 && (!leading || mode.growth > leading->growth)) {
            leading = mode;
        }
    }
    return leading;
}

std::optional<Mode> predicted_mode(const StoredRun& run, const StepRecord& simulation) {
    const StepRecord* dispersion = predicting_step(run, simulation);
    if (dispersion == nullptr) return std::nullopt;
    const auto excited = number_at(*simulation.summary, "mode");
    if (!excited) return leading_mode(*dispersion);
    for (const Mode& mode : read_modes(*dispersion->summary))
        if (mode.index == static_cast<int>(*excited)) return mode;
    return std::nullopt;
}

}  // namespace cortifold
