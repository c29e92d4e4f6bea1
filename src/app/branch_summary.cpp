#include "branch_summary.hpp"

#include <cortifold/continuation/cycle_profile.hpp>
#include <cortifold/io/branch_entries.hpp>

#include <algorithm>
#include <set>

namespace cortifold {

BranchSummary::BranchSummary(const System& system, Eigen::Index regions)
    : system_(system), regions_(regions) {}

Vector mean_state(ConstVectorRef state, Eigen::Index regions) {
    return state.reshaped(regions, state.size() / regions).colwise().mean();
}

std::optional<double> leading_exponent_error(const BranchPoint& point) {
    constexpr Eigen::Index leading = 2;
    const Eigen::Index known = std::min(leading, point.spectrum_errors.size());
    if (!is_cycle(point) || known == 0) return std::nullopt;
    return point.spectrum_errors.head(known).maxCoeff();
}

Record BranchSummary::named(const Vector& state) const {
    if (state.size() <= most_listed_states) return state_record(*system_.field, state);
    const Vector mean = mean_state(state, regions_);
    Record record = Record::Table{};
    for (Eigen::Index k = 0; k < mean.size(); ++k)
        record.as<Record::Table>().emplace_back(
            system_.node_states()[static_cast<std::size_t>(k)].name, mean[k]);
    return record;
}

std::vector<std::string> BranchSummary::parameters_of(const Branch& branch) const {
    const std::size_t count = branch.parameters.size() - (is_of_cycles(branch.kind) ? 1 : 0);
    std::vector<std::string> names;
    for (std::size_t k = 0; k < count; ++k)
        names.push_back(short_name(*system_.field,
                                   index_of(system_.field->parameters(), branch.parameters[k])));
    return names;
}

void BranchSummary::add_cycle(const BranchPoint& point, Record& record) const {
    record["minimum"] = named(point.minimum);
    record["maximum"] = named(point.maximum);
    record["period"] = point.period;
    if (const auto error = leading_exponent_error(point)) record["exponent_error"] = *error;
}

/// The mesh, and how far the exponents are trusted.
void BranchSummary::add_cycles(const Branch& branch, Record& record) const {
    if (branch.points.empty()) return;
    const auto intervals = [](const BranchPoint& point) {
        return static_cast<std::int64_t>(point.frame.size()) - 1;
    };
    const auto [least, most] = std::ranges::minmax(branch.points, {}, intervals);
    record["intervals"] = Record::List{intervals(least), intervals(most)};
    double error = 0.0;
    for (const BranchPoint& point : branch.points)
        error = std::max(error, leading_exponent_error(point).value_or(0.0) * point.period);
    record["exponent_error"] = error;
}

Record BranchSummary::special(const Branch& branch, const SpecialPoint& point,
                              std::int64_t row) const {
    Record record =
        Record::Table{{"label", point.label},
                      {"type", to_string(point.type)},
                      {"point", row},
                      {"parameters", Record::Table{}},
                      {"state", named(mean_over_period(point.at, system_.field->dimension()))}};
    const std::vector<std::string> names = parameters_of(branch);
    for (std::size_t k = 0; k < names.size(); ++k)
        record["parameters"][names[k]] = point.at.parameters[k];
    if (is_cycle(point.at)) add_cycle(point.at, record);
    if (point.frequency > 0.0) record["frequency"] = point.frequency;
    if (point.second_frequency > 0.0) record["second_frequency"] = point.second_frequency;
    Record form = Record::Table{};
    for (const auto& [name, value] : point.normal_form) form[name] = value;
    record["normal_form"] = form;
    record["scenario"] = point.scenario;
    record["multiplicity"] = point.multiplicity;
    if (point.at.n_unstable) record["unstable"] = *point.at.n_unstable;
    record[is_cycle(point.at) ? "exponents" : "eigenvalues"] = complex_list(
        point.at.spectrum.head(std::min(point.at.spectrum.size(), most_listed_states)));
    record["error"] = point.error;
    record["residual"] = point.at.residual;
    if (!point.note.empty()) record["note"] = point.note;
    return record;
}

Record BranchSummary::of(const KnownBranch& known, std::int64_t number) const {
    const Branch& branch = known.branch;
    Record names = Record::List{}, specials = Record::List{};
    Record fixed = parameter_record(*system_.field, known.parameters);
    for (const std::string& name : parameters_of(branch)) {
        std::erase_if(fixed.as<Record::Table>(),
                      [&](const auto& entry) { return entry.first == name; });
        names.push_back(name);
    }
    const std::vector<BranchEntry> entries = branch_entries(branch);
    for (std::size_t row = 0; row < entries.size(); ++row)
        if (entries[row].special != nullptr)
            specials.push_back(
                special(branch, *entries[row].special, static_cast<std::int64_t>(row) + 1));
    const std::int64_t unknowns = branch.points.empty() ? 0 : branch.points.front().z.size();
    Record record = Record::Table{{"branch", number},
                                  {"kind", to_string(branch.kind)},
                                  {"parameters", names},
                                  {"points", static_cast<std::int64_t>(branch.points.size())},
                                  {"status", to_string(branch.status)},
                                  {"message", branch.message},
                                  {"states", std::int64_t{system_.field->dimension()}},
                                  {"unknowns", unknowns},
                                  {"special", specials},
                                  {"fixed", fixed}};
    if (is_of_cycles(branch.kind)) add_cycles(branch, record);
    if (!known.from.empty()) record["from"] = known.from;
    for (const auto& [name, value] : known.about.as<Record::Table>()) record[name] = value;
    return record;
}

namespace {

/// The type, or the name of the user's function.
std::string kind_of(const SpecialPoint& special) {
    if (special.type != PointType::user) return std::string(to_string(special.type));
    return special.label.substr(0, special.label.find_last_not_of("0123456789") + 1);
}

}  // namespace

StepResult conclude(std::span<const KnownBranch> branches) {
    StepResult result{interrupted() ? Status::interrupted : Status::reached_end,
                      describe_branches(branches), Record::Table{}};
    for (std::size_t k = 0; k < branches.size(); ++k) {
        const Branch& branch = branches[k].branch;
        if (result.status == Status::reached_end) result.status = branch.status;
        if (succeeded(branch.status)) continue;
        if (succeeded(result.status)) result.status = branch.status;
        result.message += "; branch " + std::to_string(k + 1) + " from " + branches[k].from + ": " +
                          branch.message;
    }
    return result;
}

std::string describe_branches(std::span<const KnownBranch> branches) {
    std::size_t followed = 0, points = 0;
    std::set<std::string> labels;
    std::vector<std::pair<std::string, int>> counts;
    for (const KnownBranch& known : branches) {
        if (!known.branch.points.empty()) ++followed;
        points += known.branch.points.size();
        for (const SpecialPoint& special : known.branch.special) {
            if (!labels.insert(special.label).second) continue;  // on an earlier branch, too
            const std::string kind = kind_of(special);
            const auto found =
                std::ranges::find(counts, kind, &decltype(counts)::value_type::first);
            if (found == counts.end())
                counts.emplace_back(kind, 1);
            else
                ++found->second;
        }
    }
    std::string text = std::to_string(followed) + (followed == 1 ? " branch, " : " branches, ") +
                       std::to_string(points) + " points";
    const char* separator = ": ";
    for (const auto& [kind, count] : counts) {
        text += separator + std::to_string(count) + " " + kind;
        separator = ", ";
    }
    return text;
}

}  // namespace cortifold
