#pragma once

#include "stored_run.hpp"
#include <cortifold/report/figure.hpp>

#include <functional>
#include <string>
#include <vector>

namespace cortifold {

struct TextTable {
    std::vector<std::string> headings;
    std::vector<std::vector<std::string>> rows;
};

/// The evidence of one step.
struct Section {
    std::string heading;
    std::vector<std::string> paragraphs;
    std::vector<TextTable> tables;
    std::vector<Figure> figures;
    std::vector<std::string> missing;  ///< what could not be shown, and why
};

/// A figure without its table leaves a line that says which is missing.
void add_figure(Section& section, const std::string& name, const std::function<Figure()>& make);

/// The connectome, each step in turn, the study, and how to do it again.
[[nodiscard]] std::vector<Section> make_sections(const StoredRun& run);

}  // namespace cortifold
