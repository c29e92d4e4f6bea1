// `cortifold connectome` as people use it: what it prints, and conversions between all formats.
#include "app/program.hpp"
#include "support/places.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/io/connectome_reader.hpp>
#include <cortifold/io/table.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cortifold {
namespace {

using namespace cortifold::test;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

namespace fs = std::filesystem;

/// Three regions, asymmetric, with everything a connectome can have.
class ConnectomeCommand : public testing::Test {
protected:
    ConnectomeCommand() {
        folder.write("all/weights.csv", "0,0.1,0\n2,0,0.30000000000000004\n0,4,0\n");
        folder.write("all/lengths.csv", "0,30,40\n30,0,50\n40,50,0\n");
        folder.write("all/centres.csv", "label,x,y,z\n\"V1, l\",-10,2.5,3\nM1,0,0,1\nA1,10,5,7\n");
        folder.write("all/hemispheres.csv",
                     "label,hemisphere\n\"V1, l\",left\nM1,left\nA1,right\n");
    }
    [[nodiscard]] Outcome run(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), "connectome");
        return run_program(arguments);
    }
    [[nodiscard]] Record describe(const std::string& file, std::vector<std::string> options = {}) {
        options.insert(options.begin(), {file, "--json"});
        const Outcome outcome = run(options);
        EXPECT_EQ(outcome.code, 0) << outcome.err;
        return read_json(folder.write("description.json", outcome.out));
    }
    Folder folder;
};

std::vector<std::string> sentences(const Record& description, std::string_view key) {
    std::vector<std::string> texts;
    for (const Record& text : items(description, key)) texts.push_back(text.as<std::string>());
    return texts;
}

struct Format {
    const char* name;
    std::vector<const char*> not_carried;
};
const Format formats[]{{"c.zip", {}},
                       {"c.npz", {}},
                       {"c.mat", {}},
                       {"c.h5", {}},
                       {"c.graphml", {}},
                       {"c", {}},
                       {"c.npy", {"lengths", "positions", "labels", "hemispheres"}},
                       {"c.mtx", {"lengths", "positions", "labels", "hemispheres"}},
                       {"c_relmat.tsv", {"lengths", "positions", "hemispheres"}}};

TEST_F(ConnectomeCommand, ConvertsFromEveryFormatToEveryOtherAndSaysWhatIsLost) {
    const Connectome all = read_connectome(folder / "all");
    for (const Format& from : formats) {
        const std::string first = folder / ("from/" + std::string(from.name));
        fs::create_directories(fs::path(first).parent_path());
        const Record written = describe(folder / "all", {"--convert", first});
        std::vector<std::string> expected;
        for (const char* part : from.not_carried)
            expected.push_back(std::string("the format carries no ") + part);
        EXPECT_EQ(sentences(written, "not_written"), expected) << from.name;
        for (const Format& to : formats) {
            const std::string second = folder / (std::string("to/") + from.name + "/" + to.name);
            fs::create_directories(fs::path(second).parent_path());
            const Record again = describe(first, {"--convert", second});
            const Connectome copy = read_connectome(second);
            EXPECT_EQ(copy.checksum, all.checksum) << from.name << " to " << to.name;
            if (!from.not_carried.empty() || !to.not_carried.empty()) continue;
            EXPECT_THAT(sentences(again, "not_written"), IsEmpty());
            EXPECT_EQ(copy.lengths_mm, all.lengths_mm) << from.name << " to " << to.name;
            for (std::size_t i = 0; i < 3; ++i) {
                EXPECT_EQ(copy.regions[i].label, all.regions[i].label);
                EXPECT_EQ(copy.regions[i].position_mm, all.regions[i].position_mm);
                EXPECT_EQ(copy.regions[i].hemisphere, all.regions[i].hemisphere);
            }
        }
    }
}

TEST_F(ConnectomeCommand, PrintsDelaysHemispheresPositionsAndFindings) {
    const Record record = describe(folder / "all", {"--speed", "2.5"});
    const Record& lengths = *record.find("lengths");
    EXPECT_EQ(number(lengths, "mean_mm"), 40.0) << "of the four connections";
    EXPECT_EQ(number(lengths, "mean_delay_ms"), 16.0);
    EXPECT_EQ(number(lengths, "largest_delay_ms"), 20.0);
    EXPECT_EQ(number(*record.find("hemispheres"), "left"), 2.0);
    const std::string text = run({folder / "all", "--speed", "2.5"}).out;
    EXPECT_THAT(text, AllOf(HasSubstr("nodes: 3\nedges: 4\n"),
                            HasSubstr("\nlengths: mean_mm 40, largest_mm 50, mean_delay_ms 16, "
                                      "largest_delay_ms 20\n"),
                            HasSubstr("\nhemispheres: left 2, right 1, unknown 0\n"),
                            HasSubstr("\npositions: extent_mm 20 x 5 x 6\n"),
                            HasSubstr("\nfindings:\n  - the weights are not symmetric: ")));
    folder.write("two.csv", "0,1\n1,0\n");
    EXPECT_THAT(run({folder / "two.csv"}).out,
                AllOf(HasSubstr("\nlengths: none\n"), HasSubstr("\nfindings: none\n"),
                      Not(HasSubstr("not_written"))));
}

TEST_F(ConnectomeCommand, TakesLengthsFromAnotherFileAndTransposesWhatIsFromRow) {
    const std::string weights = folder / "all/weights.csv", lengths = folder / "all/lengths.csv";
    const Record record = describe(weights, {"--lengths", lengths, "--orientation", "from_row"});
    EXPECT_EQ(number(*record.find("lengths"), "largest_mm"), 50.0);
    EXPECT_NE(text(record, "checksum"), text(describe(weights), "checksum"));
    const std::string back = folder / "back.npy";
    (void)describe(weights, {"--orientation", "from_row", "--convert", back});
    EXPECT_EQ(text(describe(back, {"--orientation", "from_row"}), "checksum"),
              text(describe(weights), "checksum"));
}

TEST_F(ConnectomeCommand, RefusesWhatHasNoMeaningAndSaysWhatHas) {
    const auto refused = [&](const std::vector<std::string>& arguments, int code,
                             const std::string& message) {
        const Outcome outcome = run(arguments);
        EXPECT_EQ(outcome.code, code) << message;
        EXPECT_THAT(outcome.err, HasSubstr(message));
    };
    const std::string all = folder / "all", weights = folder / "all/weights.csv";
    refused({weights, "--speed", "3"}, 2, "--speed needs lengths");
    refused({all, "--speed", "0"}, 2, "must be positive and finite");
    refused({all, "--speed", "fast"}, 2, "must be positive and finite");
    refused({all, "--orientation", "row"}, 2, "from_row");
    refused({all, "--convert", folder / "c.xlsx"}, 2, "known are .zip, .npz, .npy, .mat, .h5");
    refused({all, "--convert", folder / "nowhere/c.npz"}, 6, "nowhere");
    refused({all, "--convert", weights}, 2, "in the way; give --overwrite");
    refused({weights, "--lengths", folder / "none.csv"}, 3, "none.csv");
    refused({all + ":nothing"}, 3, "unknown array \"nothing\"");
}

/// Against numbers that numpy gave of the same files.
TEST(SharedConnectomes, HaveTheSizesAndSumsThatNumpySees) {
    const fs::path data = fs::path(shared_data) / "human_multi_area";
    if (!fs::exists(data)) GTEST_SKIP() << "the data of the human multi-area model are not here";
    const Connectome streamlines = read_connectome(data / "dti_connectivity_right.csv",
                                                   {.lengths = data / "fiber_length_right_mm.csv"});
    const ConnectomeReport report = validate_connectome(streamlines);
    EXPECT_EQ(report.nodes, 34);
    EXPECT_EQ(report.edges, 336);
    EXPECT_NEAR(report.smallest_row_sum, 201.2332, 1e-9);
    EXPECT_NEAR(report.largest_row_sum, 2831.761, 1e-9);
    EXPECT_EQ(report.asymmetry, 0.0);
    EXPECT_NEAR(report.mean_length_mm, 47.69479702380952, 1e-12);
    EXPECT_EQ(report.largest_length_mm, 134.179);
    EXPECT_EQ(streamlines.regions[0].label, "bankssts");
    const Connectome synapses = read_connectome(data / "area_synapse_numbers.csv");
    EXPECT_EQ(synapses.weights.sum(), 42778075138.0);
    EXPECT_EQ(synapses.weights.coeff(28, 29), 34641490.0) << "onto the row";
    EXPECT_NEAR(read_connectome(data / "sln.csv").weights.sum(), 524.19294131563, 1e-10);
    EXPECT_THROW((void)read_connectome(data / "populations.csv"), ConfigError);
}

}  // namespace
}  // namespace cortifold
