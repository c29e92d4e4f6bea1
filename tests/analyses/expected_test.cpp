// Every analysis runs and finds the numbers of its expected.toml.
#include "app/program.hpp"
#include "support/places.hpp"
#include <cortifold/io/config.hpp>

#include <gtest/gtest.h>

#include <algorithm>

namespace cortifold {
namespace {

using namespace cortifold::test;
namespace fs = std::filesystem;

/// The names of those with such a file.
std::vector<std::string> analyses_with(const char* file) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(std::string(source_folder) + "/analyses"))
        if (fs::exists(entry.path() / file)) names.push_back(entry.path().filename().string());
    std::ranges::sort(names);
    return names;
}

/// The element of a list that a word of a path names: by its label or name, by its index.
const Record* element(const Record& list, const std::string& word) {
    for (const Record& item : list.as<Record::List>()) {
        for (const char* key : {"label", "name"}) {
            const Record* own = item.find(key);
            if (own != nullptr && own->is<std::string>() && own->as<std::string>() == word)
                return &item;
        }
        const Record* index = item.find("index");
        if (index != nullptr && show(index->number()) == word) return &item;
    }
    return nullptr;
}

/// The value at a path as `equilibria[0].state.r_e`, `equilibria.eq1.state.r_e` or
/// `modes.90.growth`; none where there is none.
const Record* find_path(const Record& summary, std::string path) {
    for (auto at = path.find('['); at != std::string::npos; at = path.find('[')) {
        path[at] = '.';  // equilibria[0] -> equilibria.#0
        path.insert(at + 1, "#");
        path.erase(path.find(']'), 1);
    }
    const Record* found = &summary;
    for (std::size_t begin = 0; found != nullptr && begin <= path.size();) {
        const std::size_t end = std::min(path.find('.', begin), path.size());
        const std::string word = path.substr(begin, end - begin);
        begin = end + 1;
        if (!found->is<Record::List>())
            found = found->find(word);
        else if (!word.starts_with('#'))
            found = element(*found, word);
        else if (const std::size_t k = std::stoul(word.substr(1));
                 k < found->as<Record::List>().size())
            found = &found->as<Record::List>()[k];
        else
            found = nullptr;
    }
    return found;
}

void expect_value(const Record& check, const Record& found) {
    const Record& expected = *check.find("value");
    if (expected.is_number() && found.is_number())
        EXPECT_NEAR(found.number(), expected.number(), number(check, "tolerance"));
    else
        EXPECT_EQ(to_json(found), to_json(expected));
}

class Analysis : public testing::TestWithParam<std::string> {
protected:
    const fs::path source = fs::path(std::string(source_folder) + "/analyses") / GetParam();

    /// Runs it, quickly if it can, and compares what it finds with a file of expected numbers.
    void expect_numbers_of(const fs::path& expected, std::vector<std::string> options = {}) const {
        const Folder folder;
        const fs::path quick = source / "quick.toml";
        options.insert(options.begin(),
                       {"run", fs::exists(quick) ? quick.string() : source.string(), "--out",
                        folder / "out", "--quiet"});
        const Outcome outcome = run_program(options);
        ASSERT_EQ(outcome.code, 0) << outcome.err;
        const Record checks = read_toml(expected.string());
        EXPECT_FALSE(items(checks, "check").empty());
        for (const Record& check : items(checks, "check")) {
            SCOPED_TRACE(check.where.file + ":" + std::to_string(check.where.line));
            expect_check(check, folder);
        }
    }

private:
    static void expect_check(const Record& check, const Folder& folder) {
        std::vector<ResolvedKey> resolved;
        ConfigReader reader(check, "check", resolved);
        const std::string step = reader.text("step"), key = reader.text("key");
        ASSERT_NE(reader.any("value"), nullptr) << "a check needs a value";
        if (check.find("value")->is_number()) (void)reader.number("tolerance", {}, {0.0, INFINITY});
        ASSERT_NO_THROW(reader.finish());
        const Record summary = read_json(folder / ("out/" + step + "/summary.json"));
        const Record* found = find_path(summary, key);
        if (found == nullptr)
            ADD_FAILURE() << "step " << step << " has no " << key;
        else
            expect_value(check, *found);
    }
};

TEST_P(Analysis, FindsTheNumbersItExpects) {
    expect_numbers_of(source / "expected.toml");
}

/// On the connectome of the papers.
using AnalysisOfAal90 = Analysis;

TEST_P(AnalysisOfAal90, FindsTheNumbersItExpects) {
    const fs::path aal90 = std::string(shared_data) + "/connectomes/aal90/sc2017.dat";
    if (!fs::exists(aal90)) GTEST_SKIP() << "the AAL90 connectome is not here: " << aal90;
    expect_numbers_of(source / "expected_aal90.toml",
                      {"--set", "network.connectome=" + aal90.string()});
}

std::string name_of(const testing::TestParamInfo<std::string>& tested) {
    return tested.param;
}
INSTANTIATE_TEST_SUITE_P(All, Analysis, testing::ValuesIn(analyses_with("analysis.toml")), name_of);
INSTANTIATE_TEST_SUITE_P(All, AnalysisOfAal90,
                         testing::ValuesIn(analyses_with("expected_aal90.toml")), name_of);

TEST(ExpectedPath, NamesElementsByIndexLabelNameAndMode) {
    const Record summary = parse_toml(R"(
modes = [{ index = 1, growth = -1.0 }, { index = 12, growth = 2.0 }]
branches = [{ special = [{ label = "hopf1", parameters = { P = 3.0 } }] }]
states = [{ name = "E", mean = 4.0 }]
)",
                                      "summary");
    EXPECT_EQ(find_path(summary, "modes.12.growth")->number(), 2.0);
    EXPECT_EQ(find_path(summary, "modes[0].growth")->number(), -1.0);
    EXPECT_EQ(find_path(summary, "branches[0].special.hopf1.parameters.P")->number(), 3.0);
    EXPECT_EQ(find_path(summary, "states.E.mean")->number(), 4.0);
    for (const char* none : {"modes.2.growth", "modes[2].growth", "states.I", "nothing.at.all"})
        EXPECT_EQ(find_path(summary, none), nullptr) << none;
}

}  // namespace
}  // namespace cortifold
