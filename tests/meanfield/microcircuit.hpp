#pragma once

#include "reference.hpp"
#include <cortifold/meanfield/lif_network.hpp>

namespace cortifold::test {

/// The microcircuit of Bos, Diesmann & Helias 2016 from its parameters in SI units.
inline LifNetwork microcircuit(const Record& params) {
    const auto matrix = [&](std::string_view key) { return matrix_of(at(params, {key})); };
    const auto& names = at(params, {"populations"}).as<Record::List>();
    const Vector sizes = vector_of(at(params, {"N"})),
                 outer_degree = vector_of(at(params, {"K_ext"})),
                 outer_weight = vector_of(at(params, {"J_ext"})) / milli;
    const Matrix degree = matrix("K"), weight = matrix("J") / milli,
                 delay = matrix("Delay") / milli, delay_sd = matrix("Delay_sd") / milli;
    LifNetwork network;
    network.sources = {{"outside", number(at(params, {"nu_ext"}))}};
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto target = Eigen::Index(i);
        network.populations.push_back(
            {names[i].as<std::string>(), sizes[target], neuron_of(params)});
        network.drives.push_back({0, i, outer_degree[target], outer_weight[target]});
        for (std::size_t j = 0; j < names.size(); ++j) {
            const auto source = Eigen::Index(j);
            if (degree(target, source) > 0.0)
                network.projections.push_back({j,
                                               i,
                                               degree(target, source),
                                               weight(target, source),
                                               0.0,
                                               {DelayKind::truncated_gaussian,
                                                delay(target, source), delay_sd(target, source)}});
        }
    }
    return network;
}

}  // namespace cortifold::test
