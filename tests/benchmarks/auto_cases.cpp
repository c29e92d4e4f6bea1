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
// With EPSL = 1e-10 it gives up on the Hopf points after 20 steps.
const std::string curve = R"(
IPS = 1, ISP = 2, ILP = 1, ISW = 2, ICP = [1, 2]
EPSL = 1e-9, EPSU = 1e-9, EPSS = 1e-9, ITMX = 40, ITNW = 7, NWTN = 3, JAC = 0, DSMIN = 1e-6
)";
constexpr int enough_points = 3000;

std::string row_normalized_weights(int regions) {
    const Connectome connectome =
        normalized(generate_connectome({.regions = regions}), Normalization::rows);
    const Eigen::IOFormat exact(Eigen::FullPrecision, Eigen::DontAlignCols);
    std::ostringstream text;
    text << Matrix(connectome.weights).format(exact) << '\n';
    return text.str();
}

AutoCase wilson_cowan_curve(const AutoRun& branch, const std::string& type,
                            const std::string& direction) {
    const auto start = std::ranges::find(branch.labelled, type, &AutoPoint::type);
    if (start == branch.labelled.end()) throw std::runtime_error("AUTO found no " + type);
    return {.equations = "wilson_cowan",
            .constants = curve +
                         "NDIM = 2, RL0 = -4, RL1 = 4, UZSTOP = {2: [-8, 8]}, DSMAX = 0.05\n" +
                         "IRS = " + std::to_string(start->label) + ", DS = " + direction,
            .max_points = enough_points,
            .restart = branch.solutions};
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
            .max_points = enough_points};
}

AutoCase auto_jansen_rit_network() {
    constexpr int regions = 90, points = 5;
    return {.equations = "jansen_rit",
            .constants = equilibria + "NDIM = 540, RL0 = 60, RL1 = 400, DS = 1, DSMAX = 2",
            .max_points = points,
            .weights = row_normalized_weights(regions),
            .repetitions = 1};
}

AutoCase auto_wilson_cowan_folds(const AutoRun& branch) {
    return wilson_cowan_curve(branch, "LP", "0.01");
}

AutoCase auto_wilson_cowan_hopf_points(const AutoRun& branch) {
    return wilson_cowan_curve(branch, "HB", "-0.01");
}

}  // namespace cortifold::benchmarks
