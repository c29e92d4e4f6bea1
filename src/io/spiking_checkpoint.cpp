#include <cortifold/core/error.hpp>
#include <cortifold/io/spiking_checkpoint.hpp>
#include <cortifold/io/table.hpp>

#include <string>
#include <string_view>

namespace cortifold {

namespace {

constexpr std::string_view title = "cortifold spiking checkpoint\n";
constexpr std::size_t checksum_digits = 16;

}  // namespace

void write_checkpoint(const std::filesystem::path& file, const SpikingSimulation& simulation,
                      std::string_view note) {
    const std::string state = simulation.save();
    if (state.empty()) return;  // of a rank that does not lead
    const std::string kept = std::to_string(note.size()) + "\n" + std::string(note) + state;
    write_file(file, std::string(title) + checksum(kept) + "\n" + kept);
}

std::string read_checkpoint(const std::filesystem::path& file, SpikingSimulation& simulation) {
    std::string note;
    const auto read = [&] {
        const std::string text = read_file(file);
        if (!text.starts_with(title))
            throw ConfigError("this is no checkpoint of a spiking simulation", {file.string()});
        const std::size_t begin = title.size() + checksum_digits + 1;
        const std::string kept = text.size() > begin ? text.substr(begin) : std::string();
        const std::size_t line = kept.find('\n');
        if (line == std::string::npos ||
            text.compare(title.size(), checksum_digits, checksum(kept)) != 0)
            throw ConfigError("the checkpoint is damaged: its checksum is another",
                              {file.string()});
        note = kept.substr(line + 1, std::stoull(kept.substr(0, line)));
        return kept.substr(line + 1 + note.size());
    };
    try {
        simulation.restore(read);
    } catch (const ConfigError& error) {
        if (!error.where().file.empty()) throw;
        throw ConfigError(error.what(), {file.string()});
    }
    return note;
}

}  // namespace cortifold
