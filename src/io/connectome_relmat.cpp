#include "field_reader.hpp"
#include "stored_array.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/io/record.hpp>
#include <cortifold/io/table.hpp>

#include <algorithm>
#include <map>
#include <optional>

namespace cortifold {

namespace {

namespace fs = std::filesystem;

/// `sub-01_meas-count` of `sub-01_meas-count_relmat.dense.tsv`.
std::string entities_of(const fs::path& file) {
    const std::string name = file.filename().string();
    return name.substr(0, name.rfind("_relmat"));
}

/// The file of node indices: the one the sidecar names, else the one beside with as many entities
/// in common.
std::optional<fs::path> nodes_file(const fs::path& file, const Record& sidecar) {
    for (const char* key : {"NodeIndicesFile", "NodeFiles"}) {
        const Record* given = sidecar.find(key);
        if (given != nullptr && given->is<Record::List>() && !given->as<Record::List>().empty())
            given = &given->as<Record::List>().front();
        if (given == nullptr || !given->is<std::string>()) continue;
        const fs::path named = file.parent_path() / given->as<std::string>();
        std::error_code absent;
        if (named.extension() == ".tsv" && fs::exists(named, absent)) return named;
    }
    const fs::path beside = file.parent_path() / (entities_of(file) + "_nodeindices.tsv");
    return fs::exists(beside) ? std::optional(beside) : std::nullopt;
}

/// Column `label` (else `name`), by ascending `matrix_index`, which counts from 0.
ArrayValue read_nodes(const fs::path& file) {
    FieldReader table(file.string(), read_file(file), FieldReader::Separator::tabs);
    if (!table.next()) table.fail("expected a header with matrix_index, found an empty file");
    const std::vector<std::string> header(table.fields().begin(), table.fields().end());
    const auto column = [&](std::string_view name) {
        return static_cast<std::size_t>(std::ranges::find(header, name) - header.begin());
    };
    const std::size_t index = column("matrix_index"),
                      label = column("label") < header.size() ? column("label") : column("name");
    if (index == header.size() || label == header.size())
        table.fail("expected the columns matrix_index and label (or name), found " +
                   shown(table.line_text()));
    std::map<std::int64_t, std::string> labels;
    while (table.next()) {
        table.expect_fields(header.size(), std::to_string(header.size()) + " as in the header");
        const auto row = table.number<std::int64_t>(index);
        if (row < 0 || row >= most_nodes)
            table.fail("matrix_index " + std::to_string(row) + " is out of range");
        if (!labels.emplace(row, unquoted(table.fields()[label])).second)
            table.fail("matrix_index " + std::to_string(row) + " stands in two rows");
    }
    ArrayValue value{.last_line = table.line()};
    for (auto& [row, name] : labels) {
        if (row != static_cast<std::int64_t>(value.texts.size()))
            table.fail("no row has matrix_index " + std::to_string(value.texts.size()));
        value.texts.push_back(std::move(name));
    }
    return value;
}

/// Entry (i, j) and its mirror image, where the sidecar says that they are equal.
void check_direction(const Record& sidecar, ArrayValue& weights) {
    const Record* directed = sidecar.find("Directed");
    if (directed == nullptr || !directed->is<bool>() || directed->as<bool>()) return;
    const auto* matrix = std::get_if<Matrix>(&weights.numbers);
    if (matrix != nullptr && *matrix != matrix->transpose())
        weights.notes.emplace_back("the sidecar says undirected, but the matrix is asymmetric");
}

}  // namespace

std::vector<StoredArray> open_relmat(const fs::path& file) {
    const fs::path sidecar_file = file.parent_path() / (entities_of(file) + "_relmat.json");
    const Record sidecar =
        fs::exists(sidecar_file) ? read_json(sidecar_file.string()) : Record(Record::Table{});
    std::vector<StoredArray> arrays{{"weights", file.string(), "", {}, [=](Role role) {
                                         ArrayValue weights =
                                             read_text_array(file.string(), read_file(file), role);
                                         check_direction(sidecar, weights);
                                         return weights;
                                     }}};
    if (const auto nodes = nodes_file(file, sidecar))
        arrays.push_back({"region_labels", nodes->string(), "text", {}, [nodes = *nodes](Role) {
                              return read_nodes(nodes);
                          }});
    return arrays;
}

}  // namespace cortifold
