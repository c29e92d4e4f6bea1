#pragma once

#include <cortifold/core/status.hpp>
#include <cortifold/equilibrium/deflation.hpp>
#include <cortifold/meanfield/lif_network.hpp>

#include <optional>
#include <string>
#include <vector>

namespace cortifold {

/// A self-consistent state of a network, and what its populations receive and send there. Where
/// the status is no success the rates are where the search ended, and nothing else is filled.
struct WorkingPoint {
    Status status = Status::iteration_limit;
    std::string message = "find_working_point was not called";
    Vector rates_hz{}, log_rates_hz{};  ///< also where a rate is below the smallest number
    std::vector<LifInput> inputs{};
    std::vector<LifNeuron> neurons{};  ///< effective ones, where synapses are conductances
    Vector cvs{};                      ///< of interspike intervals
    Vector rate_sds_hz{};              ///< of rates over the neurons, whose mean inputs are spread
    double residual_hz = 0.0;
};

struct WorkingPointOptions {
    std::optional<Vector> guess_hz{};  ///< none: silence, then if need be the lowest state found
    SearchOptions search{};
};

/// Rates that reproduce themselves, by Newton's method with the exact Jacobian. Status is
/// no_theory where the expansion of `taylor` gives a negative rate, non_finite where a population
/// receives no noise; the message names the population. Throws UsageError for bad networks.
[[nodiscard]] WorkingPoint find_working_point(const LifNetwork& network, SynapseTheory theory,
                                              const WorkingPointOptions& options = {});

struct WorkingPoints {
    Status status = Status::iteration_limit;  ///< converged: at least one was found
    std::string message;
    std::vector<WorkingPoint> points;  ///< by ascending rate of the first population, ...
};

/// All self-consistent states that deflated Newton finds between silence and 1 / tau_ref.
[[nodiscard]] WorkingPoints find_all_working_points(const LifNetwork& network, SynapseTheory theory,
                                                    const SearchOptions& options = {});

/// The same about a state that is known, as one from a branch; iteration_limit where the rates do
/// not reproduce themselves.
[[nodiscard]] WorkingPoint describe_working_point(const LifNetwork& network, SynapseTheory theory,
                                                  ConstVectorRef rates_hz);

}  // namespace cortifold
