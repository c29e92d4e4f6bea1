#pragma once

#include <cortifold/network/connectome.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace cortifold {

/// What a row of a file's matrices is: the region that receives, as here, or the one that sends:
/// then they are transposed.
enum class Orientation { onto_row, from_row };
[[nodiscard]] std::string_view to_string(Orientation orientation);

struct ConnectomeOptions {
    /// FILE or FILE:NAME of fibre lengths in mm, over those of the connectome itself
    std::filesystem::path lengths{};
    Orientation orientation = Orientation::onto_row;
};

/// FILE:NAME, an array of a file that holds several; the name is empty where FILE stands alone.
struct ArrayPath {
    std::filesystem::path file;
    std::string name;
};
/// At the last colon before which there is a file; nowhere if the whole path exists, or none does.
[[nodiscard]] ArrayPath split_array_path(const std::filesystem::path& path);

/// Reads what data/README.md lists: a folder or zip of tables (ours and those of The Virtual
/// Brain), a matrix or an edge list as text, NPY, NPZ, MAT (5 and 7.3), HDF5, GraphML, MatrixMarket
/// and BIDS relationship matrices, recognized by what they begin with. FILE:NAME names the array
/// with the weights, FILE alone takes the one called `weights` or the only square one. Regions that
/// stand in another order in one of the tables are brought into that of the weights, by label.
/// Throws ConfigError with file, and line where it has lines; a connectome that
/// `validate_connectome` finds unusable is refused.
[[nodiscard]] Connectome read_connectome(const std::filesystem::path& path,
                                         const ConnectomeOptions& options = {});

/// In the format of the extension: .zip (TVB), .npz, .npy, .mat (version 5), .h5, .graphml, .mtx,
/// .tsv (BIDS relationship matrix with its .json), none: our CSV folder, where a file that this
/// connectome has nothing for is removed. `read_connectome` reads back bit for bit what the format
/// carries; returned is what it does not, a sentence each. Throws OutputError, and UsageError
/// where the extension is another, the connectome is unusable or too large for a dense format, or a
/// label has a line break.
std::vector<std::string> write_connectome(const Connectome& connectome,
                                          const std::filesystem::path& path);

}  // namespace cortifold
