#include "cycle_figures.hpp"

#include "plot_source.hpp"
#include "stored_branches.hpp"
#include "wording.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <map>

namespace cortifold {
namespace {

constexpr std::size_t branches_shown = 3;
constexpr int orbit_height = 380, orbit_margin = 40, circle_height = 640;  // pixels
constexpr double farthest_multiplier = 3.0;

/// Rows first to last of orbits.csv: one cycle.
struct StoredOrbit {
    std::string branch, point, label;
    std::size_t first = 0, last = 0;
    double period = 0.0;
};

std::vector<StoredOrbit> read_orbits(const StoredRun& run, const PlotSource& table) {
    std::ifstream file(run.path / table.table());
    std::string line;
    std::getline(file, line);
    const std::size_t branch = table.place("branch") - 1, point = table.place("point") - 1,
                      label = table.place("label") - 1, t = table.place("t") - 1;
    std::vector<StoredOrbit> orbits;
    for (std::size_t row = 0; std::getline(file, line); ++row) {
        const auto fields = csv_fields(line);
        if (fields.size() != table.columns().size()) {
            throw ConfigError(table.table() + ": a row has " + std::to_string(fields.size()) +
                              " fields, the heading " + std::to_string(table.columns().size()));
        }
        if (orbits.empty() || orbits.back().branch != fields[branch] ||
            orbits.back().point != fields[point]) {
            orbits.push_back({fields[branch], fields[point], fields[label], row});
        }
        orbits.back().last = row;
        orbits.back().period = std::stod(fields[t]);
    }
    return orbits;
}

bool is_of_one_parameter(const StepRecord& step, const std::string& branch) {
    return std::ranges::any_of(list_at(*step.summary, "branches"), [&](const Record& record) {
        return number_text(number_at(record, "branch")) == branch &&
               text_at(record, "kind") == to_string(CurveKind::cycle);
    });
}

/// Of a branch and of a point on it, as tables have them.
using PointNumber = std::pair<std::string, std::string>;

std::map<PointNumber, double> parameters_of(const StoredRun& run, const StepRecord& step,
                                            const std::string& parameter) {
    std::map<PointNumber, double> values;
    std::map<std::string, long> points;
    for (const BranchRow& row : read_branches(run, step, {parameter, parameter})) {
        const std::string branch = std::to_string(row.branch);
        values[{branch, std::to_string(++points[branch])}] = row.x;
    }
    return values;
}

/// The names of cycles at special points as figures have them; none of those that have shrunk to an
/// equilibrium.
std::map<std::string, std::string> short_labels(const StepRecord& step) {
    std::map<std::string, std::string> labels;
    for (const Record* point : special_points(step)) {
        if (point->find("period") != nullptr && !is_type(*point, PointType::hopf)) {
            labels[text_at(*point, "label")] = short_label(*point);
        }
    }
    return labels;
}

/// Over a period, and in the plane of two states.
struct OrbitPanels {
    Panel course, plane;
    std::size_t labelled = 0;
};

class OrbitsDrawing {
public:
    OrbitsDrawing(const StoredRun& run, const StepRecord& step)
        : step_(step),
          table_(run, step.name + "/orbits.csv"),
          parameter_(free_parameters(step).front()),
          parameters_(parameters_of(run, step, parameter_)),
          labels_(short_labels(step)) {
        const std::size_t first = table_.place("t");  // counted from 1
        for (std::size_t k = first; k < table_.columns().size() && states_.size() < 2; ++k) {
            states_.push_back(table_.columns()[k].name);
        }
        for (const StoredOrbit& orbit : read_orbits(run, table_)) {
            add(orbit);
        }
    }

    [[nodiscard]] Figure figure() {
        Figure figure{step_.name + "_orbits",
                      "Cycles along each branch, coloured by " + parameter_ +
                          ": over a period, and in the plane of two states. In black those at "
                          "special points.",
                      {},
                      2,
                      static_cast<int>(panels_.size()) * orbit_height + orbit_margin};
        for (auto& [branch, panels] : panels_) {
            finish(branch, panels);
            figure.panels.push_back(std::move(panels.course));
            figure.panels.push_back(std::move(panels.plane));
        }
        if (figure.panels.empty()) {
            throw ConfigError(table_.table() + " holds no cycle");
        }
        return figure;
    }

private:
    void add(const StoredOrbit& orbit) {
        const bool full = panels_.size() == branches_shown && !panels_.contains(orbit.branch);
        const bool named = labels_.contains(orbit.label);
        const auto value = parameters_.find({orbit.branch, orbit.point});
        if (full || orbit.period <= 0.0 || value == parameters_.end() ||
            !is_of_one_parameter(step_, orbit.branch) || (!orbit.label.empty() && !named)) {
            return;
        }
        OrbitPanels& panels = panels_[orbit.branch];
        low_ = std::min(low_, value->second);
        high_ = std::max(high_, value->second);
        const std::string style =
            named ? "lw 2 lc rgb 'black' dt " + std::to_string(++panels.labelled)
                  : "lw 1.2 lc palette cb " + exact(value->second);
        const std::string rows = table_.rows() + " every ::" + std::to_string(orbit.first) +
                                 "::" + std::to_string(orbit.last);
        panels.course.series.push_back(
            {rows,
             columns({table_.at("t") + "/" + exact(orbit.period), table_.at(states_.front())}),
             "with lines " + style, ""});
        panels.plane.series.push_back(
            {rows, columns({table_.at(states_.front()), table_.at(states_.back())}),
             "with lines " + style, named ? labels_.at(orbit.label) : ""});
    }

    void finish(const std::string& branch, OrbitPanels& panels) const {
        const double high = high_ > low_ ? high_ : low_ + 1.0;
        panels.course.title = "branch " + branch;
        panels.course.x_label = "t / period";
        panels.course.y_label = table_.axis(states_.front());
        panels.course.settings = {std::string(sequential_palette),
                                  "set cblabel " + gnuplot_text(parameter_) + " noenhanced",
                                  "set cbrange [" + exact(low_) + ":" + exact(high) + "]",
                                  "unset colorbox",
                                  "unset key",
                                  "set xrange [0:1]",
                                  "unset xzeroaxis",
                                  "set xtics norotate"};
        panels.plane.x_label = table_.axis(states_.front());
        panels.plane.y_label = table_.axis(states_.back());
        panels.plane.settings = {"set colorbox", "set xrange [*:*]", "set xtics rotate by -40",
                                 "set key outside top center horizontal samplen 2 noenhanced "
                                 "font ',11'"};
    }

    const StepRecord& step_;
    PlotSource table_;
    std::string parameter_;
    std::map<PointNumber, double> parameters_;
    std::map<std::string, std::string> labels_;
    std::vector<std::string> states_;
    std::map<std::string, OrbitPanels> panels_;
    double low_ = std::numeric_limits<double>::infinity(), high_ = -low_;
};

}  // namespace

Figure orbits_figure(const StoredRun& run, const StepRecord& step) {
    return OrbitsDrawing(run, step).figure();
}

Figure multipliers_figure(const StoredRun& run, const StepRecord& step) {
    const PlotSource table(run, branches_table(step));
    const std::string parameter = free_parameters(step).front(), period = table.at(period_column);
    Panel panel{"", "Re μ", "Im μ", {}, {}};
    const std::string reach =
        "[-" + exact(farthest_multiplier) + ":" + exact(farthest_multiplier) + "]";
    panel.settings = {std::string(sequential_palette),
                      "set cblabel " + gnuplot_text(table.axis(parameter)) + " noenhanced",
                      "set colorbox",
                      "unset key",
                      "set size ratio -1",
                      "set parametric",
                      "set trange [0:2*pi]",
                      "set xrange " + reach,
                      "set yrange " + reach};
    panel.series = {{"cos(t),sin(t)", "", "with lines lt 7 lw 1.2", ""}};
    const std::string is_cycle = "strcol(" + std::to_string(table.place("kind")) + ") eq 'cycle'";
    for (const std::string name : {"exponent1", "exponent2"}) {
        const std::string size = "exp(" + table.at(name + "_re") + "*" + period + ")",
                          angle = "(" + table.at(name + "_im") + "*" + period + ")";
        const std::string shown = is_cycle + " && " + size + " < " + exact(farthest_multiplier);
        panel.series.push_back({table.rows(),
                                columns({where(shown, size + "*cos" + angle), size + "*sin" + angle,
                                         table.at(parameter)}),
                                "with points pt 7 ps 0.5 lc palette", ""});
    }
    return {
        step.name + "_multipliers",
        "The two leading Floquet multipliers of each cycle, without the one of its phase, beside "
        "the unit circle; those beyond " +
            number_text(farthest_multiplier) + " are left out.",
        {panel},
        1,
        circle_height};
}

}  // namespace cortifold
