#pragma once

#include "system.hpp"
#include <cortifold/ode/drive.hpp>

namespace cortifold {

/// What drives a simulation from outside: the key `stimulus`, a list of tables. Into an input port
/// it enters through an injection, a parameter of the network's field; else it moves a parameter.
struct Stimuli {
    struct Target {
        std::string parameter;
        Wave wave;
        SourceLine where;
    };
    std::vector<Injection> injections;
    std::vector<Target> targets;

    [[nodiscard]] bool is_random() const;
};
/// Throws ConfigError for white noises that the model is not affine in, where they have no meaning.
[[nodiscard]] Stimuli read_stimuli(ConfigReader& options, const Study& study);

/// The drives of a field that has the injections.
[[nodiscard]] std::vector<Drive> make_drives(const Stimuli& stimuli, const VectorField& field);

}  // namespace cortifold
