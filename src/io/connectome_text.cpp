#include "field_reader.hpp"
#include "stored_array.hpp"

#include <algorithm>
#include <utility>

namespace cortifold {

namespace {

using Eigen::Index;
using Fields = std::vector<std::string_view>;

/// A row most of which is no numbers.
bool is_header(const Fields& fields) {
    const auto words =
        std::ranges::count_if(fields, [](auto field) { return !parse_number<double>(field); });
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
ArrayValue read_matrix(FieldReader& file) {
    ArrayValue result;
    if (file.fields().size() == 1 && file.line_text().find(';') != std::string_view::npos)
        file.fail("semicolons separate no values here; commas, tabs and blanks do");
    const bool has_header = is_header(file.fields());
    if (has_header) {
        for (const auto field : file.fields()) result.labels.push_back(unquoted(field));
        if (!file.next()) file.fail("expected rows of numbers after the header");
    }
    const std::size_t width = file.fields().size();
    const bool has_row_labels = width > 1 && !parse_number<double>(file.fields()[0]);
    const std::size_t n = has_row_labels ? width - 1 : width;
    check_size({n, n}, sizeof(double), most_bytes, file.name());
    if (has_row_labels && result.labels.size() == width)
        result.labels.erase(result.labels.begin());  // the corner
    if (has_header && result.labels.size() != n)
        file.fail("the header names " + std::to_string(result.labels.size()) +
                  " regions, this row has " + std::to_string(n) + " values");
    result.numbers = read_rows(file, n, result.labels);
    return result;
}

struct Edge {
    std::int64_t onto, from;
    double weight;
    int line;
};

void refuse_repeated_edges(const FieldReader& file, std::vector<Edge>& edges) {
    const auto pair = [](const Edge& e) { return std::pair(e.onto, e.from); };
    if (!std::ranges::is_sorted(edges, {}, pair))  // as most files are
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

/// Lines `label, x, y, z`; further columns, as TVB writes, are not looked at. Without labels three
/// numbers a line will do.
void read_centre(const FieldReader& file, ArrayValue& into, std::vector<double>& coordinates) {
    const std::size_t width = file.fields().size();
    const bool labelled = width > 3;
    if (width < 3) file.expect_fields(4, "`label, x, y, z`");
    if (labelled) into.labels.push_back(unquoted(file.fields()[0]));
    for (std::size_t k = 0; k < 3; ++k)
        coordinates.push_back(file.number<double>(k + (labelled ? 1 : 0)));
}

ArrayValue read_centres(FieldReader& file) {
    ArrayValue result;
    std::vector<double> coordinates;
    do {
        const bool heading = file.fields().size() > 1 && file.fields()[1].starts_with('x');
        if (coordinates.empty() && heading) continue;
        read_centre(file, result, coordinates);
    } while (file.next());
    const auto rows = static_cast<Index>(coordinates.size() / 3);
    if (!result.labels.empty() && result.labels.size() != static_cast<std::size_t>(rows))
        file.fail("expected a label in every row or in none");
    result.numbers = Matrix(Matrix::Map(coordinates.data(), 3, rows).transpose());
    return result;
}

/// Lines `label, hemisphere`, or the hemisphere alone.
ArrayValue read_hemispheres(FieldReader& file) {
    ArrayValue result;
    do {
        const Fields& fields = file.fields();
        if (result.texts.empty() && fields.back().starts_with("hemisphere")) continue;
        if (fields.size() > 2) file.expect_fields(2, "`label, hemisphere`");
        if (fields.size() == 2) result.labels.push_back(unquoted(fields[0]));
        result.texts.emplace_back(fields.back());
        if (!result.labels.empty() && result.labels.size() != result.texts.size())
            file.fail("expected a label in every row or in none");
    } while (file.next());
    return result;
}

ArrayValue read_labels(FieldReader& file) {
    ArrayValue result;
    do {
        result.texts.push_back(unquoted(file.line_text()));
    } while (file.next());
    return result;
}

ArrayValue read_role(FieldReader& file, Role role) {
    switch (role) {
        case Role::centres: return read_centres(file);
        case Role::labels: return read_labels(file);
        case Role::hemispheres: return read_hemispheres(file);
        case Role::weights:
            if (file.fields().size() == 1 && extension_of(file.name()) != ".csv")
                return {read_edges(file)};
            break;
        case Role::lengths: break;
    }
    return read_matrix(file);
}

}  // namespace

ArrayValue read_text_array(const std::string& where, std::string text, Role role) {
    const bool is_matrix = role == Role::weights || role == Role::lengths;
    const std::string_view extension = extension_of(where);
    const bool by_tabs = extension == ".tsv" || !(is_matrix || extension == ".csv");
    FieldReader file(where, std::move(text),
                     by_tabs ? FieldReader::Separator::tabs : FieldReader::Separator::white_space);
    if (!file.next()) file.fail("expected a connectome, found an empty file");
    ArrayValue value = read_role(file, role);
    value.last_line = file.line();
    return value;
}

}  // namespace cortifold
