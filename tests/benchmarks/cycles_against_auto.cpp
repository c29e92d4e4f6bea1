// Cycles, their events and curves of these: ours against Debian's auto-07p over the same ranges,
// process start left out on both sides. AUTO has the mesh that makes it about as exact as ours,
// which the errors show: what both find against values known to ten digits or more.
#include "auto_cases.hpp"
#include "auto_comparison.hpp"
#include "support/at_value.hpp"
#include <cortifold/continuation/cycle.hpp>
#include <cortifold/io/equation_reader.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/model/registry.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

namespace cortifold::benchmarks {

namespace {

constexpr double ms = 1e-3;
constexpr int few = 3;  ///< repetitions of what takes long
/// Of our mesh, for errors as small as those of AUTO.
constexpr double as_exact_as_auto = 1e-6, as_exact_as_auto_of_networks = 1e-5;
using Bound = ContinuationOptions::Bound;

enum class Coordinate { parameter, period };

/// A value that is known, and what it is of; a period in the unit of our model.
struct Known {
    std::string what;
    PointType type;
    Coordinate coordinate;
    double value;
};

std::string name_in_auto(PointType type) {
    switch (type) {
        case PointType::fold: return "LP";
        case PointType::hopf: return "HB";
        case PointType::fold_of_cycles: return "LPC";
        default: return "UZ";
    }
}

/// In parts of the value, of what comes nearest to it; NaN where nothing was found.
double error(const Known& known, const std::vector<double>& found) {
    double nearest = std::nan("");
    for (const double value : found)
        if (!(std::abs(nearest - known.value) <= std::abs(value - known.value))) nearest = value;
    return std::abs(nearest / known.value - 1.0);
}

double error(const Known& known, const Branch& branch) {
    std::vector<double> found;
    const auto add = [&](const BranchPoint& point) {
        found.push_back(known.coordinate == Coordinate::period ? point.period
                                                               : point.parameters.front());
    };
    for (const SpecialPoint& special : branch.special)
        if (special.type == known.type) add(special.at);
    if (known.type == PointType::user) {  // AUTO names its ends so, too
        add(branch.points.front());
        add(branch.points.back());
    }
    return error(known, found);
}

double error(const Known& known, const AutoRun& run, double unit) {
    std::vector<double> found;
    for (const AutoPoint& point : run.labelled)
        if (point.type == name_in_auto(known.type))
            found.push_back(known.coordinate == Coordinate::period
                                ? unit * point.values.at("PERIOD")
                                : point.values.at("PAR(1)"));
    return error(known, found);
}

/// What is done one after the other, with the time of all of it.
class Job {
public:
    explicit Job(const char* title) { std::printf("\n%s\n", title); }
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;
    ~Job() {
        std::printf("  whole job: ours %.1f ms", ours_ / ms);
        if (compared_) std::printf(", AUTO %.1f ms: %.1f times ours", auto_ / ms, auto_ / ours_);
        std::printf("\n");
    }

    /// `unit`: of AUTO's time in that of our model.
    void part(const std::string& title, const Timed& ours, const std::optional<AutoRun>& theirs,
              const std::vector<Known>& known, double unit = 1.0) {
        const Branch& branch = ours.branch;
        std::printf("  %s\n      ours: %zu points, %.3f ms each, %.1f ms in all (%s)\n",
                    title.c_str(), branch.points.size(), ours.per_point() / ms, ours.seconds / ms,
                    std::string(to_string(branch.status)).c_str());
        if (theirs)
            std::printf(
                "      AUTO: %d points, %.3f ms each, %.1f ms in all: %.1f and %.1f times ours\n",
                theirs->points, theirs->seconds_per_point() / ms, theirs->seconds / ms,
                theirs->seconds_per_point() / ours.per_point(), theirs->seconds / ours.seconds);
        for (const Known& value : known) {
            std::printf("      error of %s: ours %.0e", value.what.c_str(), error(value, branch));
            if (theirs) std::printf(", AUTO %.0e", error(value, *theirs, unit));
            std::printf("\n");
        }
        ours_ += ours.seconds;
        if (theirs) auto_ += theirs->seconds;
        compared_ = compared_ && theirs;
    }

private:
    double ours_ = 0.0, auto_ = 0.0;
    bool compared_ = true;
};

/// What AUTO makes of another run, if there is one.
template <class Make>
std::optional<AutoRun> run_from(const std::optional<AutoRun>& start, const Make& make) {
    return start ? run_auto(make(*start)) : std::nullopt;
}

/// The cycles that leave the Hopf point of `equilibria` with the lowest parameter.
struct Cycles {
    const Curve& equilibria;
    const Branch& branch;
    Bound range;
    double longest = std::numeric_limits<double>::infinity();
    std::vector<double> values{};  ///< of the parameter, at which points are found

    [[nodiscard]] Branch follow(const CycleOptions& options = {}) const {
        const auto hopf = std::ranges::find(branch.special, PointType::hopf, &SpecialPoint::type);
        const CurveStart start = cycles_from_hopf(equilibria.field, equilibria.parameters,
                                                  equilibria.free, *hopf, options);
        ContinuationOptions along{.bounds = {range, {0.0, longest}}, .direction = start.way};
        for (const double value : values) along.tests.push_back(std::make_shared<AtValue>(value));
        return continue_branch(start.problem, start.point, along);
    }
};

Timed timed(const Cycles& cycles, const CycleOptions& options, int runs = few) {
    return time([&] { return cycles.follow(options); }, runs);
}

/// By the clock, what two threads leave of the time of one.
void print_threads(const Cycles& cycles, const std::optional<AutoCase>& task, int runs = few) {
    const auto ours = [&](int threads) {
        return time(
                   [&] {
                       return cycles.follow({.tolerance = as_exact_as_auto, .threads = threads});
                   },
                   runs, Clock::wall)
            .seconds;
    };
    std::printf("      two threads take %.2f of the time of one", ours(2) / ours(1));
    if (task) {
        const auto elapsed = [&](int threads) {
            AutoCase with = *task;
            with.threads = threads;
            const auto run = run_auto(with);
            return run ? run->elapsed : std::nan("");
        };
        std::printf(", with AUTO %.2f", elapsed(2) / elapsed(1));
    }
    std::printf("\n");
}

std::shared_ptr<const VectorField> jansen_rit_in_unison(double strength) {
    Network network;
    network.kinds = {find_model("jansen_rit").make()};
    network.links = default_links(*network.kinds.front());
    network.strength = strength;
    return make_homogeneous_field(network);
}

/// Values of reference/neural_masses.json: folds in closed form, cycles by shooting.
void compare_published_job() {
    constexpr double strength = 50.0, longest_period_s = 100.0;
    const std::vector<Known> events{
        {"the upper fold", PointType::fold, Coordinate::parameter, 84.68412049291744},
        {"the lower fold", PointType::fold, Coordinate::parameter, -146.5951587816462},
        {"the Hopf point", PointType::hopf, Coordinate::parameter, 329.480494671}};
    const std::vector<Known> periods{
        {"the period at p = 230", PointType::user, Coordinate::period, 0.11894368964337},
        {"the period at p = 120", PointType::user, Coordinate::period, 0.26782080392}};
    const Curve nodes = curve_of(jansen_rit_in_unison(strength), "p", -300.0, 500.0);
    const Timed equilibria = time_branch(nodes);
    const Cycles cycles{
        nodes, equilibria.branch, nodes.options.bounds.front(), longest_period_s, {120.0, 230.0}};
    const Timed ours = timed(cycles, {.tolerance = as_exact_as_auto});
    constexpr AutoMesh mesh{.intervals = 50};
    {
        Job job("Jansen-Rit nodes in unison, 6 unknowns, as AUTO does it best");
        const auto theirs = run_auto(auto_coupled_jansen_rit(strength));
        job.part("equilibria", equilibria, theirs, events);
        const auto task = [&](const AutoRun& branch) {
            return auto_jansen_rit_cycles(branch, mesh, longest_period_s);
        };
        job.part("cycles up to a period of 100 s", ours, run_from(theirs, task), periods,
                 auto_jansen_rit_unit_s);
        print_threads(cycles, theirs ? std::optional(task(*theirs)) : std::nullopt);
    }
    Job job("The same with the constants that were published for AUTO");
    const auto theirs = run_auto(auto_coupled_jansen_rit(strength, 1.0));
    job.part("equilibria", equilibria, theirs, events);
    job.part("cycles up to a period of 100 s", ours,
             run_from(theirs,
                      [&](const AutoRun& branch) {
                          return auto_published_jansen_rit_cycles(branch, longest_period_s);
                      }),
             periods);
}

/// Values of reference/continuation.json by shooting.
void compare_hodgkin_huxley() {
    const std::string models = CORTIFOLD_MODELS;
    const Curve axon = curve_of(single_node(make_equation_node(read_equation_model(
                                    models + "/hodgkin_huxley/hodgkin_huxley.ode"))),
                                "I", -1.0, 200.0);
    const Timed equilibria = time_branch(axon);
    const Cycles cycles{axon, equilibria.branch, {0.0, 150.0}, 1e9, {10.0}};
    constexpr AutoMesh mesh{.intervals = 100};
    Job job("Hodgkin-Huxley, 4 unknowns, as text");
    const auto theirs = run_auto(auto_hodgkin_huxley());
    job.part("equilibria", equilibria, theirs,
             {{"the first Hopf point", PointType::hopf, Coordinate::parameter, 9.77933799539313},
              {"the second", PointType::hopf, Coordinate::parameter, 154.526333665808}});
    const auto task = [&](const AutoRun& branch) {
        return auto_hodgkin_huxley_cycles(branch, mesh);
    };
    job.part("cycles up to I = 150", timed(cycles, {.tolerance = as_exact_as_auto}),
             run_from(theirs, task),
             {{"the fold beside the Hopf point", PointType::fold_of_cycles, Coordinate::parameter,
               7.8462471201907675},
              {"the fold to stable cycles", PointType::fold_of_cycles, Coordinate::parameter,
               6.264221274514092},
              {"the period at I = 10", PointType::user, Coordinate::period, 14.638324788661901}});
    print_threads(cycles, theirs ? std::optional(task(*theirs)) : std::nullopt);
}

/// Where the curve leaves the range: AUTO's eleven digits on a mesh twice as fine as here.
void compare_folds_of_cycles() {
    constexpr double fold_at_140 = 180.43422465, fold_at_133 = 120.25236365;
    constexpr double longest_period_s = 0.3;
    constexpr Bound contacts{133.0, 140.0};
    const Curve node = curve_of(single_node(find_model("jansen_rit").make()), "p", -100.0, 400.0);
    const Timed equilibria = time_branch(node);
    const Cycles cycles{node, equilibria.branch, node.options.bounds.front(), longest_period_s};
    const Timed ours = timed(cycles, {.tolerance = as_exact_as_auto});
    constexpr AutoMesh mesh{.intervals = 50};
    Job job("Jansen-Rit, 6 unknowns, folds of cycles in two parameters");
    const auto branch = run_auto(auto_coupled_jansen_rit(0.0));
    const auto theirs = run_from(branch, [&](const AutoRun& run) {
        return auto_jansen_rit_cycles(run, mesh, longest_period_s);
    });
    job.part("cycles up to a period of 0.3 s", ours, theirs, {}, auto_jansen_rit_unit_s);
    const auto start =
        run_from(theirs, [&](const AutoRun& run) { return auto_jansen_rit_fold_start(run, mesh); });
    const auto fold =
        std::ranges::find(ours.branch.special, PointType::fold_of_cycles, &SpecialPoint::type);
    const auto along = [&](Direction direction) {
        return time(
            [&] {
                const auto starts = cycle_curves_through(node.field, node.parameters,
                                                         {node.free, parameter(*node.field, "C")},
                                                         *fold, {.tolerance = as_exact_as_auto});
                return continue_branch(
                    starts.front().problem, starts.front().point,
                    {.bounds = {node.options.bounds.front(), contacts, {0.0, longest_period_s}},
                     .direction = direction});
            },
            few);
    };
    const auto auto_along = [&](bool increasing) {
        auto run = run_from(start, [&](const AutoRun& from) {
            return auto_jansen_rit_folds(from, mesh, increasing);
        });
        if (run && increasing) run->seconds += start->seconds;
        return run;
    };
    job.part("folds of cycles up to C = 140, with the start", along(Direction::increasing),
             auto_along(true),
             {{"p at the end", PointType::user, Coordinate::parameter, fold_at_140}});
    job.part("folds of cycles down to C = 133", along(Direction::decreasing), auto_along(false),
             {{"p at the end", PointType::user, Coordinate::parameter, fold_at_133}});
}

/// All nodes alike, so that the period is that of one in unison.
void compare_network() {
    Network nodes;
    nodes.kinds = {find_model("jansen_rit").make()};
    nodes.connectomes = {normalized(generate_connectome({.regions = 10}), Normalization::rows)};
    nodes.links = default_links(*nodes.kinds.front());
    nodes.strength = 50.0;
    Curve network = curve_of(make_field(nodes), "p", 340.0, 400.0);
    network.options.bounds = {{300.0, 400.0}};
    network.options.direction = Direction::decreasing;
    network.options.stop_after = 1;
    const Timed equilibria = time_branch(network, StepOptions{}.largest, 1);
    const Cycles cycles{network, equilibria.branch, {230.0, 400.0}};
    constexpr AutoMesh mesh{.intervals = 20};
    const std::vector<Known> known{
        {"the period at p = 230", PointType::user, Coordinate::period, 0.11894368964337}};
    const auto branch = run_auto(auto_small_jansen_rit_network());
    const auto task = [&](const AutoRun& run) { return auto_network_cycles(run, mesh); };
    const auto theirs = run_from(branch, task);
    for (const CycleMethod method : {CycleMethod::collocation, CycleMethod::shooting,
                                     CycleMethod::newton_picard, CycleMethod::fourier}) {
        const std::string title = "10 Jansen-Rit nodes, 60 unknowns, by ";
        Job job((title + std::string(to_string(method))).c_str());
        job.part("cycles down to p = 230",
                 timed(cycles, {.method = method, .tolerance = as_exact_as_auto_of_networks}, 1),
                 theirs, known, auto_jansen_rit_unit_s);
    }
    print_threads(cycles, branch ? std::optional(task(*branch)) : std::nullopt, 1);
}

}  // namespace
}  // namespace cortifold::benchmarks

int main() {
    cortifold::use_one_blas_thread();
    try {
        cortifold::benchmarks::compare_published_job();
        cortifold::benchmarks::compare_hodgkin_huxley();
        cortifold::benchmarks::compare_folds_of_cycles();
        cortifold::benchmarks::compare_network();
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "%s\n", problem.what());
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
