#include "branch_record.hpp"

#include "cycle_record.hpp"
#include <cortifold/continuation/cycle_profile.hpp>
#include <cortifold/io/auto_files.hpp>

#include <algorithm>
#include <cmath>
#include <set>

namespace cortifold {

namespace {

constexpr BranchExport exports[] = {BranchExport::none, BranchExport::auto07p};

Column column(const Quantity& quantity, const std::string& prefix = "") {
    return {prefix + std::string(quantity.name), std::string(quantity.unit)};
}

constexpr int exponents_listed = 2;  ///< of each cycle: the leading ones
constexpr int orbits_shown = 12;     ///< of each branch, besides those at special points

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
    std::vector<std::string> names = names_of(setting.system.node_states());
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
    options.assume(
        "plot", Record::List{setting.system.node_states().front().name, setting.free.front().name});
    return setting;
}

Branch no_branch(CurveKind kind, Status status, std::string message, const BranchSetting& setting) {
    Branch branch;
    branch.kind = kind;
    branch.status = status;
    branch.message = std::move(message);
    for (const FreeParameter& parameter : setting.free)
        branch.parameters.emplace_back(setting.system.field->parameters()[parameter.number].name);
    if (setting.cycles) branch.parameters.emplace_back("period");
    branch.states = setting.system.field->dimension();
    return branch;
}

BranchRecord::BranchRecord(const StepContext& at, const BranchSetting& setting)
    : at_(at),
      setting_(setting),
      field_(*setting.system.field),
      regions_(setting.system.regions(at.study)),
      growing_(at.folder / "growing.csv",
               joined(joined(parameter_columns(), state_columns()), {{"arclength", ""}})),
      points_(at.folder / "branches.csv", point_columns()),
      special_(at.folder / "special.csv", special_columns()),
      forms_(at.folder / "normal_forms.csv",
             {{"branch", ""}, {"label", ""}, {"coefficient", ""}, {"value", ""}}) {
    if (setting.cycles)
        orbits_.emplace(at.folder / "orbits.csv", joined({{"branch", ""},
                                                          {"point", ""},
                                                          {"label", ""},
                                                          {"t", std::string(field_.time_unit())}},
                                                         listed_columns()));
    if (regions_ == 1) return;
    std::vector<Column> columns{{"label", ""}, {"region", ""}};
    for (const Quantity& state : setting.system.node_states()) columns.push_back(column(state));
    patterns_.emplace(at.folder / "patterns.csv", columns);
}

std::vector<Column> BranchRecord::parameter_columns() const {
    std::vector<Column> columns;
    for (const FreeParameter& parameter : setting_.free)
        columns.push_back(
            {parameter.name, std::string(field_.parameters()[parameter.number].unit)});
    return columns;
}

std::vector<Column> BranchRecord::point_columns() const {
    std::vector<Column> columns =
        joined({{"branch", ""}, {"kind", ""}, {"point", ""}, {"label", ""}},
               joined(parameter_columns(), state_columns()));
    for (const std::string& name : setting_.functions.names()) columns.push_back({name, ""});
    columns.push_back({"unstable", ""});
    if (setting_.frequency_hz != nullptr) columns.push_back({"frequency", "1/s"});
    if (setting_.cycles) {
        for (int k = 1; k <= exponents_listed; ++k)
            for (const char* part : {"_re", "_im"})
                columns.push_back({"exponent" + std::to_string(k) + part, rate_unit(field_)});
        columns.push_back({"exponent_error", rate_unit(field_)});
    }
    return joined(columns, {{"residual", ""}, {"arclength", ""}});
}

std::vector<Column> BranchRecord::special_columns() const {
    std::vector<Column> columns =
        joined({{"branch", ""}, {"label", ""}, {"type", ""}}, parameter_columns());
    if (setting_.cycles) columns.push_back(period_column());
    return joined(columns, {{"error", ""},
                            {"frequency", rate_unit(field_)},
                            {"unstable", ""},
                            {"multiplicity", ""},
                            {"residual", ""},
                            {"scenario", ""},
                            {"note", ""}});
}

/// All states, or of a large network their means over its regions.
std::vector<Column> BranchRecord::listed_columns() const {
    const bool few = field_.dimension() <= most_listed_states;
    std::vector<Column> columns;
    for (const Quantity& state : few ? field_.states() : setting_.system.node_states())
        columns.push_back(column(state, few ? "" : "mean "));
    return columns;
}

/// The same of states in columns.
Matrix BranchRecord::listed(const Matrix& states) const {
    if (states.rows() <= most_listed_states) return states;
    Matrix means(states.rows() / regions_, states.cols());
    for (Eigen::Index k = 0; k < states.cols(); ++k)
        means.col(k) = mean_state(states.col(k), regions_);
    return means;
}

/// All of them, or of a large network what they are over its regions; with cycles what they are
/// over a period.
std::vector<Column> BranchRecord::state_columns() const {
    std::vector<Column> columns;
    if (setting_.cycles) {
        columns.push_back(period_column());
        for (const Column& state : listed_columns())
            for (const char* of : {"minimum ", "maximum "})
                columns.push_back({of + state.name, state.unit});
    } else if (field_.dimension() <= most_listed_states) {
        columns = listed_columns();
    } else {
        for (const Quantity& state : setting_.system.node_states())
            for (const char* of : {"mean ", "minimum ", "maximum "})
                columns.push_back(column(state, of));
    }
    return columns;
}

void BranchRecord::append_states(const BranchPoint& point, std::vector<Cell>& row) const {
    if (setting_.cycles) {
        row.push_back(is_cycle(point) ? Cell(point.period) : std::string());
        if (is_cycle(point) && field_.dimension() <= most_listed_states) {
            for (Eigen::Index k = 0; k < field_.dimension(); ++k) {
                row.emplace_back(point.minimum[k]);
                row.emplace_back(point.maximum[k]);
            }
            return;
        }
        const Matrix states =
            listed(is_cycle(point) ? CycleProfile(point, field_.dimension()).values()
                                   : Matrix(point.z.head(field_.dimension())));
        for (const auto& values : states.rowwise()) {
            row.emplace_back(values.minCoeff());
            row.emplace_back(values.maxCoeff());
        }
        return;
    }
    const Vector state = point.z.head(field_.dimension());
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

/// The leading exponents of a cycle, and what is known of them; nothing of other points.
void BranchRecord::append_exponents(const BranchPoint& point, std::vector<Cell>& row) const {
    const Eigen::Index known =
        is_cycle(point) ? std::min<Eigen::Index>(exponents_listed, point.spectrum.size()) : 0;
    for (Eigen::Index k = 0; k < exponents_listed; ++k)
        for (const bool real : {true, false})
            row.push_back(k >= known
                              ? std::string()
                              : Cell(real ? point.spectrum[k].real() : point.spectrum[k].imag()));
    const auto error = leading_exponent_error(point);
    row.push_back(error ? Cell(*error) : std::string());
}

Flow BranchRecord::grow(const BranchPoint& point) {
    std::vector<Cell> row;
    for (const FreeParameter& parameter : setting_.free)
        row.emplace_back(parameters_at(point, setting_.system.parameters,
                                       setting_.free)[static_cast<Eigen::Index>(parameter.number)]);
    append_states(point, row);
    row.emplace_back(point.arclength);
    growing_.write_row(row);
    growing_.flush();
    const ContinuationOptions::Bound& range = setting_.free.front().range;
    at_.progress.update((point.parameters.front() - range.low) / (range.high - range.low));
    return interrupted() ? Flow::stop : Flow::proceed;
}

void BranchRecord::add(KnownBranch known) {
    number_ = std::to_string(branches_.size() + 1);
    for (BranchPoint& point : known.branch.points) point = as_profile(std::move(point));
    for (SpecialPoint& special : known.branch.special)
        special.at = as_profile(std::move(special.at));
    write_points(known);
    write_special(known);
    write_patterns(known);
    write_unknowns(known.branch);
    if (is_of_cycles(known.branch.kind)) write_orbits(known.branch);
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
        append_states(*point, row);
        const Vector all = parameters_at(*point, known.parameters, setting_.free);
        for (const double value : setting_.functions.values(*point, all))
            row.push_back(defined(value));
        row.push_back(point->n_unstable ? Cell(std::int64_t{*point->n_unstable}) : std::string());
        if (setting_.frequency_hz != nullptr) row.emplace_back(setting_.frequency_hz(*point));
        if (setting_.cycles) append_exponents(*point, row);
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
        if (setting_.cycles)
            row.push_back(is_cycle(special.at) ? Cell(special.at.period) : std::string());
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
    if (!patterns_ || points.empty() || is_of_cycles(known.branch.kind)) return;
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

/// At special points, and at some others evenly along the branch.
void BranchRecord::write_orbits(const Branch& branch) {
    const std::vector<BranchEntry> entries = branch_entries(branch);
    const double last = static_cast<double>(entries.size()) - 1.0;
    std::set<std::size_t> shown;
    for (int k = 0; k < orbits_shown && !entries.empty(); ++k)
        shown.insert(static_cast<std::size_t>(std::round(last * k / (orbits_shown - 1))));
    for (std::size_t k = 0; k < entries.size(); ++k)
        if (entries[k].special != nullptr || shown.contains(k))
            write_orbit(entries[k], static_cast<std::int64_t>(k) + 1);
    orbits_->flush();
}

void BranchRecord::write_orbit(const BranchEntry& entry, std::int64_t number) {
    const CycleProfile profile(*entry.point, field_.dimension());
    const Vector times = profile.divided(profile.degree());
    const Matrix states = listed(profile.at(times));
    for (Eigen::Index k = 0; k < times.size(); ++k) {
        std::vector<Cell> row{static_cast<std::int64_t>(branches_.size()) + 1, number,
                              entry.special == nullptr ? "" : entry.special->label,
                              times[k] * entry.point->period};
        for (const double value : states.col(k)) row.emplace_back(value);
        orbits_->write_row(row);
    }
}

Hdf5Writer& BranchRecord::begin(const std::string& dataset, std::vector<Column> columns) {
    if (unknowns_)
        unknowns_->begin(dataset, std::move(columns));
    else
        unknowns_.emplace(at_.folder / "data.h5", dataset, std::move(columns));
    return *unknowns_;
}

/// The free parameters of a branch, the period of cycles among them.
std::vector<Column> BranchRecord::free_columns(const Branch& branch) const {
    std::vector<Column> columns;
    for (const std::string& name : branch.parameters)
        columns.push_back(name == period_column().name
                              ? period_column()
                              : column(field_.parameters()[index_of(field_.parameters(), name)]));
    return columns;
}

/// As many eigenvalues as all points have: on a curve of bifurcations the critical ones are left
/// out.
void BranchRecord::write_unknowns(const Branch& branch) {
    const std::vector<BranchEntry> entries = branch_entries(branch);
    if (entries.empty()) return;
    if (is_of_cycles(branch.kind)) {
        write_cycles(
            [&](const std::string& name, std::vector<Column> columns) -> Hdf5Writer& {
                return begin(name, std::move(columns));
            },
            "branch" + number_, entries, {free_columns(branch), rate_unit(field_)});
        return;
    }
    std::vector<Column> columns;
    for (const Quantity& state : field_.states()) columns.push_back(column(state));
    columns = joined(columns, free_columns(branch));
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

    Hdf5Writer& file = begin("branch" + number_, columns);
    for (const BranchEntry& entry : entries) {
        std::vector<double> cells(columns.size());
        Eigen::Map<Vector> row(cells.data(), static_cast<Eigen::Index>(columns.size()));
        row.head(unknowns) = entry.point->z;
        if (entry.point->tangent.size() == unknowns)
            row.segment(unknowns, unknowns) = entry.point->tangent;
        for (Eigen::Index k = 0; k < values; ++k)
            row.segment<2>(2 * unknowns + 2 * k) << entry.point->spectrum[k].real(),
                entry.point->spectrum[k].imag();
        file.write_row(cells);
    }
    file.flush();
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
    for (std::optional<CsvWriter>* table : {&patterns_, &orbits_})
        if (*table) (*table)->close();
    if (unknowns_) unknowns_->close();
    std::error_code absent;
    std::filesystem::remove(at_.folder / "growing.csv", absent);
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
