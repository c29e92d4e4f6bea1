// Every reader on its corpus, on the fixtures of the formats and on random changes of both: what
// libFuzzer looks for at length, in a second, with any compiler.
#include "fuzz/readers.hpp"
#include "support/places.hpp"
#include <cortifold/io/table.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

namespace cortifold {

void PrintTo(const FuzzedReader& reader, std::ostream* out) {
    *out << reader.name;
}

namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;
using namespace std::string_view_literals;

constexpr std::array tokens = {
    "nan"sv,    "-inf"sv, "1e999"sv,        "-"sv,    "+"sv,
    ","sv,      "\n"sv,   "\""sv,           "\0"sv,   "\r\n"sv,
    "#"sv,      " "sv,    "[["sv,           "{"sv,    "="sv,
    "200001"sv, "0"sv,    "\xEF\xBB\xBF"sv, "\xFF"sv, "18446744073709551616"sv};
constexpr std::size_t longest = 1 << 14;
constexpr int changed_inputs = 200;  // of each reader

const fs::path tests = fs::path(source_folder) / "tests";

void append_files(const fs::path& folder, std::string_view extension,
                  std::vector<std::string>& texts) {
    if (!fs::exists(folder)) return;
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder))
        if (extension.empty() || entry.path().extension() == extension)
            files.push_back(entry.path());
    std::ranges::sort(files);
    for (const fs::path& file : files) texts.push_back(read_file(file));
}

/// Of a reader: its corpus, then the fixtures of its extension.
std::vector<std::string> seeds(const FuzzedReader& reader) {
    std::vector<std::string> texts;
    append_files(tests / "fuzz/corpus" / reader.name, "", texts);
    append_files(tests / "io/fixtures", fs::path(reader.file).extension().string(), texts);
    return texts;
}

/// One random change: a byte, a token, a stretch lost or repeated, or the end cut off.
void mutate(std::string& text, std::mt19937_64& bits) {
    const auto below = [&](std::size_t n) { return bits() % std::max<std::size_t>(n, 1); };
    const std::size_t at = below(text.size() + 1), length = below(16);
    switch (below(5)) {
        case 0: text.insert(at, tokens[below(tokens.size())]); break;
        case 1: text.erase(at, length); break;
        case 2: text.insert(at, text.substr(at, length)); break;
        case 3: text.resize(at); break;
        default:
            if (at < text.size()) text[at] = static_cast<char>(below(256));
    }
    text.resize(std::min(text.size(), longest));
}

class Reader : public testing::TestWithParam<FuzzedReader> {};

TEST_P(Reader, EndsInSoundDataOrAConfigErrorOnItsCorpus) {
    const std::vector<std::string> texts = seeds(GetParam());
    ASSERT_FALSE(texts.empty()) << "there is no tests/fuzz/corpus/" << GetParam().name;
    for (const std::string& text : texts) feed(GetParam(), text);
}

TEST_P(Reader, EndsInSoundDataOrAConfigErrorWhateverIsChanged) {
    std::mt19937_64 bits(20);
    const std::vector<std::string> texts = seeds(GetParam());
    std::string text;
    for (int round = 0; round < changed_inputs; ++round) {
        if (round % 4 == 0) text = texts[bits() % texts.size()];  // up to four changes pile up
        mutate(text, bits);
        feed(GetParam(), text);
    }
}

TEST_P(Reader, SurvivesNestingAndLinesWithoutEnd) {
    constexpr std::size_t length = 100000;
    const auto repeated = [](const std::string& unit) {
        std::string text;
        while (text.size() < length) text += unit;
        return text;
    };
    for (const std::string& unit :
         {"["s, "a=["s, "{"s, ","s, "\""s, "#"s, "1 "s, "a."s, "<a>"s, "("s})
        feed(GetParam(), repeated(unit));
    feed(GetParam(), repeated("[") + repeated("]"));
    feed(GetParam(), "a=" + repeated("[") + repeated("]"));
    feed(GetParam(), repeated("{\"a\":") + "1" + repeated("}"));
    feed(GetParam(), repeated("a.") + "a=1");
}

INSTANTIATE_TEST_SUITE_P(Of, Reader,
                         testing::ValuesIn(fuzzed_readers().begin(), fuzzed_readers().end()),
                         [](const auto& instance) { return std::string(instance.param.name); });

TEST(EdgeLists, TakeNoMemoryForNodesThatAreOnlyPromised) {
    const FuzzedReader& edges = *find_fuzzed_reader("edges");
    for (const char* count : {"200000\n", "200001\n", "2147483648\n", "9223372036854775807\n"})
        feed(edges, count);
}

}  // namespace
}  // namespace cortifold
