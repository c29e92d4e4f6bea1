#include "stored_array.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/io/table.hpp>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>

namespace cortifold {

namespace {

constexpr std::size_t buffer_size = 1 << 16;
constexpr int round_trip_digits = 17;

using Stream = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

Stream open(const std::filesystem::path& path, const char* mode) {
    return {std::fopen(path.c_str(), mode), &std::fclose};
}

std::string reason() {
    return std::generic_category().message(errno);
}

void require_written(bool written, const std::filesystem::path& path) {
    if (!written) throw OutputError("cannot write " + path.string() + ": " + reason());
}

void append(std::string& text, double value) {
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.begin(), digits.end(), value, std::chars_format::general,
                                   round_trip_digits);
    text.append(digits.data(), end.ptr);
}

void append(std::string& text, std::int64_t value) {
    text += std::to_string(value);
}

void append(std::string& text, const std::string& value) {
    if (value.find_first_of(",\"\r\n") == std::string::npos) {
        text += value;
        return;
    }
    text += '"';
    for (const char c : value) text.append(c == '"' ? 2 : 1, c);
    text += '"';
}

void append(std::string& text, const Cell& cell) {
    std::visit([&](const auto& value) { append(text, value); }, cell);
}

std::string heading(const Column& column) {
    return column.unit.empty() ? column.name : column.name + " [" + column.unit + "]";
}

[[noreturn]] void refuse_large(const std::filesystem::path& path) {
    throw ConfigError("the file has more than " + std::to_string(most_bytes) + " bytes",
                      {path.string()});
}

bool write_whole(const std::filesystem::path& path, std::string_view text) {
    Stream stream = open(path, "wb");
    return stream && std::fwrite(text.data(), 1, text.size(), stream.get()) == text.size() &&
           std::fclose(stream.release()) == 0;
}

}  // namespace

struct CsvWriter::File {
    std::filesystem::path path;
    std::size_t width;
    Stream stream;
    std::string buffer{};

    template <class Cells>
    void add_row(const Cells& cells) {
        require(cells.size() == width, path.string() + " has " + std::to_string(width) +
                                           " columns; a row of " + std::to_string(cells.size()) +
                                           " cells does not fit");
        for (std::size_t k = 0; k < cells.size(); ++k) {
            if (k > 0) buffer += ',';
            append(buffer, cells[k]);
        }
        buffer += '\n';
        if (buffer.size() >= buffer_size) flush();
    }

    void flush() {
        const std::string text = std::exchange(buffer, {});
        buffer.reserve(text.capacity());
        require_written(std::fwrite(text.data(), 1, text.size(), stream.get()) == text.size() &&
                            std::fflush(stream.get()) == 0,
                        path);
    }
};

CsvWriter::CsvWriter(const std::filesystem::path& path, std::vector<Column> columns)
    : file_(path.parent_path() == nowhere ? nullptr
                                          : new File{path, columns.size(), open(path, "wb")}) {
    if (!file_) return;
    require_written(file_->stream != nullptr, path);
    std::vector<std::string> header;
    for (const Column& column : columns) header.push_back(heading(column));
    file_->add_row(header);
}

CsvWriter::CsvWriter(CsvWriter&&) noexcept = default;

CsvWriter::~CsvWriter() {
    if (file_ && file_->stream)
        std::fwrite(file_->buffer.data(), 1, file_->buffer.size(), file_->stream.get());
}

void CsvWriter::write_row(std::span<const Cell> cells) {
    if (file_) file_->add_row(cells);
}

void CsvWriter::write_row(std::span<const double> cells) {
    if (file_) file_->add_row(cells);
}

void CsvWriter::flush() {
    if (file_) file_->flush();
}

void CsvWriter::close() {
    if (!file_) return;
    file_->flush();
    require_written(std::fclose(file_->stream.release()) == 0, file_->path);
}

void write_file(const std::filesystem::path& path, std::string_view text) {
    const bool replaceable =
        !std::filesystem::exists(path) || std::filesystem::is_regular_file(path);
    if (!replaceable) return require_written(write_whole(path, text), path);
    const std::filesystem::path part = path.string() + ".part";
    if (write_whole(part, text) && std::rename(part.c_str(), path.c_str()) == 0) return;
    const std::string why = reason();
    std::remove(part.c_str());
    throw OutputError("cannot write " + path.string() + ": " + why);
}

std::string read_file(const std::filesystem::path& path) {
    const auto require_read = [&](bool read) {
        if (!read) throw ConfigError("cannot read " + path.string() + ": " + reason());
    };
    require_file(path);
    std::error_code unknown;
    const auto size = std::filesystem::file_size(path, unknown);
    if (!unknown && size > most_bytes) refuse_large(path);
    const Stream stream = open(path, "rb");
    require_read(stream != nullptr);
    std::string text;
    std::vector<char> block(buffer_size);
    while (const std::size_t n = std::fread(block.data(), 1, block.size(), stream.get())) {
        text.append(block.data(), n);
        if (text.size() > most_bytes) refuse_large(path);  // it grows, or does not tell its size
    }
    require_read(std::ferror(stream.get()) == 0);
    return text;
}

std::string checksum(std::string_view bytes) {
    constexpr std::uint64_t offset_basis = 0xcbf29ce484222325, prime = 0x100000001b3;
    std::uint64_t hash = offset_basis;
    for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * prime;
    std::array<char, 17> digits;
    std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(hash));
    return digits.data();
}

}  // namespace cortifold
