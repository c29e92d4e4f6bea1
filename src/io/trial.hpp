#pragma once

#include <filesystem>
#include <functional>

namespace cortifold {

/// Does the work in a process of its own, for what HDF5 and matio make of damaged files: they may
/// read past their buffers, ask for any amount of memory or find no end. Throws ConfigError naming
/// the file where that process dies or runs out of memory or time, and the work's own ConfigError;
/// returns where it came through within what the file's bytes can unpack to. What the work returned
/// is lost.
void try_apart(const std::filesystem::path& file, const std::function<void()>& work);

/// The work's result, once it came through apart.
[[nodiscard]] auto tried_apart(const std::filesystem::path& file, const auto& work) {
    try_apart(file, [&] { (void)work(); });
    return work();
}

}  // namespace cortifold
