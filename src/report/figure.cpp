#include <cortifold/io/table.hpp>
#include <cortifold/report/figure.hpp>

#ifdef CORTIFOLD_WITH_GNUPLOT
#include <gnuplot-iostream.h>
#endif

#include <algorithm>

namespace cortifold {
namespace {

constexpr int width = 900;  // pixels
// Appended to every SVG: a file without it was cut short by an error.
constexpr std::string_view last_line = "<!-- complete -->";

// Colours: Okabe & Ito 2008, told apart by colour-blind readers too.
constexpr std::string_view style = R"(set datafile separator ','
set encoding utf8
set linetype 1 linecolor rgb '#0072B2' linewidth 1.5
set linetype 2 linecolor rgb '#D55E00' linewidth 1.5
set linetype 3 linecolor rgb '#009E73' linewidth 1.5
set linetype 4 linecolor rgb '#CC79A7' linewidth 1.5
set linetype 5 linecolor rgb '#E69F00' linewidth 1.5
set linetype 6 linecolor rgb '#56B4E9' linewidth 1.5
set linetype 7 linecolor rgb '#000000' linewidth 1.5
set linetype 8 linecolor rgb '#8C6D31' linewidth 1.5
set linetype cycle 8
set border 3 linecolor rgb '#444444'
set tics nomirror
set grid linetype 1 linecolor rgb '#E6E6E6' linewidth 0.8
set xzeroaxis linetype 1 linecolor rgb '#888888' linewidth 1
set key noenhanced
)";

std::string plot_item(const Series& series) {
    const std::string columns = series.columns.empty() ? "" : " using " + series.columns;
    const std::string title =
        series.title.empty() ? " notitle" : " title " + gnuplot_text(series.title);
    return series.source + columns + " " + series.style + title;
}

std::string panel_script(const Panel& panel) {
    std::string script;
    for (const auto& [what, text] :
         {std::pair{"title", panel.title}, {"xlabel", panel.x_label}, {"ylabel", panel.y_label}}) {
        script += "set " + std::string(what) + " " + gnuplot_text(text) + " noenhanced\n";
    }
    for (const auto& line : panel.settings) {
        script += line + "\n";
    }
    for (std::size_t i = 0; i < panel.series.size(); ++i) {
        script += (i == 0 ? "plot " : ", \\\n     ") + plot_item(panel.series[i]);
    }
    return script + "\n";
}

#ifdef CORTIFOLD_WITH_GNUPLOT
void run_gnuplot(const Figure& figure, const std::filesystem::path& folder) {
    // `cat` takes the input that a missing or failing gnuplot leaves in the pipe.
    Gnuplot gnuplot("gnuplot 2>/dev/null || cat >/dev/null");
    gnuplot << "cd " << gnuplot_text(std::filesystem::absolute(folder).string()) << "\n"
            << "load " << gnuplot_text(figure.name + ".gp") << "\n";
}
#else
void run_gnuplot(const Figure&, const std::filesystem::path&) {}
#endif

}  // namespace

std::string gnuplot_text(std::string_view text) {
    std::string quoted = "'";  // in single quotes gnuplot expands neither ` nor $ nor @ nor a \ .
    for (const char c : text) {
        const bool control = static_cast<unsigned char>(c) < ' ' || c == '\x7f';
        quoted += control ? ' ' : c;
        if (c == '\'') {
            quoted += c;
        }
    }
    return quoted + "'";
}

std::string csv_source(std::string_view path) {
    return gnuplot_text(path) + " skip 1";
}

std::string figure_script(const Figure& figure) {
    const std::string svg = gnuplot_text(figure.name + ".svg");
    const auto rows =
        (static_cast<int>(figure.panels.size()) + figure.panels_in_row - 1) / figure.panels_in_row;
    std::string script = "# Run in this folder: gnuplot " + figure.name +
                         ".gp\nset terminal svg size " + std::to_string(width) + "," +
                         std::to_string(figure.height) +
                         " background rgb 'white' font 'sans-serif,14'\nset output " + svg + "\n" +
                         std::string(style);
    script += "set multiplot layout " + std::to_string(rows) + "," +
              std::to_string(figure.panels_in_row) + " " + figure.margins + "\n";
    for (const Panel& panel : figure.panels) {
        script += panel_script(panel);
    }
    return script + "unset multiplot\nset output\nset print " + svg + " append\nprint '" +
           std::string(last_line) + "'\n";
}

std::string draw_figure(const Figure& figure, const std::filesystem::path& folder) {
    const auto svg = folder / (figure.name + ".svg");
    std::filesystem::remove(svg);
    write_file(folder / (figure.name + ".gp"), figure_script(figure));
    run_gnuplot(figure, folder);
    if (!std::filesystem::exists(svg)) {
        return "";
    }
    std::string text = read_file(svg);
    if (text.find(last_line) == std::string::npos) {
        std::filesystem::remove(svg);
        return "";
    }
    return text;
}

}  // namespace cortifold
