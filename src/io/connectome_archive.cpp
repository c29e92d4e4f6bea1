#include "field_reader.hpp"
#include "npy.hpp"
#include "stored_array.hpp"
#include "zip_archive.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/io/record.hpp>
#include <cortifold/io/table.hpp>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <memory>

namespace cortifold {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view zip_magic = "PK\x03\x04", hdf5_magic = "\x89HDF\r\n\x1a\n",
                           matlab_magic = "MATLAB 5.0 MAT-file", matlab73_magic = "MATLAB 7.3",
                           market_magic = "%%MatrixMarket";
/// What files begin with that a user can make readable.
constexpr std::pair<std::string_view, std::string_view> unreadable[]{
    {"\x1f\x8b", "compressed by gzip; unpack it first"},
    {"\xff\xfe", "text in UTF-16; save it as UTF-8"},
    {"\xfe\xff", "text in UTF-16; save it as UTF-8"}};
/// As many bytes of a file as tell its format.
constexpr std::size_t magic_bytes = 64;

/// Files that matio can only read by name. Removed when the last reader is gone.
class TemporaryFile {
public:
    explicit TemporaryFile(const std::string& bytes) {
        std::string pattern = (fs::temp_directory_path() / "cortifold-XXXXXX").string();
        const int descriptor = mkstemp(pattern.data());
        if (descriptor < 0) throw OutputError("cannot make the temporary file " + pattern);
        close(descriptor);
        path_ = pattern;
        write_file(path_, bytes);
    }
    ~TemporaryFile() {
        std::error_code ignored;
        fs::remove(path_, ignored);
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    [[nodiscard]] const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

ArrayValue read_matlab_member(const std::string& where, const std::string& bytes, Role role) {
    const TemporaryFile copy(bytes);
    try {
        return choose_array(open_matlab(copy.path()), role, "", where).read(role);
    } catch (const ConfigError& error) {  // the copy's name means nothing to anybody
        throw ConfigError("not a usable MATLAB member: " + std::string(error.what()), {where});
    }
}

/// Whether a file or member of this name can hold an array. What macOS writes beside files, in
/// `__MACOSX` or as `._NAME`, does not.
bool is_array_name(const std::string& name) {
    if (name.starts_with("__MACOSX") || fs::path(name).filename().string().starts_with("._"))
        return false;
    constexpr std::string_view extensions[]{".txt", ".csv", ".tsv", ".dat",
                                            ".npy", ".npz", ".mat", ".mtx"};
    return std::ranges::find(extensions, extension_of(name)) != std::end(extensions);
}

ArrayValue read_member(const std::string& where, std::string bytes, Role role) {
    if (where.ends_with(bzip2_extension)) bytes = unpack_bzip2(where, bytes);
    const std::string_view extension = extension_of(where);
    if (extension == ".npy") return read_npy(where, bytes);
    if (extension == ".npz")
        return choose_array(open_zip(where, std::move(bytes)), role, "", where).read(role);
    if (extension == ".mat") return read_matlab_member(where, bytes, role);
    for (const auto& [begin, what] : unreadable)
        if (bytes.starts_with(begin)) throw ConfigError(std::string(what), {where});
    if (bytes.starts_with(market_magic)) return read_matrix_market(where, std::move(bytes));
    return read_text_array(where, std::move(bytes), role);
}

std::string beginning_of(const fs::path& file) {
    require_file(file);
    std::string bytes(magic_bytes, '\0');
    std::ifstream stream(file, std::ios::binary);
    if (!stream) throw ConfigError("cannot read it", {file.string()});
    stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(stream.gcount()));
    return bytes;
}

bool is_graphml(std::string_view beginning, const fs::path& file) {
    return file.extension() == ".graphml" ||
           trimmed(beginning).starts_with("<");  // no matrix begins so
}

/// An HDF5 file. Of some that MATLAB did not write itself matio does not see the types.
std::vector<StoredArray> open_matlab73(const fs::path& path) {
    std::vector<StoredArray> arrays = open_matlab(path);
    const bool all_seen = std::ranges::none_of(
        arrays, [](const StoredArray& array) { return array.type == "other"; });
    return all_seen ? arrays : open_hdf5(path);
}

StoredArray whole_file(const fs::path& file, std::function<ArrayValue(Role)> read) {
    return {"", file.string(), "", {}, std::move(read)};
}

}  // namespace

std::vector<StoredArray> open_zip(const std::string& where, std::string bytes) {
    const auto archive = std::make_shared<const ZipArchive>(where, std::move(bytes));
    std::vector<StoredArray> arrays;
    for (std::size_t k = 0; k < archive->members().size(); ++k) {
        const std::string name = archive->members()[k].name, member = where + ":" + name;
        if (!is_array_name(name)) continue;
        StoredArray array{name, member, "", {}, {}};
        if (name.ends_with(".npy")) {
            array = describe_npy(member, archive->read(k, npy_head_bytes));
            array.name = where.ends_with(".npz") ? name.substr(0, name.size() - 4) : name;
        }
        array.read = [=](Role role) { return read_member(member, archive->read(k), role); };
        arrays.push_back(std::move(array));
    }
    return arrays;
}

std::vector<StoredArray> open_folder(const fs::path& folder) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder))
        if (entry.is_regular_file() && is_array_name(entry.path().filename().string()))
            files.push_back(entry.path());
    std::ranges::sort(files);
    std::vector<StoredArray> arrays;
    for (const fs::path& file : files) {
        arrays.push_back(whole_file(
            file, [file](Role role) { return read_member(file.string(), read_file(file), role); }));
        arrays.back().name = file.filename().string();
    }
    return arrays;
}

std::vector<StoredArray> open_arrays(const fs::path& path) {
    if (fs::is_directory(path)) return open_folder(path);
    const std::string begin = beginning_of(path), name = path.string();
    if (begin.starts_with(zip_magic) || begin.starts_with("PK\x05\x06"))
        return open_zip(name, read_file(path));
    if (begin.starts_with(matlab73_magic)) return open_matlab73(path);
    if (begin.starts_with(matlab_magic) ||
        (path.extension() == ".mat" && !begin.starts_with(hdf5_magic) && !begin.starts_with('#')))
        return open_matlab(path);
    if (begin.starts_with(hdf5_magic)) return open_hdf5(path);
    if (is_graphml(begin, path)) return open_graphml(name, read_file(path));
    if (name.ends_with("_relmat.tsv") || name.ends_with("_relmat.dense.tsv"))
        return open_relmat(path);
    return {whole_file(path, [path, begin](Role role) {
        if (begin.starts_with(npy_magic)) return read_npy(path.string(), read_file(path));
        return read_member(path.string(), read_file(path), role);
    })};
}

}  // namespace cortifold
