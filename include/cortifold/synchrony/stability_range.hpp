#pragma once

#include <cortifold/synchrony/master_stability.hpp>

#include <optional>
#include <vector>

namespace cortifold {

/// Where something is looked for on the real line: samples at equal distances, then closer where it
/// is.
struct LineSearch {
    double low = -1.0, high = 1.0;
    int samples = 401;  ///< at least 3: zeros closer to each other than two samples may be missed
    int threads = 1;
    void validate() const;  ///< throws UsageError
};

/// A zero of the growth on the real line of lambda.
struct StabilityBoundary {
    double lambda = 0.0;
    double error = 0.0;  ///< of lambda: what is left of the bracket, and the error of the growth
    Mode mode{};
    Transition transition = Transition::stationary;
    bool rises = false;     ///< below it growth is negative, above it positive; else the reverse
    bool of_phase = false;  ///< the uniform mode of a cycle, whose phase is free: no instability
};

/// All zeros by ascending lambda: changes of sign, and pairs where the growth just passes zero
/// between two samples.
[[nodiscard]] std::vector<StabilityBoundary> stability_boundaries(const MasterStability& state,
                                                                  const LineSearch& search);

/// Synchrony is stable for strengths between these: no transverse mode grows.
struct StableStrengths {
    double low = 0.0, high = 0.0;
    double low_error = 0.0, high_error = 0.0;
    std::optional<Mode> low_mode{}, high_mode{};  ///< what grows beyond an end; none: the search
                                                  ///< ends there
};

/// Ranges of the strength s of a coupling that leaves the state as it is, a diffusive one. `state`
/// is at strength 1, so that s lambda takes the place of lambda; `lambdas` are of the transverse
/// modes, in the order of their index from 2 on.
[[nodiscard]] std::vector<StableStrengths> stable_strengths(const MasterStability& state,
                                                            const ComplexVector& lambdas,
                                                            const LineSearch& search);

}  // namespace cortifold
