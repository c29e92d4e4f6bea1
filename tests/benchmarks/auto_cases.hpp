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

}  // namespace cortifold::benchmarks
