#include <cortifold/io/table.hpp>
#include <cortifold/report/figure.hpp>

#include <gtest/gtest.h>

#include <cstdlib>

namespace cortifold {
namespace {

struct Folder {
    Folder() {
        std::string name =
            (std::filesystem::temp_directory_path() / "cortifold-figure-XXXXXX").string();
        path = mkdtemp(name.data());
    }
    ~Folder() { std::filesystem::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::filesystem::path path;
};

Figure line_figure(const std::string& title) {
    return {"line", "", {{title, title, title, {}, {{"x", "", "with lines", title}}}}};
}

TEST(GnuplotText, DoublesQuotesAndTurnsLineBreaksIntoBlanks) {
    EXPECT_EQ(gnuplot_text("it's\none\r\tline"), "'it''s one  line'");
}

TEST(FigureScript, WritesEachPanelOnce) {
    Figure figure = line_figure("a");
    figure.panels.push_back(figure.panels.front());
    const std::string script = figure_script(figure);
    EXPECT_NE(script.find("set multiplot layout 2,1"), std::string::npos);
    const auto first = script.find("plot x with lines"), last = script.rfind("plot x with lines");
    EXPECT_NE(first, last);
}

#ifdef CORTIFOLD_WITH_GNUPLOT
TEST(DrawFigure, RunsNothingThatALabelSays) {
    const Folder folder;
    const std::string ran = (folder.path / "ran").string();
    const std::string hostile = "`touch " + ran + "` $(touch " + ran + ") @x 'q' \" \\ <script>\n" +
                                "system(\"touch " + ran + "\") ' ; system('touch " + ran + "')";
    const std::string svg = draw_figure(line_figure(hostile), folder.path);
    ASSERT_FALSE(svg.empty());
    EXPECT_FALSE(std::filesystem::exists(ran));
    EXPECT_EQ(svg.find("<script>"), std::string::npos);
    EXPECT_NE(svg.find("&lt;script"), std::string::npos);
}

TEST(DrawFigure, GivesNothingForAScriptThatGnuplotRefuses) {
    const Folder folder;
    Figure figure = line_figure("a");
    figure.panels.push_back({"", "", "", {}, {{"'no_such_table.csv'", "1:2", "with lines", ""}}});
    EXPECT_EQ(draw_figure(figure, folder.path), "");
    EXPECT_FALSE(std::filesystem::exists(folder.path / "line.svg"));
    EXPECT_TRUE(std::filesystem::exists(folder.path / "line.gp"));
}
#endif

}  // namespace
}  // namespace cortifold
