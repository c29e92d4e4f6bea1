#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cortifold {

/// A file of the project: its path from the root, with slashes, and its text.
struct Source {
    std::string path, text;
    [[nodiscard]] bool is_header() const { return path.ends_with(".hpp"); }
};

struct Line {
    int number = 0;  ///< from 1
    std::string_view text;
};
[[nodiscard]] std::vector<Line> lines_of(const Source& source);

/// Every .hpp and .cpp below the folders, by path.
[[nodiscard]] std::vector<Source> sources_below(const std::vector<std::string>& folders);

/// What breaks a rule, a sentence each that starts with path and line.
using Findings = std::vector<std::string>;
[[nodiscard]] std::string finding(const Source& source, int line, std::string_view sentence);

/// What breaks the rule in any of the sources, a line each; empty: nothing.
[[nodiscard]] std::string findings_in(const std::vector<Source>& sources,
                                      Findings (*rule)(const Source&));

}  // namespace cortifold
