// Results as numpy.load sees them.
#include "app/program.hpp"
#include "io/scratch_folder.hpp"
#include <cortifold/io/table.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cortifold {
namespace {

using namespace cortifold::test;
using ::testing::HasSubstr;

/// Runs `simulate` of a study in the folder `out`, then a script beside it.
void expect_numpy_sees(const std::string& study, const std::string& script) {
    const std::string python = python_with("numpy, h5py");
    if (python.empty()) GTEST_SKIP() << "there is no Python with numpy and h5py here";
    const ScratchFolder folder;
    write_file(folder / "weights.csv", "0,1,2\n1,0,1\n3,1,0\n");
    write_file(folder / "study.toml", "schema = 1\nseed = 3\n" + study);
    const Outcome outcome = run_program(
        {"simulate", folder / "study.toml", "--out", folder / "out", "--quiet", "--threads", "2"});
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_TRUE(run_python(python, folder,
                           "import json, os, h5py, numpy as np\n"
                           "os.chdir('out/simulate')\n"
                           "arrays = json.load(open('summary.json'))['arrays']\n"
                           "stored = h5py.File('data.h5')['trajectory']\n"
                           "t, x = np.load('times.npy'), np.load('states.npy')\n" +
                               script));
}

const std::string network = R"([model]
name = "wilson_cowan"
[network]
connectome = "weights.csv"
coupling = { normalize = "rows", strength = 0.5 }
[[step]]
do = "simulate"
initial = { E = 0.2, I = 0.1 }
noise = 0.01
duration = 5.0
output_step = 0.5
export = "npy"
)";

TEST(ExportToNpy, HoldsTimesAndStatesBySampleVariableAndRegion) {
    expect_numpy_sees(network, R"(
assert arrays['states.npy'] == ['sample', 'variable', 'region'] and arrays['variables'] == ['E', 'I']
assert t.shape == (11,) and x.shape == (11, 2, 3), x.shape
assert np.array_equal(t, stored[:, 0]) and np.array_equal(x.reshape(11, 6), stored[:, 1:7])
names = [name.decode() for name in stored.attrs['names']]
assert np.array_equal(x[:, 1, 2], stored[:, names.index('I[2]')]), names
assert not os.path.exists('auxiliaries.npy') and 'auxiliaries' not in arrays
)");
}

TEST(ExportToNpy, TellsWhoseSampleEachIsOfAnEnsemble) {
    expect_numpy_sees(network + R"(members = 3
method = "euler_maruyama"
step = 0.05
stimulus = [{ kind = "ornstein_uhlenbeck", to = "drive", sd = 0.1, tau = 1.0 }]
)",
                      R"(
member = np.load('members.npy')
assert np.array_equal(member, np.repeat(np.arange(3.), 11)) and np.array_equal(member, stored[:, 0])
assert np.array_equal(t, stored[:, 1]) and np.array_equal(x.reshape(33, 6), stored[:, 2:8])
assert not np.array_equal(x[member == 0], x[member == 1])
)");
}

TEST(ExportToNpy, HoldsAuxiliaryQuantities) {
    const ScratchFolder folder;
    write_file(folder / "decay.ode", "x' = -x\ninit x=1\naux twice=2*x\n");
    expect_numpy_sees("[model]\nfile = \"" + (folder / "decay.ode").string() +
                          "\"\n[[step]]\ndo = \"simulate\"\nduration = 2.0\noutput_step = 0.5\n"
                          "export = \"npy\"\n",
                      R"(
assert x.shape == (5, 1, 1) and arrays['auxiliaries'] == ['twice']
assert np.array_equal(np.load('auxiliaries.npy'), 2 * x[:, :, 0])
)");
}

TEST(ExportToNpy, IsRefusedInAnyOtherFormat) {
    const Folder folder;
    folder.write("weights.csv", "0,1,2\n1,0,1\n3,1,0\n");
    const std::string study = folder.write("study.toml", "schema = 1\n" + network);
    const Outcome outcome = run_program({"check", study, "--set", "step.simulate.export=csv"});
    EXPECT_EQ(outcome.code, 2);
    EXPECT_THAT(outcome.err, HasSubstr("allowed: none, npy"));
}

}  // namespace
}  // namespace cortifold
