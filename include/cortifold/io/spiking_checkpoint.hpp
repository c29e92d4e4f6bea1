#pragma once

#include <cortifold/spiking/simulation.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace cortifold {

/// Writes the state of a simulation to a file, which is replaced atomically: whenever the program
/// ends, there is a whole one. `note` is kept with it. All ranks call it, rank 0 writes. Throws
/// OutputError.
void write_checkpoint(const std::filesystem::path& file, const SpikingSimulation& simulation,
                      std::string_view note = {});

/// Takes the state over that was written, on any number of threads and ranks; rank 0 reads, and
/// gets the note. Throws ConfigError naming the file, on other ranks UsageError, where it cannot be
/// read, is damaged, or is of another network, step or seed; the simulation is then as it was.
std::string read_checkpoint(const std::filesystem::path& file, SpikingSimulation& simulation);

}  // namespace cortifold
