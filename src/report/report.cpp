#include "sections.hpp"
#include "verdict.hpp"
#include "wording.hpp"
#include <cortifold/report/report.hpp>

#include <kainjow/mustache.hpp>

#include <regex>

namespace cortifold {

extern const std::string_view report_template;  // reports/templates/report.html

namespace {

namespace mustache = kainjow::mustache;

/// The SVG element alone, its ids made unique among the figures of a page.
std::string inline_svg(const std::string& file, const std::string& name) {
    static const std::regex reference(R"re((\bid=['"]|href=['"]#|url\(#))re");
    return std::regex_replace(file.substr(file.find("<svg")), reference, "$1" + name + "_");
}

mustache::data texts(const std::vector<std::string>& lines) {
    mustache::data list(mustache::data::type::list);
    for (const auto& line : lines) {
        list << mustache::data("text", line);
    }
    return list;
}

mustache::data render_table(const TextTable& table) {
    mustache::data rows(mustache::data::type::list);
    for (const auto& row : table.rows) {
        rows << mustache::data("cells", texts(row));
    }
    mustache::data data("headings", texts(table.headings));
    data.set("rows", rows);
    return data;
}

/// Draws the figures of a section; notes in the result what was and what was not.
mustache::data draw_figures(Section& section, const std::filesystem::path& folder,
                            ReportResult& result) {
    mustache::data figures(mustache::data::type::list);
    for (const Figure& figure : section.figures) {
        const std::string svg = draw_figure(figure, folder);
        if (svg.empty()) {
            section.missing.push_back("Figure " + figure.name +
                                      " was not drawn: cd figures, then gnuplot " + figure.name +
                                      ".gp draws it or says why not.");
            continue;
        }
        result.figures.push_back(figure.name);
        mustache::data data("svg", inline_svg(svg, figure.name));
        data.set("caption", figure.caption);
        data.set("script", "figures/" + figure.name + ".gp");
        figures << data;
    }
    return figures;
}

mustache::data render_section(Section section, const std::filesystem::path& folder,
                              ReportResult& result) {
    mustache::data data("heading", section.heading);
    data.set("figures", draw_figures(section, folder, result));
    data.set("paragraphs", texts(section.paragraphs));
    data.set("missing", texts(section.missing));
    mustache::data tables(mustache::data::type::list);
    for (const TextTable& table : section.tables) {
        tables << render_table(table);
    }
    data.set("tables", tables);
    result.missing.insert(result.missing.end(), section.missing.begin(), section.missing.end());
    return data;
}

mustache::data render_verdict(const StoredRun& run) {
    mustache::data sentences(mustache::data::type::list);
    for (const Sentence& sentence : verdict(run)) {
        mustache::data data("text", sentence.text);
        data.set("bad", sentence.bad);
        sentences << data;
    }
    return sentences;
}

/// Model, connectome and size in a line.
std::string subtitle(const StoredRun& run) {
    std::string line = text_at(run.manifest, "study.model.name");
    if (run.network) {
        line += " on " + number_text(number_at(*run.network, "nodes")) + " regions, " +
                std::filesystem::path(text_at(*run.network, "source")).filename().string();
    }
    return line;
}

}  // namespace

ReportResult write_report(const std::filesystem::path& run_folder) {
    const StoredRun run = read_stored_run(run_folder);
    const auto figures = run_folder / "figures";
    std::error_code failure;
    std::filesystem::create_directories(figures, failure);
    if (failure) {
        throw OutputError("cannot make " + figures.string() + ": " + failure.message());
    }
    ReportResult result{run_folder / "report.html", {}, {}};
    const std::string title = text_at(run.manifest, "title");
    mustache::data page("title", title.empty() ? "A run of cortifold" : title);
    page.set("subtitle", subtitle(run));
    page.set("verdict", render_verdict(run));
    mustache::data sections(mustache::data::type::list);
    for (Section& section : make_sections(run)) {
        sections << render_section(std::move(section), figures, result);
    }
    page.set("sections", sections);
    write_file(result.file, mustache::mustache(std::string(report_template)).render(page));
    return result;
}

}  // namespace cortifold
