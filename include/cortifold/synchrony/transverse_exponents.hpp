#pragma once

#include <cortifold/synchrony/lyapunov.hpp>

#include <complex>
#include <vector>

namespace cortifold {

/// What becomes of a mode, as far as three standard errors tell.
enum class Fate { grows, decays, undecided };
[[nodiscard]] std::string_view to_string(Fate fate);

/// The largest Lyapunov exponent of perturbations v' = A(lambda, t) v along an orbit of the
/// synchronous state.
struct TransverseExponent {
    std::complex<double> lambda;  ///< coupling eigenvalue
    double growth = 0.0, standard_error = 0.0, first_half = 0.0, second_half = 0.0;  ///< in 1/T
    Fate fate = Fate::undecided;
};

struct TransverseExponentsProblem {
    std::shared_ptr<const HomogeneousField> field;
    Vector parameters{}, initial{};
    ComplexVector lambdas{};
    double transient = 0.0;  ///< left out first; its second half aligns the vectors
    double duration = 0.0;   ///< averaged over
};

struct TransverseResult {
    /// All exponents of the synchronous state itself, those of the uniform lambda; its status and
    /// message are those of the run.
    LyapunovResult uniform{};
    std::vector<TransverseExponent> modes{};  ///< in the order of the lambdas; empty where the run
                                              ///< was too short to tell standard errors
};

/// The master stability function of any attractor, a chaotic one above all (Pecora & Carroll 1998,
/// Phys. Rev. Lett. 80:2109), of all lambdas along one orbit. The state and all perturbations take
/// the same Runge-Kutta steps; since A is affine in lambda, the tangent map of a step is a
/// polynomial of lambda, and those of several steps are multiplied out before any lambda is put in.
///
/// Options, standard errors and what counts as zero are as of `lyapunov_spectrum`; an observer sees
/// the exponents of the uniform mode. Throws UsageError for a field that jumps or is driven.
[[nodiscard]] TransverseResult transverse_exponents(const TransverseExponentsProblem& problem,
                                                    const LyapunovOptions& options = {});

/// Where the growth changes its sign on the real line.
struct ExponentZero {
    double lambda = 0.0, standard_error = 0.0;
    double low = 0.0, high = 0.0;  ///< between these it may be: the nearest lambdas whose fate is
                                   ///< decided, a different one at each
};
/// Of exponents at ascending real lambdas.
[[nodiscard]] std::vector<ExponentZero> zeros_of(const std::vector<TransverseExponent>& line);

}  // namespace cortifold
