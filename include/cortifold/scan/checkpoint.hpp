#pragma once

#include <cortifold/core/matrix.hpp>
#include <cortifold/core/status.hpp>
#include <cortifold/io/record.hpp>
#include <cortifold/scan/grid.hpp>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace cortifold {

/// What one cell of a scan came to.
struct CellResult {
    Status status = Status::converged;  ///< of the first step that failed
    std::string message{};              ///< what it said
    std::vector<Record> values{};       ///< what was recorded; null: there is no such value
    std::vector<Vector> memory{};       ///< what the next cell begins with; empty: with nothing
};
using CellResults = std::map<GridPlace, CellResult>;

/// Every finished cell as a line of a text file: the checksum of what follows, and that as JSON. A
/// line is handed to the system as soon as its cell is done, so a process that is killed loses
/// none; one that was being written is known by its checksum.
class CellJournal {
public:
    /// Appends to a file, which is made where it is missing. Throws OutputError.
    explicit CellJournal(const std::filesystem::path& file);
    CellJournal(const CellJournal&) = delete;
    CellJournal& operator=(const CellJournal&) = delete;
    ~CellJournal();
    void add(const GridPlace& place, const CellResult& result);
    /// Throws OutputError where something was not written.
    void close();

private:
    struct File;
    std::unique_ptr<File> file_;
};

/// Adds what a journal holds to the cells, up to the first line that is damaged. Throws ConfigError
/// where the file cannot be read.
void read_journal(const std::filesystem::path& file, CellResults& cells);

}  // namespace cortifold
