#include "branch_verdict.hpp"

#include "stored_branches.hpp"
#include "wording.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace cortifold {
namespace {

using Points = std::vector<const Record*>;

constexpr std::size_t places_listed = 6;
constexpr int digits = 6;
// Of its size: where a value is this close to that of a special point, it is there.
constexpr double at_point = 1e-6;

/// The summary and the table of a step, as far as the table is there.
struct Findings {
    const StepRecord& step;
    TimeUnit time;
    std::vector<Column> parameters{};  ///< the free ones
    std::vector<double> rounding{};    ///< of each of them
    Points points{};                   ///< each once
    std::vector<BranchRow> rows{};     ///< x: the first parameter, y: the last
    std::string among{};               ///< which perturbations stability speaks of

    [[nodiscard]] const Column& parameter() const { return parameters.front(); }
};

Findings read_findings(const StoredRun& run, const StepRecord& step) {
    Findings found{step, time_unit_of(run, step)};
    for (const std::string& name : free_parameters(step)) {
        found.parameters.push_back({name, ""});
        found.rounding.push_back(0.0);
    }
    found.points = distinct(special_points(step));
    if (run.network && text_at(*step.summary, "manifold") == "homogeneous") {
        found.among = " among homogeneous states";
    }
    if (found.parameters.empty() || !std::filesystem::exists(run.path / branches_table(step))) {
        return found;
    }
    const TableHeading table(run, branches_table(step));
    for (Column& parameter : found.parameters) {
        parameter = table.column(parameter.name);
    }
    found.rows = read_branches(run, step, {found.parameter().name, found.parameters.back().name});
    found.rounding.back() = rounding_of(found.rows, &BranchRow::y);
    found.rounding.front() = rounding_of(found.rows, &BranchRow::x);
    return found;
}

Points of_type(const Findings& found, PointType type) {
    Points points;
    std::ranges::copy_if(found.points, std::back_inserter(points),
                         [&](const Record* point) { return is_type(*point, type); });
    return points;
}

std::string with_unit(const std::string& number, const Column& parameter) {
    return label(parameter) == parameter.name ? number : number + " " + parameter.unit;
}

/// Of the parameter with that number among the free ones.
std::string value_text(const Record& point, const Findings& found, std::size_t number) {
    const auto value = parameter_at(point, found.parameters[number].name);
    const double error = std::max(number_at(point, "error").value_or(0.0), found.rounding[number]);
    return value ? measured_text(*value, error, digits) : number_text(value);
}

/// "P = 1.879", or "(P, Q) = (1.879, 0.5)" where the point has both.
std::string place_text(const Record& point, const Findings& found, std::size_t parameters) {
    std::string names, values;
    for (std::size_t i = 0; i < std::min(parameters, found.parameters.size()); ++i) {
        const std::string comma = i == 0 ? "" : ", ";
        names += comma + found.parameters[i].name;
        values += comma + with_unit(value_text(point, found, i), found.parameters[i]);
    }
    return parameters == 1 ? names + " = " + values : "(" + names + ") = (" + values + ")";
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        text += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
    }
    return text;
}

/// "2 folds (fold1 at P = 0.909 and fold2 at P = 1.087)".
std::string listed(const Points& points, const Findings& found, const PointKind& kind,
                   std::size_t parameters) {
    std::vector<std::string> places;
    for (const Record* point : points) {
        if (places.size() < places_listed) {
            places.push_back(text_at(*point, "label") + " at " +
                             place_text(*point, found, parameters));
        }
    }
    if (points.size() > places_listed) {
        places.push_back(std::to_string(points.size() - places_listed) + " more");
    }
    return count_text(points.size(), std::string(kind.noun)) + " (" + joined(places) + ")";
}

/// Of branches in one parameter, or of curves in two.
std::string bifurcations(const Findings& found, const std::vector<PointType>& types,
                         std::size_t parameters) {
    std::vector<std::string> groups;
    for (const PointKind& kind : point_kinds()) {
        Points points = of_type(found, kind.type);
        std::erase_if(points, [&](const Record* point) {
            return table_at(*point, "parameters").size() != parameters;
        });
        if (!points.empty() && std::ranges::count(types, kind.type)) {
            groups.push_back(listed(points, found, kind, parameters));
        }
    }
    return joined(groups);
}

std::size_t branches_of(const Findings& found, CurveKind kind) {
    return static_cast<std::size_t>(std::ranges::count_if(
        list_at(*found.step.summary, "branches"),
        [&](const Record& branch) { return text_at(branch, "kind") == to_string(kind); }));
}

void equilibria_sentence(const Findings& found, std::vector<Sentence>& sentences) {
    const std::size_t branches = branches_of(found, CurveKind::equilibrium);
    const std::string events =
        bifurcations(found, {PointType::fold, PointType::hopf, PointType::branch_point}, 1);
    if (branches > 0) {
        sentences.push_back(
            {(branches == 1 ? "The branch of equilibria in "
                            : "The " + std::to_string(branches) + " branches of equilibria in ") +
             found.parameter().name + (branches == 1 ? " has " : " have ") +
             (events.empty() ? "no bifurcation" : events) + "."});
    }
}

/// "60.2 to 120 Hz", of the shortest and the longest period.
std::string frequencies(double shortest, double longest, const Findings& found) {
    const std::string low = number_text(found.time.frequency_factor() / longest),
                      high = number_text(found.time.frequency_factor() / shortest),
                      unit = found.time.frequency_unit();
    return (low == high ? low : low + " to " + high) + (unit.empty() ? "" : " " + unit);
}

/// "6.26 uA/cm2 < I < 154.5 uA/cm2 at 50.3 to 169 Hz (branch 2)" of rows with their periods.
std::string rhythm_text(std::span<const BranchRow> rows, const Findings& found) {
    const auto [low, high] = std::ranges::minmax(rows, {}, &BranchRow::x);
    const auto [fast, slow] = std::ranges::minmax(rows, {}, &BranchRow::y);
    return with_unit(number_text(low.x), found.parameter()) + " < " + found.parameter().name +
           " < " + with_unit(number_text(high.x), found.parameter()) + " at " +
           frequencies(fast.y, slow.y, found) + " (branch " + std::to_string(low.branch) + ")";
}

/// Where cycles are stable, and how fast they are there.
void rhythm_sentence(const StoredRun& run, const Findings& found,
                     std::vector<Sentence>& sentences) {
    const auto rows =
        read_branches(run, found.step, {found.parameter().name, std::string(period_column)});
    std::vector<std::string> rhythms;
    for (const Stretch& stretch : stretches_of(rows)) {
        if (rows[stretch.first].kind == to_string(CurveKind::cycle) &&
            stretch.stability == Stability::stable && stretch.first < stretch.last) {
            rhythms.push_back(rhythm_text(
                std::span(rows).subspan(stretch.first, stretch.last - stretch.first + 1), found));
        }
    }
    if (rhythms.size() > places_listed) {
        const std::size_t more = rhythms.size() - places_listed;
        rhythms.resize(places_listed);
        rhythms.push_back(std::to_string(more) + " more ranges");
    }
    sentences.push_back({rhythms.empty()
                             ? "No cycle that was followed is stable."
                             : "Stable rhythms" + found.among + ": " + joined(rhythms) + "."});
}

void cycles_sentences(const StoredRun& run, const Findings& found,
                      std::vector<Sentence>& sentences) {
    const std::size_t branches = branches_of(found, CurveKind::cycle);
    if (branches == 0 || found.rows.empty()) {
        return;
    }
    rhythm_sentence(run, found, sentences);
    const std::string events =
        bifurcations(found,
                     {PointType::fold_of_cycles, PointType::period_doubling, PointType::torus,
                      PointType::branch_point_of_cycles, PointType::snic, PointType::homoclinic},
                     1);
    sentences.push_back(
        {(branches == 1 ? "The branch of cycles in "
                        : "The " + std::to_string(branches) + " branches of cycles in ") +
         found.parameter().name + (branches == 1 ? " has " : " have ") +
         (events.empty() ? "no bifurcation" : events) + "."});
}

/// The special point at a value of the first parameter; none where a branch ends there.
const Record* point_at(double x, const Findings& found) {
    const auto here = std::ranges::find_if(found.points, [&](const Record* point) {
        const auto value = parameter_at(*point, found.parameter().name);
        return value && std::abs(*value - x) <= at_point * std::max(std::abs(x), 1.0);
    });
    return here == found.points.end() ? nullptr : *here;
}

/// Only a diagram looks for all equilibria.
std::string none_is_stable(const Findings& found) {
    if (found.step.kind == "diagram") {
        return "No stable equilibrium was found";
    }
    return std::string("No equilibrium of ") +
           (branches_of(found, CurveKind::equilibrium) == 1 ? "this branch" : "these branches") +
           " is stable";
}

/// Where no equilibrium is stable, and where several are.
void stability_sentences(const Findings& found, std::vector<Sentence>& sentences) {
    for (const StableRange& range : stable_ranges(found.rows)) {
        if (range.equilibria == 1) {
            continue;
        }
        const Record *low = point_at(range.low, found), *high = point_at(range.high, found);
        const auto bound = [&](const Record* point, double x) {
            return with_unit(point == nullptr ? number_text(x) : value_text(*point, found, 0),
                             found.parameter());
        };
        const std::string between =
            low == nullptr || high == nullptr
                ? ""
                : ", between " + text_at(*low, "label") + " and " + text_at(*high, "label");
        sentences.push_back(
            {(range.equilibria == 0
                  ? none_is_stable(found)
                  : std::to_string(range.equilibria) + " stable equilibria coexist") +
             found.among + " for " + bound(low, range.low) + " < " + found.parameter().name +
             " < " + bound(high, range.high) + between + "."});
    }
}

std::string hopf_text(const Record& hopf, const Findings& found) {
    const std::string scenario = text_at(hopf, "scenario");
    const bool super = scenario == "supercritical", sub = scenario == "subcritical";
    // The critical pair is not counted.
    const bool stable = super && number_at(hopf, "unstable").value_or(0.0) == 0.0;
    const double frequency = number_at(hopf, "frequency").value_or(0.0);
    return "At " + text_at(hopf, "label") + ", a " + (super || sub ? scenario + " " : "") +
           "Hopf point, " +
           (stable         ? "stable "
            : super || sub ? "unstable "
                           : "") +
           "oscillations of frequency " + found.time.frequency(frequency) + " arise" +
           (stable ? found.among : "") + ".";
}

void hopf_sentences(const Findings& found, std::vector<Sentence>& sentences) {
    const Points points = of_type(found, PointType::hopf);
    if (points.size() <= places_listed) {
        for (const Record* hopf : points) {
            sentences.push_back({hopf_text(*hopf, found)});
        }
        return;
    }
    const auto count = [&](const std::string& scenario) {
        return std::to_string(std::ranges::count_if(
            points, [&](const Record* hopf) { return text_at(*hopf, "scenario") == scenario; }));
    };
    sentences.push_back({"Of the " + count_text(points.size(), "Hopf point") + " " +
                         count("supercritical") + " are supercritical and " + count("subcritical") +
                         " subcritical."});
}

void curve_sentence(const Findings& found, std::vector<Sentence>& sentences) {
    std::vector<std::string> curves;
    for (const auto& [kind, noun] :
         {std::pair{CurveKind::fold, "fold curve"},
          {CurveKind::hopf, "Hopf curve"},
          {CurveKind::branch_point, "curve of branch points"},
          {CurveKind::fold_of_cycles, "curve of folds of cycles"},
          {CurveKind::period_doubling, "curve of period doublings"},
          {CurveKind::torus, "curve of torus points"},
          {CurveKind::homoclinic, "curve of homoclinic orbits"},
          {CurveKind::transverse, "curve of transverse instabilities"},
          {CurveKind::transverse_of_cycles, "curve of transverse instabilities of cycles"}}) {
        if (const std::size_t count = branches_of(found, kind); count > 0) {
            curves.push_back(count_text(count, noun));
        }
    }
    if (curves.empty()) {
        return;
    }
    std::vector<PointType> types{PointType::cusp,
                                 PointType::bogdanov_takens,
                                 PointType::generalized_hopf,
                                 PointType::fold_hopf,
                                 PointType::hopf_hopf,
                                 PointType::cusp_of_cycles,
                                 PointType::generalized_period_doubling,
                                 PointType::chenciner,
                                 PointType::resonance_1_1,
                                 PointType::resonance_1_2,
                                 PointType::resonance_1_3,
                                 PointType::resonance_1_4,
                                 PointType::fold_flip,
                                 PointType::fold_torus,
                                 PointType::flip_torus,
                                 PointType::double_torus,
                                 PointType::transverse};
    if (branches_of(found, CurveKind::homoclinic) > 0) {  // of the saddle that the orbits leave
        types.insert(types.end(), {PointType::snic, PointType::neutral_saddle});
    }
    const std::string events = bifurcations(found, types, 2);
    sentences.push_back(
        {"In two parameters " + joined(curves) +
         (curves.size() == 1 && curves.front().starts_with("1 ") ? " was" : " were") +
         " followed, with " + (events.empty() ? "no point of codimension 2" : events) + "."});
}

}  // namespace

bool follows_branches(const StepRecord& step) {
    return step.kind == "continue" || step.kind == "diagram";
}

void branch_verdict(const StoredRun& run, const StepRecord& step,
                    std::vector<Sentence>& sentences) {
    const Findings found = read_findings(run, step);
    if (found.parameters.empty()) {
        sentences.push_back({"The step " + step.name + " followed no branch.", true});
        return;
    }
    for (const Record* point : of_type(found, PointType::unresolved)) {
        const std::string note = text_at(*point, "note");
        sentences.push_back({text_at(*point, "label") + " at " + place_text(*point, found, 1) +
                                 " is not resolved" + (note.empty() ? "." : ": " + note),
                             true});
    }
    const std::size_t first = sentences.size();
    cycles_sentences(run, found, sentences);
    equilibria_sentence(found, sentences);
    stability_sentences(found, sentences);
    if (branches_of(found, CurveKind::equilibrium) > 0) {
        hopf_sentences(found, sentences);
    }
    curve_sentence(found, sentences);
    if (first < sentences.size() && std::ranges::count_if(run.steps, follows_branches) > 1) {
        sentences[first].text = step.name + ": " + sentences[first].text;
    }
}

}  // namespace cortifold
