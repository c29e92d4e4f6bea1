#pragma once

#include <cortifold/core/matrix.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cortifold {

/// The first bytes of every NPY file.
inline constexpr std::string_view npy_magic = "\x93NUMPY";

/// Bytes of every header we write: room for any shape, so that it can be written again.
inline constexpr std::size_t npy_header_size = 192;
/// Version 1.0 in C order, for numbers of this type ("<f8"), of at most four dimensions.
[[nodiscard]] std::string npy_header(const std::string& type, std::span<const std::size_t> shape);
/// A whole NPY file.
[[nodiscard]] std::string npy_bytes(const Matrix& values);
[[nodiscard]] std::string npy_bytes(const std::vector<std::string>& texts);

}  // namespace cortifold
