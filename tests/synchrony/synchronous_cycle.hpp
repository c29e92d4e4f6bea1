#pragma once

#include "continuation/cycle_family.hpp"
#include <cortifold/model/registry.hpp>
#include <cortifold/synchrony/dispersion.hpp>

#include <string>

namespace cortifold {

/// The only output to every input, or each output to its own.
inline std::vector<Link> links_of(const Node& node) {
    if (node.outputs().size() == 1) return default_links(node);
    std::vector<Link> links(node.outputs().size());
    for (std::size_t k = 0; k < links.size(); ++k) {
        links[k].output = node.outputs()[k].name;
        links[k].input = node.inputs()[k].name;
    }
    return links;
}

/// The synchronous cycle of a coupled model where a parameter has a value, from its Hopf point.
struct Synchronous {
    std::shared_ptr<const HomogeneousField> field;
    Vector parameters;
    BranchPoint cycle;

    Synchronous(const std::string& model, const std::string& parameter,
                ContinuationOptions::Bound range, double strength, double value,
                const CycleOptions& options = {}) {
        Network network;
        network.kinds = {find_model(model).make()};
        network.links = links_of(*network.kinds.front());
        field = make_homogeneous_field(network);
        Family family(field, parameter, range);
        family.set("coupling.strength", strength);
        const Branch branch = family.cycles(0, 1e9, {value}, options);
        for (const SpecialPoint& special : branch.special)
            if (special.type == PointType::user) cycle = special.at;
        family.set(parameter, value);
        parameters = family.parameters;
    }

    [[nodiscard]] std::unique_ptr<MasterStability> stability() const {
        return stability_of_cycle(field, parameters, cycle);
    }
    [[nodiscard]] DispersionResult at(const ComplexVector& lambdas, int threads = 1) const {
        return dispersion_relation(*stability(), lambdas, {}, threads);
    }
};

}  // namespace cortifold
