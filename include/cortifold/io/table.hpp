#pragma once

#include <cortifold/core/matrix.hpp>

#include <cstdint>
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
/// A folder whose tables go nowhere: writers make no file there and drop every row.
inline const std::filesystem::path nowhere = "/dev/null";

using Cell = std::variant<double, std::int64_t, std::string>;

/// A tidy table that is written as it grows: one header row, 17 digits. NaN and infinities, which
/// solvers keep out of tables, are written as `nan`, `inf` and `-inf`; text with a comma, a quote
/// or a line break is quoted (RFC 4180). Every write that fails throws OutputError naming the file;
/// a row of the wrong width is a UsageError.
class CsvWriter {
public:
    CsvWriter(const std::filesystem::path& path, std::vector<Column> columns);
    ~CsvWriter();
    CsvWriter(CsvWriter&&) noexcept;
    void write_row(std::span<const Cell> cells);
    void write_row(std::span<const double> cells);
    void flush();
    /// Flushes and reports a full disk; a writer that is only destroyed reports nothing.
    void close();

private:
    struct File;
    std::unique_ptr<File> file_;
};

/// Rows of doubles appended to a chunked two-dimensional dataset of a new HDF5 file, with the
/// column names and units as its attributes `names` and `units`. Equal rows make equal bytes.
/// Errors as of CsvWriter.
class Hdf5Writer {
public:
    Hdf5Writer(const std::filesystem::path& path, const std::string& dataset,
               std::vector<Column> columns);
    ~Hdf5Writer();
    Hdf5Writer(Hdf5Writer&&) noexcept;
    /// Ends the dataset; rows go to another one of the same file from here on.
    void begin(const std::string& dataset, std::vector<Column> columns);
    void write_row(std::span<const double> cells);
    void flush();
    /// As of CsvWriter.
    void close();

private:
    struct File;
    std::unique_ptr<File> file_;
};

/// Rows of doubles, each an array of one shape (C order; empty: a number), appended to an NPY file,
/// whose first dimension counts them. numpy.load reads it after every flush: its header is written
/// again with the number of rows. Errors as of CsvWriter.
class NpyWriter {
public:
    NpyWriter(const std::filesystem::path& path, std::vector<std::size_t> row_shape);
    ~NpyWriter();
    NpyWriter(NpyWriter&&) noexcept;
    void write_row(std::span<const double> cells);
    void flush();
    /// As of CsvWriter.
    void close();

private:
    struct File;
    std::unique_ptr<File> file_;
};

/// A whole numeric table, a row a record.
struct NumericTable {
    std::vector<Column> columns;
    Matrix values;
};
/// Reads what Hdf5Writer wrote. Throws ConfigError naming the file.
[[nodiscard]] NumericTable read_hdf5(const std::filesystem::path& path, const std::string& dataset);

/// A CSV table as text, as of runs that a later step reads.
struct CsvTable {
    std::string name;  ///< for messages
    std::vector<Column> columns;
    std::vector<std::vector<std::string>> rows;
    [[nodiscard]] bool has(std::string_view column) const;
    /// Fields of a column. Throw ConfigError where there is no such column, or no number.
    [[nodiscard]] std::vector<std::string> texts(std::string_view column) const;
    [[nodiscard]] Vector numbers(std::string_view column) const;
};
/// Throws ConfigError naming file and line where a row has another width than the heading.
[[nodiscard]] CsvTable read_csv(const std::filesystem::path& path);
/// Fields of a line; quotes may hold commas, and "" stands for one quote.
[[nodiscard]] std::vector<std::string> csv_fields(const std::string& line);
/// The columns of a heading as CsvWriter writes it.
[[nodiscard]] std::vector<Column> csv_heading(const std::string& line);

/// Writes the whole text, or throws OutputError and leaves the file as it was: it is replaced
/// atomically. What is no regular file, as a pipe, is written to directly.
void write_file(const std::filesystem::path& path, std::string_view text);
/// Throws ConfigError where the file cannot be read, is too large, or is a pipe or a device, which
/// may have no end.
[[nodiscard]] std::string read_file(const std::filesystem::path& path);
/// FNV-1a of 64 bits (Fowler, Noll & Vo), 16 hexadecimal digits.
[[nodiscard]] std::string checksum(std::string_view bytes);

}  // namespace cortifold
