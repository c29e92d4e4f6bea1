#include "auto_comparison.hpp"

#include <cortifold/continuation/equilibrium_curve.hpp>
#include <cortifold/equilibrium/newton.hpp>

#include <cstdio>
#include <ctime>

namespace cortifold::benchmarks {

std::size_t parameter(const VectorField& field, std::string_view name) {
    return index_of(field.parameters(), name, "parameter");
}

Curve curve_of(std::shared_ptr<const VectorField> field, std::string_view name, double low,
               double high) {
    Curve curve{.field = std::move(field)};
    curve.parameters = default_values(curve.field->parameters());
    curve.free = parameter(*curve.field, name);
    curve.parameters[static_cast<Eigen::Index>(curve.free)] = low;
    curve.state =
        find_equilibrium({curve.field, curve.parameters, curve.field->initial(curve.parameters)})
            .state;
    curve.options.bounds = {{low, high}};
    return curve;
}

std::shared_ptr<const VectorField> single_node(std::shared_ptr<const Node> node) {
    Network network;
    network.kinds = {std::move(node)};
    return make_field(network);
}

double seconds_of(Clock clock) {
    timespec now{};
    clock_gettime(clock == Clock::thread ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

Timed time(const std::function<Branch()>& run, int runs, Clock clock) {
    Timed timed;
    for (int k = 0; k < runs; ++k) {
        const double start = seconds_of(clock);
        Branch branch = run();
        const double seconds = seconds_of(clock) - start;
        if (k == 0 || seconds < timed.seconds) timed.seconds = seconds;
        timed.branch = std::move(branch);
    }
    return timed;
}

Timed time_branch(const Curve& curve, double largest_step, int runs) {
    ContinuationOptions options = curve.options;
    options.step.largest = largest_step;
    const auto problem = equilibrium_curve(curve.field, curve.parameters, curve.free);
    const BranchPoint start =
        equilibrium_start(curve.state, curve.parameters[static_cast<Eigen::Index>(curve.free)]);
    return time([&] { return continue_branch(problem, start, options); }, runs);
}

void print_points(const Branch& branch) {
    for (const SpecialPoint& point : branch.special) {
        std::printf("      %s", std::string(to_string(point.type)).c_str());
        for (const double value : point.at.parameters) std::printf("  %.15g", value);
        std::printf("  (error %.1e)\n", point.error);
    }
}

void print_points(const AutoRun& run) {
    for (const AutoPoint& point : run.labelled) {
        if (point.type == "EP" || point.type == "UZ") continue;
        std::printf("      AUTO %s", point.type.c_str());
        for (const auto& [name, value] : point.values)
            if (name.starts_with("PAR") || name == "PERIOD") std::printf("  %.11g", value);
        std::printf("\n");
    }
}

}  // namespace cortifold::benchmarks
