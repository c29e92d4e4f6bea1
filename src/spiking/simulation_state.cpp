#include "simulation_state.hpp"

#include "state_bytes.hpp"

#include <array>
#include <charconv>
#include <sstream>

namespace cortifold {

namespace {

constexpr std::uint32_t version = 1;

void add(StateWriter& to, const std::vector<Spike>& spikes) {
    std::vector<std::uint64_t> steps;
    std::vector<std::uint32_t> neurons;
    for (const Spike& spike : spikes) {
        steps.push_back(spike.step);
        neurons.push_back(spike.neuron);
    }
    to.add(steps);
    to.add(neurons);
}

std::vector<Spike> read_spikes(StateReader& from) {
    const auto steps = from.list<std::uint64_t>();
    const auto neurons = from.list<std::uint32_t>();
    StateReader::require_whole(steps.size() == neurons.size());
    std::vector<Spike> spikes;
    for (std::size_t k = 0; k < steps.size(); ++k) spikes.push_back({steps[k], neurons[k]});
    return spikes;
}

std::string shortest(double value) {
    std::array<char, 32> digits;
    return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr};
}

}  // namespace

void SimulationIdentity::require_same(const SimulationIdentity& of_state) const {
    const auto refuse = [](const std::string& what, const std::string& there,
                           const std::string& here) {
        throw ConfigError("the state is of another simulation: " + what + there + " there, " +
                          here + " here");
    };
    if (of_state.seed != seed)
        refuse("seed = ", std::to_string(of_state.seed), std::to_string(seed));
    if (of_state.step_ms != step_ms)
        refuse("step_ms = ", shortest(of_state.step_ms), shortest(step_ms));
    std::istringstream there(of_state.network), here(network);
    for (std::string a, b; of_state.network != network;) {
        const bool is_here = static_cast<bool>(std::getline(here, b));
        const bool is_there = static_cast<bool>(std::getline(there, a));
        if (a != b || !is_here || !is_there)
            refuse("", is_there ? a : "nothing more", is_here ? b : "nothing more");
    }
}

std::string to_bytes(const SimulationIdentity& identity, const SimulationState& state) {
    StateWriter to;
    to.add(version);
    to.add(identity.seed);
    to.add(identity.step_ms);
    to.add(identity.network);
    to.add(state.step);
    to.add(state.cleared);
    to.add(state.synaptic_events);
    to.add(std::uint64_t{state.populations.size()});
    for (const PopulationState& population : state.populations) {
        to.add(population.neurons);
        to.add(population.squared_counts);
    }
    to.add(state.records);
    add(to, state.recent);
    add(to, state.recorded);
    return to.take();
}

SimulationState from_bytes(std::string_view bytes, const SimulationIdentity& identity) {
    StateReader from(bytes);
    const auto found = from.number<std::uint32_t>();
    if (found != version)
        throw ConfigError("the state has version " + std::to_string(found) + ", " +
                          std::to_string(version) + " is read");
    SimulationIdentity of_state{from.number<std::uint64_t>(), from.number<double>(), {}};
    of_state.network = from.text();
    identity.require_same(of_state);
    SimulationState state;
    state.step = from.number<std::uint64_t>();
    state.cleared = from.number<std::uint64_t>();
    state.synaptic_events = from.number<std::uint64_t>();
    const auto populations = from.number<std::uint64_t>();
    for (std::uint64_t p = 0; p < populations; ++p) {
        PopulationState& population = state.populations.emplace_back();
        population.neurons = from.text();
        population.squared_counts = from.list<std::uint64_t>();
    }
    state.records = from.text();
    state.recent = read_spikes(from);
    state.recorded = read_spikes(from);
    StateReader::require_whole(from.is_at_end());
    return state;
}

std::string to_bytes(const NeuronSlice& slice, const SpikeTrains& trains) {
    const std::size_t of_neuron = slice.state_bytes(), each = of_neuron + trains.state_bytes();
    std::string neurons(each * slice.slice().size, '\0');
    for (std::uint32_t i = 0; i < slice.slice().size; ++i) {
        slice.save(i, &neurons[i * each]);
        trains.save(i, &neurons[i * each + of_neuron]);
    }
    StateWriter to;
    to.add(slice.slice().population);
    to.add(neurons);
    to.add(trains.squared_counts());
    return to.take();
}

std::vector<PopulationState> join_slices(const PopulationNetwork& network,
                                         std::string_view slices) {
    std::vector<PopulationState> populations(network.populations.size());
    for (StateReader from(slices); !from.is_at_end();) {
        PopulationState& population = populations.at(from.number<std::uint32_t>());
        population.neurons += from.text();
        const auto squares = from.list<std::uint64_t>();
        population.squared_counts.resize(squares.size());
        for (std::size_t b = 0; b < squares.size(); ++b) population.squared_counts[b] += squares[b];
    }
    return populations;
}

}  // namespace cortifold
