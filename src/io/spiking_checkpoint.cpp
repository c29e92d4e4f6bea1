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

void write_checkpoint(const std::filesystem::path& file, const SpikingSimulation& simulation) {
    const std::string state = simulation.save();
    if (!state.empty()) write_file(file, std::string(title) + checksum(state) + "\n" + state);
}

void read_checkpoint(const std::filesystem::path& file, SpikingSimulation& simulation) {
    const auto read = [&] {
        const std::string text = read_file(file);
        if (!text.starts_with(title))
            throw ConfigError("this is no checkpoint of a spiking simulation", {file.string()});
        const std::size_t begin = title.size() + checksum_digits + 1;
        const std::string state = text.size() > begin ? text.substr(begin) : std::string();
        if (text.compare(title.size(), checksum_digits, checksum(state)) != 0)
            throw ConfigError("the checkpoint is damaged: its checksum is another",
                              {file.string()});
        return state;
    };
    try {
        simulation.restore(read);
    } catch (const ConfigError& error) {
        if (!error.where().file.empty()) throw;
        throw ConfigError(error.what(), {file.string()});
    }
}

}  // namespace cortifold
