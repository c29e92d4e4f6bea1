#include "connectome_writers.hpp"
#include "field_reader.hpp"
#include "hdf5_handle.hpp"
#include "stored_array.hpp"
#include "trial.hpp"
#include <cortifold/core/error.hpp>

#include <matio.h>

#include <algorithm>
#include <array>
#include <memory>

namespace cortifold {

namespace {

using Eigen::Index;
namespace fs = std::filesystem;

struct Release {
    void operator()(mat_t* file) const { Mat_Close(file); }
    void operator()(matvar_t* variable) const { Mat_VarFree(variable); }
};
using File = std::unique_ptr<mat_t, Release>;
using Variable = std::unique_ptr<matvar_t, Release>;

/// The library prints its errors unless told not to; we throw them.
void be_silent() {
    Mat_LogInitFunc(nullptr, [](int, char*) {});
}

File open(const fs::path& path) {
    be_silent();
    File file(Mat_Open(path.c_str(), MAT_ACC_RDONLY));
    if (!file) throw ConfigError("not a usable MATLAB file", {path.string()});
    return file;
}

struct NumberType {
    matio_classes type;
    std::string_view name;
    std::size_t size;
    double (*at)(const void* data, std::size_t k);
};
template <class T>
double number_at(const void* data, std::size_t k) {
    return static_cast<double>(static_cast<const T*>(data)[k]);
}
constexpr NumberType number_types[]{{MAT_C_DOUBLE, "double", 8, number_at<double>},
                                    {MAT_C_SINGLE, "single", 4, number_at<float>},
                                    {MAT_C_INT8, "int8", 1, number_at<std::int8_t>},
                                    {MAT_C_UINT8, "uint8", 1, number_at<std::uint8_t>},
                                    {MAT_C_INT16, "int16", 2, number_at<std::int16_t>},
                                    {MAT_C_UINT16, "uint16", 2, number_at<std::uint16_t>},
                                    {MAT_C_INT32, "int32", 4, number_at<std::int32_t>},
                                    {MAT_C_UINT32, "uint32", 4, number_at<std::uint32_t>},
                                    {MAT_C_INT64, "int64", 8, number_at<std::int64_t>},
                                    {MAT_C_UINT64, "uint64", 8, number_at<std::uint64_t>}};

const NumberType* find_type(matio_classes type) {
    const auto* found = std::ranges::find(number_types, type, &NumberType::type);
    return found == std::end(number_types) ? nullptr : found;
}

std::string type_name(const matvar_t& variable) {
    if (variable.isComplex != 0) return "complex";
    if (const NumberType* type = find_type(variable.class_type)) return std::string(type->name);
    switch (variable.class_type) {
        case MAT_C_SPARSE: return "sparse";
        case MAT_C_CHAR:
        case MAT_C_CELL: return "text";
        case MAT_C_STRUCT: return "struct";
        default: return "other";
    }
}

std::vector<std::uint64_t> shape_of(const matvar_t& variable) {
    return {variable.dims, variable.dims + variable.rank};
}

/// Compressed columns, as MATLAB and matio keep them; every index is checked before it is used.
SparseMatrix read_sparse(const matvar_t& variable, const std::string& where) {
    const auto rows = variable.dims[0], columns = variable.dims[1];
    const auto* s = static_cast<const mat_sparse_t*>(variable.data);
    const auto refuse = [&](bool wrong, const std::string& why) {
        if (wrong) throw ConfigError("not a usable sparse matrix: " + why, {where});
    };
    const auto most = static_cast<std::size_t>(most_nodes);
    refuse(rows > most || columns > most,
           "it has more than " + std::to_string(most_nodes) + " rows or columns");
    refuse(s == nullptr || s->njc != columns + 1 || s->jc[0] != 0, "its columns are damaged");
    refuse(variable.data_type != MAT_T_DOUBLE && variable.data_type != MAT_T_UINT8,
           "its numbers are neither double nor logical");
    const auto at =
        variable.data_type == MAT_T_DOUBLE ? number_at<double> : number_at<std::uint8_t>;
    std::vector<Eigen::Triplet<double>> entries;
    for (std::size_t j = 0; j < columns; ++j) {
        const std::size_t end = s->jc[j + 1];
        refuse(end < s->jc[j] || end > s->nir || end > s->ndata, "its columns are damaged");
        for (std::size_t k = s->jc[j]; k < end; ++k) {
            refuse(s->ir[k] >= rows || (k > s->jc[j] && s->ir[k] <= s->ir[k - 1]),
                   "its rows are damaged");
            if (const double value = at(s->data, k); value != 0.0)
                entries.emplace_back(static_cast<int>(s->ir[k]), static_cast<int>(j), value);
        }
    }
    SparseMatrix matrix(static_cast<Index>(rows), static_cast<Index>(columns));
    matrix.setFromTriplets(entries.begin(), entries.end());
    return matrix;
}

/// The rows of a character array; of several, without the blanks that pad them.
std::vector<std::string> read_rows(const matvar_t& variable) {
    const std::size_t rows = variable.dims[0], width = variable.dims[1];
    std::vector<std::string> texts(rows);
    const bool wide = variable.data_type == MAT_T_UINT16 || variable.data_type == MAT_T_UTF16;
    const auto at = wide ? number_at<std::uint16_t> : number_at<std::uint8_t>;
    const std::size_t held = variable.nbytes / (wide ? 2 : 1);  // UTF-8: more than characters
    for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t j = 0; (j < width || rows == 1) && j * rows + i < held; ++j) {
            const auto code = static_cast<std::uint32_t>(at(variable.data, j * rows + i));
            if (wide)
                append_utf8(texts[i], code);
            else  // a byte of UTF-8
                texts[i] += static_cast<char>(code);
        }
        texts[i].resize(std::min(texts[i].find('\0'), texts[i].size()));
        if (rows > 1) texts[i].erase(texts[i].find_last_not_of(' ') + 1);
    }
    return texts;
}

std::vector<std::string> read_cells(matvar_t& variable, const std::string& where) {
    std::vector<std::string> texts;
    const std::size_t count = variable.nbytes / sizeof(matvar_t*);
    for (std::size_t k = 0; k < count; ++k) {
        const matvar_t* cell = static_cast<matvar_t**>(variable.data)[k];
        const bool is_empty = cell != nullptr && cell->nbytes == 0;
        const bool is_text = cell != nullptr && cell->class_type == MAT_C_CHAR && cell->rank == 2 &&
                             cell->dims[0] == 1 && cell->data != nullptr;
        if (!is_text && !is_empty)
            throw ConfigError(
                "expected a text in every cell; number " + std::to_string(k + 1) + " holds none",
                {where});
        texts.push_back(is_empty ? "" : read_rows(*cell).front());
    }
    return texts;
}

ArrayValue read_variable(const fs::path& path, const std::string& name) {
    const std::string where = path.string() + ":" + name;
    const SilentHdf5 silent;  // version 7.3
    const File file = open(path);
    const auto refuse = [&](bool wrong, const std::string& why) {
        if (wrong) throw ConfigError(why, {where});
    };
    const Variable variable(Mat_VarReadInfo(file.get(), name.c_str()));
    refuse(!variable, "the variable is damaged");
    const std::string type = type_name(*variable);
    const NumberType* numbers = find_type(variable->class_type);
    refuse(variable->rank != 2 || type == "complex" || type == "struct" || type == "other",
           "expected a matrix of real numbers or texts, found " + shape_text(shape_of(*variable)) +
               " " + type);
    const bool dense = type != "sparse";
    if (dense)
        check_size(shape_of(*variable), numbers == nullptr ? 1 : numbers->size, fs::file_size(path),
                   where);
    refuse(Mat_VarReadDataAll(file.get(), variable.get()) != 0 || variable->data == nullptr,
           "its data are damaged");
    if (!dense) return {read_sparse(*variable, where)};
    if (variable->class_type == MAT_C_CHAR) return {Matrix(), read_rows(*variable)};
    if (numbers == nullptr) return {Matrix(), read_cells(*variable, where)};
    const std::size_t rows = variable->dims[0], columns = variable->dims[1];
    refuse(variable->nbytes != rows * columns * numbers->size, "its data are damaged");
    return {Matrix(Matrix::NullaryExpr(
        static_cast<Index>(rows), static_cast<Index>(columns), [&](Index i, Index j) {
            return numbers->at(variable->data,
                               static_cast<std::size_t>(j) * rows + static_cast<std::size_t>(i));
        }))};
}

Variable text_variable(const char* name, const std::string& text) {
    std::array<std::size_t, 2> size{1, text.size()};
    std::string copy = text;
    return Variable(Mat_VarCreate(name, MAT_C_CHAR, MAT_T_UTF8, 2, size.data(), copy.data(), 0));
}

Variable cell_variable(const char* name, const std::vector<std::string>& texts) {
    std::array<std::size_t, 2> size{texts.size(), 1};
    Variable cells(Mat_VarCreate(name, MAT_C_CELL, MAT_T_CELL, 2, size.data(), nullptr, 0));
    for (std::size_t k = 0; cells && k < texts.size(); ++k)
        Mat_VarSetCell(cells.get(), static_cast<int>(k),
                       text_variable(nullptr, texts[k]).release());
    return cells;
}

Variable number_variable(const char* name, Matrix values) {
    std::array<std::size_t, 2> size{static_cast<std::size_t>(values.rows()),
                                    static_cast<std::size_t>(values.cols())};
    return Variable(
        Mat_VarCreate(name, MAT_C_DOUBLE, MAT_T_DOUBLE, 2, size.data(), values.data(), 0));
}

std::vector<StoredArray> list_variables(const fs::path& path) {
    const SilentHdf5 silent;
    const File file = open(path);
    std::vector<StoredArray> arrays;
    while (const Variable variable{Mat_VarReadNextInfo(file.get())}) {
        if (variable->name == nullptr || variable->rank < 1 || variable->dims == nullptr) continue;
        const std::string name = variable->name;
        if (std::ranges::find(arrays, name, &StoredArray::name) != arrays.end())
            throw ConfigError("two variables are called " + shown(name), {path.string()});
        arrays.push_back(
            {name, path.string() + ":" + name, type_name(*variable), shape_of(*variable),
             [=](Role) { return tried_apart(path, [&] { return read_variable(path, name); }); }});
    }
    return arrays;
}

}  // namespace

std::vector<StoredArray> open_matlab(const fs::path& path) {
    return tried_apart(path, [&] { return list_variables(path); });
}

void write_matlab(const fs::path& path, const ConnectomeArrays& arrays) {
    constexpr const char* header = "MATLAB 5.0 MAT-file, written by cortifold";  // without the date
    const auto check = [&](bool done, const std::string& why) {
        if (!done) throw OutputError("cannot write " + path.string() + ": matio failed to " + why);
    };
    be_silent();
    File file(Mat_CreateVer(path.c_str(), header, MAT_FT_MAT5));
    check(file != nullptr, "create the file");
    const auto write = [&](const Variable& variable) {
        check(variable && Mat_VarWrite(file.get(), variable.get(), MAT_COMPRESSION_ZLIB) == 0,
              "write a variable");
    };
    for (const auto& [name, numbers] : arrays.numbers) write(number_variable(name, numbers));
    for (const auto& [name, texts] : arrays.texts) write(cell_variable(name, texts));
    check(Mat_Close(file.release()) == 0, "close the file");
}

}  // namespace cortifold
