#pragma once

#include <cortifold/core/status.hpp>
#include <cortifold/meanfield/linear_response.hpp>

#include <complex>
#include <functional>
#include <string>
#include <vector>

namespace cortifold {

/// M(lambda) of a real linear system with delays, whose perturbations exp(lambda t) obey
/// y = M(lambda) y. It falls to 0 towards the right.
struct LinearFeedback {
    /// A matrix for each lambda in 1/ms, conjugate at conjugate lambda.
    std::function<std::vector<ComplexMatrix>(const ComplexVector& lambda_per_ms)> matrices;
    /// Rows of M are analytic but for a simple pole at -1 / tau, in the order of rows; empty: they
    /// have none.
    Vector time_constants_ms{};
    /// So they are where Re lambda is above this, 1/ms: 0 or less. M itself may be known further.
    double analytic_above = 0.0;
};

/// That of a LIF network about a state: its effective connectivity, known for
/// Re lambda > -1 / tau_m. Left of the axis transfer functions of little noise have poles where the
/// neurons' own rhythm decays.
[[nodiscard]] LinearFeedback feedback_of(const LifNetwork& network, const WorkingPoint& point,
                                         const TransferOptions& options = {});

/// How many roots of det(1 - M(lambda)) have a positive real part.
struct UnstableRoots {
    Status status = Status::no_theory;
    std::string message = "count_unstable_roots was not called";
    int count = 0;
    /// det(1 - M) was followed up the imaginary axis to here, beyond which the feedback was found
    /// to be weaker than 1.
    double highest_per_ms = 0.0;
    double least_distance = 0.0;  ///< the least |det(1 - M)| seen on the axis: small near onset
};

/// By the principle of the argument (Nyquist 1932): M is analytic on the right and falls to 0, so
/// that the turns of det(1 - M) along the imaginary axis count the roots. Complete, as far as the
/// function is nearly linear between the points it is followed on, which are refined until it is,
/// and the feedback, which is seen over six octaves more, falls on. no_theory where it does not
/// fall below 1; singular_jacobian where a root lies on the axis.
[[nodiscard]] UnstableRoots count_unstable_roots(const LinearFeedback& feedback);

/// A root of det(1 - M(lambda)), an eigenvalue of the linear system.
struct CharacteristicRoot {
    std::complex<double> lambda_per_ms;
    double residual = 0.0;  ///< |det(1 - M)|
    double error = 0.0;     ///< of lambda, 1/ms
    int multiplicity = 1;   ///< above 1: so many roots that are nearer to each other than `error`
};

/// Where roots are sought, 1/ms: real parts from `low` to `high`, imaginary parts from 0 to
/// `frequency`.
struct RootRegion {
    double low = 0.0, high = 1.0, frequency = 1.0;
    void validate() const;  ///< throws UsageError
};

struct CharacteristicRoots {
    Status status = Status::iteration_limit;
    std::string message = "find_characteristic_roots was not called";
    int counted = 0;  ///< those below the real axis with them
    /// Whether the principle of the argument says that there are no more. It cannot where M may
    /// have poles: then a root beside one may be missing.
    bool complete = false;
    /// By descending real part, of conjugate pairs the one above the real axis.
    std::vector<CharacteristicRoot> roots{};
};

/// The roots in the region, each made exact to rounding. singular_jacobian where a root lies on its
/// border; iteration_limit where fewer were found than there are.
[[nodiscard]] CharacteristicRoots find_characteristic_roots(const LinearFeedback& feedback,
                                                            const RootRegion& region);

}  // namespace cortifold
