#include "source_tree.hpp"

#include "support/places.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace cortifold {

namespace {

std::string read(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

std::vector<Line> lines_of(const Source& source) {
    std::vector<Line> lines;
    std::string_view rest = source.text;
    while (!rest.empty()) {
        const std::size_t length = std::min(rest.find('\n'), rest.size());
        lines.push_back({static_cast<int>(lines.size()) + 1, rest.substr(0, length)});
        rest.remove_prefix(std::min(length + 1, rest.size()));
    }
    return lines;
}

std::vector<Source> sources_below(const std::vector<std::string>& folders) {
    const std::filesystem::path root = source_folder;
    std::vector<Source> sources;
    for (const std::string& folder : folders)
        for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
            const std::string extension = entry.path().extension().string();
            if (extension != ".hpp" && extension != ".cpp") continue;
            sources.push_back({std::filesystem::relative(entry.path(), root).generic_string(),
                               read(entry.path())});
        }
    std::ranges::sort(sources, {}, &Source::path);
    return sources;
}

std::string finding(const Source& source, int line, std::string_view sentence) {
    return source.path + ":" + std::to_string(line) + ": " + std::string(sentence);
}

std::string findings_in(const std::vector<Source>& sources, Findings (*rule)(const Source&)) {
    std::string all;
    for (const Source& source : sources)
        for (const std::string& one : rule(source)) all += one + "\n";
    return all;
}

}  // namespace cortifold
