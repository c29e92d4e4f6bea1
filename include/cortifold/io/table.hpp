#pragma once

#include <cortifold/core/matrix.hpp>

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cortifold {

/// A column's heading: `name [unit]`.
struct Column {
    std::string name, unit;
};
using Cell = std::variant<double, std::int64_t, std::string>;

/// A tidy table that is written as it grows: one header row, 17 digits. Every write that fails
/// throws OutputError naming the file.
class CsvWriter {
public:
    CsvWriter(const std::filesystem::path& path, std::vector<Column> columns);
    ~CsvWriter();
    CsvWriter(CsvWriter&&) noexcept;
    void write_row(std::span<const Cell> cells);
    void write_row(std::span<const double> cells);
    void flush();
    void
    close();  ///< flushes and reports a full disk; a writer that is only destroyed reports nothing

private:
    struct File;
    std::unique_ptr<File> file_;
};

/// Rows of doubles appended to a chunked two-dimensional dataset of an HDF5 file, with the column
/// names and units as attributes.
class Hdf5Writer {
public:
    Hdf5Writer(const std::filesystem::path& path, const std::string& dataset,
               std::vector<Column> columns);
    ~Hdf5Writer();
    Hdf5Writer(Hdf5Writer&&) noexcept;
    void write_row(std::span<const double> cells);
    void flush();
    void close();

private:
    struct File;
    std::unique_ptr<File> file_;
};

/// A whole numeric table, for reports and tests. Throws ConfigError with file and line.
struct NumericTable {
    std::vector<Column> columns;
    Matrix values;
};
[[nodiscard]] NumericTable read_hdf5(const std::filesystem::path& path, const std::string& dataset);

/// Writes the whole text, or throws OutputError; the file is replaced atomically.
void write_file(const std::filesystem::path& path, std::string_view text);
/// Throws ConfigError where the file cannot be read.
[[nodiscard]] std::string read_file(const std::filesystem::path& path);
/// FNV-1a, 16 hexadecimal digits.
[[nodiscard]] std::string checksum(std::string_view bytes);

}  // namespace cortifold
