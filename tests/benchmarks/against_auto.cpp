// Equilibria, their bifurcations and curves of them: ours against Debian's auto-07p on the same
// curves, process start left out on both sides. Ours take every event with its normal form, and a
// spectrum at every point; once with default steps and once with steps that give as many points as
// AUTO's largest step does.
#include "auto_cases.hpp"
#include <cortifold/continuation/equilibrium_curve.hpp>
#include <cortifold/continuation/two_parameter.hpp>
#include <cortifold/equilibrium/newton.hpp>
#include <cortifold/io/equation_reader.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/model/registry.hpp>
#include <cortifold/network/network.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <numbers>

namespace cortifold::benchmarks {

namespace {

constexpr double us = 1e-6;
constexpr int repetitions = 7;

struct Curve {
    std::shared_ptr<const VectorField> field{};
    Vector parameters{}, state{};
    std::size_t free = 0;
    ContinuationOptions options{};
};

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

struct Timed {
    double seconds = 0.0;
    Branch branch;
    [[nodiscard]] double per_point() const {
        return seconds / static_cast<double>(branch.points.size() - 1);
    }
};

/// Of this thread, which is the one that works: others wait for it in vain for a while.
double processor_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

Timed time(const std::function<Branch()>& run, int runs = repetitions) {
    Timed timed;
    for (int k = 0; k < runs; ++k) {
        const double start = processor_seconds();
        Branch branch = run();
        const double seconds = processor_seconds() - start;
        if (k == 0 || seconds < timed.seconds) timed.seconds = seconds;
        timed.branch = std::move(branch);
    }
    return timed;
}

Timed time_branch(const Curve& curve, double largest_step = StepOptions{}.largest,
                  int runs = repetitions) {
    ContinuationOptions options = curve.options;
    options.step.largest = largest_step;
    const auto problem = equilibrium_curve(curve.field, curve.parameters, curve.free);
    const BranchPoint start =
        equilibrium_start(curve.state, curve.parameters[static_cast<Eigen::Index>(curve.free)]);
    return time([&] { return continue_branch(problem, start, options); }, runs);
}

Timed time_curve(const Curve& curve, const SpecialPoint& from, std::string_view second,
                 double largest_step = StepOptions{}.largest) {
    ContinuationOptions options = curve.options;
    options.step.largest = largest_step;
    Bifurcation at{from.type, from.at.z.head(curve.state.size()), curve.parameters,
                   2.0 * std::numbers::pi * from.frequency};
    at.parameters[static_cast<Eigen::Index>(curve.free)] = from.at.parameters.front();
    const auto starts =
        curves_through(curve.field, at, {curve.free, parameter(*curve.field, second)});
    return time(
        [&] { return continue_branch(starts.front().problem, starts.front().point, options); });
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
            if (name.starts_with("PAR")) std::printf("  %.11g", value);
        std::printf("\n");
    }
}

/// AUTO with its default output, with the eigenvalues alone, which we have, too, and with neither.
std::optional<AutoRun> compare(const char* title, const std::vector<Timed>& ours, AutoCase task) {
    std::printf("\n%s\n", title);
    for (const Timed& timed : ours)
        std::printf("  ours: %zu points, %.2f us each, %.3f ms in all\n",
                    timed.branch.points.size(), timed.per_point() / us, timed.seconds * 1e3);
    print_points(ours.front().branch);
    const auto time_auto = [&](AutoOutput output, const char* prints) {
        task.output = output;
        const auto run = run_auto(task);
        if (run)
            std::printf("  AUTO, %s: %d points, %.2f us each, %.3f ms in all: %.1f times ours\n",
                        prints, run->points, run->seconds_per_point() / us, run->seconds * 1e3,
                        run->seconds_per_point() / ours.back().per_point());
        return run;
    };
    const auto regular = time_auto(AutoOutput::regular, "as it comes");
    if (!regular) return regular;
    time_auto(AutoOutput::eigenvalues, "printing eigenvalues");
    time_auto(AutoOutput::branch, "printing points alone");
    print_points(*regular);
    return regular;
}

void compare_all() {
    const std::string models = CORTIFOLD_MODELS;
    const Curve jansen_rit =
        curve_of(single_node(find_model("jansen_rit").make()), "p", -60.0, 400.0);
    compare("Jansen-Rit, 6 unknowns",
            {time_branch(jansen_rit), time_branch(jansen_rit, 2.0 / 460.0)}, auto_jansen_rit());
    const Curve hodgkin_huxley = curve_of(single_node(make_equation_node(read_equation_model(
                                              models + "/hodgkin_huxley/hodgkin_huxley.ode"))),
                                          "I", -1.0, 200.0);
    compare("Hodgkin-Huxley, 4 unknowns, as text",
            {time_branch(hodgkin_huxley), time_branch(hodgkin_huxley, 1.0 / 201.0)},
            auto_hodgkin_huxley());
    Curve wilson_cowan = curve_of(single_node(find_model("wilson_cowan").make()), "P", -1.0, 4.0);
    const Timed branch = time_branch(wilson_cowan);
    const auto found =
        compare("Wilson-Cowan, 2 unknowns", {branch, time_branch(wilson_cowan, 0.02 / 5.0)},
                auto_wilson_cowan());
    if (!found) return;
    wilson_cowan.options.bounds = {{-4.0, 4.0}, {-8.0, 8.0}};
    const auto first = [&](PointType type) {
        return *std::ranges::find(branch.branch.special, type, &SpecialPoint::type);
    };
    constexpr double as_auto = 0.03;  // as many points as AUTO takes
    compare("Wilson-Cowan, folds in two parameters",
            {time_curve(wilson_cowan, first(PointType::fold), "Q"),
             time_curve(wilson_cowan, first(PointType::fold), "Q", as_auto)},
            auto_wilson_cowan_folds(*found));
    compare("Wilson-Cowan, Hopf points in two parameters",
            {time_curve(wilson_cowan, first(PointType::hopf), "Q"),
             time_curve(wilson_cowan, first(PointType::hopf), "Q", as_auto)},
            auto_wilson_cowan_hopf_points(*found));
}

void compare_networks() {
    constexpr int points = 15;
    // No event of the network lies between: AUTO takes half a second a point.
    constexpr double strength = 20.0, first_p = 114.5, last_p = 254.5;
    Network nodes;
    nodes.kinds = {find_model("jansen_rit").make()};
    nodes.connectomes = {normalized(generate_connectome({.regions = 90}), Normalization::rows)};
    nodes.links = default_links(*nodes.kinds.front());
    nodes.strength = strength;
    Curve network = curve_of(make_field(nodes), "p", first_p, last_p);
    network.options.max_points = points;
    network.options.direction = Direction::increasing;
    compare("90 Jansen-Rit nodes, 540 unknowns",
            {time_branch(network, 2.0 / (last_p - first_p), 3)}, auto_jansen_rit_network());
}

}  // namespace
}  // namespace cortifold::benchmarks

int main() {
    cortifold::use_one_blas_thread();
    cortifold::benchmarks::compare_all();
    cortifold::benchmarks::compare_networks();
    return EXIT_SUCCESS;
}
