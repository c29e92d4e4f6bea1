// How files look and where they lie.
#include "source_tree.hpp"
#include "support/places.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <regex>

namespace cortifold {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::size_t longest_source = 500, longest_header = 250;

Findings long_files(const Source& source) {
    const std::size_t length = lines_of(source).size();
    const std::size_t limit = source.is_header() ? longest_header : longest_source;
    if (length <= limit) return {};
    return {finding(source, static_cast<int>(length),
                    "longer than " + std::to_string(limit) + " lines: split it by its ideas")};
}

Findings unguarded_headers(const Source& source) {
    const auto is_guard = [](const Line& line) { return line.text == "#pragma once"; };
    if (!source.is_header() || std::ranges::any_of(lines_of(source), is_guard)) return {};
    return {finding(source, 1, "a header starts with #pragma once")};
}

Findings names_spilled_by_headers(const Source& source) {
    static const std::regex pattern(R"(^\s*using\s+namespace\b)");
    Findings findings;
    for (const Line& line : lines_of(source))
        if (source.is_header() && std::regex_search(line.text.begin(), line.text.end(), pattern))
            findings.push_back(
                finding(source, line.number, "`using namespace` in a header reaches its users"));
    return findings;
}

Findings names_that_say_nothing(const Source& source) {
    constexpr std::array nothing{"common", "helper", "helpers", "misc", "util", "utils"};
    const std::string stem = std::filesystem::path(source.path).stem().string();
    if (std::ranges::find(nothing, stem) == nothing.end()) return {};
    return {finding(source, 1, "a file is named after the one idea it holds")};
}

/// Two types of one name in the project's namespace are one to the linker, which keeps the
/// functions of either.
Findings types_of_one_name(const std::vector<Source>& sources) {
    static const std::regex pattern(R"(^(?:struct|class|enum class)\s+(\w+)[^;]*\{)");
    std::map<std::string, std::string> first;
    Findings findings;
    for (const Source& source : sources) {
        for (const Line& line : lines_of(source)) {
            std::cmatch match;
            if (!source.is_header() ||
                !std::regex_search(line.text.data(), line.text.data() + line.text.size(), match,
                                   pattern))
                continue;
            const auto [other, is_new] = first.emplace(match[1].str(), source.path);
            if (!is_new)
                findings.push_back(finding(source, line.number,
                                           other->second + " has a " + other->first + " too"));
        }
    }
    return findings;
}

/// Folders of a collection (models, data, analyses) that do not say what they are.
Findings folders_without_readme(const std::filesystem::path& collection) {
    Findings findings;
    if (!std::filesystem::exists(collection)) return findings;
    for (const auto& entry : std::filesystem::directory_iterator(collection))
        if (entry.is_directory() && !std::filesystem::exists(entry.path() / "README.md"))
            findings.push_back(entry.path().string() + " needs a README.md");
    return findings;
}

std::vector<Source> all_code() {
    return sources_below({"include", "src", "models", "tests"});
}

TEST(Files, AreShortEnoughToRead) {
    EXPECT_EQ(findings_in(all_code(), long_files), "");
}

TEST(Files, AreNamedAfterTheirIdea) {
    EXPECT_EQ(findings_in(all_code(), names_that_say_nothing), "");
}

TEST(Headers, AreIncludedOnce) {
    EXPECT_EQ(findings_in(all_code(), unguarded_headers), "");
}

TEST(Headers, KeepNamesInTheirNamespace) {
    EXPECT_EQ(findings_in(all_code(), names_spilled_by_headers), "");
}

TEST(Headers, GiveEachTypeItsOwnName) {
    EXPECT_THAT(types_of_one_name(sources_below({"include", "src"})), IsEmpty());
}

TEST(Folders, OfModelsDataAndAnalysesSayWhatTheyAre) {
    const std::filesystem::path root = source_folder;
    for (const std::string collection : {"models", "data", "analyses"})
        EXPECT_THAT(folders_without_readme(root / collection), IsEmpty());
}

TEST(FileRules, FindALongFileAndAllowMoreInASourceThanInAHeader) {
    const auto lines = [](std::size_t n) { return std::string(n, '\n'); };
    EXPECT_THAT(long_files({"src/core/rng.cpp", lines(longest_source)}), IsEmpty());
    EXPECT_THAT(long_files({"src/core/rng.cpp", lines(longest_source + 1)}),
                ElementsAre(HasSubstr("src/core/rng.cpp:501: longer than 500 lines")));
    EXPECT_THAT(long_files({"include/cortifold/core/rng.hpp", lines(longest_header + 1)}),
                ElementsAre(HasSubstr("longer than 250 lines")));
}

TEST(FileRules, FindAHeaderWithoutGuard) {
    EXPECT_THAT(unguarded_headers({"src/io/text.hpp", "int x;\n"}),
                ElementsAre(HasSubstr("#pragma once")));
    EXPECT_THAT(unguarded_headers({"src/io/text.hpp", "#pragma once\nint x;\n"}), IsEmpty());
    EXPECT_THAT(unguarded_headers({"src/io/text.cpp", "int x;\n"}), IsEmpty());
}

TEST(FileRules, FindAUsingDirectiveInAHeader) {
    const std::string text = "#pragma once\n  using namespace std;\n";
    EXPECT_THAT(names_spilled_by_headers({"src/io/text.hpp", text}),
                ElementsAre(HasSubstr("src/io/text.hpp:2:")));
    EXPECT_THAT(names_spilled_by_headers({"src/io/text.cpp", text}), IsEmpty());
}

TEST(FileRules, FindTwoTypesOfOneName) {
    const Source one{"src/io/text.hpp", "struct Segment {\n};\n"};
    EXPECT_THAT(types_of_one_name({one, {"src/app/run.hpp", "\nclass Segment : Line {\n};\n"}}),
                ElementsAre(HasSubstr("src/app/run.hpp:2: src/io/text.hpp has a Segment too")));
    EXPECT_THAT(types_of_one_name({one, {"src/app/run.hpp", "struct Segment;\n"}}), IsEmpty());
    EXPECT_THAT(types_of_one_name({one, {"src/app/run.cpp", "struct Segment {\n};\n"}}), IsEmpty());
}

TEST(FileRules, FindANameThatSaysNothing) {
    EXPECT_THAT(names_that_say_nothing({"src/io/utils.hpp", ""}),
                ElementsAre(HasSubstr("src/io/utils.hpp")));
    EXPECT_THAT(names_that_say_nothing({"src/io/table.hpp", ""}), IsEmpty());
}

TEST(FileRules, FindAFolderWithoutReadme) {
    const std::filesystem::path collection =
        std::filesystem::path(testing::TempDir()) / "cortifold_folders_without_readme";
    std::filesystem::create_directories(collection / "nameless");
    EXPECT_THAT(folders_without_readme(collection), ElementsAre(HasSubstr("nameless needs")));
    std::filesystem::remove_all(collection);
}

}  // namespace
}  // namespace cortifold
