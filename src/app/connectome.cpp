#include "commands.hpp"
#include <cortifold/io/connectome_reader.hpp>

#include <iostream>

namespace cortifold {

namespace {

Record describe(const Connectome& connectome, const ConnectomeReport& report) {
    Record findings = Record::List{};
    for (const ConnectomeFinding& finding : report.findings) findings.push_back(finding.message);
    return Record::Table{
        {"source", connectome.source},
        {"checksum", connectome.checksum},
        {"nodes", static_cast<std::int64_t>(report.nodes)},
        {"edges", static_cast<std::int64_t>(report.edges)},
        {"density", report.density},
        {"row_sums", Record::Table{{"smallest", report.smallest_row_sum},
                                   {"mean", report.mean_row_sum},
                                   {"largest", report.largest_row_sum}}},
        {"asymmetry", report.asymmetry},
        {"components", report.components},
        {"labels", !connectome.regions.empty() && !connectome.regions.front().label.empty()},
        {"positions", connectome.has_positions},
        {"lengths", connectome.lengths_mm.size() > 0},
        {"findings", findings}};
}

void print(const Record& description) {
    for (const auto& [key, value] : description.as<Record::Table>()) {
        std::string text = to_json(value, -1);
        text.pop_back();
        std::cout << key << ": " << text << "\n";
    }
}

}  // namespace

ExitCode handle_connectome(const ConnectomeRequest& request) {
    const std::filesystem::path target =
        request.generate ? request.file : request.convert.value_or(std::filesystem::path());
    if (!target.empty() && std::filesystem::exists(target) && !request.overwrite)
        throw UsageError(target.string() + " is in the way; give --overwrite or another name");
    const Connectome connectome =
        request.generate ? generate_connectome({.regions = request.regions, .seed = request.seed})
                         : read_connectome(request.file);
    if (!target.empty()) write_connectome(connectome, target);
    const Record description = describe(connectome, validate_connectome(connectome));
    if (request.json)
        std::cout << to_json(description);
    else
        print(description);
    return ExitCode::done;
}

}  // namespace cortifold
