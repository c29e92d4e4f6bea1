#include <cortifold/core/error.hpp>
#include <cortifold/io/connectome_reader.hpp>
#include <cortifold/io/record.hpp>
#include <cortifold/io/table.hpp>

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>

namespace fs = std::filesystem;
using namespace cortifold;

namespace {

/// Larger connectomes are not written back: an edge list may well have 200000 nodes.
constexpr Eigen::Index largest_written = 64;

void demand(bool holds, const char* what) {
    if (holds) return;
    std::cerr << "broken promise: " << what << '\n';
    std::abort();
}

/// In memory where the system has a folder there: on a disk the files take longer than the readers.
class ScratchFolder {
public:
    ScratchFolder()
        : path_((fs::is_directory(memory) ? fs::path(memory) : fs::temp_directory_path()) /
                ("cortifold_fuzz_" + std::to_string(getpid()))) {
        fs::create_directories(path_);
    }
    ~ScratchFolder() { fs::remove_all(path_); }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    [[nodiscard]] const fs::path& path() const { return path_; }

private:
    static constexpr const char* memory = "/dev/shm";
    fs::path path_;
};

/// A connectome that is read is usable and can be written and read again.
void read_soundly(const fs::path& path, const fs::path& copy) {
    try {
        const Connectome connectome = read_connectome(path);
        demand(validate_connectome(connectome).usable(), "a connectome that is read is usable");
        if (connectome.size() > largest_written) return;
        write_connectome(connectome, copy);
        const Connectome again = read_connectome(copy);
        demand(Matrix(again.weights) == Matrix(connectome.weights), "weights are read back");
        demand(again.lengths_mm == connectome.lengths_mm, "lengths are read back");
        for (std::size_t i = 0; i < connectome.regions.size(); ++i)
            demand(again.regions[i].label == connectome.regions[i].label, "labels are read back");
    } catch (const ConfigError& error) {
        demand(!error.where().file.empty(), "a refusal names the file");
    }
}

/// The text as one file of a connectome, with good weights beside it where it holds none.
void as_connectome_file(const char* name, std::string_view text) {
    const ScratchFolder scratch;
    const fs::path file = scratch.path() / name;
    write_file(file, text);
    const bool whole = file.filename() == "edges.dat" || file.filename() == "weights.csv";
    if (!whole) write_file(scratch.path() / "weights.csv", "a,b\n0,1\n1,0\n");
    read_soundly(whole ? file : scratch.path(), scratch.path() / "copy");
}

void as_study(std::string_view text) {
    try {
        demand(!to_json(parse_toml(text, "study.toml")).empty(), "a table has a JSON form");
    } catch (const ConfigError& error) {
        demand(error.where().file == "study.toml", "a refusal names the file");
    }
}

}  // namespace

/// Whatever a text holds, a reader returns sound data or throws ConfigError; all else ends the
/// program.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(data, data + size);
    for (const char* name :
         {"weights.csv", "edges.dat", "lengths.csv", "centres.csv", "hemispheres.csv"})
        as_connectome_file(name, text);
    as_study(text);
    return 0;
}
