#pragma once

#include <cortifold/core/matrix.hpp>

#include <filesystem>
#include <string>

namespace cortifold {

/// A run as columns over time: states in the order of their equations, then auxiliaries.
struct Columns {
    Vector t;
    Matrix values;        ///< a row a time
    std::string message;  ///< why there are no rows
};

/// Whether the program can be run here.
[[nodiscard]] bool has_xppaut();

[[nodiscard]] std::string read_text(const std::filesystem::path& file);

/// What `xppaut -silent` prints for a model, in a copy of the folder it stands in.
[[nodiscard]] Columns run_xppaut(const std::string& model, const std::filesystem::path& folder);

}  // namespace cortifold
