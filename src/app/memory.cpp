#include "memory.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <string>

namespace cortifold {

namespace {

/// The number behind a word of a file, or without a word the one that it begins with.
std::optional<std::uint64_t> number_in(const char* file, const std::string& word) {
    std::ifstream text(file);
    std::string found;
    while (!word.empty() && found != word)
        if (!(text >> found)) return std::nullopt;
    std::uint64_t value = 0;
    return text >> value ? std::optional(value) : std::nullopt;
}

}  // namespace

std::uint64_t available_memory_bytes() {
    constexpr std::uint64_t bytes_per_kilobyte = 1024;
    std::uint64_t available = 0;
    if (const auto free = number_in("/proc/meminfo", "MemAvailable:"))
        available = *free * bytes_per_kilobyte;
    const auto limit = number_in("/sys/fs/cgroup/memory.max", "");
    const auto used = number_in("/sys/fs/cgroup/memory.current", "");
    if (limit && used && *used < *limit)
        available = available == 0 ? *limit - *used : std::min(available, *limit - *used);
    return available;
}

double peak_memory_mb() {
    constexpr double kilobytes_per_megabyte = 1000.0 / 1.024;
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / kilobytes_per_megabyte;
}

}  // namespace cortifold
