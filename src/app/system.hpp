#pragma once

#include "step.hpp"
#include <cortifold/continuation/branch.hpp>
#include <cortifold/network/network.hpp>

namespace cortifold {

/// The vector field of a step with its parameter values.
struct System {
    Manifold manifold = Manifold::homogeneous;
    std::shared_ptr<const VectorField> field;
    std::shared_ptr<const HomogeneousField> homogeneous;  ///< none on the full manifold
    Network network;                                      ///< of which the field is made
    Vector parameters;
    std::vector<std::size_t> own;  ///< the parameters that the step itself sets
    bool at_given_time = false;    ///< the parameter `t` was set: the field is frozen there
    std::string note;  ///< why the manifold is not the one that was preferred; empty: it is

    /// Of one region; all of them where there are no regions.
    [[nodiscard]] std::span<const Quantity> node_states() const {
        return network.kinds.empty() ? field->states() : network.kinds.front()->states();
    }
    [[nodiscard]] Eigen::Index regions(const Study& study) const {
        return manifold == Manifold::full ? study.network.size() : 1;
    }
};

/// What to do where there is no homogeneous state.
enum class Unequal { take_full, refuse };

/// What a step adds to the network of its study.
struct NetworkAdditions {
    std::vector<Injection> injections;
    std::shared_ptr<const NodeEvents> events;  ///< of every node
};

/// Reads the keys `parameters` and `manifold`.
[[nodiscard]] System read_system(ConfigReader& options, const Study& study, Manifold preferred,
                                 Unequal unequal, const NetworkAdditions& additions = {});
/// The field again, with threads.
[[nodiscard]] std::shared_ptr<const VectorField> threaded_field(const System& system,
                                                                const Context& context);
/// Throws ConfigError where the field depends on time and no `t` was given to freeze it at.
void require_autonomous(const System& system, const ConfigReader& options);

/// The unit of growth rates and frequencies, one over that of time.
[[nodiscard]] std::string rate_unit(const VectorField& field);
[[nodiscard]] Record state_record(const VectorField& field, ConstVectorRef state);
[[nodiscard]] Record complex_record(std::complex<double> value);
[[nodiscard]] Record complex_list(const ComplexVector& values);

/// All parameters by the names that tables have, for the labels of later steps.
[[nodiscard]] Record parameter_record(const VectorField& field, ConstVectorRef parameters);

/// Where states are looked for.
struct StateBox {
    Vector low, high;
};
/// The limits of the model's states, or those of the key `box` for the states it names. Throws
/// ConfigError where neither sets one.
[[nodiscard]] StateBox read_state_box(ConfigReader& options, const System& system,
                                      const Study& study);

/// What an earlier step found under a label.
struct LabelledPoint {
    Vector state;          ///< of the system; of a cycle where it begins
    Vector parameters;     ///< likewise: of the point, but those that the step sets itself
    Record record;         ///< as the summary has it
    SpecialPoint special;  ///< as its branch has it, where that is one of this system; else empty
};
/// A point by its label ("eq2", "equilibria.eq2") from the nearest earlier step that has it, spread
/// over all regions where it is homogeneous and the system is not. Throws ConfigError listing the
/// labels there are.
[[nodiscard]] LabelledPoint labelled_point(const StepContext& at, const System& system,
                                           const std::string& label, const SourceLine& where);

/// A state of the self-coupled node as a state of the system.
[[nodiscard]] Vector spread(const System& system, const Study& study, ConstVectorRef node_state);

}  // namespace cortifold
