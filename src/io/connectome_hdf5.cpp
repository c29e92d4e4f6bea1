#include "connectome_writers.hpp"
#include "field_reader.hpp"
#include "hdf5_handle.hpp"
#include "stored_array.hpp"
#include "trial.hpp"

#include <algorithm>
#include <memory>

namespace cortifold {

namespace {

using Eigen::Index;
using Handle = Hdf5Handle;
using Reading = Hdf5Check<ConfigError>;
using Writing = Hdf5Check<OutputError>;
using RowMajorMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// More objects than a connectome file is believed to have.
constexpr std::size_t most_objects = 10000;
/// Octave's `save -hdf5` marks its variables so: groups with a dataset `value`, columns first.
constexpr const char* octave_mark = "OCTAVE_NEW_FORMAT";
/// MATLAB marks its datasets so, columns first, too.
constexpr const char* matlab_mark = "MATLAB_class";

std::vector<std::string> dataset_names(const Reading& check, hid_t file) {
    std::vector<std::string> names;
    const auto visit = [](hid_t, const char* name, const H5O_info_t* info, void* into) -> herr_t {
        auto& list = *static_cast<std::vector<std::string>*>(into);
        if (info->type == H5O_TYPE_DATASET) list.emplace_back(name);
        return list.size() < most_objects ? 0 : -1;
    };
    check(H5Ovisit(file, H5_INDEX_NAME, H5_ITER_INC, visit, &names) >= 0, "list the datasets");
    return names;
}

std::string type_name(hid_t type) {
    switch (H5Tget_class(type)) {
        case H5T_FLOAT: return "real";
        case H5T_INTEGER: return "integer";
        case H5T_ENUM: return "boolean";
        case H5T_STRING: return "text";
        case H5T_COMPOUND: return "compound";
        default: return "other";
    }
}

struct Dataset {
    Handle data, type, space;
    std::vector<std::uint64_t> shape;
};

Dataset open_dataset(const Reading& check, hid_t file, const std::string& name) {
    Dataset set;
    set.data = check(H5Dopen2(file, name.c_str(), H5P_DEFAULT), H5Dclose, "open " + name);
    set.type = check(H5Dget_type(set.data), H5Tclose, "describe " + name);
    set.space = check(H5Dget_space(set.data), H5Sclose, "describe " + name);
    std::vector<hsize_t> shape(H5S_MAX_RANK);
    const int rank = H5Sget_simple_extent_dims(set.space, shape.data(), nullptr);
    check(rank >= 0, "measure " + name);
    set.shape.assign(shape.begin(), shape.begin() + rank);
    return set;
}

/// Each row a column: so they lie in the file, and no copy is made.
Matrix read_transposed(const Reading& check, const Dataset& set, const std::string& name) {
    const auto columns = set.shape.size() == 2 ? set.shape[1] : 1;
    Matrix numbers(static_cast<Index>(columns), static_cast<Index>(set.shape[0]));
    check(H5Dread(set.data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers.data()) >= 0,
          "read " + name);
    return numbers;
}

std::vector<std::string> read_texts(const Reading& check, const Dataset& set,
                                    const std::string& name) {
    std::size_t count = 1;
    for (const std::uint64_t extent : set.shape) count *= extent;
    std::vector<std::string> texts;
    if (H5Tis_variable_str(set.type) > 0) {
        std::vector<char*> pointers(count, nullptr);
        check(H5Dread(set.data, set.type, H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers.data()) >= 0,
              "read " + name);
        for (const char* text : pointers) texts.emplace_back(text == nullptr ? "" : text);
        H5Dvlen_reclaim(set.type, set.space, H5P_DEFAULT, pointers.data());
        return texts;
    }
    const std::size_t width = H5Tget_size(set.type);
    std::string padded(width * count, '\0');
    check(H5Dread(set.data, set.type, H5S_ALL, H5S_ALL, H5P_DEFAULT, padded.data()) >= 0,
          "read " + name);
    for (std::size_t k = 0; k < count; ++k)
        texts.emplace_back(padded.substr(k * width, width).c_str());
    return texts;
}

ArrayValue read_dataset(const Reading& check, hid_t file, const std::string& name,
                        bool columns_first) {
    const SilentHdf5 silent;
    const Dataset set = open_dataset(check, file, name);
    const std::string where = check.path.string() + ":/" + name, type = type_name(set.type);
    if (type == "compound" || type == "other" || set.shape.empty() || set.shape.size() > 2)
        throw ConfigError("expected a matrix of real numbers or a list of texts, found " +
                              shape_text(set.shape) + " " + type,
                          {where});
    const std::uint64_t stored = std::min<std::uint64_t>(H5Dget_storage_size(set.data),
                                                         std::filesystem::file_size(check.path));
    check_size(set.shape, H5Tget_size(set.type), stored, where);
    if (type == "text") return {Matrix(), read_texts(check, set, name)};
    Matrix numbers = read_transposed(check, set, name);
    if (!columns_first) numbers.transposeInPlace();
    return {std::move(numbers)};
}

/// `weights` of Octave's `weights/value`.
std::string without_value(const std::string& name) {
    return name.substr(0, name.rfind('/'));
}

bool is_octave_value(hid_t file, const std::string& name) {
    return name.ends_with("/value") &&
           H5Aexists_by_name(file, without_value(name).c_str(), octave_mark, H5P_DEFAULT) > 0;
}

void write_numbers(const Writing& check, hid_t file, const char* name, const Matrix& values) {
    const RowMajorMatrix rows = values;
    const hsize_t size[2]{static_cast<hsize_t>(rows.rows()), static_cast<hsize_t>(rows.cols())};
    const Handle space = check(H5Screate_simple(2, size, nullptr), H5Sclose, "describe an array");
    const Handle data =
        check(H5Dcreate2(file, name, H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
              H5Dclose, "create an array");
    check(H5Dwrite(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, rows.data()) >= 0,
          "write an array");
}

void write_texts(const Writing& check, hid_t file, const char* name,
                 const std::vector<std::string>& texts) {
    std::size_t length = 1;
    for (const std::string& text : texts) length = std::max(length, text.size());
    std::string padded;
    for (const std::string& text : texts) padded += text + std::string(length - text.size(), '\0');
    const hsize_t count = texts.size();
    const Handle type = hdf5_text_type(check, length);
    const Handle space = check(H5Screate_simple(1, &count, nullptr), H5Sclose, "describe a list");
    const Handle data =
        check(H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Dclose,
              "create a list");
    check(H5Dwrite(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, padded.data()) >= 0, "write a list");
}

std::vector<StoredArray> list_arrays(const std::filesystem::path& path) {
    const SilentHdf5 silent;
    const Reading check{path};
    const auto file = std::make_shared<const Handle>(
        check(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose, "open the file"));
    std::vector<StoredArray> arrays;
    for (const std::string& name : dataset_names(check, *file)) {
        const bool octave = is_octave_value(*file, name);
        Dataset set = open_dataset(check, *file, name);
        const bool columns_first = octave || H5Aexists(set.data, matlab_mark) > 0;
        if (columns_first) std::ranges::reverse(set.shape);
        const std::string shown_name = octave ? without_value(name) : name;
        arrays.push_back({shown_name, path.string() + ":/" + shown_name, type_name(set.type),
                          set.shape, [=](Role) {
                              return tried_apart(path, [&] {
                                  return read_dataset(check, *file, name, columns_first);
                              });
                          }});
    }
    return arrays;
}

}  // namespace

std::vector<StoredArray> open_hdf5(const std::filesystem::path& path) {
    return tried_apart(path, [&] { return list_arrays(path); });
}

void write_hdf5(const std::filesystem::path& path, const ConnectomeArrays& arrays) {
    const SilentHdf5 silent;
    const Writing check{path};
    Handle file = create_hdf5(check);
    for (const auto& [name, numbers] : arrays.numbers) write_numbers(check, file, name, numbers);
    for (const auto& [name, texts] : arrays.texts) write_texts(check, file, name, texts);
    check(file.close(), "close the file");
}

}  // namespace cortifold
