#include "cycle_starts.hpp"

#include <cortifold/continuation/attracting_cycle.hpp>
#include <cortifold/continuation/cycle_profile.hpp>
#include <cortifold/io/table.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>

namespace cortifold {

namespace {

std::vector<std::string> cells_of(const std::string& line) {
    std::vector<std::string> cells;
    std::istringstream text(line);
    for (std::string cell; std::getline(text, cell, ',');) {
        const auto first = cell.find_first_not_of(" \t\r"), last = cell.find_last_not_of(" \t\r");
        cells.push_back(first == std::string::npos ? "" : cell.substr(first, last - first + 1));
    }
    return cells;
}

/// Where the columns `t` and of the states are; a heading may hold units, as in `V [mV]`.
std::vector<std::size_t> places_of(const std::vector<std::string>& heading,
                                   const VectorField& field, const SourceLine& where) {
    std::vector<std::string> names;
    for (const std::string& cell : heading) names.push_back(cell.substr(0, cell.find(" [")));
    std::vector<std::string> needed{"t"};
    for (const Quantity& state : field.states()) needed.emplace_back(state.name);
    std::vector<std::size_t> places;
    for (const std::string& name : needed) {
        const auto found = std::ranges::find(names, name);
        if (found == names.end())
            throw ConfigError(
                "the heading has no column \"" + name + "\"; an orbit needs t and every state",
                where);
        places.push_back(static_cast<std::size_t>(found - names.begin()));
    }
    return places;
}

double number_of(const std::string& cell, const SourceLine& where) {
    std::istringstream text(cell);
    double value = 0.0;
    if (!(text >> value) || !text.eof() || !std::isfinite(value))
        throw ConfigError("expected a finite number, found \"" + cell + "\"", where);
    return value;
}

SpecialPoint hopf_of(const CycleOrigin& origin, const LabelledPoint& point) {
    SpecialPoint hopf;
    hopf.type = PointType::hopf;
    hopf.frequency = point.record.find("frequency")->number();
    hopf.at.z.resize(point.state.size() + 1);
    hopf.at.z << point.state, point.parameters[static_cast<Eigen::Index>(origin.free)];
    return hopf;
}

}  // namespace

Orbit read_orbit(const std::filesystem::path& file, const VectorField& field) {
    std::istringstream text(read_file(file));
    std::string line;
    std::getline(text, line);
    const auto places = places_of(cells_of(line), field, {file.string(), 1});
    std::vector<Vector> rows;
    for (int number = 2; std::getline(text, line); ++number) {
        const auto cells = cells_of(line);
        const SourceLine where{file.string(), number};
        if (cells.empty()) continue;
        if (cells.size() <= std::ranges::max(places))
            throw ConfigError(
                "the row has " + std::to_string(cells.size()) + " cells, fewer than the heading",
                where);
        Vector row(static_cast<Eigen::Index>(places.size()));
        std::ranges::transform(places, row.begin(),
                               [&](std::size_t place) { return number_of(cells[place], where); });
        if (!rows.empty() && row[0] <= rows.back()[0])
            throw ConfigError(
                "times must ascend: " + show(row[0]) + " follows " + show(rows.back()[0]), where);
        if (rows.empty() && field.time() && row[0] != 0.0)
            throw ConfigError(
                "the orbit of a model that depends on time must begin at t = 0, not " +
                    show(row[0]),
                where);
        rows.push_back(std::move(row));
    }
    const auto count = static_cast<Eigen::Index>(rows.size());
    Orbit orbit{Vector(count), Matrix(field.dimension(), count)};
    for (Eigen::Index k = 0; k < count; ++k) {
        const Vector& row = rows[static_cast<std::size_t>(k)];
        orbit.times[k] = row[0] - rows.front()[0];
        orbit.states.col(k) = row.tail(field.dimension());
    }
    return orbit;
}

CycleStarts cycles_of_orbit(const CycleOrigin& origin, const Orbit& orbit,
                            const CycleOptions& options) {
    return {
        {cycles_from_orbit(origin.field, origin.system.parameters, origin.free, orbit, options)},
        Status::converged,
        ""};
}

CycleStarts cycles_of_simulation(const CycleOrigin& origin, const Vector& initial,
                                 const CycleOptions& options) {
    const Vector& parameters = origin.system.parameters;
    const EquilibriumProblem problem{origin.field, parameters, initial};
    const AttractingCycle near =
        options.forcing ? find_driven_cycle(problem, drive_period(*options.forcing, parameters))
                        : find_attracting_cycle(problem);
    if (!succeeded(near.status)) return {{}, near.status, near.message};
    if (options.forcing) return cycles_of_orbit(origin, near.orbit, options);
    const CycleResult found = correct_cycle(origin.field, parameters, near.orbit, options);
    if (!succeeded(found.status)) return {{}, found.status, found.message};
    BranchPoint cycle = found.cycle;
    cycle.tangent.resize(0);  // it is along another parameter
    return {{cycles_from_point(origin.field, parameters, origin.free, cycle, options)},
            Status::converged,
            ""};
}

bool is_hopf_point(const LabelledPoint& point) {
    const Record *type = point.record.find("type"), *frequency = point.record.find("frequency");
    return type != nullptr && type->as<std::string>() == to_string(PointType::hopf) &&
           frequency != nullptr;
}

std::vector<CurveStart> cycles_of_label(const CycleOrigin& origin, const LabelledPoint& point,
                                        bool switched, const CycleOptions& options) {
    if (switched)
        return cycles_at(origin.field, point.parameters, origin.free, point.special, options);
    if (is_hopf_point(point))
        return {cycles_from_hopf(origin.field, point.parameters, origin.free,
                                 hopf_of(origin, point), options)};
    if (!is_cycle(point.special.at)) return {};
    BranchPoint cycle = point.special.at;
    cycle.tangent.resize(0);  // it may be in another parameter
    return {cycles_from_point(origin.field, point.parameters, origin.free, cycle, options)};
}

std::vector<CurveStart> cycle_curves_of_label(const CycleOrigin& origin, std::size_t second,
                                              const LabelledPoint& point,
                                              const CycleOptions& options) {
    return cycle_curves_through(origin.field, point.parameters, {origin.free, second},
                                point.special, options);
}

}  // namespace cortifold
