#include "scan_cell.hpp"

#include <cortifold/io/table.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace cortifold {

namespace {

/// As the journal keeps it: what is no finite number, truth value or text is none.
Record recorded_value(const Record* found) {
    if (found == nullptr || found->is<Record::List>() || found->is<Record::Table>()) return {};
    if (found->is_number() && !found->is_finite_number()) return {};
    Record value = *found;
    value.where = {};
    return value;
}

StepResult run_step(const ScannedStep& step, const Record& table, const StepContext& at) {
    try {
        std::vector<ResolvedKey> unused;
        ConfigReader options(table, "step." + step.name, unused);
        return step.kind->read(options, at.study)->run(at);
    } catch (const ConfigError& error) {  // as of a label that there is not in this cell
        return {Status::no_theory, error.what(), Record::Table{}};
    } catch (const UsageError& error) {
        return {Status::no_theory, error.what(), Record::Table{}};
    }
}

}  // namespace

Record with_parameters(const CellWork& work, const ScannedStep& step,
                       const std::vector<double>& values) {
    Record table = step.table;
    Record& parameters = table["parameters"];
    if (parameters.is_null()) {
        parameters = Record::Table{};
        parameters.where = work.where.front();
    }
    for (std::size_t k = 0; k < values.size(); ++k) {
        parameters[work.parameters[k]] = values[k];
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
            if (const Record* label = item.find("label"); label != nullptr && found == nullptr)
                found = label->is<std::string>() ? behind(label->as<std::string>(), item) : nullptr;
    return found;
}

CellResult run_cell(const CellWork& work, const StepContext& at, const std::vector<double>& values,
                    const std::vector<Vector>& memory, int threads) {
    CellResult cell;
    Progress silent(true);
    const bool alone = work.steps.size() == 1;
    std::vector<EarlierStep> earlier = alone ? std::vector<EarlierStep>() : at.earlier;
    std::vector<StepResult> results;
    for (std::size_t k = 0; k < work.steps.size(); ++k) {
        const ScannedStep& step = work.steps[k];
        ScanCell own{step.recorded, k < memory.size() ? memory[k] : Vector()};
        StepResult result = run_step(step, with_parameters(work, step, values),
                                     {at.study,
                                      nowhere,
                                      {.threads = threads, .seed = at.context.seed},
                                      alone ? at.earlier : earlier,
                                      silent,
                                      at.modes,
                                      at.team,
                                      &own});
        if (result.status == Status::interrupted) return {.status = Status::interrupted};
        const bool failed = !succeeded(result.status);
        if (failed && succeeded(cell.status)) {
            cell.status = result.status;
            cell.message = result.message;
        }
        cell.memory.push_back(failed ? Vector() : std::move(own.memory));
        if (!alone)
            earlier.push_back({step.name, std::string(step.kind->name), result.summary, {}});
        results.push_back(std::move(result));
    }
    for (const RecordedValue& value : work.record) {
        const StepResult& result = results[value.step];
        cell.values.push_back(recorded_value(
            succeeded(result.status) ? find_value(result.summary, value.in_step) : nullptr));
    }
    return cell;
}

}  // namespace cortifold
