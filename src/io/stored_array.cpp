#include "stored_array.hpp"

#include "field_reader.hpp"
#include <cortifold/core/error.hpp>

#include <algorithm>
#include <array>
#include <span>

namespace cortifold {

namespace {

/// What TVB calls each role, in the order of the enumeration, and other names seen.
constexpr std::array<std::array<std::string_view, 2>, 5> role_names{
    {{"weights", "weights"},
     {"tract_lengths", "lengths"},
     {"centres", "centers"},
     {"region_labels", "labels"},
     {"hemispheres", "hemispheres"}}};

std::span<const std::string_view> names_of(Role role) {
    return role_names[static_cast<std::size_t>(role)];
}

std::string list_of(std::span<const StoredArray* const> arrays) {
    std::string list;
    for (const StoredArray* array : arrays) {
        list += (list.empty() ? "" : ", ") + array->name;
        if (!array->shape.empty())
            list += " (" + shape_text(array->shape) + " " + array->type + ")";
    }
    return list.empty() ? "nothing" : list;
}

std::vector<const StoredArray*> those(const std::vector<StoredArray>& arrays, const auto& fit) {
    std::vector<const StoredArray*> found;
    for (const StoredArray& array : arrays)
        if (fit(array)) found.push_back(&array);
    return found;
}

bool is_square(const StoredArray& array) {
    return array.type != "text" && array.type != "struct" && array.shape.size() == 2 &&
           array.shape[0] == array.shape[1] && array.shape[0] > 1;
}

const StoredArray& named(const std::vector<StoredArray>& arrays, std::string_view name,
                         const std::string& where) {
    if (name.starts_with('/')) name.remove_prefix(1);
    auto found = those(arrays, [&](const StoredArray& array) { return array.name == name; });
    if (found.empty())
        found = those(arrays, [&](const StoredArray& array) {
            return stem_of(array.name) == stem_of(std::string(name));
        });
    if (found.size() == 1) return *found.front();
    if (arrays.empty()) throw ConfigError("it holds no array of numbers or texts", {where});
    std::vector<std::string> known;
    for (const StoredArray& array : arrays) known.push_back(array.name);
    throw ConfigError(unknown_name("array", name, known), {where});
}

/// Whether an array of this name is something else than this role.
bool is_called_otherwise(const StoredArray& array, Role role) {
    const std::string stem = stem_of(array.name);
    for (std::size_t k = 0; k < role_names.size(); ++k)
        if (k != static_cast<std::size_t>(role) &&
            std::ranges::any_of(role_names[k], [&](std::string_view name) {
                return stem.find(name) != std::string::npos;
            }))
            return true;
    return false;
}

/// What scipy.sparse.save_npz writes.
bool is_of_scipy(const std::vector<StoredArray>& arrays) {
    return std::ranges::all_of(
        std::array<std::string_view, 3>{"data", "shape", "format"}, [&](std::string_view name) {
            return std::ranges::find(arrays, name, &StoredArray::name) != arrays.end();
        });
}

}  // namespace

std::string shape_text(const std::vector<std::uint64_t>& shape) {
    std::string text;
    for (const std::uint64_t extent : shape)
        text += (text.empty() ? "" : " x ") + std::to_string(extent);
    return text.empty() ? "0-dimensional" : text;
}

void check_size(const std::vector<std::uint64_t>& shape, std::size_t bytes_a_number,
                std::uint64_t stored, const std::string& where) {
    std::uint64_t numbers = 1;
    bool too_many = false;
    for (const std::uint64_t extent : shape)
        too_many |= __builtin_mul_overflow(numbers, extent, &numbers);
    if (too_many || numbers > most_bytes / sizeof(double))
        throw ConfigError(
            shape_text(shape) + " numbers take more than " + std::to_string(most_bytes) + " bytes",
            {where});
    if (numbers * bytes_a_number > stored * largest_deflate_ratio)
        throw ConfigError(shape_text(shape) + " numbers are promised, but there are only " +
                              std::to_string(stored) + " bytes",
                          {where});
}

void require_file(const std::filesystem::path& path) {
    std::error_code unknown;
    const std::filesystem::file_status status = std::filesystem::status(path, unknown);
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status) &&
        !std::filesystem::is_directory(status))  // which says so itself
        throw ConfigError("it is a pipe or a device, not a file", {path.string()});
}

std::string_view extension_of(std::string_view name) {
    if (name.ends_with(bzip2_extension)) name.remove_suffix(bzip2_extension.size());
    const std::size_t dot = name.find_last_of("./");
    return dot != std::string_view::npos && name[dot] == '.' ? name.substr(dot) : "";
}

std::string stem_of(const std::string& name) {
    const std::size_t slash = name.find_last_of("/\\");
    std::string stem = slash == std::string::npos ? name : name.substr(slash + 1);
    stem.resize(std::min(stem.find('.', 1), stem.size()));
    std::ranges::transform(stem, stem.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    });
    return stem;
}

const StoredArray* find_array(const std::vector<StoredArray>& arrays, Role role,
                              const std::string& where) {
    const auto unique = [&](const auto& fits) -> const StoredArray* {
        const auto found = those(arrays, fits);
        if (found.size() > 1)
            throw ConfigError("several arrays may be the " + std::string(names_of(role)[0]) + ": " +
                                  list_of(found),
                              {where});
        return found.empty() ? nullptr : found.front();
    };
    for (const std::string_view name : names_of(role))
        if (const auto* found = unique([&](const auto& a) { return stem_of(a.name) == name; }))
            return found;
    for (const std::string_view name : names_of(role))
        if (const auto* found = unique(
                [&](const auto& a) { return stem_of(a.name).find(name) != std::string::npos; }))
            return found;
    return nullptr;
}

const StoredArray& choose_array(const std::vector<StoredArray>& arrays, Role role,
                                std::string_view name, const std::string& where) {
    if (!name.empty()) return named(arrays, name, where);
    if (arrays.size() == 1 && arrays.front().name.empty()) return arrays.front();
    if (const StoredArray* found = find_array(arrays, role, where)) return *found;
    const auto squares = those(arrays, is_square);
    if (squares.size() == 1) return *squares.front();
    const auto found = squares.empty() ? those(arrays, [](const auto&) { return true; }) : squares;
    const std::string wanted(names_of(role)[0]);
    const auto likely = std::ranges::find_if(
        found, [&](const StoredArray* array) { return !is_called_otherwise(*array, role); });
    std::string advice;
    if (is_of_scipy(arrays))
        advice =
            "; a sparse matrix of scipy is read as MatrixMarket, which scipy.io.mmwrite writes";
    else if (likely != found.end())
        advice = "; name one, as in " + where + ":" + (*likely)->name;
    throw ConfigError("expected an array called " + wanted + " or a single square matrix, found " +
                          list_of(found) + advice,
                      {where});
}

}  // namespace cortifold
