// Runs of spiking networks as processes: interrupted, and on several ranks.
#include "app/process.hpp"
#include "app/program.hpp"
#include <cortifold/io/table.hpp>

#include <gtest/gtest.h>

#include <cstdlib>

namespace cortifold {
namespace {

using namespace cortifold::test;

namespace fs = std::filesystem;

class SpikeProcess : public testing::Test {
protected:
    SpikeProcess() {
        folder.write("study.toml", R"(schema = 1
seed = 7
[model]
name = "potjans_diesmann"
[spiking]
scale = { neurons = 0.02, synapses = 0.02 }
[[step]]
do = "spike"
duration = 200.0
transient = 50.0
)");
        setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 1);
        setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", 1);
    }
    [[nodiscard]] Process start(const std::string& out, int ranks,
                                const std::vector<std::string>& options) const {
        std::vector<std::string> command{CORTIFOLD_PROGRAM,
                                         "spike",
                                         folder / "study.toml",
                                         "--out",
                                         folder / out,
                                         "--threads",
                                         "1",
                                         "--quiet"};
        command.insert(command.end(), options.begin(), options.end());
        if (ranks > 1)
            command.insert(command.begin(), {CORTIFOLD_MPIRUN, "--oversubscribe", "--bind-to",
                                             "none", "-np", std::to_string(ranks)});
        return {command, folder / (out + ".out"), folder / (out + ".err")};
    }
    [[nodiscard]] std::string message(const std::string& out) const {
        return read_file(folder / (out + ".err"));
    }
    [[nodiscard]] std::string contents(const std::string& out) const {
        std::string all;
        for (const char* file :
             {"summary.json", "data.h5", "raster.csv", "rates.csv", "populations.csv"})
            all += read_file(folder / (out + "/spike/" + file));
        return all;
    }
    Folder folder;
};

TEST_F(SpikeProcess, HasTheSameBytesOnAnyNumberOfRanks) {
    if (std::string(CORTIFOLD_MPIRUN).empty()) GTEST_SKIP() << "built without MPI";
    ASSERT_EQ(start("one", 1, {}).wait(), 0) << message("one");
    for (const int ranks : {2, 3}) {
        const std::string out = "ranks" + std::to_string(ranks);
        ASSERT_EQ(start(out, ranks, {}).wait(), 0) << message(out);
        EXPECT_TRUE(contents(out) == contents("one")) << ranks;
    }
}

TEST_F(SpikeProcess, ThatIsInterruptedKeepsWhatItHas) {
    const std::string endless = "step.spike.duration=1e7";
    const Process process = start("out", 1, {"--set", endless});
    wait_for(folder / "out/manifest.json");
    wait_for(folder / "out/spike/raster.csv");
    process.send(SIGINT);
    EXPECT_EQ(process.wait(), 130) << message("out");
    const Record summary = read_json(folder / "out/spike/summary.json");
    EXPECT_EQ(text(summary, "status"), "interrupted");
    EXPECT_LT(number(summary, "duration"), 1e7);
    const NumericTable spikes = read_hdf5(folder / "out/spike/data.h5", "spikes");
    EXPECT_EQ(static_cast<double>(spikes.values.rows()), number(summary, "spikes"));
}

}  // namespace
}  // namespace cortifold
