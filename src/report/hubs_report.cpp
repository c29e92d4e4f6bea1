#include "hubs_report.hpp"

#include "brain_figure.hpp"
#include "wording.hpp"

#include <algorithm>
#include <tuple>

namespace cortifold {
namespace {

constexpr std::size_t rows_shown = 10;
constexpr int names_shown = 5;  // on the brain

std::string region_name(const Record& entry, const std::string& key, const std::string& label) {
    const std::string name = text_at(entry, label);
    return name.empty() ? "region " + number_text(number_at(entry, key)) : name;
}

TextTable region_table(const Record::List& regions, const TimeUnit& unit) {
    TextTable table{{"Without", label({"Growth changes by", unit.rate_unit()}),
                     label({"To first order by", unit.rate_unit()}), "Modes that still grow",
                     "Participation", "In the leading mode"},
                    {}};
    for (std::size_t k = 0; k < std::min(regions.size(), rows_shown); ++k) {
        const Record& at = regions[k];
        table.rows.push_back({region_name(at, "region", "label"),
                              number_text(number_at(at, "exact")),
                              number_text(number_at(at, "first_order")),
                              number_text(number_at(at, "unstable_modes")),
                              number_text(number_at(at, "participation")),
                              number_text(number_at(at, "leading_participation"))});
    }
    return table;
}

TextTable connection_table(const Record::List& connections, const TimeUnit& unit) {
    TextTable table{{"Without the connection onto", "from", "Weight",
                     label({"Growth changes by", unit.rate_unit()}),
                     label({"To first order by", unit.rate_unit()}), "Modes that still grow"},
                    {}};
    for (std::size_t k = 0; k < std::min(connections.size(), rows_shown); ++k) {
        const Record& at = connections[k];
        table.rows.push_back(
            {region_name(at, "onto", "onto_label"), region_name(at, "from", "from_label"),
             number_text(number_at(at, "weight")), number_text(number_at(at, "exact")),
             number_text(number_at(at, "first_order")),
             number_text(number_at(at, "unstable_modes"))});
    }
    return table;
}

Figure effect_figure(const StoredRun& run, const StepRecord& step) {
    const PlotSource table(run, step.name + "/regions.csv");
    Figure figure =
        region_maps(run, table,
                    {{table.at("exact"), "change of growth",
                      label({"change of growth", table.column("exact").unit})},
                     {table.at("participation"), "participation", "share of the growing modes"}});
    figure.name = step.name + "_regions";
    figure.caption =
        "Top: how the largest growth rate of a transverse mode changes without a region. Bottom: "
        "the regions' shares of the growing modes.";
    if (!has_positions(run)) return figure;
    figure.caption +=
        " Without a blue region growth falls, without a red one it rises; the "
        "regions with the largest changes are named.";
    const std::string k = "k = int(" + table.at("region") + ") + 1, ";
    figure.panels.at(1).series.push_back(
        {table.rows() + " every ::0::" + std::to_string(names_shown - 1),
         columns({k + "X[k]", "Y[k]", table.text_at("label")}),
         "with labels noenhanced font ',10' offset 0,0.7", ""});
    return figure;
}

Figure order_figure(const StoredRun& run, const StepRecord& step) {
    Panel panel{"", "", "", {"set key top left", "set format '%g'"}, {}};
    for (const auto& [file, style, title] :
         {std::tuple{"/regions.csv", "with points lt 1 pt 7 ps 0.6", "a region"},
          std::tuple{"/connections.csv", "with points lt 2 pt 6 ps 0.6", "a connection"}}) {
        const PlotSource table(run, step.name + file);
        panel.x_label = label({"change to first order", table.column("first_order").unit});
        panel.y_label = label({"change of growth", table.column("exact").unit});
        panel.series.push_back(
            {table.rows(),
             columns({where("strlen(" + table.text_at("exact") + ") > 0", table.at("first_order")),
                      table.at("exact")}),
             style, title});
    }
    panel.series.push_back({"x", "", "with lines lt 7 lw 0.8 dt 2", "equal"});
    return {
        step.name + "_order",
        "The largest growth rate without a region or connection: first order, of the mode that "
        "leads now, against exact. Above the line another mode takes the lead, or eigenvalues have "
        "met and become a pair.",
        {panel}};
}

}  // namespace

void add_hubs(const StoredRun& run, const StepRecord& step, Section& section) {
    const TimeUnit unit = time_unit_of(run, step);
    const auto &regions = list_at(*step.summary, "regions"),
               &connections = list_at(*step.summary, "connections");
    const std::string rows =
        text_at(*step.summary, "after_removal") == "rows_keep_sums"
            ? " The weights onto a region keep their sum when one of them is removed, so that the "
              "homogeneous state stays what it is."
            : " Other weights stay as they are when one is removed.";
    section.paragraphs.push_back("Changes of the largest growth rate of a transverse mode, " +
                                 unit.rate(number_at(*step.summary, "growth").value_or(0.0)) +
                                 " of mode " + number_text(number_at(*step.summary, "mode")) + "." +
                                 rows);
    if (const std::string note = text_at(*step.summary, "note"); !note.empty())
        section.paragraphs.push_back(note + ".");
    if (!regions.empty()) section.tables.push_back(region_table(regions, unit));
    if (!connections.empty()) section.tables.push_back(connection_table(connections, unit));
    add_figure(section, step.name, [&] { return effect_figure(run, step); });
    add_figure(section, step.name, [&] { return order_figure(run, step); });
}

void hubs_verdict(const StoredRun& run, const StepRecord& step, std::vector<Sentence>& sentences) {
    const auto &regions = list_at(*step.summary, "regions"),
               &connections = list_at(*step.summary, "connections");
    if (regions.empty()) return;
    const TimeUnit unit = time_unit_of(run, step);
    const double growth = number_at(*step.summary, "growth").value_or(0.0);
    const auto left = [&](const Record& at) {
        return unit.rate(growth + number_at(at, "exact").value_or(0.0));
    };
    const Record& first = regions.front();
    std::string text = "The fastest transverse growth, " + unit.rate(growth) +
                       ", depends most on " + region_name(first, "region", "label") +
                       ": without it, it is " + left(first);
    const auto before = number_at(*step.summary, "unstable_modes"),
               after = number_at(first, "unstable_modes");
    if (before != after)
        text += " and " + number_text(after) + " instead of " + number_text(before) + " modes grow";
    if (!connections.empty()) {
        const Record& link = connections.front();
        text += "; without the connection onto " + region_name(link, "onto", "onto_label") +
                " from " + region_name(link, "from", "from_label") + " it is " + left(link);
    }
    sentences.push_back({text + "."});
}

}  // namespace cortifold
