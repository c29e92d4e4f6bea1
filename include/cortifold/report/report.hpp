#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace cortifold {

struct ReportResult {
    std::filesystem::path file;        ///< report.html
    std::vector<std::string> figures;  ///< names of those drawn
    /// What is not in the report, and why: figures without their table or without gnuplot.
    std::vector<std::string> missing;
};

/// Rebuilds `figures/*.gp`, `figures/*.svg` and `report.html` of a run folder from its manifest,
/// summaries and tables alone; nothing is solved. Steps that failed or left nothing are named in
/// the report. Throws ConfigError where there is no manifest.json or a file cannot be parsed,
/// OutputError where the folder cannot be written.
[[nodiscard]] ReportResult write_report(const std::filesystem::path& run_folder);

}  // namespace cortifold
