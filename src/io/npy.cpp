#include "npy.hpp"

#include "field_reader.hpp"
#include "stored_array.hpp"
#include <cortifold/core/error.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstring>

namespace cortifold {

namespace {

using Eigen::Index;

static_assert(std::endian::native == std::endian::little, "bytes are copied as they are");

struct NpyHeader {
    std::string type;  ///< as in "<f8"
    bool column_major = false;
    std::vector<std::uint64_t> shape;
    std::string_view data;
};

/// The header's text: `{'descr': '<f8', 'fortran_order': False, 'shape': (4, 4), }`, a Python
/// literal (NEP 1).
class NpyHeaderParser {
public:
    NpyHeaderParser(const std::string& where, std::string_view text) : where_(where), rest_(text) {}

    NpyHeader parse() {
        NpyHeader header;
        expect("{");
        while (!accept("}")) {
            const std::string key = text();
            expect(":");
            if (key == "descr")
                header.type = text();
            else if (key == "fortran_order")
                header.column_major = truth();
            else if (key == "shape")
                header.shape = tuple();
            else
                fail("an unknown key " + shown(key));
            (void)accept(",");
        }
        if (header.type.empty()) fail("no type of numbers");
        return header;
    }
    [[noreturn]] void fail(const std::string& found) const {
        throw ConfigError("not a usable NPY file: its header has " + found, {where_});
    }

private:
    bool accept(std::string_view token) {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(" \n\t"), rest_.size()));
        if (!rest_.starts_with(token)) return false;
        rest_.remove_prefix(token.size());
        return true;
    }
    void expect(std::string_view token) {
        if (!accept(token)) fail(shown(rest_) + " where " + shown(token) + " is expected");
    }
    std::string text() {
        const std::string_view quote = accept("\"") ? "\"" : "'";
        if (quote == "'") {
            if (accept("[")) fail("records of several fields, not numbers of one type");
            expect("'");
        }
        const std::size_t end = rest_.find(quote);
        if (end == std::string_view::npos) fail("a text without end");
        const std::string result(rest_.substr(0, end));
        rest_.remove_prefix(end + 1);
        return result;
    }
    bool truth() {
        if (accept("True")) return true;
        expect("False");
        return false;
    }
    std::vector<std::uint64_t> tuple() {
        std::vector<std::uint64_t> numbers;
        expect("(");
        while (!accept(")")) {
            const std::size_t end = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
            const auto number = parse_number<std::uint64_t>(rest_.substr(0, end));
            if (!number) fail(shown(rest_) + " where a size is expected");
            numbers.push_back(*number);
            rest_.remove_prefix(end);
            (void)accept(",");
        }
        return numbers;
    }

    const std::string& where_;
    std::string_view rest_;
};

/// Magic, version, length of the header, header, data.
NpyHeader read_header(const std::string& where, std::string_view bytes) {
    const auto refuse = [&](bool wrong, const std::string& why) {
        if (wrong) throw ConfigError("not a usable NPY file: " + why, {where});
    };
    const std::size_t version_at = npy_magic.size(), length_at = version_at + 2;
    refuse(!bytes.starts_with(npy_magic) || bytes.size() < length_at, "it does not begin as one");
    const int version = static_cast<unsigned char>(bytes[version_at]);
    refuse(version < 1 || version > 3,
           "version " + std::to_string(version) + " of the format; known are 1 to 3");
    const std::size_t length_bytes = version == 1 ? 2 : 4, header_at = length_at + length_bytes;
    refuse(bytes.size() < header_at, "it ends within its header");
    std::uint32_t length = 0;
    std::memcpy(&length, bytes.data() + length_at, length_bytes);
    refuse(bytes.size() - header_at < length, "it ends within its header");
    NpyHeader header = NpyHeaderParser(where, bytes.substr(header_at, length)).parse();
    header.data = bytes.substr(header_at + length);
    return header;
}

template <class T>
double element(const char* bytes) {
    T value;
    std::memcpy(&value, bytes, sizeof value);
    return static_cast<double>(value);
}

template <class T>
double swapped_element(const char* bytes) {
    std::array<char, sizeof(T)> swapped;
    std::reverse_copy(bytes, bytes + sizeof(T), swapped.begin());
    return element<T>(swapped.data());
}

struct NumberType {
    std::string_view name;
    std::size_t size;
    double (*read)(const char*);  ///< from bytes in our order
    double (*read_swapped)(const char*);
};
template <class T>
constexpr NumberType number_type(std::string_view name) {
    return {name, sizeof(T), element<T>, swapped_element<T>};
}
constexpr NumberType number_types[]{
    number_type<double>("f8"),       number_type<float>("f4"),
    number_type<std::int64_t>("i8"), number_type<std::uint64_t>("u8"),
    number_type<std::int32_t>("i4"), number_type<std::uint32_t>("u4"),
    number_type<std::int16_t>("i2"), number_type<std::uint16_t>("u2"),
    number_type<std::int8_t>("i1"),  number_type<std::uint8_t>("u1"),
    number_type<std::uint8_t>("b1")};

void expect_bytes(const std::string& where, const NpyHeader& header, std::size_t bytes_an_entry) {
    check_size(header.shape, bytes_an_entry, header.data.size(), where);
    std::uint64_t expected = bytes_an_entry;
    for (const std::uint64_t extent : header.shape) expected *= extent;
    if (header.data.size() != expected)
        throw ConfigError("not a usable NPY file: " + shape_text(header.shape) + " entries of " +
                              header.type + " take " + std::to_string(expected) +
                              " bytes, it has " + std::to_string(header.data.size()),
                          {where});
}

Matrix read_numbers(const NpyHeader& header, const NumberType& type) {
    const auto read = header.type.front() == '>' ? type.read_swapped : type.read;
    const auto rows = static_cast<Index>(header.shape[0]);
    const auto columns = static_cast<Index>(header.shape.size() == 2 ? header.shape[1] : 1);
    const auto at = [&](Index i, Index j) {
        const Index k = header.column_major ? j * rows + i : i * columns + j;
        return read(header.data.data() + static_cast<std::size_t>(k) * type.size);
    };
    return Matrix::NullaryExpr(rows, columns, at);
}

/// Fixed-width texts of bytes (S) or of four-byte code points (U), padded with zeros.
std::vector<std::string> read_texts(const NpyHeader& header, std::size_t width, bool wide) {
    const std::size_t unit = wide ? sizeof(std::uint32_t) : 1;
    std::vector<std::string> texts(header.shape[0]);
    for (std::size_t k = 0; k < texts.size(); ++k)
        for (std::size_t c = 0; c < width; ++c) {
            std::string character(header.data.substr((k * width + c) * unit, unit));
            if (header.type.front() == '>') std::ranges::reverse(character);
            std::uint32_t code = 0;
            std::memcpy(&code, character.data(), unit);
            if (code == 0) break;
            if (wide)
                append_utf8(texts[k], code);
            else
                texts[k] += character;
        }
    return texts;
}

/// The code points of UTF-8; what is none stands for itself.
std::u32string code_points(std::string_view text) {
    std::u32string result;
    for (std::size_t k = 0; k < text.size();) {
        const auto lead = static_cast<unsigned char>(text[k]);
        const std::size_t length = lead >= 0xF0 ? 4 : (lead >= 0xE0 ? 3 : (lead >= 0xC0 ? 2 : 1));
        char32_t code = length == 1 ? lead : lead & (0xFFU >> (length + 1));
        const std::size_t end = std::min(k + length, text.size());
        for (++k; k < end; ++k) code = (code << 6) | (static_cast<unsigned char>(text[k]) & 0x3FU);
        result += code;
    }
    return result;
}

}  // namespace

ArrayValue read_npy(const std::string& where, std::string_view bytes) {
    const NpyHeader header = read_header(where, bytes);
    const bool has_order = std::string_view("<>|=").find(header.type.front()) != std::string::npos;
    const std::string kind = header.type.substr(has_order ? 1 : 0);
    if (header.shape.empty() || header.shape.size() > 2)
        throw ConfigError("expected a matrix, found an array of " +
                              std::to_string(header.shape.size()) + " dimensions",
                          {where});
    for (const NumberType& type : number_types)
        if (kind == type.name || (kind == "?" && type.name == "b1")) {
            expect_bytes(where, header, type.size);
            return {read_numbers(header, type)};
        }
    const bool wide = kind.starts_with('U'), is_text = wide || kind.starts_with('S');
    const auto width =
        is_text ? parse_number<std::uint32_t>(std::string_view(kind).substr(1)) : std::nullopt;
    if (header.shape.size() == 1 && width.value_or(0) > 0) {
        expect_bytes(where, header, *width * std::size_t{wide ? 4U : 1U});
        return {Matrix(), read_texts(header, *width, wide)};
    }
    throw ConfigError(
        "expected real numbers (f8, f4, i1 to i8, u1 to u8, b1) or texts (U, S), "
        "found the type " +
            shown(header.type),
        {where});
}

StoredArray describe_npy(const std::string& where, std::string_view bytes) {
    const NpyHeader header = read_header(where, bytes);
    const bool is_text = header.type.find_first_of("US") != std::string::npos;
    return {"", where, is_text ? "text" : header.type, header.shape};
}

std::string npy_header(const std::string& type, std::span<const std::size_t> shape) {
    std::string text = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (";
    for (const std::size_t extent : shape) text += std::to_string(extent) + ", ";
    text += "), }";
    constexpr std::size_t length_bytes = 2;
    const std::size_t length = npy_header_size - npy_magic.size() - 2 - length_bytes;
    assert(text.size() < length);
    text.resize(length - 1, ' ');
    const std::string version("\x01\x00", 2);
    const std::string little_endian{static_cast<char>(length & 0xFFU),
                                    static_cast<char>(length >> 8)};
    return std::string(npy_magic) + version + little_endian + text + '\n';
}

std::string npy_bytes(const Matrix& values) {
    const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> rows = values;
    const std::array shape{static_cast<std::size_t>(values.rows()),
                           static_cast<std::size_t>(values.cols())};
    std::string bytes = npy_header("<f8", shape);
    bytes.append(reinterpret_cast<const char*>(rows.data()),
                 static_cast<std::size_t>(rows.size()) * sizeof(double));
    return bytes;
}

std::string npy_bytes(const std::vector<std::string>& texts) {
    std::vector<std::u32string> codes;
    std::size_t width = 1;
    for (const std::string& text : texts)
        width = std::max(width, codes.emplace_back(code_points(text)).size());
    std::string bytes = npy_header("<U" + std::to_string(width), std::array{texts.size()});
    for (std::u32string& code : codes) {
        code.resize(width);
        bytes.append(reinterpret_cast<const char*>(code.data()), width * sizeof(char32_t));
    }
    return bytes;
}

}  // namespace cortifold
