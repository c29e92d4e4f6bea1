#pragma once

#include <cortifold/core/sparse_matrix.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cortifold {

/// What an array of a connectome file may be.
enum class Role { weights, lengths, centres, labels, hemispheres };

/// What an array holds: numbers or texts, and labels of its rows where the file has them there.
struct ArrayValue {
    std::variant<Matrix, SparseMatrix> numbers{};
    std::vector<std::string> texts{}, labels{};
    std::vector<std::string> notes{};  ///< what its reader had to decide, a sentence each
    int last_line = 0;                 ///< of a text, for messages; else 0
};

/// An array that a file holds, not read yet.
struct StoredArray {
    std::string name;   ///< of the variable or member, or its path within; empty: the file is it
    std::string where;  ///< file and name, for messages
    std::string type;   ///< "double", "text", ...: for messages
    std::vector<std::uint64_t> shape{};      ///< none where only reading tells
    std::function<ArrayValue(Role)> read{};  ///< throws ConfigError
};

/// More nodes than a sparse format is believed to have: bounds the memory one number can ask for.
inline constexpr std::int64_t most_nodes = 200000;
/// Of one array in memory, and of all members of an archive.
inline constexpr std::uint64_t most_bytes = std::uint64_t{4} << 30;
/// No deflated byte unpacks to more (RFC 1951: 258 bytes take at least two bits).
inline constexpr std::uint64_t largest_deflate_ratio = 1032;
inline constexpr std::string_view bzip2_extension = ".bz2";
/// As many bytes of an NPY file as tell its type and shape.
inline constexpr std::size_t npy_head_bytes = 4096;

/// Throws ConfigError where rows x columns numbers are more than `most_bytes` or than `stored`
/// bytes of a file can unpack to: before memory is asked for.
void check_size(const std::vector<std::uint64_t>& shape, std::size_t bytes_a_number,
                std::uint64_t stored, const std::string& where);
/// Throws ConfigError for what is there and no file, as a pipe or a device: it may have no end.
void require_file(const std::filesystem::path& path);
/// As in "4 x 4".
[[nodiscard]] std::string shape_text(const std::vector<std::uint64_t>& shape);

// The formats, each in a source of its own. `where` names the file, and the member, in messages.

/// A matrix, an edge list or a table: as its role and its name tell.
[[nodiscard]] ArrayValue read_text_array(const std::string& where, std::string text, Role role);
[[nodiscard]] ArrayValue read_matrix_market(const std::string& where, std::string text);
[[nodiscard]] ArrayValue read_npy(const std::string& where, std::string_view bytes);
/// Of a file's first `npy_head_bytes`: an array of this type and shape, not to be read.
[[nodiscard]] StoredArray describe_npy(const std::string& where, std::string_view bytes);
[[nodiscard]] std::vector<StoredArray> open_graphml(const std::string& where, std::string text);
[[nodiscard]] std::vector<StoredArray> open_matlab(const std::filesystem::path& file);
[[nodiscard]] std::vector<StoredArray> open_hdf5(const std::filesystem::path& file);
/// A relationship matrix of BIDS (proposal BEP017) with what stands beside it.
[[nodiscard]] std::vector<StoredArray> open_relmat(const std::filesystem::path& file);
/// The members of an archive (NPZ, or a connectivity of TVB), or the files of a folder, that can
/// hold arrays.
[[nodiscard]] std::vector<StoredArray> open_zip(const std::string& where, std::string bytes);
[[nodiscard]] std::vector<StoredArray> open_folder(const std::filesystem::path& folder);
/// Of a file or a folder, whatever it is: by its first bytes, and where these do not tell, its
/// name.
[[nodiscard]] std::vector<StoredArray> open_arrays(const std::filesystem::path& path);

/// As in ".txt", also of a name that ends in .txt.bz2.
[[nodiscard]] std::string_view extension_of(std::string_view name);
/// The name without folders and extensions, in small letters.
[[nodiscard]] std::string stem_of(const std::string& name);
/// The array that is called as this role is, or else has that in its name; none where none does.
/// Throws ConfigError where several do.
[[nodiscard]] const StoredArray* find_array(const std::vector<StoredArray>& arrays, Role role,
                                            const std::string& where);
/// The array of this name; where it is empty the file itself if it is one, else that of this role,
/// else the only square matrix. Throws ConfigError with the list of all.
[[nodiscard]] const StoredArray& choose_array(const std::vector<StoredArray>& arrays, Role role,
                                              std::string_view name, const std::string& where);

}  // namespace cortifold
