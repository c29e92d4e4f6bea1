#include "commands.hpp"
#include <cortifold/io/connectome_reader.hpp>

#include <iostream>
#include <sstream>

namespace cortifold {

namespace {

Record list_of(const std::vector<std::string>& sentences) {
    Record list = Record::List{};
    for (const std::string& sentence : sentences) list.push_back(sentence);
    return list;
}

Record describe_lengths(const ConnectomeReport& report, std::optional<double> speed_mm_per_ms) {
    Record lengths =
        Record::Table{{"mean_mm", report.mean_length_mm}, {"largest_mm", report.largest_length_mm}};
    if (speed_mm_per_ms) {
        lengths["mean_delay_ms"] = report.mean_length_mm / *speed_mm_per_ms;
        lengths["largest_delay_ms"] = report.largest_length_mm / *speed_mm_per_ms;
    }
    return lengths;
}

Record describe_hemispheres(const ConnectomeReport& report) {
    return Record::Table{
        {"left", static_cast<std::int64_t>(report.left)},
        {"right", static_cast<std::int64_t>(report.right)},
        {"unknown", static_cast<std::int64_t>(report.nodes - report.left - report.right)}};
}

Record describe(const Connectome& connectome, const ConnectomeReport& report,
                std::optional<double> speed_mm_per_ms) {
    std::vector<std::string> findings;
    for (const ConnectomeFinding& finding : report.findings) findings.push_back(finding.message);
    const Eigen::Vector3d& extent = report.extent_mm;
    const Record none = false;
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
        {"positions", connectome.has_positions
                          ? Record(Record::Table{
                                {"extent_mm", Record::List{extent.x(), extent.y(), extent.z()}}})
                          : none},
        {"hemispheres", report.left + report.right > 0 ? describe_hemispheres(report) : none},
        {"lengths",
         connectome.lengths_mm.size() > 0 ? describe_lengths(report, speed_mm_per_ms) : none},
        {"findings", list_of(findings)}};
}

/// One value for people: six digits, no quotes and braces.
std::string plain(const Record& value) {
    std::ostringstream text;
    if (value.is<std::string>())
        text << value.as<std::string>();
    else if (value.is<bool>())
        text << (value.as<bool>() ? "yes" : "none");
    else if (value.is<Record::Table>())
        for (const auto& [key, part] : value.as<Record::Table>())
            text << (text.str().empty() ? "" : ", ") << key << " " << plain(part);
    else if (value.is<Record::List>())
        for (const Record& part : value.as<Record::List>())
            text << (text.str().empty() ? "" : " x ") << plain(part);
    else
        text << value.number();
    return text.str();
}

void print(const Record& description) {
    for (const auto& [key, value] : description.as<Record::Table>()) {
        std::cout << key << ":";
        if (!value.is<Record::List>()) {
            std::cout << " " << plain(value) << "\n";
            continue;
        }
        const auto& sentences = value.as<Record::List>();
        std::cout << (sentences.empty() ? " none\n" : "\n");
        for (const Record& sentence : sentences) std::cout << "  - " << plain(sentence) << "\n";
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
                         : read_connectome(request.file, request.options);
    if (request.speed_mm_per_ms && connectome.lengths_mm.size() == 0)
        throw UsageError("--speed needs lengths, which " + request.file.string() +
                         " has not; --lengths FILE gives some");
    Record description =
        describe(connectome, validate_connectome(connectome), request.speed_mm_per_ms);
    if (!target.empty()) description["not_written"] = list_of(write_connectome(connectome, target));
    if (request.json)
        std::cout << to_json(description);
    else
        print(description);
    return ExitCode::done;
}

}  // namespace cortifold
