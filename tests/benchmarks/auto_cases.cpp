#include "auto_cases.hpp"

#include <cortifold/network/connectome.hpp>

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace cortifold::benchmarks {

namespace {

// With its default of ITMX AUTO misses events. A Jacobian by hand (JAC = 1) would save it at most a
// few per cent: most of its time goes into elimination, eigenvalues and printing.
const std::string equilibria = R"(
IPS = 1, ISP = 2, ILP = 1, ICP = [1]
EPSL = 1e-10, EPSU = 1e-10, EPSS = 1e-9, ITMX = 40, ITNW = 7, NWTN = 3, JAC = 0, DSMIN = 1e-6
)";
const std::string cycles = R"(
IPS = 2, ISP = 2, ILP = 1, ICP = [1, 11]
ITMX = 20, ITNW = 7, NWTN = 3, JAC = 1, NCOL = 4, IAD = 3, DSMIN = 1e-6
)";
// It looks for no bifurcations along these, which would take it time for what it cannot name.
const std::string cycle_folds = R"(
IPS = 2, ISP = 0, ILP = 0, ISW = 2, ICP = [1, 3, 11]
ITMX = 20, ITNW = 7, NWTN = 3, JAC = 1, NCOL = 4, IAD = 3, DSMIN = 1e-6, DSMAX = 5
)";
// With EPSL = 1e-10 it gives up on the Hopf points after 20 steps.
const std::string curve = R"(
IPS = 1, ISP = 2, ILP = 1, ISW = 2, ICP = [1, 2]
EPSL = 1e-9, EPSU = 1e-9, EPSS = 1e-9, ITMX = 40, ITNW = 7, NWTN = 3, JAC = 0, DSMIN = 1e-6
)";
constexpr int enough_points = 5000;
/// y1 - y2 of Jansen and Rit's lowest equilibria, in mV.
constexpr double below_all_events = -3.53;

/// What jansen_rit.f90 reads: y1 - y2 at the start, the strength of the coupling, and its weights.
std::string coupled(double difference, double strength, const std::string& weights = "1") {
    return std::to_string(difference) + ' ' + std::to_string(strength) + '\n' + weights + '\n';
}

std::string row_normalized_weights(int regions) {
    const Connectome connectome =
        normalized(generate_connectome({.regions = regions}), Normalization::rows);
    const Eigen::IOFormat exact(Eigen::FullPrecision, Eigen::DontAlignCols);
    std::ostringstream text;
    text << Matrix(connectome.weights).format(exact);
    return text.str();
}

/// A case that starts at the first such point of a run.
AutoCase from(const AutoRun& run, const std::string& type, const std::string& equations,
              const std::string& constants) {
    const auto start = std::ranges::find(run.labelled, type, &AutoPoint::type);
    if (start == run.labelled.end()) throw std::runtime_error("AUTO found no " + type);
    return {.equations = equations,
            .constants = constants + "\nIRS = " + std::to_string(start->label),
            .max_points = enough_points,
            .restart = run.solutions};
}

AutoCase wilson_cowan_curve(const AutoRun& branch, const std::string& type,
                            const std::string& direction) {
    return from(branch, type, "wilson_cowan",
                curve + "NDIM = 2, RL0 = -4, RL1 = 4, UZSTOP = {2: [-8, 8]}, DSMAX = 0.05, DS = " +
                    direction);
}

/// AUTO prints points alone, as it does fastest.
AutoCase on_mesh(AutoCase task, const AutoMesh& mesh) {
    std::ostringstream constants;
    constants << ", NTST = " << mesh.intervals << ", EPSL = " << mesh.tolerance
              << ", EPSU = " << mesh.tolerance << ", EPSS = " << mesh.event_tolerance;
    task.constants += constants.str();
    task.output = AutoOutput::branch;
    task.repetitions = 3;
    return task;
}

}  // namespace

AutoCase auto_wilson_cowan() {
    return {.equations = "wilson_cowan",
            .constants = equilibria + "NDIM = 2, RL0 = -1, RL1 = 4, DS = 0.01, DSMAX = 0.02",
            .max_points = enough_points};
}

AutoCase auto_hodgkin_huxley() {
    return {.equations = "hodgkin_huxley",
            .constants = equilibria + "NDIM = 4, RL0 = -1, RL1 = 200, DS = 0.1, DSMAX = 1",
            .max_points = enough_points};
}

AutoCase auto_jansen_rit() {
    return {.equations = "jansen_rit",
            .constants = equilibria + "NDIM = 6, RL0 = -60, RL1 = 400, DS = 0.1, DSMAX = 2",
            .max_points = enough_points,
            .input = coupled(below_all_events, 0.0)};
}

AutoCase auto_jansen_rit_network() {
    constexpr int regions = 90, points = 5;
    constexpr double between_events = 7.3, strength = 20.0;  // p = 114.5
    return {.equations = "jansen_rit",
            .constants = equilibria + "NDIM = 540, RL0 = 60, RL1 = 400, DS = 1, DSMAX = 2",
            .max_points = points,
            .input = coupled(between_events, strength, row_normalized_weights(regions)),
            .repetitions = 1};
}

AutoCase auto_wilson_cowan_folds(const AutoRun& branch) {
    return wilson_cowan_curve(branch, "LP", "0.01");
}

AutoCase auto_wilson_cowan_hopf_points(const AutoRun& branch) {
    return wilson_cowan_curve(branch, "HB", "-0.01");
}

AutoCase auto_coupled_jansen_rit(double strength, double unit_s) {
    return {.equations = "jansen_rit",
            .constants = equilibria +
                         "NDIM = 6, RL0 = -300, RL1 = 500, DS = 0.1, DSMAX = 2, PAR = {4: " +
                         std::to_string(unit_s) + "}",
            .max_points = enough_points,
            .input = coupled(below_all_events, strength)};
}

AutoCase auto_jansen_rit_cycles(const AutoRun& equilibria, const AutoMesh& mesh,
                                double longest_period_s) {
    return on_mesh(
        from(equilibria, "HB", "jansen_rit",
             cycles + "NDIM = 6, DS = -0.1, DSMAX = 5, UZR = {1: [120, 230]}, " + "UZSTOP = {11: " +
                 std::to_string(longest_period_s / auto_jansen_rit_unit_s) + "}"),
        mesh);
}

AutoCase auto_published_jansen_rit_cycles(const AutoRun& equilibria, double longest_period_s) {
    constexpr AutoMesh published{.intervals = 100, .tolerance = 1e-7, .event_tolerance = 1e-5};
    AutoCase task =
        on_mesh(from(equilibria, "HB", "jansen_rit",
                     "IPS = 2, ISP = 2, ILP = 1, ICP = [1, 11], NDIM = 6, NCOL = 7, IAD = 3\n"
                     "ITMX = 8, ITNW = 7, NWTN = 3, JAC = 1, DS = 0.01, DSMIN = 1e-5, DSMAX = 2\n"
                     "UZR = {1: [120, 230]}, UZSTOP = {11: " +
                         std::to_string(longest_period_s) + "}"),
                published);
    task.repetitions = 1;
    return task;
}

AutoCase auto_hodgkin_huxley_cycles(const AutoRun& equilibria, const AutoMesh& mesh) {
    return on_mesh(from(equilibria, "HB", "hodgkin_huxley",
                        cycles + "NDIM = 4, DS = -0.1, DSMAX = 20, UZR = {1: 10}, "
                                 "UZSTOP = {1: 150}"),
                   mesh);
}

AutoCase auto_jansen_rit_fold_start(const AutoRun& branch, const AutoMesh& mesh) {
    AutoCase task =
        on_mesh(from(branch, "LPC", "jansen_rit", cycle_folds + "NDIM = 6, DS = 0.1"), mesh);
    task.whole = true;  // AUTO sets NMX by itself
    return task;
}

AutoCase auto_jansen_rit_folds(const AutoRun& start, const AutoMesh& mesh, bool increasing) {
    return on_mesh(from(start, "EP", "jansen_rit",
                        cycle_folds + "NDIM = 6, UZSTOP = {3: [133, 140]}, DS = " +
                            (increasing ? "0.1" : "-0.1")),
                   mesh);
}

AutoCase auto_small_jansen_rit_network() {
    constexpr int regions = 10;
    constexpr double above_all_events = 9.8, strength = 50.0;  // p = 339.8
    return {.equations = "jansen_rit",
            .constants = equilibria +
                         "NDIM = 60, RL0 = 300, RL1 = 400, DS = -0.1, DSMAX = 2, PAR = {4: " +
                         std::to_string(auto_jansen_rit_unit_s) + "}, JAC = 1",
            .max_points = enough_points,
            .input = coupled(above_all_events, strength, row_normalized_weights(regions))};
}

AutoCase auto_network_cycles(const AutoRun& equilibria, const AutoMesh& mesh) {
    AutoCase task = on_mesh(from(equilibria, "HB", "jansen_rit",
                                 cycles + "NDIM = 60, DS = 0.1, DSMAX = 20, UZSTOP = {1: 230}"),
                            mesh);
    task.input = auto_small_jansen_rit_network().input;
    task.repetitions = 1;
    return task;
}

}  // namespace cortifold::benchmarks
