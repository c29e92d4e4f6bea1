#pragma once

#include <cstdint>

namespace cortifold {

/// What this process may still take without pushing others out, by the system and by the limit that
/// a container sets; 0 where neither tells.
[[nodiscard]] std::uint64_t available_memory_bytes();

/// The most that this process has had in memory so far.
[[nodiscard]] double peak_memory_mb();

}  // namespace cortifold
