#pragma once

#include <cortifold/network/connectome.hpp>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace cortifold {

/// A connectome as named arrays, called as in TVB's own files; what is unknown is left out.
struct ConnectomeArrays {
    std::vector<std::pair<const char*, Matrix>> numbers;  ///< weights, tract_lengths, centres
    std::vector<std::pair<const char*, std::vector<std::string>>>
        texts;  ///< region_labels, hemispheres
};

// All throw OutputError.
void write_hdf5(const std::filesystem::path& path, const ConnectomeArrays& arrays);
/// Version 5, texts as cell arrays.
void write_matlab(const std::filesystem::path& path, const ConnectomeArrays& arrays);
[[nodiscard]] std::string graphml_text(const Connectome& connectome);

}  // namespace cortifold
