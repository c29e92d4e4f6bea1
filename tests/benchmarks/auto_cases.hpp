#pragma once

#include "auto_runner.hpp"

namespace cortifold::benchmarks {

// Curves for AUTO, with its own detection of folds, Hopf and branch points on, steps of its
// manual's kind, and tolerances as tight as it bears: it must not be faster by being less exact.

[[nodiscard]] AutoCase auto_wilson_cowan();    ///< equilibria, P = PAR(1) from 0 to 4
[[nodiscard]] AutoCase auto_hodgkin_huxley();  ///< equilibria, I = PAR(1) from 0 to 200
[[nodiscard]] AutoCase auto_jansen_rit();      ///< equilibria, p = PAR(1) from -50 to 400

/// Equilibria of 90 Jansen-Rit nodes on the synthetic connectome, additively coupled with row sums
/// 1 and strength 20: 540 unknowns, a few points from p = PAR(1) = -50.5 on.
[[nodiscard]] AutoCase auto_jansen_rit_network();

// In P = PAR(1) and Q = PAR(2), from the first such point of the branch; throws std::runtime_error
// where it has none.
[[nodiscard]] AutoCase auto_wilson_cowan_folds(const AutoRun& branch);        ///< to Q = -8
[[nodiscard]] AutoCase auto_wilson_cowan_hopf_points(const AutoRun& branch);  ///< falling Q

// Cycles, each from the only Hopf point of a branch or that with the lowest parameter. Where AUTO
// gains by it, the Jacobian is by hand, and Jansen and Rit's time is in 1/a, velocities in mV per
// that time.

constexpr double auto_jansen_rit_unit_s = 0.01;  ///< 1/a

/// How finely cycles are resolved: NTST intervals, the step EPSL = EPSU that ends the iterations,
/// and that which ends the search for an event, EPSS.
struct AutoMesh {
    int intervals = 100;
    double tolerance = 1e-8, event_tolerance = 1e-9;
};

/// Equilibria with a coupling of the node to itself, p = PAR(1) from -300 to 500, time in `unit_s`.
[[nodiscard]] AutoCase auto_coupled_jansen_rit(double strength,
                                               double unit_s = auto_jansen_rit_unit_s);
/// Ends at this period in s; values are found at p = 230 and 120.
[[nodiscard]] AutoCase auto_jansen_rit_cycles(const AutoRun& equilibria, const AutoMesh& mesh,
                                              double longest_period_s);
/// Of equilibria with unit_s = 1, with the constants published by Clusella et al. (NTST = 100,
/// NCOL = 7), but DSMAX = 2 where they have 0.1, with which it takes hours.
[[nodiscard]] AutoCase auto_published_jansen_rit_cycles(const AutoRun& equilibria,
                                                        double longest_period_s);
/// Up to I = PAR(1) = 150; values are found at 10.
[[nodiscard]] AutoCase auto_hodgkin_huxley_cycles(const AutoRun& equilibria, const AutoMesh& mesh);

/// What AUTO starts folds of cycles with, from the first one of a branch of cycles.
[[nodiscard]] AutoCase auto_jansen_rit_fold_start(const AutoRun& branch, const AutoMesh& mesh);
/// In p = PAR(1) and C = PAR(3), until C is 140 or 133.
[[nodiscard]] AutoCase auto_jansen_rit_folds(const AutoRun& start, const AutoMesh& mesh,
                                             bool increasing);

/// Equilibria of 10 Jansen-Rit nodes coupled as the 90 above, with strength 50: 60 unknowns, from
/// p = 340 down past the Hopf point where all nodes begin to oscillate in unison.
[[nodiscard]] AutoCase auto_small_jansen_rit_network();
/// Down to p = 230.
[[nodiscard]] AutoCase auto_network_cycles(const AutoRun& equilibria, const AutoMesh& mesh);

}  // namespace cortifold::benchmarks
