// Equilibria, their bifurcations and curves of them: ours against Debian's auto-07p on the same
// curves, process start left out on both sides. Ours take every event with its normal form, and a
// spectrum at every point; once with default steps and once with steps that give as many points as
// AUTO's largest step does.
#include "auto_cases.hpp"
#include "auto_comparison.hpp"
#include <cortifold/continuation/two_parameter.hpp>
#include <cortifold/io/equation_reader.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/model/registry.hpp>
#include <cortifold/network/network.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <numbers>

namespace cortifold::benchmarks {

namespace {

constexpr double us = 1e-6;

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
