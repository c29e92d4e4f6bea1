#include "scan_cell.hpp"

#include "populations.hpp"
#include <cortifold/io/table.hpp>
#include <cortifold/scan/team.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace cortifold {

namespace {

/// As the journal keeps it: what is no finite number, truth value or text, nor a list of numbers
/// and truth values, is none.
Record recorded_value(const Record* found) {
    if (found == nullptr || found->is<Record::Table>()) return {};
    if (found->is_number() && !found->is_finite_number()) return {};
    Record value = *found;
    value.where = {};
    if (!value.is<Record::List>()) return value;
    for (Record& item : value.as<Record::List>()) {
        if (!item.is_number() && !item.is<bool>() && !item.is_null()) return {};
        item = recorded_value(&item);
    }
    return value;
}

StepResult run_step(const CellWork& work, const ScannedStep& step, const Record& table,
                    const StepContext& at) {
    try {
        std::vector<ResolvedKey> unused;
        ConfigReader options(table, work.path + "." + step.name, unused);
        return step.kind->read(options, at.study)->run(at);
    } catch (const ConfigError& error) {  // as of a label that there is not in this cell
        return {Status::no_theory, error.what(), Record::Table{}};
    } catch (const UsageError& error) {
        return {Status::no_theory, error.what(), Record::Table{}};
    }
}

/// What there is instead of the value behind a path: of the last part of it that exists.
std::string describe_missing(const Record& summary, std::string path) {
    const Record* found = nullptr;
    while (found == nullptr) {
        const auto cut = path.find_last_of(".[");
        path = cut == std::string::npos ? "" : path.substr(0, cut);
        found = find_value(summary, path);
    }
    if (found->is<Record::List>())
        return path + " is a list of " + std::to_string(found->as<Record::List>().size());
    if (!found->is<Record::Table>()) return path + " is " + std::string(found->type_name());
    std::string keys;
    for (const auto& [key, value] : found->as<Record::Table>())
        keys += (keys.empty() ? "" : ", ") + key;
    return (path.empty() ? "its keys are " : "the keys of " + path + " are ") + keys;
}

}  // namespace

Record with_parameters(const CellWork& work, const ScannedStep& step,
                       const std::vector<double>& values) {
    Record table = step.table;
    if (!step.kind->has_parameters()) return table;
    Record& parameters = table["parameters"];
    if (parameters.is_null()) {
        parameters = Record::Table{};
        parameters.where = work.where.front();
    }
    for (std::size_t k = 0; k < values.size(); ++k) {
        // Sizes and numbers of synapses are whole, and numbers of any kind may be written so.
        const bool is_whole = is_spiking_quantity(work.parameters[k]) &&
                              values[k] == std::floor(values[k]) && std::abs(values[k]) < 1e15;
        parameters[work.parameters[k]] =
            is_whole ? Record(static_cast<std::int64_t>(values[k])) : Record(values[k]);
        parameters[work.parameters[k]].where = work.where[k];
    }
    return table;
}

const Record* find_value(const Record& record, std::string_view path) {
    if (path.empty()) return &record;
    if (record.is<Record::List>() && path.front() == '[') {
        const auto& list = record.as<Record::List>();
        std::size_t index = 0;
        const auto end = std::from_chars(path.begin() + 1, path.end(), index).ptr;
        if (end == path.end() || *end != ']' || index >= list.size()) return nullptr;
        path.remove_prefix(static_cast<std::size_t>(end - path.begin()) + 1);
        return find_value(list[index], path);
    }
    if (path.front() == '.') path.remove_prefix(1);
    const auto behind = [&](std::string_view key, const Record& value) -> const Record* {
        if (!path.starts_with(key)) return nullptr;
        const std::string_view rest = path.substr(key.size());
        const bool ends = rest.empty() || rest.front() == '.' || rest.front() == '[';
        return ends ? find_value(value, rest) : nullptr;  // names may hold dots and brackets
    };
    const Record* found = nullptr;
    if (record.is<Record::Table>())
        for (const auto& [key, value] : record.as<Record::Table>())
            if (found == nullptr) found = behind(key, value);
    if (record.is<Record::List>())
        for (const Record& item : record.as<Record::List>())
            for (const char* key : {"label", "name"})
                if (const Record* own = item.find(key); own != nullptr && found == nullptr)
                    found = own->is<std::string>() ? behind(own->as<std::string>(), item) : nullptr;
    return found;
}

CellResult CellRunner::run(const std::vector<double>& values, const std::vector<Vector>& memory,
                           int threads) const {
    CellResult cell;
    Progress silent(true);
    const bool alone = work_.steps.size() == 1;
    std::vector<EarlierStep> earlier = alone ? std::vector<EarlierStep>() : at_.earlier;
    std::vector<StepResult> results;
    for (std::size_t k = 0; k < work_.steps.size(); ++k) {
        const ScannedStep& step = work_.steps[k];
        ScanCell own{step.recorded, k < memory.size() ? memory[k] : Vector(), step.is_read};
        StepResult result = run_step(work_, step, with_parameters(work_, step, values),
                                     {work_.study,
                                      nowhere,
                                      {.threads = threads, .seed = at_.context.seed},
                                      alone ? at_.earlier : earlier,
                                      silent,
                                      at_.modes,
                                      at_.team,
                                      &own});
        if (result.status == Status::interrupted) return {.status = Status::interrupted};
        const bool failed = !succeeded(result.status);
        if (failed && succeeded(cell.status)) {
            cell.status = result.status;
            cell.message = result.message;
        }
        cell.memory.push_back(failed ? Vector() : std::move(own.memory));
        if (!alone) {  // in place of a step of the study that it may be named after
            std::erase_if(earlier, [&](const EarlierStep& one) { return one.name == step.name; });
            earlier.push_back({step.name,
                               std::string(step.kind->name),
                               result.summary,
                               {},
                               std::move(own.samples)});
        }
        results.push_back(std::move(result));
    }
    for (const RecordedValue& value : work_.record) {
        const StepResult& result = results[value.step];
        cell.values.push_back(recorded_value(
            succeeded(result.status) ? find_value(result.summary, value.in_step) : nullptr));
    }
    if (succeeded(cell.status) && at_.team.leads())
        std::call_once(told_, [&] { tell_what_is_missing(results); });
    return cell;
}

void CellRunner::tell_what_is_missing(const std::vector<StepResult>& results) const {
    for (const RecordedValue& value : work_.record) {
        const Record& summary = results[value.step].summary;
        const Record* found = find_value(summary, value.in_step);
        if (found == nullptr)
            at_.progress.say("the first finished cell has no " + value.path + ": " +
                             describe_missing(summary, value.in_step));
        else if (recorded_value(found).is_null() && !found->is_null() && !found->is_number())
            at_.progress.say(value.path +
                             " in the first finished cell is neither a value nor a list of " +
                             "numbers: it is not recorded");
    }
}

}  // namespace cortifold
