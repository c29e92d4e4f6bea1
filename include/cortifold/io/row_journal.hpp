#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>

namespace cortifold {

/// Rows of doubles in a file that only grows, and so survives whatever ends the program. A run that
/// goes on later keeps the rows that its checkpoint knows of. In the folder `nowhere` it drops
/// every row.
class RowJournal {
public:
    /// Goes on behind the first `rows` rows of the file, and cuts off all others. Throws
    /// ConfigError where it has fewer, OutputError where it cannot be written.
    RowJournal(const std::filesystem::path& file, std::size_t width, std::uint64_t rows = 0);
    ~RowJournal();
    RowJournal(RowJournal&&) noexcept;
    [[nodiscard]] std::uint64_t rows() const;
    void add(std::span<const double> row);
    /// Hands all rows to the system. Throws OutputError.
    void flush();
    /// Flushes; calls `work` with one row after the other.
    void for_rows(const std::function<void(std::span<const double>)>& work);

private:
    struct File;
    std::unique_ptr<File> file_;
};

}  // namespace cortifold
