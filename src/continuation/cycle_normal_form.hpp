#pragma once

#include "cycle_critical.hpp"

namespace cortifold {

// Coefficients of the normal forms on the centre manifolds of critical cycles, from solutions of
// the collocated boundary value problems (Kuznetsov, Govaerts, Doedel & Dhooge 2005, SIAM J. Numer.
// Anal. 43:1407). xi measures the critical perturbation v, tau the time along the cycle.

/// d xi / dt = b xi^2, d tau / dt = 1 - xi: v grows by what the period changes. Of driven cycles
/// v has a mean square of 1 / T over a period.
[[nodiscard]] double fold_of_cycles_coefficient(const CycleCurve& curve, ConstVectorRef z,
                                                const CollocationFacts& at,
                                                const CriticalPerturbation<double>& critical);

/// d xi / dt = c xi^3 with the mean square of v over a period 1 / T: c < 0, and the doubled cycle
/// is stable where the simple one is not.
[[nodiscard]] double period_doubling_coefficient(const CycleCurve& curve, ConstVectorRef z,
                                                 const CollocationFacts& at,
                                                 const CriticalPerturbation<double>& critical);

/// d xi / dt = i omega xi + d xi |xi|^2, v of the same size: Re d. Below 0 the torus is stable
/// where the cycle is not.
[[nodiscard]] double torus_coefficient(const CycleCurve& curve, ConstVectorRef z,
                                       const CollocationFacts& at,
                                       const CriticalPerturbation<std::complex<double>>& critical,
                                       std::complex<double> multiplier);

}  // namespace cortifold
