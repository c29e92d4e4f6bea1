#include <cortifold/core/error.hpp>
#include <cortifold/meanfield/qif_mean_field.hpp>
#include <cortifold/ode/integrate.hpp>

#include <cmath>
#include <sstream>

namespace cortifold {

namespace {

constexpr Eigen::Index parts = 8;  ///< of a bin, for Simpson's rule
constexpr double hz = 1e3;         ///< of 1/ms

Vector simpson_weights() {
    Vector weights = Vector::Constant(parts + 1, 2.0);
    for (Eigen::Index k = 1; k < parts; k += 2) weights[k] = 4.0;
    weights[0] = weights[parts] = 1.0;
    return weights / weights.sum();
}

/// Delays, with the half step that a spike waits for the end of its own, up to this part of the
/// membrane's time constant are none.
constexpr double negligible_delay = 0.01;

bool is_dense(const ConnectionRule& rule) {
    const auto* by_chance = std::get_if<ConnectionProbability>(&rule);
    return std::holds_alternative<AllToAll>(rule) ||
           (by_chance != nullptr && by_chance->probability == 1.0);
}

double membrane_ms(const Population& population) {
    return std::visit(
        [](const auto& neuron) {
            if constexpr (requires { neuron.tau; }) return neuron.tau;
            return 0.0;
        },
        population.neuron);
}

/// Collects sentences.
class Doubts {
public:
    template <class... Words>
    void add(const std::string& population, const Words&... words) {
        std::ostringstream text;
        text << population << ": ";
        (text << ... << words);
        sentences.push_back(text.str());
    }
    std::vector<std::string> sentences{};
};

void doubt(const Population& population, Doubts& doubts) {
    if (population.initial_mv.sd > 0.0 &&
        (population.initial_mv.law == Law::normal || population.initial_mv.law == Law::log_normal))
        doubts.add(population.name,
                   "potentials begin with a law that is not Lorentzian, and the theory follows "
                   "only those that are, or are equal: their first courses differ");
    for (const VariedParameter& one : population.varied)
        if (std::isfinite(one.law.low) || std::isfinite(one.law.high))
            doubts.add(population.name, "the law of ", one.name,
                       " has limits, the theory the whole Lorentzian");
    if (!population.currents.empty())
        doubts.add(population.name,
                   "currents that change in time are part of courses, not of states");
}

void doubt(const PopulationNetwork& network, const Projection& projection, double step_ms,
           Doubts& doubts) {
    const Population& target = network.populations[network.index_of(projection.target)];
    const double delay = projection.delay_ms.mean + 0.5 * step_ms, tau = membrane_ms(target);
    if (!is_dense(projection.rule))
        doubts.add(target.name, network.expected_synapses(projection) / target.size,
                   " synapses from some neurons of ", projection.source,
                   " stand for many from all: their noise is left out");
    if (projection.weight.sd > 0.0)
        doubts.add(target.name, "weights from ", projection.source,
                   " differ, the theory has their mean");
    if (delay > negligible_delay * tau)
        doubts.add(target.name, "spikes from ", projection.source, " take ", delay,
                   " ms with half a step, and none in the theory; tau is ", tau, " ms");
}

}  // namespace

std::vector<std::string> doubts_of_qif_mean_field(const PopulationNetwork& network, double step_ms,
                                                  PopulationLimit limit) {
    Doubts doubts;
    const Vector missing = qif_mean_field_of(network, PopulationLimit::quantiles).missing;
    for (std::size_t k = 0; k < network.populations.size(); ++k) {
        const Population& population = network.populations[k];
        const double less_hz = hz * missing[static_cast<Eigen::Index>(k)];
        if (limit == PopulationLimit::infinite && less_hz > 0.0)
            doubts.add(population.name, "the mean rate of ", population.size,
                       " neurons at quantiles lacks ", less_hz, "/s of the limit's");
        doubt(population, doubts);
    }
    for (const Projection& projection : network.projections)
        doubt(network, projection, step_ms, doubts);
    return doubts.sentences;
}

Matrix seen_rates_hz(const QifMeanField& theory, ConstMatrixRef rates,
                     std::vector<std::string>& doubts) {
    Matrix seen = hz * rates;
    Doubts found;
    for (Eigen::Index k = 0; rates.rows() > 0 && k < rates.cols(); ++k) {
        const double less_hz = hz * theory.missing[k], least_hz = seen.col(k).minCoeff();
        if (less_hz <= least_hz)
            seen.col(k).array() -= less_hz;
        else
            found.add(theory.populations[static_cast<std::size_t>(k)], "finite populations lack ",
                      less_hz, "/s of the limit's rate, more than its ", least_hz,
                      "/s: that is left out, and the rate is the limit's");
    }
    doubts.insert(doubts.end(), found.sentences.begin(), found.sentences.end());
    return seen;
}

RateCourses find_courses(const QifMeanField& theory, const CourseBins& bins) {
    require(bins.bin_ms > 0.0 && bins.count > 0 && bins.start_ms >= 0.0,
            "courses need bins of positive width, at least one, from 0 on");
    const auto populations = std::ssize(theory.rates);
    Matrix seen(bins.count * parts + 1, populations);
    Eigen::Index rows = 0;
    const OdeResult run = integrate(
        {.field = theory.field,
         .parameters = theory.parameters,
         .initial = theory.initial,
         .t1 = bins.start_ms + static_cast<double>(bins.count) * bins.bin_ms,
         .drives = theory.drives},
        {.output_step = bins.bin_ms / static_cast<double>(parts), .output_from = bins.start_ms},
        [&](double, ConstVectorRef x, ConstVectorRef) {
            if (rows < seen.rows()) seen.row(rows++) = x(theory.rates).transpose();
            return Flow::proceed;
        });
    Matrix rates(rows / parts, populations);
    const Vector weights = simpson_weights();
    for (Eigen::Index bin = 0; bin < rates.rows(); ++bin)
        rates.row(bin) = weights.transpose() * seen.middleRows(bin * parts, parts + 1);
    RateCourses courses{run.status, run.message};
    courses.rates_hz = seen_rates_hz(theory, rates, courses.doubts);
    return courses;
}

}  // namespace cortifold
