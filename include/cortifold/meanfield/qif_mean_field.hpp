#pragma once

#include <cortifold/core/context.hpp>
#include <cortifold/equilibrium/deflation.hpp>
#include <cortifold/model/population_network.hpp>
#include <cortifold/ode/drive.hpp>

#include <memory>
#include <string>
#include <vector>

namespace cortifold {

/// The exact mean field of a network of quadratic integrate-and-fire neurons (Montbrio, Pazo &
/// Roxin 2015, doi:10.1103/PhysRevX.5.021028), in ms and 1/ms: the limit of infinitely many neurons
/// of each population, all of whose sources reach them at once, with Lorentzian excitabilities.
/// Populations are nodes of the model montbrio_pazo_roxin, in their order; then come, where
/// currents are exponential, low passes of their rates: one for each source and time constant of a
/// target.
struct QifMeanField {
    std::vector<std::string> populations;
    std::shared_ptr<const VectorField> field;
    Vector parameters;
    Vector initial;             ///< of the laws of the potentials; synaptic currents start at 0
    std::vector<Drive> drives;  ///< the currents that change in time
    std::vector<Eigen::Index> rates, potentials;  ///< states r and v of each population
    Vector missing;                               ///< what each rate r is too high by, in 1/ms
    Vector low, high;                             ///< a box with all equilibria
};

/// Which populations are meant. The mean of the rates sqrt(eta) / (pi tau) of fast neurons
/// converges slowly: at quantiles j / (N + 1) it lacks -zeta(1/2) sqrt(Delta / (pi N)) / (pi tau),
/// whatever the input, up to terms in 1/N.
enum class PopulationLimit {
    infinite,
    quantiles  ///< of finite populations, where their excitabilities are quantiles
};

/// Whether any population is of quadratic integrate-and-fire neurons.
[[nodiscard]] bool has_qif_neurons(const PopulationNetwork& network);

/// Throws UsageError naming the population or projection, and what the theory has in its place,
/// where there is no exact mean field: other neurons, excitabilities that are not Lorentzian, other
/// parameters drawn for each neuron, noise, listed or one-to-one synapses.
[[nodiscard]] QifMeanField qif_mean_field_of(const PopulationNetwork& network,
                                             PopulationLimit limit = PopulationLimit::infinite);

/// What the theory takes for granted and this network, in steps of a simulation, does not have: a
/// sentence each, which begins with the name of the population and a colon.
[[nodiscard]] std::vector<std::string> doubts_of_qif_mean_field(
    const PopulationNetwork& network, double step_ms,
    PopulationLimit limit = PopulationLimit::infinite);

/// All equilibria that deflation finds in the box.
[[nodiscard]] SearchResult find_equilibria(const QifMeanField& theory, const Context& context = {});

/// What is seen of rates r [1/ms], a row a time, a column a population: in 1/s and less what is
/// `missing`. Of a population that lacks more than its smallest rate here, they stay those of the
/// limit, and `doubts` gets a sentence that says so.
[[nodiscard]] Matrix seen_rates_hz(const QifMeanField& theory, ConstMatrixRef rates,
                                   std::vector<std::string>& doubts);

/// Mean rates [1/s] over bins of equal width, from a time on: a row a bin, a column a population.
struct CourseBins {
    double start_ms = 0.0, bin_ms = 1.0;
    Eigen::Index count = 0;
};
struct RateCourses {
    Status status = Status::iteration_limit;
    std::string message = "find_courses was not called";
    Matrix rates_hz{};                  ///< rows that a run did not reach are missing
    std::vector<std::string> doubts{};  ///< of seen_rates_hz
};
/// From the initial state at time 0, with all currents.
[[nodiscard]] RateCourses find_courses(const QifMeanField& theory, const CourseBins& bins);

}  // namespace cortifold
