#include "field_reader.hpp"
#include "stored_array.hpp"
#include <cortifold/core/error.hpp>

#include <algorithm>
#include <array>
#include <tuple>

namespace cortifold {

namespace {

using Eigen::Index;
using Triplets = std::vector<Eigen::Triplet<double>>;

/// The first line: `%%MatrixMarket matrix <layout> <field> <symmetry>` (Boisvert, Pozo & Remington
/// 1996, NIST IR 5935).
struct Banner {
    bool coordinates = false, pattern = false, integer = false;
    double mirrored = 0.0;  ///< sign of the entry across the diagonal; 0: general
};

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](unsigned char c) {
        return static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    });
    return result;
}

Banner read_banner(const FieldReader& file) {
    const auto& fields = file.fields();
    if (fields.size() != 5 || fields[0] != "%%MatrixMarket" || lower(fields[1]) != "matrix")
        file.fail("expected `%%MatrixMarket matrix LAYOUT FIELD SYMMETRY`, found " +
                  shown(file.line_text()));
    const auto expect = [&](std::size_t k, std::initializer_list<std::string_view> known) {
        const std::string word = lower(fields[k]);
        if (std::ranges::find(known, word) != known.end()) return word;
        std::string list;
        for (const std::string_view name : known) (list += list.empty() ? "" : ", ") += name;
        file.fail("expected one of " + list + ", found " + shown(word));
    };
    const std::string layout = expect(2, {"coordinate", "array"});
    const std::string field = expect(3, {"real", "double", "integer", "pattern"});
    const std::string symmetry = expect(4, {"general", "symmetric", "skew-symmetric"});
    if (layout == "array" && field == "pattern") file.fail("an array cannot be a pattern");
    return {layout == "coordinate", field == "pattern", field == "integer",
            symmetry == "general" ? 0.0 : (symmetry == "symmetric" ? 1.0 : -1.0)};
}

std::int64_t read_size(const FieldReader& file, std::size_t k, std::int64_t most) {
    const auto value = file.number<std::int64_t>(k);
    if (value < 0 || value > most)
        file.fail("expected a number from 0 to " + std::to_string(most) + " in column " +
                  std::to_string(k + 1) + ", found " + std::to_string(value));
    return value;
}

void expect_square(const FieldReader& file, std::int64_t rows, std::int64_t columns) {
    if (rows != columns || rows == 0)
        file.fail("a connectome is square, this matrix " + std::to_string(rows) + " x " +
                  std::to_string(columns));
}

double read_value(const FieldReader& file, std::size_t k, const Banner& banner) {
    return banner.integer ? static_cast<double>(file.number<std::int64_t>(k))
                          : file.number<double>(k);
}

/// Adds an entry counted from 0, and its mirror image.
void add(const FieldReader& file, const Banner& banner, Index i, Index j, double value,
         Triplets& entries) {
    if (banner.mirrored < 0.0 && i == j)
        file.fail("a skew-symmetric matrix has no entries on the diagonal");
    if (banner.mirrored != 0.0 && i < j)
        file.fail("of a symmetric matrix only the lower triangle is listed");
    entries.emplace_back(static_cast<int>(i), static_cast<int>(j), value);
    if (banner.mirrored != 0.0 && i != j)
        entries.emplace_back(static_cast<int>(j), static_cast<int>(i), banner.mirrored * value);
}

SparseMatrix from_triplets(const FieldReader& file, Index n, const Triplets& entries) {
    SparseMatrix weights(n, n);
    const double repeated = std::numeric_limits<double>::quiet_NaN();  // every entry is finite
    weights.setFromTriplets(entries.begin(), entries.end(),
                            [&](double, double) { return repeated; });
    for (Index i = 0; i < n; ++i)
        for (SparseMatrix::InnerIterator entry(weights, i); entry; ++entry)
            if (std::isnan(entry.value()))
                file.fail("entry " + std::to_string(i + 1) + " " + std::to_string(entry.col() + 1) +
                          " is listed twice");
    weights.prune([](Index, Index, double value) { return value != 0.0; });
    return weights;
}

/// Lines `row column value`, counted from 1.
SparseMatrix read_coordinates(FieldReader& file, const Banner& banner) {
    file.expect_fields(3, "`rows columns entries`");
    const std::int64_t n = read_size(file, 0, most_nodes);
    expect_square(file, n, read_size(file, 1, most_nodes));
    const std::int64_t promised = read_size(file, 2, n * n);
    Triplets entries;
    std::int64_t found = 0;
    for (; file.next(); ++found) {
        file.expect_fields(banner.pattern ? 2 : 3,
                           banner.pattern ? "`row column`" : "`row column value`");
        const Index i = read_size(file, 0, n), j = read_size(file, 1, n);
        if (i == 0 || j == 0) file.fail("rows and columns are counted from 1");
        add(file, banner, i - 1, j - 1, banner.pattern ? 1.0 : read_value(file, 2, banner),
            entries);
    }
    if (found != promised)
        file.fail(std::to_string(promised) + " entries are promised, the file has " +
                  std::to_string(found));
    return from_triplets(file, n, entries);
}

/// One value a line, column by column; of symmetric matrices the lower triangle.
SparseMatrix read_values(FieldReader& file, const Banner& banner) {
    file.expect_fields(2, "`rows columns`");
    const std::int64_t n = read_size(file, 0, most_nodes);
    expect_square(file, n, read_size(file, 1, most_nodes));
    const auto first_row = [&](Index j) {
        return banner.mirrored == 0.0 ? Index{0} : (banner.mirrored > 0.0 ? j : j + 1);
    };
    Triplets entries;
    for (Index j = 0; j < n; ++j)
        for (Index i = first_row(j); i < n; ++i) {
            if (!file.next())
                file.fail("the file ends before column " + std::to_string(j + 1) + " of " +
                          std::to_string(n) + " is complete");
            file.expect_fields(1, "one value a line");
            add(file, banner, i, j, read_value(file, 0, banner), entries);
        }
    if (file.next()) file.fail("more values than " + std::to_string(n) + " columns have");
    return from_triplets(file, n, entries);
}

}  // namespace

ArrayValue read_matrix_market(const std::string& where, std::string text) {
    constexpr char comment = '%';
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    FieldReader first(where, text.substr(0, end), FieldReader::Separator::white_space, '\0');
    if (!first.next()) first.fail("expected a MatrixMarket file, found an empty line");
    const Banner banner = read_banner(first);
    FieldReader file(where, std::move(text), FieldReader::Separator::white_space, comment);
    if (!file.next()) file.fail("expected the size of the matrix");
    return {banner.coordinates ? read_coordinates(file, banner) : read_values(file, banner)};
}

}  // namespace cortifold
