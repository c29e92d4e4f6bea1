#include "lyapunov_statistics.hpp"

#include "ode/driven_field.hpp"
#include <cortifold/equilibrium/newton.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>

namespace cortifold {

namespace {

constexpr double most_parts = 512.0;           ///< of a run
constexpr std::size_t fewest_for_errors = 16;  ///< that errors are told from
constexpr Eigen::Index fewest_blocks = 8;
constexpr double settled_change = 0.05;
constexpr double errors_of_zero = 3.0;

/// The standard deviation of the sum of as many terms, drawn in blocks of a length from the series,
/// which has no mean, on a circle.
double bootstrap_error_of_sum(const Vector& series, Eigen::Index length) {
    const Eigen::Index n = series.size();
    double sum = series.head(length).sum(), squares = 0.0;
    for (Eigen::Index start = 0; start < n; ++start) {
        squares += sum * sum;
        sum += series[(start + length) % n] - series[start];
    }
    return std::sqrt(squares / static_cast<double>(length));  // n / length blocks, n starts
}

/// With blocks that are doubled until the error no longer changes. It grows with them where terms
/// follow one another, and falls where they make up for one another.
double error_of_sum(const Vector& series) {
    const Eigen::Index n = series.size(), longest = n / fewest_blocks;
    auto length = static_cast<Eigen::Index>(std::sqrt(static_cast<double>(n)));
    double error = bootstrap_error_of_sum(series, std::min(length, longest));
    while (length < longest) {
        length = std::min(2 * length, longest);
        const double next = bootstrap_error_of_sum(series, length);
        const bool settled = std::abs(next - error) <= settled_change * error;
        error = next;
        if (settled) break;
    }
    return error;
}

}  // namespace

double part_length(double from, double until) {
    return std::max((until - from) / most_parts,
                    time_resolution(std::max(std::abs(from), std::abs(until))));
}

Vector mean_rates(const std::vector<GrowthRecord>& parts, std::size_t first, std::size_t last) {
    Vector growth = Vector::Zero(parts.front().growth.size());
    double duration = 0.0;
    for (std::size_t k = first; k < last; ++k) {
        growth += parts[k].growth;
        duration += parts[k].duration;
    }
    return growth / duration;
}

Vector bootstrap_errors(const std::vector<GrowthRecord>& parts) {
    if (parts.size() < fewest_for_errors) return {};
    const Vector rates = mean_rates(parts, 0, parts.size());
    double duration = 0.0;
    for (const GrowthRecord& part : parts) duration += part.duration;
    Vector errors(rates.size()), series(static_cast<Eigen::Index>(parts.size()));
    for (Eigen::Index j = 0; j < rates.size(); ++j) {
        for (std::size_t k = 0; k < parts.size(); ++k)
            series[static_cast<Eigen::Index>(k)] =
                parts[k].growth[j] - rates[j] * parts[k].duration;
        errors[j] = error_of_sum(series) / duration;
    }
    return errors;
}

double doubt_of_zero(double standard_error, double resolution) {
    return errors_of_zero * standard_error + resolution;
}

void fill_exponents(LyapunovResult& result, const std::vector<GrowthRecord>& parts) {
    const Vector rates = mean_rates(parts, 0, parts.size()), errors = bootstrap_errors(parts);
    std::vector<Eigen::Index> order(static_cast<std::size_t>(rates.size()));
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, std::greater{}, [&](Eigen::Index j) { return rates[j]; });
    const std::size_t half = (parts.size() + 1) / 2;
    result.exponents = rates(order);
    if (errors.size() > 0) result.standard_errors = errors(order);
    result.first_half = mean_rates(parts, 0, half)(order);
    result.second_half = half < parts.size() ? Vector(mean_rates(parts, half, parts.size())(order))
                                             : result.first_half;
    result.resolution = growth_of_zero / result.duration;
}

bool is_at_rest(const VectorField& field, const Vector& parameters, const LyapunovResult& run) {
    constexpr double at_rest = 1e-6;  // relative change of a state
    Vector slope(run.state.size());
    field.rhs(run.state, parameters, slope);
    const Vector scale = run.state.cwiseAbs().cwiseMax(scale_floor(field.states()));
    return (slope * run.duration).cwiseQuotient(scale).cwiseAbs().maxCoeff() <= at_rest;
}

std::string run_message(const LyapunovResult& run, double t) {
    std::ostringstream text;
    switch (run.status) {
        case Status::reached_end: text << "reached the end"; break;
        case Status::stopped_by_observer: text << "stopped"; break;
        case Status::iteration_limit: text << "max_steps is used up"; break;
        case Status::step_too_small:
            text << "the step became too small, the state may blow up,";
            break;
        default: text << "the state or its tangent vectors are not finite beyond here,";
    }
    text << " at t = " << t << " after " << run.steps << " steps";
    if (run.duration == 0.0) text << ", before anything was averaged";
    return text.str();
}

std::optional<double> kaplan_yorke_dimension(ConstVectorRef exponents, Eigen::Index dimension) {
    double sum = 0.0;
    for (Eigen::Index j = 0; j < exponents.size(); ++j) {
        const double next = sum + exponents[j];
        if (next < 0.0) return static_cast<double>(j) + sum / -exponents[j];
        sum = next;
    }
    if (exponents.size() < dimension) return std::nullopt;
    return static_cast<double>(dimension);
}

std::string_view to_string(Attractor attractor) {
    switch (attractor) {
        case Attractor::equilibrium: return "equilibrium";
        case Attractor::cycle: return "cycle";
        case Attractor::torus: return "torus";
        case Attractor::chaos: return "chaos";
        case Attractor::hyperchaos: return "hyperchaos";
        case Attractor::undecided: return "undecided";
    }
    return "unknown";
}

namespace {

/// The exponents by sign, as far as they can be told from zero.
struct Signs {
    Eigen::Index positive = 0, zero = 0, negative = 0;
    Eigen::Index unsteady = 0;  ///< the first whose halves differ in sign, from 1; 0: none
    Vector snapped;             ///< the exponents, those that count as zero set to it
};

Signs count_signs(const LyapunovResult& result) {
    Signs signs;
    signs.snapped = result.exponents;
    for (Eigen::Index j = 0; j < result.exponents.size(); ++j) {
        const double value = result.exponents[j];
        if (std::abs(value) <= doubt_of_zero(result.standard_errors[j], result.resolution)) {
            signs.snapped[j] = 0.0;
            ++signs.zero;
            continue;
        }
        ++(value > 0.0 ? signs.positive : signs.negative);
        const bool steady =
            result.first_half[j] * value > 0.0 && result.second_half[j] * value > 0.0;
        if (!steady && signs.unsteady == 0) signs.unsteady = j + 1;
    }
    return signs;
}

std::string numbers(Eigen::Index count) {
    return count == 1 ? "1 exponent is" : std::to_string(count) + " exponents are";
}

std::string count_evidence(const LyapunovResult& result, const Signs& signs,
                           const AttractorFacts& facts) {
    std::ostringstream text;
    text.precision(4);
    text << numbers(signs.positive) << " positive, " << signs.zero
         << " indistinguishable from zero";
    for (Eigen::Index j = 0, shown = 0; j < signs.snapped.size() && shown < 3; ++j) {
        if (signs.snapped[j] != 0.0) continue;
        text << (shown++ == 0 ? " (" : ", ") << "number " << j + 1 << ": " << result.exponents[j]
             << " +- " << result.standard_errors[j];
    }
    if (signs.zero > 0) text << (signs.zero > 3 ? ", ...)" : ")");
    text << ", " << signs.negative << " negative";
    if (signs.snapped.size() < facts.dimension)
        text << ", " << facts.dimension - signs.snapped.size() << " were not asked for";
    text << "; zero is what is at most 3 standard errors and " << result.resolution;
    if (facts.reads_time) text << "; the time is one more exponent, 0";
    return text.str();
}

struct Finding {
    Attractor attractor;
    std::string reason;  ///< of one that could not be told
};

Finding find_attractor(const Signs& signs, const AttractorFacts& facts) {
    const bool all_known = signs.negative > 0 || signs.snapped.size() == facts.dimension;
    const Eigen::Index zeros = signs.zero + (facts.reads_time ? 1 : 0);
    if (signs.unsteady > 0)
        return {Attractor::undecided, "the halves of the run differ in the sign of exponent " +
                                          std::to_string(signs.unsteady)};
    if (facts.is_at_rest && (signs.positive > 0 || signs.zero > 0))
        return {Attractor::undecided, signs.positive > 0
                                          ? "the state rests at an unstable equilibrium, which is "
                                            "no attractor"
                                          : "the state rests where an exponent is zero"};
    if (signs.positive > 1) return {Attractor::hyperchaos, {}};
    if (signs.positive == 1) {
        if (signs.snapped.size() == 1 && facts.dimension > 1)
            return {Attractor::chaos, "whether more exponents are positive was not asked"};
        if (zeros > 1) return {Attractor::chaos, "a longer run may find more exponents positive"};
        return {Attractor::chaos, {}};
    }
    if (!all_known)
        return {Attractor::undecided, "more exponents are needed, until one is negative"};
    if (zeros == 0) return {Attractor::equilibrium, {}};
    return {zeros == 1 ? Attractor::cycle : Attractor::torus, {}};
}

}  // namespace

void tell_attractor(LyapunovResult& result, const AttractorFacts& facts) {
    if (!succeeded(result.status) || result.standard_errors.size() == 0) {
        result.evidence = succeeded(result.status) ? "the run was too short to tell standard errors"
                                                   : "the run did not reach its end";
        return;
    }
    const Signs signs = count_signs(result);
    Vector of_all(signs.snapped.size() + (facts.reads_time ? 1 : 0));
    // of a cycle or a torus those that are zero must not come out as less; else they are what they
    // are
    of_all.head(signs.snapped.size()) = signs.positive > 0 ? result.exponents : signs.snapped;
    if (facts.reads_time) of_all[of_all.size() - 1] = 0.0;
    std::ranges::sort(of_all, std::greater{});
    result.kaplan_yorke_dimension =
        kaplan_yorke_dimension(of_all, facts.dimension + (facts.reads_time ? 1 : 0));
    const Finding finding = find_attractor(signs, facts);
    result.attractor = finding.attractor;
    result.evidence = (finding.reason.empty() ? "" : finding.reason + "; ") +
                      count_evidence(result, signs, facts);
}

}  // namespace cortifold
