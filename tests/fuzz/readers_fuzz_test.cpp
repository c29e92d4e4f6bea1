#include <cortifold/io/table.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <random>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace cortifold {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;
using namespace std::string_view_literals;

constexpr std::array tokens = {
    "nan"sv,    "-inf"sv, "1e999"sv,        "-"sv,    "+"sv,
    ","sv,      "\n"sv,   "\""sv,           "\0"sv,   "\r\n"sv,
    "#"sv,      " "sv,    "[["sv,           "{"sv,    "="sv,
    "200001"sv, "0"sv,    "\xEF\xBB\xBF"sv, "\xFF"sv, "18446744073709551616"sv};
constexpr std::size_t longest = 4096;
constexpr int rounds_per_seed_file = 500;

void feed(const std::string& text) {
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

std::vector<std::string> corpus() {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(CORTIFOLD_SOURCE_DIR "/tests/fuzz/corpus"))
        files.push_back(entry.path());
    std::ranges::sort(files);
    std::vector<std::string> texts;
    for (const fs::path& file : files) texts.push_back(read_file(file));
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

TEST(Readers, EndInSoundDataOrAConfigErrorWhateverTheTextHolds) {
    std::mt19937_64 bits(20);
    for (const std::string& seed : corpus()) {
        feed(seed);
        std::string text;
        for (int round = 0; round < rounds_per_seed_file; ++round) {
            if (round % 8 == 0) text = seed;  // up to eight changes pile up
            mutate(text, bits);
            feed(text);
        }
    }
}

TEST(Readers, SurviveNestingAndLinesWithoutEnd) {
    for (const std::string& unit : {"["s, "a=["s, "{"s, ","s, "\""s, "#"s, "1 "s, "a."s}) {
        std::string text;
        while (text.size() < 100000) text += unit;
        feed(text);
    }
}

TEST(Readers, TakeNoMemoryForNodesThatAreOnlyPromised) {
    for (const char* count : {"200000\n", "200001\n", "2147483648\n", "9223372036854775807\n"})
        feed(count);
}

}  // namespace
}  // namespace cortifold
