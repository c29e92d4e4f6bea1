#pragma once

#include <filesystem>
#include <span>
#include <string_view>

namespace cortifold {

/// A reader of files: whatever bytes one holds, it returns sound data or throws a ConfigError that
/// names the file. `read` ends the program where the promise is broken.
struct FuzzedReader {
    std::string_view name;  ///< of its folder in corpus/
    std::string_view file;  ///< what its file is called
    void (*read)(const std::filesystem::path& file);
};
[[nodiscard]] std::span<const FuzzedReader> fuzzed_readers();
/// Null where there is none of that name.
[[nodiscard]] const FuzzedReader* find_fuzzed_reader(std::string_view name);

/// Gives a reader these bytes as its file, alone in a folder.
void feed(const FuzzedReader& reader, std::string_view bytes);

}  // namespace cortifold
