#include "pattern_figure.hpp"

#include "plot_source.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>

namespace cortifold {
namespace {

constexpr std::size_t most_shown = 5;  // more lines cannot be told apart
constexpr double alike = 1e-6;         // relative: regions that differ by less
constexpr int height = 330;            // pixels

std::string table_of(const StepRecord& step) {
    return step.name + "/patterns.csv";
}

/// Behind the label and the number of the region.
const Column& shown_state(const TableHeading& table) {
    return table.columns().at(table.place("region"));
}

/// Over the regions, at a point.
struct Range {
    std::string label;
    double low, high;
    [[nodiscard]] double difference() const {
        const double size = std::max(std::abs(low), std::abs(high));
        return size > 0.0 ? (high - low) / size : 0.0;
    }
};

std::vector<Range> read_ranges(const StoredRun& run, const TableHeading& table) {
    const std::size_t label = table.place("label") - 1, state = table.place("region");
    std::ifstream file(run.path / table.table());
    std::string line;
    std::getline(file, line);
    std::vector<Range> ranges;
    while (std::getline(file, line)) {
        const auto fields = csv_fields(line);
        if (fields.size() != table.columns().size()) {
            throw ConfigError(table.table() + " has a row of another width than its heading");
        }
        double value = 0.0;
        std::from_chars(fields[state].data(), fields[state].data() + fields[state].size(), value);
        if (ranges.empty() || ranges.back().label != fields[label]) {
            ranges.push_back({fields[label], value, value});
        }
        ranges.back().low = std::min(ranges.back().low, value);
        ranges.back().high = std::max(ranges.back().high, value);
    }
    return ranges;
}

}  // namespace

std::vector<std::string> uneven_patterns(const StoredRun& run, const StepRecord& step) {
    if (!std::filesystem::exists(run.path / table_of(step))) {
        return {};
    }
    const TableHeading table(run, table_of(step));
    if (!table.has("label")) {
        return {};  // of modes
    }
    std::vector<Range> ranges = read_ranges(run, table);
    std::erase_if(ranges, [](const Range& range) { return range.difference() <= alike; });
    std::vector<double> differences;
    std::ranges::transform(ranges, std::back_inserter(differences), &Range::difference);
    std::ranges::sort(differences, std::greater{});
    std::vector<std::string> labels;
    for (const Range& range : ranges) {
        if (labels.size() < most_shown &&
            range.difference() >= differences[std::min(ranges.size(), most_shown) - 1]) {
            labels.push_back(range.label);
        }
    }
    return labels;
}

Figure pattern_figure(const StoredRun& run, const StepRecord& step,
                      const std::vector<std::string>& labels) {
    const PlotSource table(run, table_of(step));
    const Column& state = shown_state(table);
    Panel panel{"",
                "region",
                label(state),
                {"set key outside top center horizontal Left reverse samplen 2.5"},
                {}};
    for (const std::string& name : labels) {
        panel.series.push_back({table.rows(),
                                columns({where(table.text_at("label") + " eq " + gnuplot_text(name),
                                               table.at("region")),
                                         table.at(state.name)}),
                                "with linespoints pt 7 ps 0.4 lw 1", name});
    }
    return {step.name + "_patterns",
            state.name +
                " of every region, in the order of the connectome, at the points where "
                "the regions differ most.",
            {panel},
            1,
            height};
}

}  // namespace cortifold
