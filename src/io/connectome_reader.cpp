#include "field_reader.hpp"
#include "stored_array.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/io/connectome_reader.hpp>
#include <cortifold/io/table.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <optional>

namespace cortifold {

namespace {

using Eigen::Index;
namespace fs = std::filesystem;
using Labels = std::vector<std::string>;

/// In the order of the enumeration.
constexpr std::array<std::string_view, 3> hemisphere_names = {"left", "right", "unknown"};
/// Members of a TVB connectivity that have no place in a connectome.
constexpr std::array<std::string_view, 3> unused_members = {"average_orientations", "areas",
                                                            "cortical"};

SparseMatrix sparse(const std::variant<Matrix, SparseMatrix>& numbers) {
    if (const auto* matrix = std::get_if<SparseMatrix>(&numbers)) return *matrix;
    return std::get<Matrix>(numbers).sparseView();
}

Matrix dense(const std::variant<Matrix, SparseMatrix>& numbers, const std::string& where) {
    if (const auto* matrix = std::get_if<Matrix>(&numbers)) return *matrix;
    const auto& matrix = std::get<SparseMatrix>(numbers);
    check_size(
        {static_cast<std::uint64_t>(matrix.rows()), static_cast<std::uint64_t>(matrix.cols())},
        sizeof(double), most_bytes, where);
    return matrix;
}

/// One connectome, put together from the arrays of a file, regions in the order of the weights.
class Assembly {
public:
    Assembly(const StoredArray& weights) {
        const ArrayValue value = weights.read(Role::weights);
        c_.weights = sparse(value.numbers);
        c_.notes = value.notes;
        const std::size_t n = static_cast<std::size_t>(c_.size());
        if (c_.weights.rows() != c_.weights.cols() || n == 0)
            throw ConfigError("the weights are " + shape(c_.weights) + "; a connectome is square",
                              {weights.where});
        c_.regions.resize(n);
        (void)rows_by_label(value.labels, weights.where);
    }

    void add_labels(const StoredArray& stored) {
        const ArrayValue value = stored.read(Role::labels);
        expect_regions(value.texts.size(), stored, value);
        (void)rows_by_label(value.texts, stored.where);
    }

    void add_lengths(const StoredArray& stored) {
        const ArrayValue value = stored.read(Role::lengths);
        const Matrix lengths = dense(value.numbers, stored.where);
        if (lengths.rows() != lengths.cols())
            throw ConfigError("the lengths are " + shape(lengths) + "; they are square",
                              {stored.where});
        expect_regions(static_cast<std::size_t>(lengths.rows()), stored, value);
        const std::vector<Index> rows = rows_by_label(value.labels, stored.where);
        c_.lengths_mm = lengths(rows, rows);
    }

    void add_centres(const StoredArray& stored) {
        const ArrayValue value = stored.read(Role::centres);
        Matrix centres = dense(value.numbers, stored.where);
        if (centres.rows() == 3 && centres.cols() != 3) centres.transposeInPlace();
        if (centres.cols() != 3)
            throw ConfigError("expected x, y and z of every region, found " + shape(centres),
                              {stored.where});
        expect_regions(static_cast<std::size_t>(centres.rows()), stored, value);
        const std::vector<Index> rows = rows_by_label(value.labels, stored.where);
        for (std::size_t i = 0; i < rows.size(); ++i)
            c_.regions[i].position_mm = centres.row(rows[i]).transpose();
        c_.has_positions = true;
    }

    void add_hemispheres(const StoredArray& stored) {
        const ArrayValue value = stored.read(Role::hemispheres);
        Labels names = value.texts;
        if (names.empty()) {
            const Matrix sides = dense(value.numbers, stored.where);
            for (const double side : sides.reshaped())
                names.push_back(side == 0.0 ? "0" : (side == 1.0 ? "1" : "?"));
        }
        expect_regions(names.size(), stored, value);
        const std::vector<Index> rows = rows_by_label(value.labels, stored.where);
        for (std::size_t i = 0; i < rows.size(); ++i)
            c_.regions[i].hemisphere =
                hemisphere(names[static_cast<std::size_t>(rows[i])], stored.where);
    }

    void note(const std::string& sentence) { c_.notes.push_back(sentence); }
    [[nodiscard]] std::size_t size() const { return c_.regions.size(); }
    [[nodiscard]] Connectome take() { return std::move(c_); }

private:
    static std::string shape(const auto& matrix) {
        return std::to_string(matrix.rows()) + " x " + std::to_string(matrix.cols());
    }

    void expect_regions(std::size_t found, const StoredArray& stored,
                        const ArrayValue& value) const {
        if (found != size())
            throw ConfigError(
                std::to_string(found) + " regions, the weights have " + std::to_string(size()),
                {stored.where, value.last_line});
    }

    /// TVB: 0 left, 1 right.
    static Hemisphere hemisphere(std::string_view name, const std::string& where) {
        if (name == "0") return Hemisphere::left;
        if (name == "1") return Hemisphere::right;
        const auto* found = std::ranges::find(hemisphere_names, name);
        if (found == hemisphere_names.end())
            throw ConfigError(
                "expected left, right or unknown, or 0 (left) or 1 (right), found " + shown(name),
                {where});
        return static_cast<Hemisphere>(found - hemisphere_names.begin());
    }

    /// The row of each region in a table with these labels: where both have labels, the row that is
    /// called as the region. Regions without label take theirs from here.
    std::vector<Index> rows_by_label(const Labels& labels, const std::string& where) {
        std::vector<Index> rows(size());
        std::iota(rows.begin(), rows.end(), Index{0});
        std::optional<std::size_t> other;
        for (std::size_t i = 0; i < labels.size(); ++i) {
            std::string& own = c_.regions[i].label;
            if (own.empty()) own = labels[i];
            if (!other && !labels[i].empty() && labels[i] != own) other = i;
        }
        return other ? reordered(labels, *other, where) : rows;
    }

    std::vector<Index> reordered(const Labels& labels, std::size_t other,
                                 const std::string& where) {
        std::map<std::string_view, Index> row_of;
        for (std::size_t i = 0; i < labels.size(); ++i)
            row_of.emplace(labels[i], static_cast<Index>(i));
        std::vector<Index> rows;
        for (const Region& region : c_.regions)
            if (const auto row = row_of.find(region.label); row != row_of.end())
                rows.push_back(row->second);
        if (rows.size() < size() || row_of.size() < size())
            throw ConfigError("region " + std::to_string(other) + " is " + shown(labels[other]) +
                                  " here and " + shown(c_.regions[other].label) +
                                  " elsewhere, and the labels are no reordering of one another",
                              {where});
        note("regions in another order are matched by label: " + where);
        return rows;
    }

    Connectome c_;
};

bool is_unused(const StoredArray& array) {
    return std::ranges::any_of(unused_members, [&](std::string_view name) {
        return stem_of(array.name).find(name) != std::string::npos;
    });
}

/// The array of labels or, where none is called so, the only list of as many texts as regions.
const StoredArray* find_labels(const std::vector<StoredArray>& arrays, std::size_t regions,
                               const std::string& where) {
    if (const StoredArray* found = find_array(arrays, Role::labels, where)) return found;
    const StoredArray* only = nullptr;
    for (const StoredArray& array : arrays) {
        std::uint64_t count = 1;
        for (const std::uint64_t extent : array.shape) count *= std::max<std::uint64_t>(extent, 1);
        if (array.type != "text" || count != regions || stem_of(array.name) == "hemispheres")
            continue;
        if (only != nullptr) return nullptr;
        only = &array;
    }
    return only;
}

Connectome assemble(const std::vector<StoredArray>& arrays, const ArrayPath& path,
                    const ConnectomeOptions& options) {
    const std::string where = path.file.string();
    const StoredArray& weights = choose_array(arrays, Role::weights, path.name, where);
    Assembly assembly(weights);
    const auto add = [&](const StoredArray* array, void (Assembly::*part)(const StoredArray&)) {
        if (array != nullptr && array != &weights) (assembly.*part)(*array);
    };
    add(find_labels(arrays, assembly.size(), where), &Assembly::add_labels);
    if (options.lengths.empty())
        add(find_array(arrays, Role::lengths, where), &Assembly::add_lengths);
    add(find_array(arrays, Role::centres, where), &Assembly::add_centres);
    add(find_array(arrays, Role::hemispheres, where), &Assembly::add_hemispheres);
    for (const StoredArray& array : arrays)
        if (is_unused(array)) assembly.note("not used: " + array.name);
    if (!options.lengths.empty()) {
        const ArrayPath lengths = split_array_path(options.lengths);
        assembly.add_lengths(choose_array(open_arrays(lengths.file), Role::lengths, lengths.name,
                                          lengths.file.string()));
    }
    return assembly.take();
}

/// Of size and entries, so that it is the same in every format.
std::string weights_checksum(const SparseMatrix& weights) {
    std::string bytes;
    bytes.reserve(static_cast<std::size_t>(1 + 3 * weights.nonZeros()) * sizeof(std::int64_t));
    const auto append = [&](const auto& value) {
        bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    };
    append(std::int64_t{weights.rows()});
    for (Index i = 0; i < weights.rows(); ++i)
        for (SparseMatrix::InnerIterator entry(weights, i); entry; ++entry) {
            append(std::int64_t{i});
            append(std::int64_t{entry.col()});
            append(entry.value());
        }
    return checksum(bytes);
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

void refuse_unusable(const Connectome& connectome) {
    for (const auto& finding : validate_connectome(connectome).findings)
        if (finding.severity == ConnectomeFinding::Severity::error)
            throw ConfigError("unusable connectome: " + finding.message, {connectome.source});
}

}  // namespace

std::string_view to_string(Orientation orientation) {
    return orientation == Orientation::onto_row ? "onto_row" : "from_row";
}

ArrayPath split_array_path(const fs::path& path) {
    const std::string text = path.string();
    std::error_code absent;
    for (std::size_t at = text.size(); at != std::string::npos && at > 0;
         at = text.rfind(':', at - 1)) {
        const fs::path file = text.substr(0, at);
        if (fs::exists(file, absent)) return {file, text.substr(std::min(at + 1, text.size()))};
    }
    return {path, ""};
}

Connectome read_connectome(const fs::path& path, const ConnectomeOptions& options) {
    const ArrayPath from = split_array_path(path);
    Connectome connectome = assemble(open_arrays(from.file), from, options);
    if (options.orientation == Orientation::from_row) {
        connectome.weights = SparseMatrix(connectome.weights.transpose());
        connectome.lengths_mm.transposeInPlace();
    }
    connectome.source = path.string();
    connectome.checksum = weights_checksum(connectome.weights);
    std::error_code absent;
    if (fs::is_regular_file(path / "README.md", absent))
        connectome.about = first_paragraph(read_file(path / "README.md"));
    refuse_unusable(connectome);
    return connectome;
}

}  // namespace cortifold
