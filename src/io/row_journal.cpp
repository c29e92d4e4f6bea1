#include <cortifold/core/error.hpp>
#include <cortifold/io/row_journal.hpp>
#include <cortifold/io/table.hpp>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <vector>

namespace cortifold {

namespace {

constexpr std::size_t buffered_doubles = 1 << 13;

using Stream = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

Stream open(const std::filesystem::path& path, const char* mode) {
    return {std::fopen(path.c_str(), mode), &std::fclose};
}

void require_done(bool done, const char* what, const std::filesystem::path& path) {
    if (!done)
        throw OutputError(std::string("cannot ") + what + " " + path.string() + ": " +
                          std::generic_category().message(errno));
}

void cut_off(const std::filesystem::path& path, std::uintmax_t bytes) {
    std::error_code failure;
    const std::uintmax_t size = std::filesystem::file_size(path, failure);
    if (failure || size < bytes)
        throw ConfigError("this file ends before the checkpoint beside it was written",
                          {path.string()});
    std::filesystem::resize_file(path, bytes, failure);
    if (failure) throw OutputError("cannot cut off " + path.string() + ": " + failure.message());
}

}  // namespace

struct RowJournal::File {
    std::filesystem::path path;
    std::size_t width;
    std::uint64_t rows;
    Stream stream;
    std::vector<double> buffer{};

    void flush() {
        if (buffer.empty()) return;
        require_done(std::fwrite(buffer.data(), sizeof(double), buffer.size(), stream.get()) ==
                             buffer.size() &&
                         std::fflush(stream.get()) == 0,
                     "write", path);
        buffer.clear();
    }
};

RowJournal::RowJournal(const std::filesystem::path& file, std::size_t width, std::uint64_t rows) {
    if (file.parent_path() == nowhere) return;
    if (rows > 0) cut_off(file, rows * width * sizeof(double));
    file_.reset(new File{file, width, rows, open(file, rows > 0 ? "ab" : "wb")});
    require_done(file_->stream != nullptr, "write", file);
}

RowJournal::~RowJournal() = default;
RowJournal::RowJournal(RowJournal&&) noexcept = default;

std::uint64_t RowJournal::rows() const {
    return file_ ? file_->rows : 0;
}

void RowJournal::add(std::span<const double> row) {
    if (!file_) return;
    require(row.size() == file_->width, file_->path.string() + " has rows of " +
                                            std::to_string(file_->width) + " numbers; one of " +
                                            std::to_string(row.size()) + " does not fit");
    file_->buffer.insert(file_->buffer.end(), row.begin(), row.end());
    ++file_->rows;
    if (file_->buffer.size() >= buffered_doubles) file_->flush();
}

void RowJournal::flush() {
    if (file_) file_->flush();
}

void RowJournal::for_rows(const std::function<void(std::span<const double>)>& work) {
    if (!file_) return;
    file_->flush();
    const Stream stream = open(file_->path, "rb");
    require_done(stream != nullptr, "read", file_->path);
    std::vector<double> row(file_->width);
    for (std::uint64_t k = 0; k < file_->rows; ++k) {
        require_done(std::fread(row.data(), sizeof(double), row.size(), stream.get()) == row.size(),
                     "read", file_->path);
        work(row);
    }
}

}  // namespace cortifold
