// Branches as files that AUTO-07p opens.
#include "io/scratch_folder.hpp"
#include <cortifold/continuation/equilibrium_curve.hpp>
#include <cortifold/io/auto_files.hpp>
#include <cortifold/io/branch_entries.hpp>
#include <cortifold/io/table.hpp>
#include <cortifold/model/registry.hpp>
#include <cortifold/network/network.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
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

TEST_F(AutoFiles, OpenInAuto) {
    const char* given = std::getenv("AUTO_DIR");
    const std::string home = given != nullptr ? given : "/usr/lib/auto-07p";
    const std::string python = python_with("numpy");
    if (python.empty() || !std::filesystem::exists(home + "/python/auto"))
        GTEST_SKIP() << "AUTO-07p and a Python with numpy are not installed.";
    const SpecialPoint& hopf = branch_.special.back();
    ASSERT_EQ(hopf.type, PointType::hopf);
    std::ostringstream script;
    script.precision(17);
    script << "import sys, numpy\n"
           << "numpy.bool = bool\n"
           << "sys.path[:0] = ['" << home << "/python', '" << home << "/python/auto']\n"
           << "import auto\n"
           << "found = auto.loadbd('wc')\n"
           << "assert [s['TY'] for s in found()] == ['EP', 'LP', 'LP', 'HB', 'EP']\n"
           << "assert len(found[0]['PAR(12)']) == " << branch_entries(branch_).size() << "\n"
           << "hopf = found('HB1')\n"
           << "assert hopf.PAR(12) == " << hopf.at.parameters[0] << "\n"
           << "assert abs(hopf.PAR(11) * " << hopf.frequency << " - 1) < 1e-14\n"
           << "assert hopf['U(2)'][0] == " << hopf.at.z[1] << "\n";
    EXPECT_TRUE(run_python(python, folder_, script.str()));
}

}  // namespace
}  // namespace cortifold
