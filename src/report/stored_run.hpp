#pragma once

#include <cortifold/io/record.hpp>
#include <cortifold/io/table.hpp>
#include <cortifold/synchrony/dispersion.hpp>

#include <complex>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cortifold {

// Lenient reading of summaries: a key that is absent, or holds another type, is "not there".
[[nodiscard]] const Record* record_at(const Record& record, std::string_view dotted_path);
[[nodiscard]] std::string text_at(const Record& record, std::string_view dotted_path);
[[nodiscard]] std::optional<double> number_at(const Record& record, std::string_view dotted_path);
[[nodiscard]] const Record::List& list_at(const Record& record, std::string_view dotted_path);
[[nodiscard]] const Record::Table& table_at(const Record& record, std::string_view dotted_path);
/// A pair of real and imaginary part.
[[nodiscard]] std::optional<std::complex<double>> complex_of(const Record& pair);
/// The numbers of a list of pairs; what is no pair of numbers is left out.
[[nodiscard]] std::vector<std::complex<double>> complex_list(const Record& record,
                                                             std::string_view dotted_path);

/// What the manifest and the summary of a step say.
struct StepRecord {
    std::string name, kind, status, message;
    bool succeeded = false;
    std::optional<Record> summary;  ///< none: the step left no summary.json
};

struct StoredRun {
    std::filesystem::path path;
    Record manifest;
    std::vector<StepRecord> steps;
    std::optional<Record> network;  ///< network/summary.json
};

/// Throws ConfigError where there is no manifest.json, or a file is no JSON.
[[nodiscard]] StoredRun read_stored_run(const std::filesystem::path& path);

/// Modes with a growth rate, in the order of the summary; their vectors are empty.
[[nodiscard]] std::vector<Mode> read_modes(const Record& summary);

/// The heading of a CSV table of a run folder.
class TableHeading {
public:
    /// Throws ConfigError where the table is missing.
    TableHeading(const StoredRun& run, const std::string& table);

    [[nodiscard]] const std::string& table() const { return table_; }
    [[nodiscard]] const std::vector<Column>& columns() const { return columns_; }
    [[nodiscard]] bool has(std::string_view name) const;
    /// The column's place, counted from 1. Throws ConfigError where there is no such column.
    [[nodiscard]] std::size_t place(std::string_view name) const;
    [[nodiscard]] const Column& column(std::string_view name) const;

private:
    std::string table_;
    std::vector<Column> columns_;
};

/// `name [unit]`, or the name alone where there is no dimension.
[[nodiscard]] std::string label(const Column& column);

/// The transverse mode that grows fastest, or decays slowest; none where there are none.
[[nodiscard]] std::optional<Mode> leading_mode(const StepRecord& dispersion);

/// What a simulation should show, by the last dispersion step before it that is at the same state
/// with the same parameters: the mode that it excited, or else the leading one. None where there
/// is no such step.
[[nodiscard]] std::optional<Mode> predicted_mode(const StoredRun& run,
                                                 const StepRecord& simulation);

}  // namespace cortifold
