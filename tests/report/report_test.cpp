#include "report/sample_run.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/io/table.hpp>
#include <cortifold/report/report.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

namespace cortifold {
namespace {

using test::SampleRun;
using testing::HasSubstr;
using testing::Not;

std::string html_of(const SampleRun& run) {
    return read_file(write_report(run.path).file);
}

void set_unstable(Record& dispersion, bool unstable) {
    for (Record& mode : dispersion.find("modes")->as<Record::List>()) {
        mode["unstable"] = unstable;
        mode["growth"] = unstable ? 0.01 : -0.01;
    }
}

Record& step_of(SampleRun& run, std::size_t index) {
    return run.manifest.find("steps")->as<Record::List>().at(index);
}

TEST(Report, SaysWhichModesGrowWhereTheUniformStateIsStable) {
    SampleRun run;
    run.write();
    const std::string html = html_of(run);
    EXPECT_THAT(
        html,
        HasSubstr("The homogeneous equilibrium eq1 is stable to uniform perturbations (growth "
                  "-0.0163 /ms, oscillating at 138.7 Hz), but 7 of its 11 transverse modes grow."));
    EXPECT_THAT(
        html,
        HasSubstr(
            "The fastest is mode 12 (λ = -0.257), growth 0.0174 /ms, oscillating at 113.6 Hz."));
    EXPECT_THAT(html, HasSubstr("antiphase"));
    EXPECT_THAT(
        html,
        HasSubstr("2 homogeneous equilibria were found; stable among homogeneous states: eq1."));
}

TEST(Report, SaysThatNoModeGrowsWhereAllAreStable) {
    SampleRun run;
    set_unstable(run.dispersion, false);
    run.write();
    EXPECT_THAT(html_of(run),
                HasSubstr("and none of its 11 transverse modes grows. The least stable is mode 2"));
}

TEST(Report, SaysWhereTheUniformStateIsUnstableItself) {
    SampleRun run;
    set_unstable(run.dispersion, true);
    run.write();
    const std::string html = html_of(run);
    EXPECT_THAT(html, HasSubstr("is unstable to uniform perturbations"));
    EXPECT_THAT(html, HasSubstr("and 11 of its 11 transverse modes grow"));
}

TEST(Report, DoesNotReadTheSignOfLambdaUnderDiffusiveCoupling) {
    SampleRun run;
    run.manifest["study"]["network"]["coupling"]["kind"] = "diffusive";
    run.write();
    EXPECT_THAT(html_of(run), Not(HasSubstr("antiphase")));
}

TEST(Report, ConfirmsAGrowthThatTheFastestModePredicts) {
    SampleRun run;
    run.write();
    EXPECT_THAT(
        html_of(run),
        HasSubstr("The simulation confirms the prediction: the regions drift apart with growth "
                  "0.0175 /ms, mode 12 predicts 0.0174 /ms; they agree within 0.6 %."));
}

TEST(Report, SaysByHowMuchAGrowthDepartsFromThePrediction) {
    SampleRun run;
    run.simulation["deviation"]["growth"] = 0.02609;
    run.write();
    EXPECT_THAT(html_of(run), HasSubstr("they differ by 50 %"));
}

TEST(Report, TakesASlowerGrowthOutOfNoiseForAMixtureButNotThatOfAnExcitedMode) {
    SampleRun run;
    run.simulation["deviation"]["growth"] = 0.0087;
    run.write();
    EXPECT_THAT(html_of(run), HasSubstr("as a mixture of modes"));
    run.simulation["mode"] = 12;
    run.write();
    EXPECT_THAT(html_of(run), HasSubstr("they differ by 50 %"));
}

TEST(Report, PredictsNothingForASimulationThatStartsElsewhere) {
    SampleRun run;
    run.manifest["study"]["step"]["simulate"]["initial"] = "eq2";
    run.write();
    const std::string html = html_of(run);
    EXPECT_THAT(html, Not(HasSubstr("prediction:")));
    EXPECT_THAT(html, HasSubstr("went from 1e-06 to 0.2 (growth 0.0175 /ms)"));
}

TEST(Report, PredictsNothingForASimulationWithOtherParameters) {
    SampleRun run;
    run.manifest["study"]["step"]["simulate"]["parameters"]["I_ext_E"] = 5.0;
    run.write();
    EXPECT_THAT(html_of(run), Not(HasSubstr("prediction:")));
}

TEST(Report, NamesAFailedStepInItsVerdict) {
    SampleRun run;
    step_of(run, 2)["status"] = "iteration_limit";
    step_of(run, 2)["message"] = "no equilibrium after 30 steps";
    run.write();
    std::filesystem::remove_all(run.path / "dispersion");
    const std::string html = html_of(run);
    EXPECT_THAT(html, HasSubstr("<p class=\"bad\">The step dispersion did not succeed "
                                "(iteration_limit): no equilibrium "
                                "after 30 steps</p>"));
    EXPECT_THAT(html, HasSubstr("dispersion/summary.json is missing"));
}

TEST(Report, SaysWhichTableAFigureLacks) {
    SampleRun run;
    run.write();
    std::filesystem::remove(run.path / "dispersion/curve.csv");
    const ReportResult result = write_report(run.path);
    EXPECT_THAT(result.missing, testing::Contains(HasSubstr("dispersion/curve.csv is missing")));
    EXPECT_THAT(read_file(result.file), HasSubstr("dispersion/curve.csv is missing"));
}

TEST(Report, SaysWhichColumnATableLacks) {
    SampleRun run;
    run.write();
    write_file(run.path / "dispersion/curve.csv", "lambda,speed\n0,1\n");
    EXPECT_THAT(write_report(run.path).missing,
                testing::Contains(HasSubstr("no column \"growth\"; it has lambda, speed")));
}

TEST(Report, RefusesAFolderThatIsNoRun) {
    const SampleRun run;
    EXPECT_THROW((void)write_report(run.path), ConfigError);
}

TEST(Report, RefusesAStepWhoseNameLeadsOutOfTheFolder) {
    SampleRun run;
    step_of(run, 0)["name"] = "../elsewhere";
    run.write();
    EXPECT_THROW((void)write_report(run.path), ConfigError);
}

TEST(Report, ReadsOnlyTablesThatAreThere) {
    SampleRun run;
    run.write();
    (void)write_report(run.path);
    const std::regex table(R"('(\.\./[^']+)')");
    int tables = 0;
    for (const auto& entry : std::filesystem::directory_iterator(run.path / "figures")) {
        if (entry.path().extension() != ".gp") {
            continue;
        }
        const std::string script = read_file(entry.path());
        for (std::sregex_iterator match(script.begin(), script.end(), table), end; match != end;
             ++match, ++tables) {
            EXPECT_TRUE(std::filesystem::exists(run.path / "figures" / match->str(1)))
                << match->str(1);
        }
    }
    EXPECT_GT(tables, 8);
}

TEST(Report, IsTheSameByteForByteTheSecondTime) {
    SampleRun run;
    run.write();
    const std::string first = html_of(run), script = run.file("figures/dispersion_curve.gp");
    EXPECT_EQ(html_of(run), first);
    EXPECT_EQ(run.file("figures/dispersion_curve.gp"), script);
}

TEST(Report, EscapesWhatFilesSay) {
    SampleRun run;
    run.label = "<script>alert(1)</script>, \"quoted\" `touch ran` ";
    run.manifest["title"] = "<script>alert('title')</script> {{verdict}}";
    run.network["source"] = "<img src=x onerror=alert(2)>";
    run.write();
    const std::string html = html_of(run);
    EXPECT_THAT(html, Not(HasSubstr("<script")));
    EXPECT_THAT(html, Not(HasSubstr("<img")));
    EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert("));
    EXPECT_THAT(html, HasSubstr("{{verdict}}"));
}

TEST(Report, RunsNothingThatALabelSays) {
    SampleRun run;
    const std::string ran = (run.path / "ran").string();
    run.equilibria.find("equilibria")->as<Record::List>()[0]["label"] =
        "`touch " + ran + "`' . system('touch " + ran + "')";
    run.write();
    (void)write_report(run.path);
    EXPECT_FALSE(std::filesystem::exists(ran));
}

TEST(Report, RefersToNothingOutsideItself) {
    SampleRun run;
    run.write();
    const std::string html = html_of(run);
    EXPECT_THAT(html, Not(HasSubstr("src=")));
    EXPECT_THAT(html, Not(HasSubstr("<link")));
    EXPECT_THAT(html, Not(HasSubstr(run.path.string())));
}

TEST(Report, TellsRepeatedStepsApart) {
    SampleRun run;
    run.write();
    Record again = step_of(run, 2);
    again["name"] = "dispersion2";
    run.manifest.find("steps")->push_back(again);
    run.write();
    std::filesystem::copy(run.path / "dispersion", run.path / "dispersion2");
    const std::string html = html_of(run);
    EXPECT_THAT(html, HasSubstr("<h2>Dispersion relation</h2>"));
    EXPECT_THAT(html, HasSubstr("<h2>Dispersion relation: dispersion2</h2>"));
}

#ifdef CORTIFOLD_WITH_GNUPLOT
TEST(Report, DrawsEveryFigureOfANetwork) {
    SampleRun run;
    run.write();
    const ReportResult result = write_report(run.path);
    EXPECT_THAT(result.figures, testing::ElementsAre("connectome", "spectrum_eigenvalues",
                                                     "equilibria_eigenvalues", "dispersion_curve",
                                                     "dispersion_patterns", "simulate_time_course",
                                                     "simulate_deviation", "simulate_space_time"));
    EXPECT_THAT(result.missing, testing::IsEmpty());
}

TEST(Report, DrawsPatternsOverRegionsWherePositionsAreUnknown) {
    SampleRun run;
    run.positions = false;
    run.write();
    EXPECT_THAT(write_report(run.path).figures, testing::Contains("dispersion_patterns"));
    EXPECT_THAT(run.file("figures/dispersion_patterns.gp"), HasSubstr("with impulses"));
}

TEST(Report, DrawsASingleNode) {
    SampleRun run;
    run.manifest["steps"] = Record::List{step_of(run, 1), step_of(run, 3)};
    run.simulation["deviation"] = Record();
    run.write();
    for (const char* gone :
         {"network", "spectrum", "dispersion", "simulate/mean.csv", "simulate/space_time.csv"}) {
        std::filesystem::remove_all(run.path / gone);
    }
    write_file(run.path / "simulate/trajectory.csv",
               "t [ms],r_e [1/ms],v_e\n0,0.1,-2\n1,0.2,-1\n2,0.1,-2\n");
    const ReportResult result = write_report(run.path);
    EXPECT_THAT(read_file(result.file), HasSubstr(">2 equilibria were found; stable: eq1."));
    EXPECT_THAT(result.figures,
                testing::ElementsAre("equilibria_eigenvalues", "simulate_time_course"));
    EXPECT_THAT(result.missing, testing::IsEmpty());
}
#endif

}  // namespace
}  // namespace cortifold
