#include "verdict.hpp"

#include "branch_verdict.hpp"
#include "compare_report.hpp"
#include "hubs_report.hpp"
#include "lyapunov_report.hpp"
#include "meanfield_report.hpp"
#include "msf_report.hpp"
#include "orbit_report.hpp"
#include "scan_report.hpp"
#include "signal_report.hpp"
#include "spatial_report.hpp"
#include "spectrum_report.hpp"
#include "spike_report.hpp"
#include "wording.hpp"

#include <algorithm>
#include <cmath>

namespace cortifold {
namespace {

// A fitted growth this close to the predicted one confirms it.
constexpr double agreement = 0.05;

std::string motion(const Mode& mode, const TimeUnit& unit) {
    return mode.frequency == 0.0 ? "without oscillation"
                                 : "oscillating at " + unit.frequency(mode.frequency);
}

std::string mode_text(const Mode& mode, const TimeUnit& unit) {
    return "mode " + std::to_string(mode.index) + " (λ = " + number_text(mode.lambda) +
           "), growth " + unit.rate(mode.growth) + ", " + motion(mode, unit);
}

// Only with additive coupling is the sign of lambda that of the input a region gets in a pattern.
std::string wave_length(const Mode& mode, const StoredRun& run) {
    if (text_at(run.manifest, "study.network.coupling.kind") != "additive") {
        return "";
    }
    return mode.lambda.real() < 0.0
               ? " Its λ is negative: strongly connected regions deviate in antiphase, a "
                 "short-wave pattern."
               : " Its λ is positive: strongly connected regions deviate together, a long-wave "
                 "pattern.";
}

std::string transverse_clause(std::size_t unstable, std::size_t all, bool uniform_unstable) {
    const std::string of_all = " of its " + count_text(all, "transverse mode");
    if (unstable == 0) {
        return (uniform_unstable ? ", but none" : ", and none") + of_all + " grows";
    }
    return (uniform_unstable ? ", and " : ", but ") + std::to_string(unstable) + of_all +
           (unstable == 1 ? " grows" : " grow");
}

/// "eq2 " of a step at a label, else nothing.
std::string equilibrium_label(const StoredRun& run, const StepRecord& step) {
    const std::string at = text_at(run.manifest, "study.step." + step.name + ".at");
    return at.empty() || at == "equilibrium" || at == "rest" || at == "cycle" ? "" : at + " ";
}

void dispersion_verdict(const StoredRun& run, const StepRecord& step,
                        std::vector<Sentence>& sentences) {
    const auto modes = read_modes(*step.summary);
    const TimeUnit unit = time_unit_of(run, step);
    std::vector<Mode> transverse;
    std::ranges::copy_if(modes, std::back_inserter(transverse),
                         [](const Mode& mode) { return mode.index > 1; });
    const auto uniform = std::ranges::find(modes, 1, &Mode::index);
    if (uniform == modes.end()) {
        const auto unstable = std::ranges::count(modes, true, &Mode::unstable);
        sentences.push_back({"Of " + count_text(modes.size(), "value") + " of λ asked for, " +
                             std::to_string(unstable) + " let perturbations grow."});
        return;
    }
    const std::string at = equilibrium_label(run, step);
    const auto period = number_at(*step.summary, "period");
    const std::string state = std::string(transverse.empty() ? "The" : "The homogeneous") +
                              (period ? " cycle " : " equilibrium ") + at + "is " +
                              (uniform->unstable ? "unstable" : "stable");
    const std::string rate =
        period ? " (of a period of " + unit.duration(*period) + ")"
               : " (growth " + unit.rate(uniform->growth) + ", " + motion(*uniform, unit) + ")";
    if (transverse.empty()) {
        sentences.push_back({state + rate + "."});
        return;
    }
    const Mode leading = *leading_mode(step);
    const auto unstable = std::ranges::count(transverse, true, &Mode::unstable);
    sentences.push_back({state + " to uniform perturbations" + rate +
                         transverse_clause(static_cast<std::size_t>(unstable), transverse.size(),
                                           uniform->unstable) +
                         (unstable > 0 ? ". The fastest is " : ". The least stable is ") +
                         mode_text(leading, unit) + "." + wave_length(leading, run)});
}

void equilibria_verdict(const StoredRun& run, const StepRecord& step,
                        std::vector<Sentence>& sentences) {
    const auto& equilibria = list_at(*step.summary, "equilibria");
    std::string stable;
    for (const Record& equilibrium : equilibria) {
        if (number_at(equilibrium, "unstable") == 0.0) {
            stable += (stable.empty() ? "" : ", ") + text_at(equilibrium, "label");
        }
    }
    const bool homogeneous = run.network && text_at(*step.summary, "manifold") == "homogeneous";
    const std::string kind = homogeneous ? "homogeneous equilibri" : "equilibri";
    const std::string found = equilibria.empty() ? "No " + kind + "um was found"
                              : equilibria.size() == 1
                                  ? "One " + kind + "um was found"
                                  : std::to_string(equilibria.size()) + " " + kind + "a were found";
    const std::string among = homogeneous ? " among homogeneous states" : "";
    const std::string stability = equilibria.empty() ? ""
                                  : stable.empty()   ? "; none is stable" + among
                                                     : "; stable" + among + ": " + stable;
    sentences.push_back({found + stability + "."});
}

/// Of noise all growing modes take part, none faster than the fastest.
Sentence mixture(double fitted, const Mode& fastest, const TimeUnit& unit) {
    return {
        "The simulation, which no single mode dominates, is in line with the prediction: the "
        "regions drift apart with growth " +
        unit.rate(fitted) + ", as a mixture of modes that grow with at most " +
        unit.rate(fastest.growth) + " may."};
}

Sentence comparison(double fitted, const Mode& predicted, const TimeUnit& unit) {
    const double difference = std::abs(fitted - predicted.growth) / std::abs(predicted.growth);
    const bool agrees = difference <= agreement;
    const std::string percent = number_text(std::ceil(1000.0 * difference) / 10.0) + " %";
    return {std::string("The simulation ") + (agrees ? "confirms" : "departs from") +
                " the prediction: the regions drift apart with growth " + unit.rate(fitted) +
                ", mode " + std::to_string(predicted.index) + " predicts " +
                unit.rate(predicted.growth) +
                (agrees ? "; they agree within " : "; they differ by ") + percent + ".",
            !agrees};
}

void simulation_verdict(const StoredRun& run, const StepRecord& step,
                        std::vector<Sentence>& sentences) {
    const auto initial = number_at(*step.summary, "deviation.initial");
    const auto final = number_at(*step.summary, "deviation.final");
    if (!initial || !final) {
        return;  // of a single node
    }
    const TimeUnit unit = time_unit_of(run, step);
    const auto fitted = number_at(*step.summary, "deviation.growth");
    const bool excited = number_at(*step.summary, "mode").has_value();
    const auto predicted = predicted_mode(run, step);
    std::string rate =
        fitted ? " (growth " + unit.rate(*fitted) + ")" : "; no exponential phase was found to fit";
    if (fitted && predicted && predicted->growth != 0.0) {
        const bool mixed = !excited && *fitted > 0.0 && *fitted < predicted->growth;
        sentences.push_back(mixed ? mixture(*fitted, *predicted, unit)
                                  : comparison(*fitted, *predicted, unit));
        rate.clear();
    }
    sentences.push_back(
        {"In the simulation the relative deviation of the regions from one another "
         "went from " +
         number_text(*initial) + " to " + number_text(*final) + rate + "."});
}

void step_verdict(const StoredRun& run, const StepRecord& step, std::vector<Sentence>& sentences) {
    if (!step.summary) {
        return;
    }
    if (follows_branches(step)) {
        branch_verdict(run, step, sentences);  // a step that stopped early keeps what it found
        return;
    }
    if (!step.succeeded) {
        return;
    }
    if (step.kind == "dispersion") {
        dispersion_verdict(run, step, sentences);
    } else if (step.kind == "equilibria") {
        equilibria_verdict(run, step, sentences);
    } else if (step.kind == "hubs") {
        hubs_verdict(run, step, sentences);
    } else if (step.kind == "lyapunov") {
        lyapunov_verdict(run, step, sentences);
    } else if (step.kind == "msf" && is_along_orbit(step)) {
        orbit_stability_verdict(run, step, sentences);
    } else if (step.kind == "msf") {
        dispersion_verdict(run, step, sentences);
        stability_range_verdict(step, sentences);
    } else if (step.kind == "scan") {
        scan_verdict(step, sentences);
    } else if (step.kind == "signal") {
        signal_verdict(step, sentences);
    } else if (step.kind == "simulate") {
        simulation_verdict(run, step, sentences);
    } else if (step.kind == "meanfield") {
        meanfield_verdict(step, sentences);
    } else if (step.kind == "compare") {
        comparison_verdict(step, sentences);
    } else if (step.kind == "spatial") {
        spatial_verdict(step, sentences);
    } else if (step.kind == "spike") {
        spike_verdict(step, sentences);
    } else if (step.kind == "spectrum") {
        gap_verdict(step, sentences);
    }
}

}  // namespace

std::vector<Sentence> verdict(const StoredRun& run) {
    std::vector<Sentence> sentences;
    for (const StepRecord& step : run.steps) {
        if (!step.succeeded) {
            sentences.push_back({failure_text(step), true});
        }
    }
    for (const StepRecord& step : run.steps) {
        step_verdict(run, step, sentences);
    }
    if (sentences.empty()) {
        sentences.push_back({"No step of this run speaks about stability."});
    }
    return sentences;
}

}  // namespace cortifold
