#include "branch_record.hpp"

#include <cortifold/io/auto_files.hpp>
#include <cortifold/io/branch_entries.hpp>

#include <algorithm>
#include <cmath>

namespace cortifold {

namespace {

constexpr BranchExport exports[] = {BranchExport::none, BranchExport::auto07p};

Column column(const Quantity& quantity, const std::string& prefix = "") {
    return {prefix + std::string(quantity.name), std::string(quantity.unit)};
}

/// Where a value is not defined its cell is empty.
Cell defined(double value) {
    if (std::isfinite(value)) return value;
    return std::string();
}

std::vector<Column> joined(std::vector<Column> columns, const std::vector<Column>& further) {
    columns.insert(columns.end(), further.begin(), further.end());
    return columns;
}

/// The names that an axis of a figure may have.
std::vector<std::string> axis_names(const BranchSetting& setting) {
    std::vector<std::string> names = names_of(setting.system.network.kinds.front()->states());
    for (const FreeParameter& parameter : setting.free) names.push_back(parameter.name);
    names.insert(names.end(), setting.functions.names().begin(), setting.functions.names().end());
    return names;
}

void check_plot(const BranchSetting& setting) {
    const auto& axes = setting.plot;
    if (axes.is_null()) return;
    if (!axes.is<Record::List>() || axes.as<Record::List>().size() != 2)
        throw ConfigError("plot must be a list of two names", axes.where);
    const std::vector<std::string> known = axis_names(setting);
    for (const Record& axis : axes.as<Record::List>()) {
        const std::string name = axis.is<std::string>() ? axis.as<std::string>() : "";
        if (std::ranges::find(known, name) == known.end())
            throw ConfigError(unknown_name("axis", name, known), axis.where);
    }
}

}  // namespace

std::string_view to_string(BranchExport what) {
    return what == BranchExport::auto07p ? "auto" : "none";
}

BranchSetting read_branch_setting(ConfigReader& options, const Study& study, System system,
                                  std::vector<FreeParameter> free) {
    BranchFunctions functions(options, system, study);
    const auto also = options.choice<BranchExport>("export", BranchExport::none, exports);
    const Record* plot = options.any("plot");
    BranchSetting setting{std::move(system), std::move(free), std::move(functions), also,
                          plot == nullptr ? Record() : *plot};
    check_plot(setting);
    options.assume("plot", Record::List{setting.system.network.kinds.front()->states().front().name,
                                        setting.free.front().name});
    return setting;
}

BranchRecord::BranchRecord(const StepContext& at, const BranchSetting& setting)
    : at_(at),
      setting_(setting),
      field_(*setting.system.field),
      regions_(setting.system.regions(at.study)),
      growing_(at.folder / "growing.csv",
               joined(joined(parameter_columns(), state_columns()), {{"arclength", ""}})),
      points_(
          at.folder / "branches.csv",
          joined(
              joined({{"branch", ""}, {"kind", ""}, {"point", ""}, {"label", ""}},
                     joined(parameter_columns(), state_columns())),
              [&] {
                  std::vector<Column> columns;
                  for (const std::string& name : setting.functions.names())
                      columns.push_back({name, ""});
                  return joined(columns, {{"unstable", ""}, {"residual", ""}, {"arclength", ""}});
              }())),
      special_(at.folder / "special.csv",
               joined(joined({{"branch", ""}, {"label", ""}, {"type", ""}}, parameter_columns()),
                      {{"error", ""},
                       {"frequency", rate_unit(field_)},
                       {"unstable", ""},
                       {"multiplicity", ""},
                       {"residual", ""},
                       {"scenario", ""},
                       {"note", ""}})),
      forms_(at.folder / "normal_forms.csv",
             {{"branch", ""}, {"label", ""}, {"coefficient", ""}, {"value", ""}}) {
    if (regions_ == 1) return;
    std::vector<Column> columns{{"label", ""}, {"region", ""}};
    for (const Quantity& state : setting.system.network.kinds.front()->states())
        columns.push_back(column(state));
    patterns_.emplace(at.folder / "patterns.csv", columns);
}

std::vector<Column> BranchRecord::parameter_columns() const {
    std::vector<Column> columns;
    for (const FreeParameter& parameter : setting_.free)
        columns.push_back(
            {parameter.name, std::string(field_.parameters()[parameter.number].unit)});
    return columns;
}

/// All of them, or of a large network what they are over its regions.
std::vector<Column> BranchRecord::state_columns() const {
    std::vector<Column> columns;
    if (field_.dimension() <= most_listed_states)
        for (const Quantity& state : field_.states()) columns.push_back(column(state));
    else
        for (const Quantity& state : setting_.system.network.kinds.front()->states())
            for (const char* of : {"mean ", "minimum ", "maximum "})
                columns.push_back(column(state, of));
    return columns;
}

void BranchRecord::append_states(ConstVectorRef state, std::vector<Cell>& row) const {
    if (state.size() <= most_listed_states) {
        row.insert(row.end(), state.begin(), state.end());
        return;
    }
    const auto regions = state.reshaped(regions_, state.size() / regions_);
    for (const auto& values : regions.colwise()) {
        row.emplace_back(values.mean());
        row.emplace_back(values.minCoeff());
        row.emplace_back(values.maxCoeff());
    }
}

Flow BranchRecord::grow(const BranchPoint& point) {
    std::vector<Cell> row;
    for (const FreeParameter& parameter : setting_.free)
        row.emplace_back(parameters_at(point, setting_.system.parameters,
                                       setting_.free)[static_cast<Eigen::Index>(parameter.number)]);
    append_states(point.z.head(field_.dimension()), row);
    row.emplace_back(point.arclength);
    growing_.write_row(row);
    growing_.flush();
    const ContinuationOptions::Bound& range = setting_.free.front().range;
    at_.progress.update((point.parameters.front() - range.low) / (range.high - range.low));
    return interrupted() ? Flow::stop : Flow::proceed;
}

void BranchRecord::add(KnownBranch known) {
    number_ = std::to_string(branches_.size() + 1);
    write_points(known);
    write_special(known);
    write_patterns(known);
    write_unknowns(known.branch);
    branches_.push_back(std::move(known));
}

void BranchRecord::append_parameters(const KnownBranch& known, const BranchPoint& point,
                                     std::vector<Cell>& row) const {
    const Vector all = parameters_at(point, known.parameters, setting_.free);
    for (const FreeParameter& parameter : setting_.free)
        row.emplace_back(all[static_cast<Eigen::Index>(parameter.number)]);
}

void BranchRecord::write_points(const KnownBranch& known) {
    std::int64_t number = 0;
    for (const auto& [point, special] : branch_entries(known.branch)) {
        std::vector<Cell> row{static_cast<std::int64_t>(branches_.size()) + 1,
                              std::string(to_string(known.branch.kind)), ++number,
                              special == nullptr ? "" : special->label};
        append_parameters(known, *point, row);
        append_states(point->z.head(field_.dimension()), row);
        const Vector all = parameters_at(*point, known.parameters, setting_.free);
        for (const double value : setting_.functions.values(*point, all))
            row.push_back(defined(value));
        row.push_back(point->n_unstable ? Cell(std::int64_t{*point->n_unstable}) : std::string());
        row.emplace_back(point->residual);
        row.emplace_back(point->arclength);
        points_.write_row(row);
    }
    points_.flush();
}

void BranchRecord::write_special(const KnownBranch& known) {
    const auto number = static_cast<std::int64_t>(branches_.size()) + 1;
    for (const SpecialPoint& special : known.branch.special) {
        std::vector<Cell> row{number, special.label, std::string(to_string(special.type))};
        append_parameters(known, special.at, row);
        row.emplace_back(special.error);
        row.push_back(special.frequency > 0.0 ? Cell(special.frequency) : std::string());
        row.push_back(special.at.n_unstable ? Cell(std::int64_t{*special.at.n_unstable})
                                            : std::string());
        row.emplace_back(std::int64_t{special.multiplicity});
        row.emplace_back(special.at.residual);
        row.emplace_back(special.scenario);
        row.emplace_back(special.note);
        special_.write_row(row);
        for (const auto& [name, value] : special.normal_form)
            forms_.write_row(std::initializer_list<Cell>{number, special.label, name, value});
    }
    special_.flush();
    forms_.flush();
}

/// At the ends and the special points, in the order of the branch.
void BranchRecord::write_patterns(const KnownBranch& known) {
    const auto& points = known.branch.points;
    if (!patterns_ || points.empty()) return;
    write_pattern("start of branch " + number_, points.front());
    for (const SpecialPoint& special : known.branch.special)
        write_pattern(special.label, special.at);
    write_pattern("end of branch " + number_, points.back());
}

void BranchRecord::write_pattern(const std::string& label, const BranchPoint& point) {
    const Vector state = point.z.head(field_.dimension());
    const auto of_regions = state.reshaped(regions_, state.size() / regions_);
    for (Eigen::Index region = 0; region < regions_; ++region) {
        std::vector<Cell> row{label, std::int64_t{region}};
        for (const double value : of_regions.row(region)) row.emplace_back(value);
        patterns_->write_row(row);
    }
    patterns_->flush();
}

/// As many eigenvalues as all points have: on a curve of bifurcations the critical ones are left
/// out.
void BranchRecord::write_unknowns(const Branch& branch) {
    const std::vector<BranchEntry> entries = branch_entries(branch);
    if (entries.empty()) return;
    std::vector<Column> columns;
    for (const Quantity& state : field_.states()) columns.push_back(column(state));
    for (const std::string& name : branch.parameters)
        columns.push_back(column(field_.parameters()[index_of(field_.parameters(), name)]));
    const Eigen::Index unknowns = entries.front().point->z.size();
    for (auto k = static_cast<Eigen::Index>(columns.size()); k < unknowns; ++k)
        columns.push_back({"added" + std::to_string(k), ""});
    for (std::size_t k = 0; k < static_cast<std::size_t>(unknowns); ++k)
        columns.push_back({"tangent " + columns[k].name, columns[k].unit});
    Eigen::Index values = field_.dimension();
    for (const BranchEntry& entry : entries)
        values = std::min(values, entry.point->spectrum.size());
    for (Eigen::Index k = 1; k <= values; ++k)
        for (const char* part : {"_re", "_im"})
            columns.push_back({"eigenvalue" + std::to_string(k) + part, rate_unit(field_)});

    if (unknowns_)
        unknowns_->begin("branch" + number_, columns);
    else
        unknowns_.emplace(at_.folder / "data.h5", "branch" + number_, columns);
    for (const BranchEntry& entry : entries) {
        std::vector<double> cells(columns.size());
        Eigen::Map<Vector> row(cells.data(), static_cast<Eigen::Index>(columns.size()));
        row.head(unknowns) = entry.point->z;
        if (entry.point->tangent.size() == unknowns)
            row.segment(unknowns, unknowns) = entry.point->tangent;
        for (Eigen::Index k = 0; k < values; ++k)
            row.segment<2>(2 * unknowns + 2 * k) << entry.point->spectrum[k].real(),
                entry.point->spectrum[k].imag();
        unknowns_->write_row(cells);
    }
    unknowns_->flush();
}

void BranchRecord::write_auto() const {
    std::vector<Vector> parameters;
    std::vector<Branch> branches;
    for (const KnownBranch& known : branches_) {
        parameters.push_back(known.parameters);
        branches.push_back(known.branch);
    }
    write_auto_files(at_.folder, at_.folder.filename().string(), {field_, parameters, branches});
}

void BranchRecord::close(Record& summary) {
    for (CsvWriter* table : {&growing_, &points_, &special_, &forms_}) table->close();
    if (patterns_) patterns_->close();
    if (unknowns_) unknowns_->close();
    std::filesystem::remove(at_.folder / "growing.csv");
    if (setting_.also == BranchExport::auto07p) write_auto();
    const BranchSummary records(setting_.system, regions_);
    Record list = Record::List{};
    for (std::size_t k = 0; k < branches_.size(); ++k)
        list.push_back(records.of(branches_[k], static_cast<std::int64_t>(k) + 1));
    summary["manifold"] = to_string(setting_.system.manifold);
    if (!setting_.plot.is_null()) summary["plot"] = setting_.plot;
    summary["branches"] = list;
}

}  // namespace cortifold
