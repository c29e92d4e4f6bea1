#include "report/branch_run.hpp"
#include <cortifold/io/table.hpp>
#include <cortifold/report/report.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <label_places.hpp>

#include <regex>

namespace cortifold {
namespace {

using test::BranchRun;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string html_of(const BranchRun& run) {
    run.write();
    return read_file(write_report(run.path).file);
}

std::string script_of(const BranchRun& run, const std::string& figure) {
    run.write();
    (void)write_report(run.path);
    return run.file("figures/" + figure + ".gp");
}

std::vector<std::string> matches(const std::string& text, const std::string& expression) {
    const std::regex pattern(expression);
    std::vector<std::string> found;
    for (std::sregex_iterator match(text.begin(), text.end(), pattern), end; match != end; ++match)
        found.push_back(match->str(1));
    return found;
}

TEST(BranchVerdict, SaysWhereStableEquilibriaCoexist) {
    const BranchRun run;
    EXPECT_THAT(html_of(run), HasSubstr("2 stable equilibria coexist for -0.3849"));
    EXPECT_THAT(html_of(run),
                HasSubstr("-0.384900 mV &lt; p &lt; 0.384900 mV, between fold2 and fold1."));
}

TEST(BranchVerdict, TakesForZeroWhatIsRounding) {
    BranchRun run;
    run.special("fold1")["parameters"]["p"] = 3e-17;
    run.special("fold1")["error"] = 1e-19;
    EXPECT_THAT(html_of(run), HasSubstr("2 folds (fold1 at p = 0 mV and"));
    EXPECT_THAT(html_of(run), HasSubstr("<td>fold1</td><td>LP1</td><td>fold</td><td>0</td>"));
}

TEST(BranchVerdict, SaysWhereNoStableEquilibriumIsKnown) {
    const BranchRun run;  // up to x = 1.494, the last row
    EXPECT_THAT(html_of(run), HasSubstr("No stable equilibrium was found for 0.528000 mV "
                                        "&lt; p &lt; 1.84"));
}

TEST(BranchVerdict, SpeaksOfItsOwnBranchWhereNotAllEquilibriaWereLookedFor) {
    BranchRun run;
    run.manifest["steps"].as<Record::List>()[0]["do"] = "continue";
    EXPECT_THAT(html_of(run),
                HasSubstr("No equilibrium of this branch is stable for 0.528000 mV &lt; p"));
    auto& branches = run.summary["branches"].as<Record::List>();
    branches.push_back(branches.front());
    EXPECT_THAT(html_of(run),
                HasSubstr("No equilibrium of these branches is stable for 0.528000 mV &lt; p"));
}

TEST(BranchVerdict, CountsBothSidesOfAPitchfork) {
    BranchRun run;
    std::string rows = "branch,kind,point,label,p [mV],x,unstable\n";  // p = x^2
    for (int i = -10; i <= 10; ++i)
        rows += "1,equilibrium,0,," + std::to_string(0.01 * i * i) + "," + std::to_string(0.1 * i) +
                ",0\n";
    run.summary["branches"].as<Record::List>().resize(1);
    run.summary["branches"].as<Record::List>()[0]["special"] = Record::List{};
    run.write();
    write_file(run.path / "diagram/branches.csv", rows);
    EXPECT_THAT(read_file(write_report(run.path).file),
                HasSubstr("2 stable equilibria coexist for 0 mV &lt; p &lt; 1 mV."));
}

TEST(BranchVerdict, NamesTheBifurcationsOfABranch) {
    const BranchRun run;
    EXPECT_THAT(
        html_of(run),
        HasSubstr("The branch of equilibria in p has 2 folds (fold1 at p = 0.384900 mV and "
                  "fold2 at p = -0.384900 mV) and 1 Hopf point (hopf1 at p = 0.528000 mV)."));
}

TEST(BranchVerdict, SaysWhetherOscillationsAtAHopfPointAreStable) {
    BranchRun run;
    EXPECT_THAT(html_of(run), HasSubstr("At hopf1, a supercritical Hopf point, stable oscillations "
                                        "of frequency 155 Hz arise."));
    run.special("hopf1")["unstable"] = 1;
    EXPECT_THAT(html_of(run), HasSubstr("a supercritical Hopf point, unstable oscillations"));
    run.special("hopf1")["scenario"] = "degenerate";
    EXPECT_THAT(html_of(run), HasSubstr("At hopf1, a Hopf point, oscillations of"));
}

void add_to_curve(BranchRun& run, const Record& point) {
    run.summary["branches"].as<Record::List>()[1]["special"].push_back(point);
}

TEST(BranchVerdict, NamesALabelOnceWhateverTheStateIsOnTheOtherCurve) {
    BranchRun run;
    Record again = run.special("cusp1");
    again["state"] = Record::Table{};
    add_to_curve(run, again);
    EXPECT_THAT(html_of(run), HasSubstr("followed, with 1 cusp "));
}

TEST(BranchVerdict, CountsPointsOfCurvesApartFromThoseOfBranches) {
    BranchRun run;
    Record fold = run.special("fold1");
    fold["label"] = "fold3";
    fold["parameters"]["q"] = 0.5;
    add_to_curve(run, fold);
    EXPECT_THAT(html_of(run), HasSubstr("The branch of equilibria in p has 2 folds"));
}

TEST(BranchVerdict, NamesPointsOfCodimensionTwoOnceThoughTwoCurvesMeetThere) {
    BranchRun run;
    Record again = run.special("cusp1");
    again["label"] = "cusp2";
    add_to_curve(run, again);
    EXPECT_THAT(html_of(run), HasSubstr("In two parameters 1 fold curve was followed, with 1 cusp "
                                        "(cusp1 at (p, q) = (0 mV, 0))."));
}

TEST(BranchVerdict, PutsUnresolvedPointsFirst) {
    BranchRun run;
    run.special("fold1")["type"] = "unresolved";
    run.special("fold1")["note"] = "two eigenvalues cross together";
    const std::string html = html_of(run);
    EXPECT_THAT(html, HasSubstr("<p class=\"bad\">fold1 at p = 0.384900 mV is not resolved: two "
                                "eigenvalues cross together"));
    EXPECT_LT(html.find("is not resolved"), html.find("The branch of equilibria"));
}

TEST(BranchVerdict, SpeaksOfTheBranchesThatAFailedStepLeft) {
    BranchRun run;
    run.manifest["steps"].as<Record::List>()[0]["status"] = "step_too_small";
    const std::string html = html_of(run);
    EXPECT_THAT(html, HasSubstr("The step diagram did not succeed (step_too_small)"));
    EXPECT_THAT(html, HasSubstr("The branch of equilibria in p has 2 folds"));
}

TEST(BranchVerdict, NamesTheStepWhereThereAreSeveral) {
    BranchRun run;
    Record again = run.manifest["steps"].as<Record::List>()[0];
    again["name"] = "diagram2";
    run.manifest["steps"].push_back(again);
    run.write();
    std::filesystem::copy(run.path / "diagram", run.path / "diagram2");
    EXPECT_THAT(html_of(run), HasSubstr("<p>diagram2: The branch of equilibria in p has"));
}

TEST(BranchVerdict, CountsHopfPointsWhereThereAreMany) {
    BranchRun run;
    for (int i = 2; i < 10; ++i) {
        Record hopf = run.special("hopf1");
        hopf["label"] = "hopf" + std::to_string(i);
        hopf["parameters"]["p"] = 0.1 * i;
        hopf["scenario"] = i < 4 ? "supercritical" : "subcritical";
        run.summary["branches"].as<Record::List>()[0]["special"].push_back(hopf);
    }
    EXPECT_THAT(html_of(run),
                HasSubstr("Of the 9 Hopf points 3 are supercritical and 6 subcritical."));
}

TEST(BranchSection, GivesAsManyDigitsAsTheErrorAllows) {
    BranchRun run;
    run.special("fold1")["error"] = 1e-5;
    EXPECT_THAT(html_of(run), HasSubstr("<td>fold1</td><td>LP1</td><td>fold</td><td>0.38490</td>"));
}

TEST(BranchSection, SaysThatStatesOfALargeNetworkAreMeans) {
    const BranchRun run;
    EXPECT_THAT(html_of(run), HasSubstr("<th>x [mV]</th>"));
    write_file(run.path / "diagram/branches.csv",
               std::regex_replace(run.file("diagram/branches.csv"), std::regex(",x \\[mV\\],"),
                                  ",mean x [mV],"));
    EXPECT_THAT(read_file(write_report(run.path).file), HasSubstr("<th>mean x [mV]</th>"));
}

TEST(BranchSection, ExplainsTheCoefficientsThatStandInIt) {
    const BranchRun run;
    const std::string html = html_of(run);
    EXPECT_THAT(html, HasSubstr("<td>l1 = -0.25: supercritical</td>"));
    EXPECT_THAT(html, HasSubstr("l1 of a Hopf point: the first Lyapunov coefficient"));
    EXPECT_THAT(html, Not(HasSubstr("l2 of a generalized")));
}

TEST(BranchSection, ShowsWhatLeadsToWhat) {
    const BranchRun run;
    EXPECT_THAT(html_of(run), HasSubstr("<tr><td>fold1</td><td>1</td><td>2</td></tr>"));
}

TEST(BranchSection, SaysWhereEquilibriaWereSearchedFor) {
    BranchRun run;
    run.summary["search"]["box"] = Record::Table{{"x", Record::List{-2.0, 3.0}}};
    run.summary["search"]["slices"] =
        Record::List{Record::Table{{"p", -1.5}, {"solves", 140}, {"equilibria", 1}},
                     Record::Table{{"p", 1.0}, {"solves", 65}, {"equilibria", 0}}};
    EXPECT_THAT(html_of(run),
                HasSubstr("Equilibria were searched for at p = -1.5, 1, with x from -2 to 3, by at "
                          "least 65 solves of Newton&apos;s method at each of these values: no "
                          "proof that there are no others."));
}

// Regions 0 and 1 differ by 2, 0 and 4 at the three points.
TEST(BranchSection, DrawsTheStateOfEachRegionWhereTheyDiffer) {
    const BranchRun run;
    run.write();
    write_file(run.path / "diagram/patterns.csv",
               "label,region,x [mV],y\nfold1,0,1,7\nfold1,1,3,7\nfold2,0,5,7\nfold2,1,5,7\n"
               "end of branch 1,0,-2,7\nend of branch 1,1,2,7\n");
    const std::string html = read_file(write_report(run.path).file);
    EXPECT_THAT(html, HasSubstr("x of every region, in the order of the connectome"));
    const std::string script = run.file("figures/diagram_patterns.gp");
    EXPECT_THAT(script, HasSubstr("set ylabel 'x [mV]'"));
    EXPECT_THAT(matches(script, "with linespoints [^']*title '([^']+)'"),
                ElementsAre("fold1", "end of branch 1"));
}

TEST(BranchSection, NamesATableThatIsMissing) {
    const BranchRun run;
    run.write();
    std::filesystem::remove(run.path / "diagram/branches.csv");
    EXPECT_THAT(write_report(run.path).missing,
                testing::Contains(HasSubstr("diagram/branches.csv is missing")));
}

TEST(BranchFigure, DrawsStableRowsSolidUnstableRowsDashedAndJoinsThemAtTheEvents) {
    const BranchRun run;
    const std::string script = script_of(run, "diagram_branches");
    // 49 rows, fold1, 49 rows, fold2, 49 rows, hopf1, 49 rows.
    EXPECT_THAT(matches(script, "every (::[0-9]+::[0-9]+) using \\S+ with lines lt 7 lw 3"),
                ElementsAre("::0::49", "::99::149"));
    EXPECT_THAT(matches(script, "every (::[0-9]+::[0-9]+) using \\S+ with lines lt 7 lw 1.4 dt"),
                ElementsAre("::49::99", "::149::198"));
}

TEST(BranchFigure, ShowsTheFirstStateUnlessAnotherIsAskedFor) {
    BranchRun run;
    EXPECT_THAT(script_of(run, "diagram_branches"), HasSubstr("set ylabel 'x [mV]'"));
    run.summary["plot"] = Record::List{"y", "x"};
    const std::string script = script_of(run, "diagram_branches");
    EXPECT_THAT(script, HasSubstr("set ylabel 'y'"));
    EXPECT_THAT(script, HasSubstr("set xlabel 'x [mV]'"));
}

TEST(BranchFigure, ShowsOpenSymbolsAtSubcriticalHopfPoints) {
    BranchRun run;
    EXPECT_THAT(script_of(run, "diagram_branches"), HasSubstr("'HB supercritical Hopf'"));
    run.special("hopf1")["scenario"] = "subcritical";
    const std::string script = script_of(run, "diagram_branches");
    EXPECT_THAT(script, HasSubstr("lt 2 pt 6 lw 2 ps 1.1 title 'HB subcritical Hopf'"));
    EXPECT_THAT(script, Not(HasSubstr("HB supercritical")));
}

TEST(BranchFigure, TellsADegenerateHopfPointFromOneThatIsNotKnown) {
    BranchRun run;
    run.special("hopf1")["scenario"] = "degenerate";
    EXPECT_THAT(script_of(run, "diagram_branches"), HasSubstr("'HB degenerate Hopf'"));
    run.special("hopf1")["scenario"] = "";
    EXPECT_THAT(script_of(run, "diagram_branches"), HasSubstr("'HB Hopf, criticality not known'"));
}

TEST(BranchFigure, LabelsPointsAtOnePlaceTogether) {
    BranchRun run;
    Record again = run.special("cusp1");
    again["label"] = "cusp2";
    again["state"]["x"] = 0.5;  // another state, at the same parameters
    add_to_curve(run, again);
    run.write();
    std::string table = run.file("diagram/branches.csv");
    table += "3,fold,400,cusp2,0,0,0,0,0,1e-14,0\n";
    write_file(run.path / "diagram/branches.csv", table);
    (void)write_report(run.path);
    EXPECT_THAT(matches(run.file("figures/diagram_curves.gp"), "set label '([^']+)'"),
                ElementsAre("CP1 +1"));
}

TEST(BranchFigure, LeavesOutALabelForWhichThereIsNoRoom) {
    const PlotArea of_one_label{60.0, 30.0};
    const auto places =
        place_labels({{{10.0, 15.0}, "HB1"}, {{12.0, 15.0}, "HB2"}}, {}, of_one_label);
    ASSERT_EQ(places.size(), 2U);
    EXPECT_FALSE(places[0].crowded);
    EXPECT_TRUE(places[1].crowded);
}

TEST(BranchFigure, LeavesRoomForItsKey) {
    BranchRun run;
    const auto height_of = [&] {
        return std::stoi(matches(script_of(run, "diagram_branches"), "size 900,([0-9]+)").at(0));
    };
    const int before = height_of();
    auto& special = run.summary["branches"].as<Record::List>()[0]["special"].as<Record::List>();
    special.push_back(run.special("fold1"));
    special.back()["type"] = "a kind of point with a name that fills the whole width of a key";
    EXPECT_EQ(height_of(), before);  // no kind that is known here
    run.special("fold2")["type"] = "neutral_saddle";
    EXPECT_EQ(height_of(), before + 21);
}

TEST(BranchFigure, PutsNoLabelOverAnother) {
    BranchRun run;
    auto& special = run.summary["branches"].as<Record::List>()[0]["special"].as<Record::List>();
    run.write();
    std::string rows;
    for (int i = 3; i < 15; ++i) {
        special.push_back(run.special("fold1"));
        special.back()["label"] = "fold" + std::to_string(i);
        special.back()["parameters"]["p"] = 0.05 * i;
        rows += "1,equilibrium,0,fold" + std::to_string(i) + "," + std::to_string(0.05 * i) +
                ",1,0.5,1,0,0,0\n";
    }
    run.write();
    write_file(run.path / "diagram/branches.csv", run.file("diagram/branches.csv") + rows);
    (void)write_report(run.path);
    const std::string script = run.file("figures/diagram_branches.gp"),
                      place = "set label 'LP[0-9]+' at graph ";
    const auto x = matches(script, place + "([^,]+),"), y = matches(script, place + "[^,]+,(\\S+)");
    ASSERT_EQ(x.size(), 14U);
    for (std::size_t i = 0; i < x.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            EXPECT_TRUE(std::abs(std::stod(x[i]) - std::stod(x[j])) * 738 > 25 ||
                        std::abs(std::stod(y[i]) - std::stod(y[j])) * 364 > 15)
                << i << " and " << j;
}

TEST(BranchFigure, RunsNothingThatALabelSays) {
    BranchRun run;
    const std::string ran = (run.path / "ran").string();
    run.special("fold1")["label"] = "`touch " + ran + "`' . system('touch " + ran + "')";
    run.write();
    write_file(run.path / "diagram/branches.csv",
               std::regex_replace(run.file("diagram/branches.csv"), std::regex(",fold1,"),
                                  ",\"`touch " + ran + "`' . system('touch " + ran + "')\","));
    (void)write_report(run.path);
    EXPECT_FALSE(std::filesystem::exists(ran));
}

#ifdef CORTIFOLD_WITH_GNUPLOT
TEST(BranchFigure, IsDrawnForBranchesAndForCurves) {
    const BranchRun run;
    run.write();
    const ReportResult result = write_report(run.path);
    EXPECT_THAT(result.figures, ElementsAre("diagram_branches", "diagram_curves"));
    EXPECT_THAT(result.missing, testing::IsEmpty());
}
#endif

}  // namespace
}  // namespace cortifold
