#include "npy.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/io/table.hpp>

#include <cerrno>
#include <fstream>
#include <functional>
#include <numeric>
#include <system_error>

namespace cortifold {

namespace {

constexpr std::size_t buffer_doubles = std::size_t{1} << 14;  // 128 KiB

}  // namespace

struct NpyWriter::File {
    std::filesystem::path path;
    std::vector<std::size_t> shape;  ///< rows, then that of a row
    std::size_t width;               ///< numbers in a row
    std::ofstream stream{};
    std::vector<double> buffer{};

    void check() const {
        if (!stream)
            throw OutputError("cannot write " + path.string() + ": " +
                              std::generic_category().message(errno));
    }

    void add_row(std::span<const double> cells) {
        require(cells.size() == width, path.string() + " has rows of " + std::to_string(width) +
                                           " numbers; one of " + std::to_string(cells.size()) +
                                           " does not fit");
        buffer.insert(buffer.end(), cells.begin(), cells.end());
        ++shape.front();
        if (buffer.size() >= buffer_doubles) write_buffer();
    }

    void write_buffer() {
        stream.write(reinterpret_cast<const char*>(buffer.data()),
                     static_cast<std::streamsize>(buffer.size() * sizeof(double)));
        buffer.clear();
        check();
    }

    /// Leaves the stream behind the last row.
    void flush() {
        write_buffer();
        stream.seekp(0);
        stream << npy_header("<f8", shape);
        stream.seekp(0, std::ios::end);
        stream.flush();
        check();
    }
};

NpyWriter::NpyWriter(const std::filesystem::path& path, std::vector<std::size_t> row_shape) {
    const std::size_t width =
        std::accumulate(row_shape.begin(), row_shape.end(), std::size_t{1}, std::multiplies<>{});
    if (path.parent_path() == nowhere) return;
    require(width > 0, path.string() + " needs at least one number in a row");
    row_shape.insert(row_shape.begin(), 0);
    file_.reset(new File{path, std::move(row_shape), width});
    file_->stream.open(path, std::ios::binary | std::ios::trunc);
    file_->check();
    file_->flush();
}

NpyWriter::NpyWriter(NpyWriter&&) noexcept = default;

NpyWriter::~NpyWriter() {
    if (!file_ || !file_->stream.is_open()) return;
    try {
        file_->flush();
    } catch (const OutputError&) {  // as promised: only close() reports
    }
}

void NpyWriter::write_row(std::span<const double> cells) {
    if (file_) file_->add_row(cells);
}

void NpyWriter::flush() {
    if (file_) file_->flush();
}

void NpyWriter::close() {
    if (!file_) return;
    file_->flush();
    file_->stream.close();
    file_->check();
}

}  // namespace cortifold
