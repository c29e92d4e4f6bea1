#include "hdf5_handle.hpp"
#include "stored_array.hpp"
#include "trial.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/io/hdf5_columns.hpp>
#include <cortifold/io/table.hpp>

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

namespace cortifold {

namespace {

constexpr std::size_t chunk_doubles = 1 << 14;  // 128 KiB
constexpr hsize_t block_doubles = 1 << 20;      // 8 MiB, of what is read at once

using Handle = Hdf5Handle;
using SilentErrors = SilentHdf5;
using Writing = Hdf5Check<OutputError>;
using Reading = Hdf5Check<ConfigError>;

void write_texts(const Writing& check, hid_t dataset, const char* name,
                 const std::vector<Column>& columns, std::string Column::*text) {
    std::size_t length = 1;
    for (const Column& column : columns) length = std::max(length, (column.*text).size());
    std::string padded;
    for (const Column& column : columns)
        padded += column.*text + std::string(length - (column.*text).size(), '\0');
    const hsize_t count = columns.size();
    const Handle type = hdf5_text_type(check, length);
    const Handle space =
        check(H5Screate_simple(1, &count, nullptr), H5Sclose, "describe the column names");
    const Handle attribute = check(H5Acreate2(dataset, name, type, space, H5P_DEFAULT, H5P_DEFAULT),
                                   H5Aclose, "make the column names");
    check(H5Awrite(attribute, type, padded.data()) >= 0, "write the column names");
}

void read_texts(const Reading& check, hid_t dataset, const char* name, std::vector<Column>& columns,
                std::string Column::*text) {
    const Handle attribute =
        check(H5Aopen(dataset, name, H5P_DEFAULT), H5Aclose, "find the column names");
    const Handle stored = check(H5Aget_type(attribute), H5Tclose, "describe the column names");
    const Handle space = check(H5Aget_space(attribute), H5Sclose, "describe the column names");
    check(H5Sget_simple_extent_npoints(space) == static_cast<hssize_t>(columns.size()),
          "match the column names with the columns");
    const std::size_t length = H5Tget_size(stored);
    check(length * columns.size() <= std::filesystem::file_size(check.path),
          "believe in so long column names");
    const Handle type = hdf5_text_type(check, length);
    std::string padded(length * columns.size(), '\0');
    check(H5Aread(attribute, type, padded.data()) >= 0, "read the column names");
    for (std::size_t k = 0; k < columns.size(); ++k)
        columns[k].*text = padded.substr(k * length, length).c_str();
}

Handle create_dataset(const Writing& check, hid_t file, const std::string& name,
                      const std::array<hsize_t, 2>& chunk) {
    const std::array<hsize_t, 2> empty{0, chunk[1]}, limit{H5S_UNLIMITED, chunk[1]};
    const Handle space =
        check(H5Screate_simple(2, empty.data(), limit.data()), H5Sclose, "describe the dataset");
    const Handle links = check(H5Pcreate(H5P_LINK_CREATE), H5Pclose, "set up the dataset");
    const Handle creation = check(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "set up the dataset");
    check(H5Pset_create_intermediate_group(links, 1) >= 0 &&
              H5Pset_chunk(creation, 2, chunk.data()) >= 0 &&
              H5Pset_obj_track_times(creation, false) >= 0,
          "set up the dataset");
    return check(
        H5Dcreate2(file, name.c_str(), H5T_IEEE_F64LE, space, links, creation, H5P_DEFAULT),
        H5Dclose, "create dataset " + name);
}

/// A dataset open for reading.
struct StoredTable {
    Reading check;
    Handle file, data;
    std::array<hsize_t, 2> size;
    std::vector<Column> columns;
};

StoredTable open_table(const std::filesystem::path& path, const std::string& dataset) {
    const Reading check{path};
    Handle file =
        check(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose, "open the file");
    Handle data =
        check(H5Dopen2(file, dataset.c_str(), H5P_DEFAULT), H5Dclose, "find dataset " + dataset);
    const Handle space = check(H5Dget_space(data), H5Sclose, "describe dataset " + dataset);
    check(H5Sget_simple_extent_ndims(space) == 2, "see two dimensions in dataset " + dataset);
    std::array<hsize_t, 2> size;
    check(H5Sget_simple_extent_dims(space, size.data(), nullptr) == 2, "measure the dataset");

    const std::uintmax_t bytes = std::filesystem::file_size(path);
    check(size[1] <= bytes, "believe in so many columns");
    check_size({size[0], size[1]}, sizeof(double), bytes, path.string() + ":/" + dataset);
    std::vector<Column> columns(size[1]);
    read_texts(check, data, "names", columns, &Column::name);
    read_texts(check, data, "units", columns, &Column::unit);
    return {check, std::move(file), std::move(data), size, std::move(columns)};
}

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

RowMajor read_block(const StoredTable& table, hsize_t first, hsize_t count) {
    const std::array<hsize_t, 2> start{first, 0}, size{count, table.size[1]};
    const Handle in_file = table.check(H5Dget_space(table.data), H5Sclose, "describe the dataset");
    const Handle in_memory =
        table.check(H5Screate_simple(2, size.data(), nullptr), H5Sclose, "describe a block");
    RowMajor block(static_cast<Eigen::Index>(count), static_cast<Eigen::Index>(size[1]));
    table.check(H5Sselect_hyperslab(in_file, H5S_SELECT_SET, start.data(), nullptr, size.data(),
                                    nullptr) >= 0 &&
                    H5Dread(table.data, H5T_NATIVE_DOUBLE, in_memory, in_file, H5P_DEFAULT,
                            block.data()) >= 0,
                "read a block");
    return block;
}

NumericTable read_rows(const std::filesystem::path& path, const std::string& dataset) {
    const SilentErrors silent;
    StoredTable table = open_table(path, dataset);
    return {std::move(table.columns), read_block(table, 0, table.size[0])};
}

std::vector<Eigen::Index> places_of(const std::vector<std::string>& names,
                                    const StoredTable& table) {
    std::vector<Eigen::Index> places;
    for (const std::string& name : names) {
        const auto found = std::ranges::find(table.columns, name, &Column::name);
        if (found == table.columns.end())
            throw ConfigError("there is no column \"" + name + "\"", {table.check.path.string()});
        places.push_back(found - table.columns.begin());
    }
    return places;
}

NumericTable read_columns(const std::filesystem::path& path, const std::string& dataset,
                          const std::vector<std::string>& names) {
    const SilentErrors silent;
    const StoredTable table = open_table(path, dataset);
    const std::vector<Eigen::Index> places = places_of(names, table);
    NumericTable result;
    for (const Eigen::Index place : places)
        result.columns.push_back(table.columns[static_cast<std::size_t>(place)]);
    const hsize_t rows = table.size[0];
    result.values.resize(static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(places.size()));
    const hsize_t at_once =
        std::max<hsize_t>(1, block_doubles / std::max<hsize_t>(1, table.size[1]));
    for (hsize_t first = 0; first < rows; first += at_once) {
        const RowMajor block = read_block(table, first, std::min(at_once, rows - first));
        result.values.middleRows(static_cast<Eigen::Index>(first), block.rows()) =
            block(Eigen::all, places);
    }
    return result;
}

}  // namespace

struct Hdf5Writer::File {
    Writing check;
    std::size_t width = 0, rows_in_chunk = 0;
    Handle file{}, dataset{};
    std::vector<double> buffer{};
    hsize_t rows = 0;

    void begin(const std::string& name, const std::vector<Column>& columns) {
        require(!columns.empty(), check.path.string() + " needs at least one column");
        write_buffer();
        const SilentErrors silent;
        if (rows_in_chunk == 0) file = create_hdf5(check);
        width = columns.size();
        rows_in_chunk = std::max<std::size_t>(1, chunk_doubles / width);
        rows = 0;
        dataset = create_dataset(check, file, name, {rows_in_chunk, width});
        write_texts(check, dataset, "names", columns, &Column::name);
        write_texts(check, dataset, "units", columns, &Column::unit);
    }

    void add_row(std::span<const double> cells) {
        require(cells.size() == width, check.path.string() + " has " + std::to_string(width) +
                                           " columns; a row of " + std::to_string(cells.size()) +
                                           " cells does not fit");
        buffer.insert(buffer.end(), cells.begin(), cells.end());
        if (buffer.size() >= rows_in_chunk * width) write_buffer();
    }

    void write_buffer() {
        if (buffer.empty()) return;
        const SilentErrors silent;
        const std::array<hsize_t, 2> start{rows, 0}, count{buffer.size() / width, width};
        const std::array<hsize_t, 2> size{rows + count[0], width};
        check(H5Dset_extent(dataset, size.data()) >= 0, "extend the dataset");
        const Handle in_file = check(H5Dget_space(dataset), H5Sclose, "describe the dataset");
        const Handle in_memory =
            check(H5Screate_simple(2, count.data(), nullptr), H5Sclose, "describe a block");
        check(H5Sselect_hyperslab(in_file, H5S_SELECT_SET, start.data(), nullptr, count.data(),
                                  nullptr) >= 0 &&
                  H5Dwrite(dataset, H5T_NATIVE_DOUBLE, in_memory, in_file, H5P_DEFAULT,
                           buffer.data()) >= 0,
              "write a block");
        rows = size[0];
        buffer.clear();
    }

    void flush() {
        write_buffer();
        const SilentErrors silent;
        check(H5Fflush(file, H5F_SCOPE_LOCAL) >= 0, "flush the file");
    }

    void close() {
        flush();
        const SilentErrors silent;
        check(dataset.close() && file.close(), "close the file");
    }
};

Hdf5Writer::Hdf5Writer(const std::filesystem::path& path, const std::string& dataset,
                       std::vector<Column> columns)
    : file_(path.parent_path() == nowhere ? nullptr : new File{Writing{path}}) {
    begin(dataset, std::move(columns));
}

Hdf5Writer::Hdf5Writer(Hdf5Writer&&) noexcept = default;

Hdf5Writer::~Hdf5Writer() {
    if (!file_ || file_->file < 0) return;
    try {
        file_->close();
    } catch (const OutputError&) {  // as promised: only close() reports
    }
    const SilentErrors silent;
    file_.reset();
}

void Hdf5Writer::begin(const std::string& dataset, std::vector<Column> columns) {
    if (file_) file_->begin(dataset, columns);
}

void Hdf5Writer::write_row(std::span<const double> cells) {
    if (file_) file_->add_row(cells);
}

void Hdf5Writer::flush() {
    if (file_) file_->flush();
}

void Hdf5Writer::close() {
    if (file_) file_->close();
}

NumericTable read_hdf5(const std::filesystem::path& path, const std::string& dataset) {
    static std::mutex one_at_a_time;  // the library is not made for threads
    const std::lock_guard lock(one_at_a_time);
    return tried_apart(path, [&] { return read_rows(path, dataset); });
}

NumericTable read_hdf5_columns(const std::filesystem::path& path, const std::string& dataset,
                               const std::vector<std::string>& names) {
    return tried_apart(path, [&] { return read_columns(path, dataset, names); });
}

}  // namespace cortifold
