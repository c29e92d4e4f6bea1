#include <cortifold/core/error.hpp>
#include <cortifold/io/connectome_reader.hpp>
#include <cortifold/io/table.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace cortifold {

namespace {

using Eigen::Index;
namespace fs = std::filesystem;

constexpr std::string_view blanks = " \t\r";
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
/// More nodes than an edge list is believed to have: bounds the memory one number can ask for.
constexpr std::int64_t most_nodes = 200000;
/// Characters of a file that a message repeats.
constexpr std::size_t shown_at_most = 40;
/// In the order of the enumeration.
constexpr std::array<std::string_view, 3> hemisphere_names = {"left", "right", "unknown"};

std::string shown(std::string_view text) {
    std::string safe(text.substr(0, shown_at_most));
    std::ranges::replace_if(
        safe, [](char c) { return c < ' ' || c > '~'; }, '?');
    return '"' + safe + (text.size() > shown_at_most ? "...\"" : "\"");
}

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// A whole field as a number; infinity and NaN are numbers here, an overflow is none.
template <class T>
std::optional<T> parse(std::string_view field) {
    if (field.starts_with('+') && !field.starts_with("+-")) field.remove_prefix(1);
    T value{};
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (error != std::errc{} || end != field.data() + field.size()) return std::nullopt;
    return value;
}

/// A label as written: without the quotes around it, two quotes within standing for one (RFC 4180).
std::string unquoted(std::string_view field) {
    if (field.size() < 2 || field.front() != '"' || field.back() != '"') return std::string(field);
    std::string label;
    for (std::size_t k = 1; k + 1 < field.size(); ++k) {
        label += field[k];
        if (field[k] == '"' && field[k + 1] == '"') ++k;
    }
    return label;
}

std::string quoted(const std::string& label) {
    constexpr std::string_view plain =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";
    if (label.find_first_not_of(plain) == std::string::npos) return label;
    std::string text = "\"";
    for (const char c : label) text.append(c == '"' ? 2 : 1, c);
    return text + '"';
}

/// A text file as lines of fields; empty lines and comments are passed over.
class FieldReader {
public:
    explicit FieldReader(const fs::path& path)
        : name_(path.string()), text_(read_file(path)), rest_(text_) {
        if (rest_.starts_with(byte_order_mark)) rest_.remove_prefix(byte_order_mark.size());
    }
    FieldReader(const FieldReader&) = delete;
    FieldReader& operator=(const FieldReader&) = delete;

    /// Goes to the next line that holds something.
    bool next() {
        while (!rest_.empty()) {
            const std::size_t end = std::min(rest_.find('\n'), rest_.size());
            const std::string_view line = trimmed(rest_.substr(0, end));
            rest_.remove_prefix(std::min(end + 1, rest_.size()));
            ++line_;
            if (line.empty() || line.starts_with('#')) continue;
            split(line);
            return true;
        }
        return false;
    }
    [[nodiscard]] const std::vector<std::string_view>& fields() const { return fields_; }
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] int line() const { return line_; }

    [[noreturn]] void fail(const std::string& message) const { fail_at(line_, message); }
    [[noreturn]] void fail_at(int line, const std::string& message) const {
        throw ConfigError(message, {name_, line});
    }
    void expect_fields(std::size_t count, const std::string& what) const {
        if (fields_.size() != count)
            fail("expected " + what + ", found " + std::to_string(fields_.size()) + " values");
    }
    /// Field k, counted from 0, as a finite number or a whole one.
    template <class T>
    [[nodiscard]] T number(std::size_t k) const {
        const std::optional<T> value = parse<T>(fields_[k]);
        if (value && std::isfinite(static_cast<double>(*value))) return *value;
        fail(std::string("expected a ") + (std::is_integral_v<T> ? "whole" : "finite") +
             " number in column " + std::to_string(k + 1) + ", found " + shown(fields_[k]));
    }

private:
    void split(std::string_view line) {
        fields_.clear();
        if (line.find(',') != std::string_view::npos) return split_at_commas(line);
        while (!line.empty()) {
            const std::size_t end = std::min(line.find_first_of(blanks), line.size());
            fields_.push_back(line.substr(0, end));
            line = trimmed(line.substr(end));
        }
    }
    void split_at_commas(std::string_view line) {
        bool in_quotes = false;
        std::size_t begin = 0;
        for (std::size_t k = 0; k < line.size(); ++k) {
            if (line[k] == '"') in_quotes = !in_quotes;
            if (line[k] != ',' || in_quotes) continue;
            fields_.push_back(trimmed(line.substr(begin, k - begin)));
            begin = k + 1;
        }
        fields_.push_back(trimmed(line.substr(begin)));
    }

    std::string name_, text_;
    std::string_view rest_;
    int line_ = 0;
    std::vector<std::string_view> fields_;
};

struct LabelledMatrix {
    std::vector<std::string> labels;  ///< empty where the file has none
    Matrix values;
};

/// A row most of which is no numbers.
bool is_header(const std::vector<std::string_view>& fields) {
    const auto words =
        std::ranges::count_if(fields, [](auto field) { return !parse<double>(field); });
    return 2 * static_cast<std::size_t>(words) > fields.size();
}

/// The label that row i begins with: that of column i where there is a header, else its name.
void take_row_label(const FieldReader& file, std::size_t i, std::vector<std::string>& labels) {
    const std::string label = unquoted(file.fields()[0]);
    if (i == labels.size())
        labels.push_back(label);
    else if (label != labels[i])
        file.fail("row " + std::to_string(i) + " is labelled " + shown(label) + ", its column " +
                  shown(labels[i]));
}

/// The rows of n numbers, after a label where there is one; the reader stands on the first of them.
Matrix read_rows(FieldReader& file, std::size_t n, std::vector<std::string>& labels) {
    const std::size_t width = file.fields().size();
    std::vector<double> values;
    std::size_t rows = 0;
    do {
        file.expect_fields(width, std::to_string(width) + " values as in the first row");
        if (rows == n)
            file.fail("row " + std::to_string(rows + 1) + " of a matrix with " + std::to_string(n) +
                      " columns: a connectome is square");
        for (std::size_t k = width - n; k < width; ++k) values.push_back(file.number<double>(k));
        if (width > n) take_row_label(file, rows, labels);
        ++rows;
    } while (file.next());
    if (rows < n)
        file.fail("the file ends after " + std::to_string(rows) + " rows of " + std::to_string(n) +
                  " columns: a connectome is square");
    const auto size = static_cast<Index>(n);
    return Matrix::Map(values.data(), size, size).transpose();
}

/// A square matrix of numbers; the reader stands on its first line.
LabelledMatrix read_matrix(FieldReader& file) {
    LabelledMatrix result;
    const bool has_header = is_header(file.fields());
    if (has_header) {
        for (const auto field : file.fields()) result.labels.push_back(unquoted(field));
        if (!file.next()) file.fail("expected rows of numbers after the header");
    }
    const std::size_t width = file.fields().size();
    const bool has_row_labels = width > 1 && !parse<double>(file.fields()[0]);
    const std::size_t n = has_row_labels ? width - 1 : width;
    if (has_row_labels && result.labels.size() == width)
        result.labels.erase(result.labels.begin());  // the corner
    if (has_header && result.labels.size() != n)
        file.fail("the header names " + std::to_string(result.labels.size()) +
                  " regions, this row has " + std::to_string(n) + " values");
    result.values = read_rows(file, n, result.labels);
    return result;
}

struct Edge {
    std::int64_t onto, from;
    double weight;
    int line;
};

void refuse_repeated_edges(const FieldReader& file, std::vector<Edge> edges) {
    const auto pair = [](const Edge& e) { return std::pair(e.onto, e.from); };
    std::ranges::stable_sort(edges, {}, pair);
    const auto twice = std::ranges::adjacent_find(edges, {}, pair);
    if (twice == edges.end()) return;
    file.fail_at(twice[1].line, "edge " + std::to_string(twice->onto) + " " +
                                    std::to_string(twice->from) + " stands already in line " +
                                    std::to_string(twice->line));
}

/// The reader stands on the line with the number of nodes.
SparseMatrix read_edges(FieldReader& file) {
    const auto n = file.number<std::int64_t>(0);
    if (n < 1 || n > most_nodes)
        file.fail("expected a number of nodes from 1 to " + std::to_string(most_nodes) +
                  ", found " + std::to_string(n));
    const auto node = [&](std::size_t k) {
        const auto value = file.number<std::int64_t>(k);
        if (value < 0 || value >= n)
            file.fail("expected a node from 0 to " + std::to_string(n - 1) + " in column " +
                      std::to_string(k + 1) + ", found " + std::to_string(value));
        return value;
    };
    std::vector<Edge> edges;
    while (file.next()) {
        file.expect_fields(3, "`onto from weight`");
        edges.push_back({node(0), node(1), file.number<double>(2), file.line()});
    }
    refuse_repeated_edges(file, edges);
    std::vector<Eigen::Triplet<double>> entries;
    for (const Edge& edge : edges)
        if (edge.weight != 0.0)
            entries.emplace_back(static_cast<int>(edge.onto), static_cast<int>(edge.from),
                                 edge.weight);
    SparseMatrix weights(n, n);
    weights.setFromTriplets(entries.begin(), entries.end());
    return weights;
}

void set_label(Region& region, std::string label, Index i, const FieldReader& file) {
    if (!region.label.empty() && !label.empty() && region.label != label)
        file.fail("region " + std::to_string(i) + " is " + shown(label) + " here and " +
                  shown(region.label) + " in another file of the folder");
    if (!label.empty()) region.label = std::move(label);
}

Connectome read_weights(const fs::path& path) {
    FieldReader file(path);
    if (!file.next()) file.fail("expected a connectome, found an empty file");
    Connectome connectome;
    connectome.checksum = checksum(file.text());
    if (file.fields().size() == 1 && path.extension() != ".csv") {
        connectome.weights = read_edges(file);
        connectome.regions.resize(static_cast<std::size_t>(connectome.size()));
        return connectome;
    }
    const LabelledMatrix matrix = read_matrix(file);
    connectome.weights = matrix.values.sparseView();
    connectome.regions.resize(static_cast<std::size_t>(connectome.size()));
    for (std::size_t i = 0; i < matrix.labels.size(); ++i)
        connectome.regions[i].label = matrix.labels[i];
    return connectome;
}

void read_lengths(const fs::path& path, Connectome& connectome) {
    FieldReader file(path);
    if (!file.next()) file.fail("expected lengths in mm, found an empty file");
    LabelledMatrix matrix = read_matrix(file);
    if (matrix.values.rows() != connectome.size())
        file.fail("lengths of " + std::to_string(matrix.values.rows()) +
                  " regions, the weights have " + std::to_string(connectome.size()));
    for (std::size_t i = 0; i < matrix.labels.size(); ++i)
        set_label(connectome.regions[i], matrix.labels[i], static_cast<Index>(i), file);
    connectome.lengths_mm = std::move(matrix.values);
}

/// A table with a row a region, which begins with its label. Its header, if it has one, is the
/// first line with `heading` in the second column.
void read_regions(const fs::path& path, Connectome& connectome, std::string_view heading,
                  const auto& read_row) {
    FieldReader file(path);
    std::size_t rows = 0;
    for (bool first = true; file.next(); first = false) {
        if (first && file.fields().size() > 1 && file.fields()[1].starts_with(heading)) continue;
        if (rows == connectome.regions.size())
            file.fail("more regions than the " + std::to_string(rows) + " of the weights");
        Region& region = connectome.regions[rows];
        read_row(file, region);
        set_label(region, unquoted(file.fields()[0]), static_cast<Index>(rows), file);
        ++rows;
    }
    if (rows < connectome.regions.size())
        file.fail(std::to_string(rows) + " regions, the weights have " +
                  std::to_string(connectome.regions.size()));
}

void read_centre(const FieldReader& file, Region& region) {
    file.expect_fields(4, "`label, x, y, z`");
    region.position_mm = {file.number<double>(1), file.number<double>(2), file.number<double>(3)};
}

void read_hemisphere(const FieldReader& file, Region& region) {
    file.expect_fields(2, "`label, hemisphere`");
    const auto found = std::ranges::find(hemisphere_names, file.fields()[1]);
    if (found == hemisphere_names.end())
        file.fail("expected left, right or unknown in column 2, found " + shown(file.fields()[1]));
    region.hemisphere = static_cast<Hemisphere>(found - hemisphere_names.begin());
}

Connectome read_folder(const fs::path& folder) {
    const auto present = [&](const char* name) {
        std::error_code absent;
        return fs::exists(folder / name, absent);
    };
    if (!present("weights.csv"))
        throw ConfigError("a connectome folder must hold weights.csv", {folder.string()});
    Connectome connectome = read_weights(folder / "weights.csv");
    if (present("lengths.csv")) read_lengths(folder / "lengths.csv", connectome);
    connectome.has_positions = present("centres.csv");
    if (connectome.has_positions)
        read_regions(folder / "centres.csv", connectome, "x", &read_centre);
    if (present("hemispheres.csv"))
        read_regions(folder / "hemispheres.csv", connectome, "hemisphere", &read_hemisphere);
    return connectome;
}

/// The first error that validation finds, if any.
std::optional<std::string> reason_against(const Connectome& connectome) {
    const ConnectomeReport report = validate_connectome(connectome);
    for (const auto& finding : report.findings)
        if (finding.severity == ConnectomeFinding::Severity::error) return finding.message;
    return std::nullopt;
}

/// The shortest digits that read back to the same double.
void append(std::string& text, double value) {
    std::array<char, 32> digits;
    text.append(digits.data(), std::to_chars(digits.begin(), digits.end(), value).ptr);
}

std::string matrix_text(const auto& matrix) {
    std::string text;
    for (Index i = 0; i < matrix.rows(); ++i) {
        const Vector row = matrix.row(i).transpose();
        for (Index j = 0; j < row.size(); ++j) {
            if (j > 0) text += ',';
            append(text, row[j]);
        }
        text += '\n';
    }
    return text;
}

std::string centres_text(const std::vector<Region>& regions) {
    std::string text = "label,x,y,z\n";
    for (const Region& region : regions) {
        text += quoted(region.label);
        for (const double coordinate : region.position_mm) append(text += ',', coordinate);
        text += '\n';
    }
    return text;
}

std::string hemispheres_text(const std::vector<Region>& regions) {
    std::string text = "label,hemisphere\n";
    for (const Region& region : regions) {
        const auto name = hemisphere_names[static_cast<std::size_t>(region.hemisphere)];
        text.append(quoted(region.label)).append(",").append(name).append("\n");
    }
    return text;
}

void write_or_remove(const fs::path& path, bool known, const auto& text) {
    if (known) return write_file(path, text());
    std::error_code error;
    fs::remove(path, error);
    if (error) throw OutputError("cannot remove " + path.string() + ": " + error.message());
}

/// Of a Markdown text, without headings, emphasis and line breaks.
std::string first_paragraph(std::string_view text) {
    std::string paragraph;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (line.empty() && !paragraph.empty()) break;
        if (line.empty() || line.front() == '#') continue;
        if (!paragraph.empty()) paragraph += ' ';
        std::ranges::copy_if(line, std::back_inserter(paragraph), [](char c) { return c != '*'; });
    }
    return paragraph;
}

}  // namespace

Connectome read_connectome(const fs::path& path) {
    std::error_code absent;
    Connectome connectome = fs::is_directory(path, absent) ? read_folder(path) : read_weights(path);
    connectome.source = path.string();
    if (fs::is_regular_file(path / "README.md", absent))
        connectome.about = first_paragraph(read_file(path / "README.md"));
    if (const auto reason = reason_against(connectome))
        throw ConfigError("unusable connectome: " + *reason, {path.string()});
    return connectome;
}

void write_connectome(const Connectome& c, const fs::path& folder) {
    if (const auto reason = reason_against(c))
        throw UsageError("this connectome cannot be written: " + *reason);
    for (const Region& region : c.regions)
        require(region.label.find('\n') == std::string::npos,
                "the label " + shown(region.label) + " cannot be written: it has a line break");
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) throw OutputError("cannot make " + folder.string() + ": " + error.message());
    const bool known_regions = std::ranges::any_of(c.regions, [](const Region& region) {
        return !region.label.empty() || region.hemisphere != Hemisphere::unknown;
    });
    write_file(folder / "weights.csv", matrix_text(c.weights));
    write_or_remove(folder / "lengths.csv", c.lengths_mm.size() > 0,
                    [&] { return matrix_text(c.lengths_mm); });
    write_or_remove(folder / "centres.csv", c.has_positions,
                    [&] { return centres_text(c.regions); });
    write_or_remove(folder / "hemispheres.csv", known_regions,
                    [&] { return hemispheres_text(c.regions); });
}

}  // namespace cortifold
