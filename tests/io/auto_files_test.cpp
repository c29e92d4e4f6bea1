// Branches as files that AUTO-07p opens.
#include "io/scratch_folder.hpp"
#include <cortifold/continuation/cycle.hpp>
#include <cortifold/continuation/equilibrium_curve.hpp>
#include <cortifold/io/auto_files.hpp>
#include <cortifold/io/branch_entries.hpp>
#include <cortifold/io/table.hpp>
#include <cortifold/model/registry.hpp>
#include <cortifold/network/network.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <sstream>

namespace cortifold {
namespace {

using testing::HasSubstr;

std::shared_ptr<const VectorField> wilson_cowan() {
    Network network;
    network.kinds = {find_model("wilson_cowan").make()};
    return make_homogeneous_field(network);
}

/// The branch of Wilson & Cowan's equilibria in P, which has two folds and a Hopf point.
class AutoFiles : public testing::Test {
protected:
    AutoFiles() {
        const std::size_t P = index_of(field_->parameters(), "P");
        branch_ = continue_branch(equilibrium_curve(field_, parameters_, P),
                                  equilibrium_start(field_->initial(parameters_), 1.25),
                                  {.bounds = {{0.0, 4.0}}});
        orient(branch_);
        write_auto_files(folder_ / "", "wc", {*field_, {&parameters_, 1}, {&branch_, 1}});
    }

    std::shared_ptr<const VectorField> field_ = wilson_cowan();
    Vector parameters_ = default_values(field_->parameters());
    Branch branch_;
    ScratchFolder folder_;
};

TEST_F(AutoFiles, HaveARowForEveryPointAndANegativeNumberWhereTheEquilibriumIsStable) {
    std::istringstream text(read_file(folder_ / "b.wc"));
    const std::vector<BranchEntry> entries = branch_entries(branch_);
    std::string line;
    std::getline(text, line);
    std::getline(text, line);
    EXPECT_THAT(line, HasSubstr("PAR(12)"));  // P is the eleventh: 11 is the period's place
    for (std::size_t k = 0; k < entries.size(); ++k) {
        std::getline(text, line);
        std::istringstream row(line);
        int branch = 0, number = 0, type = 0, label = 0;
        double P = 0.0;
        row >> branch >> number >> type >> label >> P;
        const auto place = static_cast<int>(k) + 1;
        EXPECT_EQ(number, entries[k].point->n_unstable == 0 ? -place : place);
        EXPECT_EQ(P, entries[k].point->parameters[0]);
        EXPECT_EQ(label > 0, type != 0);
    }
    EXPECT_FALSE(std::getline(text, line));
}

TEST_F(AutoFiles, CountInEachHeaderOfASolutionTheLinesThatFollow) {
    std::istringstream text(read_file(folder_ / "s.wc"));
    int blocks = 0;
    for (std::string line; std::getline(text, line); ++blocks) {
        std::istringstream header(line);
        std::vector<int> numbers{std::istream_iterator<int>(header), {}};
        ASSERT_EQ(numbers.size(), 16);
        EXPECT_EQ(numbers[3], blocks + 1);
        for (int k = 0; k < numbers[8]; ++k) ASSERT_TRUE(std::getline(text, line));
    }
    EXPECT_EQ(blocks, 5);  // two ends, two folds, a Hopf point
}

/// A script's beginning, which loads what was written; nothing where AUTO-07p is not installed.
std::optional<std::string> loading_in_auto(const std::string& name) {
    const char* given = std::getenv("AUTO_DIR");
    const std::string home = given != nullptr ? given : "/usr/lib/auto-07p";
    if (python_with("numpy").empty() || !std::filesystem::exists(home + "/python/auto"))
        return std::nullopt;
    return "import sys, numpy\nnumpy.bool = bool\n"
           "sys.path[:0] = ['" +
           home + "/python', '" + home + "/python/auto']\n" + "import auto\nfound = auto.loadbd('" +
           name + "')\n";
}

TEST_F(AutoFiles, OpenInAuto) {
    const auto loading = loading_in_auto("wc");
    if (!loading) GTEST_SKIP() << "AUTO-07p and a Python with numpy are not installed.";
    const SpecialPoint& hopf = branch_.special.back();
    ASSERT_EQ(hopf.type, PointType::hopf);
    std::ostringstream script;
    script.precision(17);
    script << *loading << "assert [s['TY'] for s in found()] == ['EP', 'LP', 'LP', 'HB', 'EP']\n"
           << "assert len(found[0]['PAR(12)']) == " << branch_entries(branch_).size() << "\n"
           << "hopf = found('HB1')\n"
           << "assert hopf.PAR(12) == " << hopf.at.parameters[0] << "\n"
           << "assert abs(hopf.PAR(11) * " << hopf.frequency << " - 1) < 1e-14\n"
           << "assert hopf['U(2)'][0] == " << hopf.at.z[1] << "\n";
    EXPECT_TRUE(run_python(python_with("numpy"), folder_, script.str()));
}

/// Circles of radius sqrt(a) that turn once in 2 pi.
TEST_F(AutoFiles, HoldCyclesAsAutoDoes) {
    const auto loading = loading_in_auto("circles");
    if (!loading) GTEST_SKIP() << "AUTO-07p and a Python with numpy are not installed.";
    Network network;
    network.kinds = {find_model("stuart_landau").make()};
    const auto field = make_homogeneous_field(network);
    const Vector parameters = default_values(field->parameters());
    const std::size_t a = index_of(field->parameters(), "a");
    const Branch equilibria =
        continue_branch(equilibrium_curve(field, parameters, a),
                        equilibrium_start(Vector::Zero(2), -0.5), {.bounds = {{-1.0, 1.0}}});
    const CurveStart start = cycles_from_hopf(field, parameters, a, equilibria.special.at(0));
    const Branch circles =
        continue_branch(start.problem, start.point,
                        {.bounds = {{-1.0, 1.0}, {0.0, 100.0}}, .direction = start.way});
    write_auto_files(folder_ / "", "circles", {*field, {&parameters, 1}, {&circles, 1}});
    std::ostringstream script;
    script.precision(17);
    script << *loading << "assert found[0].stability() == [-" << circles.points.size() << "]\n"
           << "assert found[0]['PERIOD'][-1] == " << circles.points.back().period << "\n"
           << "end = found('EP2')\n"
           << "assert end.PAR(11) == " << circles.points.back().period << "\n"
           << "assert end['NTST'] == " << circles.points.back().frame.size() - 1 << "\n"
           << R"(assert end['NCOL'] == 4 and len(end['t']) == 4 * end['NTST'] + 1
assert end['t'][0] == 0 and end['t'][-1] == 1
steps = numpy.diff(end['t']).reshape(-1, 4)
assert abs(steps / steps[:, :1] - 1).max() < 1e-12
radius = numpy.hypot(end['U(1)'], end['U(2)'])
assert abs(radius - 1).max() < 1e-6, radius
assert abs(found[0]['L2-NORM'][-1] - 1) < 1e-9
assert abs(found[0]['MAX U(1)'][-1] - 1) < 1e-2 and abs(found[0]['MIN U(1)'][-1] + 1) < 1e-2
)";
    EXPECT_TRUE(run_python(python_with("numpy"), folder_, script.str()));
}

}  // namespace
}  // namespace cortifold
