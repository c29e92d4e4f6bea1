#include "connectome_writers.hpp"
#include "field_reader.hpp"
#include "npy.hpp"
#include "stored_array.hpp"
#include "zip_archive.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/io/connectome_reader.hpp>
#include <cortifold/io/record.hpp>
#include <cortifold/io/table.hpp>

#include <algorithm>
#include <array>
#include <functional>

namespace cortifold {

namespace {

using Eigen::Index;
namespace fs = std::filesystem;
using Members = std::vector<std::pair<std::string, std::string>>;

/// In the order of the enumeration.
constexpr std::array<std::string_view, 3> hemisphere_names = {"left", "right", "unknown"};

bool has_labels(const Connectome& c) {
    return std::ranges::any_of(c.regions, [](const Region& r) { return !r.label.empty(); });
}
bool has_hemispheres(const Connectome& c) {
    return std::ranges::any_of(c.regions,
                               [](const Region& r) { return r.hemisphere != Hemisphere::unknown; });
}
bool has_lengths(const Connectome& c) {
    return c.lengths_mm.size() > 0;
}

/// What a connectome has, by the words of a message, and what a format carries.
enum Part : unsigned { lengths = 1, positions = 2, labels = 4, hemispheres = 8 };
std::vector<std::string> not_carried(const Connectome& c, unsigned carried) {
    std::vector<std::string> losses;
    const auto check = [&](Part part, bool present, const char* name) {
        if (present && (carried & part) == 0)
            losses.push_back(std::string("the format carries no ") + name);
    };
    check(lengths, has_lengths(c), "lengths");
    check(positions, c.has_positions, "positions");
    check(labels, has_labels(c), "labels");
    check(hemispheres, has_hemispheres(c), "hemispheres");
    return losses;
}

std::string quoted(const std::string& label) {
    constexpr std::string_view plain =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";
    if (!label.empty() && label.find_first_not_of(plain) == std::string::npos) return label;
    std::string text = "\"";
    for (const char c : label) text.append(c == '"' ? 2 : 1, c);
    return text + '"';
}

std::string matrix_text(const auto& matrix, char separator) {
    std::string text;
    for (Index i = 0; i < matrix.rows(); ++i) {
        const Vector row = matrix.row(i).transpose();
        for (Index j = 0; j < row.size(); ++j) {
            if (j > 0) text += separator;
            append_number(text, row[j]);
        }
        text += '\n';
    }
    return text;
}

std::string centres_text(const std::vector<Region>& regions, char separator) {
    std::string text;
    for (const Region& region : regions) {
        text += quoted(region.label);
        for (const double coordinate : region.position_mm)
            append_number(text += separator, coordinate);
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

std::vector<std::string> write_folder(const Connectome& c, const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) throw OutputError("cannot make " + folder.string() + ": " + error.message());
    write_file(folder / "weights.csv", matrix_text(c.weights, ','));
    write_or_remove(folder / "lengths.csv", has_lengths(c),
                    [&] { return matrix_text(c.lengths_mm, ','); });
    write_or_remove(folder / "centres.csv", c.has_positions,
                    [&] { return "label,x,y,z\n" + centres_text(c.regions, ','); });
    write_or_remove(folder / "hemispheres.csv", has_labels(c) || has_hemispheres(c),
                    [&] { return hemispheres_text(c.regions); });
    return {};
}

/// `write` fills a file beside, which then takes the place of what stands there.
void replace(const fs::path& path, const std::function<void(const fs::path&)>& write) {
    const fs::path part = path.string() + ".part";
    std::error_code error;
    try {
        write(part);
    } catch (...) {
        fs::remove(part, error);
        throw;
    }
    fs::rename(part, path, error);
    if (error) throw OutputError("cannot write " + path.string() + ": " + error.message());
}

/// The Virtual Brain's own members; labels stand with the positions, and a hemisphere is 0 or 1.
std::vector<std::string> write_tvb(const Connectome& c, const fs::path& path) {
    const bool sides_known = std::ranges::none_of(
        c.regions, [](const Region& r) { return r.hemisphere == Hemisphere::unknown; });
    Members members{{"weights.txt", matrix_text(c.weights, ' ')}};
    if (has_lengths(c)) members.emplace_back("tract_lengths.txt", matrix_text(c.lengths_mm, ' '));
    if (c.has_positions) members.emplace_back("centres.txt", centres_text(c.regions, '\t'));
    if (sides_known && has_hemispheres(c)) {
        std::string text;
        for (const Region& r : c.regions) text += r.hemisphere == Hemisphere::left ? "0\n" : "1\n";
        members.emplace_back("hemispheres.txt", text);
    }
    replace(path, [&](const fs::path& part) { write_zip(part, members); });
    return not_carried(c, lengths | positions | (c.has_positions ? labels : 0U) |
                              (sides_known ? hemispheres : 0U));
}

ConnectomeArrays arrays_of(const Connectome& c) {
    ConnectomeArrays arrays{{{"weights", c.weights}}, {}};
    if (has_lengths(c)) arrays.numbers.emplace_back("tract_lengths", c.lengths_mm);
    if (c.has_positions) {
        Matrix centres(c.size(), 3);
        for (Index i = 0; i < c.size(); ++i)
            centres.row(i) = c.regions[static_cast<std::size_t>(i)].position_mm.transpose();
        arrays.numbers.emplace_back("centres", std::move(centres));
    }
    std::vector<std::string> names, sides;
    for (const Region& region : c.regions) {
        names.push_back(region.label);
        sides.emplace_back(hemisphere_names[static_cast<std::size_t>(region.hemisphere)]);
    }
    if (has_labels(c)) arrays.texts.emplace_back("region_labels", std::move(names));
    if (has_hemispheres(c)) arrays.texts.emplace_back("hemispheres", std::move(sides));
    return arrays;
}

constexpr unsigned everything = lengths | positions | labels | hemispheres;

std::vector<std::string> write_npz(const Connectome& c, const fs::path& path) {
    const ConnectomeArrays arrays = arrays_of(c);
    Members members;
    for (const auto& [name, numbers] : arrays.numbers)
        members.emplace_back(std::string(name) + ".npy", npy_bytes(numbers));
    for (const auto& [name, texts] : arrays.texts)
        members.emplace_back(std::string(name) + ".npy", npy_bytes(texts));
    replace(path, [&](const fs::path& part) { write_zip(part, members); });
    return not_carried(c, everything);
}

std::vector<std::string> write_market(const Connectome& c, const fs::path& path) {
    std::string text = "%%MatrixMarket matrix coordinate real general\n% row: onto, column: from\n";
    text += std::to_string(c.size()) + " " + std::to_string(c.size()) + " " +
            std::to_string(c.weights.nonZeros()) + "\n";
    for (Index i = 0; i < c.size(); ++i)
        for (SparseMatrix::InnerIterator edge(c.weights, i); edge; ++edge) {
            text += std::to_string(i + 1) + " " + std::to_string(edge.col() + 1) + " ";
            append_number(text, edge.value());
            text += "\n";
        }
    write_file(path, text);
    return not_carried(c, 0);
}

/// With its sidecar and, for labels, a file of node indices.
std::vector<std::string> write_relmat(const Connectome& c, const fs::path& path) {
    const std::string text = path.string(), base = text.substr(0, text.rfind("_relmat"));
    require(
        text.ends_with("_relmat.tsv") || text.ends_with("_relmat.dense.tsv"),
        "the name of a BIDS relationship matrix ends in _relmat.tsv or _relmat.dense.tsv, not " +
            path.filename().string());
    Record sidecar = Record::Table{{"RelationshipMeasure", "weight onto the row from the column"},
                                   {"Weighted", true},
                                   {"Directed", true},
                                   {"ValidDiagonal", true},
                                   {"StorageFormat", "Full"},
                                   {"Software", "cortifold"}};
    if (has_labels(c)) {
        const fs::path nodes = base + "_nodeindices.tsv";
        std::string table = "matrix_index\tnode_index\tlabel\n";
        for (std::size_t i = 0; i < c.regions.size(); ++i)
            table.append(std::to_string(i) + "\t" + std::to_string(i) + "\t")
                .append(quoted(c.regions[i].label) + "\n");
        write_file(nodes, table);
        sidecar["NodeIndicesFile"] = nodes.filename().string();
    }
    write_file(path, matrix_text(c.weights, '\t'));
    write_file(base + "_relmat.json", to_json(sidecar));
    return not_carried(c, labels);
}

struct Format {
    std::string_view extension;
    bool is_dense;
    std::vector<std::string> (*write)(const Connectome&, const fs::path&);
};
constexpr Format formats[]{
    {"", true, write_folder},
    {".zip", true, write_tvb},
    {".npz", true, write_npz},
    {".npy", true,
     [](const Connectome& c, const fs::path& path) {
         write_file(path, npy_bytes(c.weights));
         return not_carried(c, 0);
     }},
    {".mat", true,
     [](const Connectome& c, const fs::path& path) {
         replace(path, [&](const fs::path& part) { write_matlab(part, arrays_of(c)); });
         return not_carried(c, everything);
     }},
    {".h5", true,
     [](const Connectome& c, const fs::path& path) {
         replace(path, [&](const fs::path& part) { write_hdf5(part, arrays_of(c)); });
         return not_carried(c, everything);
     }},
    {".graphml", false,
     [](const Connectome& c, const fs::path& path) {
         write_file(path, graphml_text(c));
         return not_carried(c, everything);
     }},
    {".mtx", false, write_market},
    {".tsv", true, write_relmat}};

const Format& format_of(const fs::path& path) {
    const std::string extension = fs::is_directory(path) ? "" : path.extension().string();
    std::string known;
    for (const Format& format : formats) {
        if (format.extension == extension) return format;
        if (!format.extension.empty()) (known += known.empty() ? "" : ", ") += format.extension;
    }
    throw UsageError("cannot write a connectome as \"" + extension + "\"; known are " + known +
                     ", and a folder without extension");
}

void require_writable(const Connectome& c, const Format& format) {
    for (const auto& finding : validate_connectome(c).findings)
        require(finding.severity != ConnectomeFinding::Severity::error,
                "this connectome cannot be written: " + finding.message);
    for (const Region& region : c.regions)
        require(region.label.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos,
                "the label " + shown(region.label) + " cannot be written: it has a line break");
    const auto n = static_cast<std::uint64_t>(c.size());
    require(!format.is_dense || n * n <= most_bytes / sizeof(double),
            std::to_string(n) +
                " regions are too many for a matrix with all zeros; .mtx and "
                ".graphml hold connections alone");
}

}  // namespace

std::vector<std::string> write_connectome(const Connectome& connectome, const fs::path& path) {
    const Format& format = format_of(path);
    require_writable(connectome, format);
    return format.write(connectome, path);
}

}  // namespace cortifold
