#pragma once

#include <cortifold/continuation/continuation.hpp>

namespace cortifold {

/// How cycles are approximated: by orthogonal collocation, piecewise polynomials of some degree on
/// a mesh that follows the cycle.
struct CycleOptions {
    int degree = 4;           ///< of the polynomials, 2 to 7
    double tolerance = 1e-7;  ///< of the polynomials on each interval, in parts of each state's
                              ///< largest value; period and parameters come out closer
    int min_intervals = 20, max_intervals = 400;
    int threads = 1;
    void validate() const;
};

/// Periodic orbits x' = F(x, p), x(T) = x(0), as a parameter of the field changes. Free parameters
/// of the branch are that one and the period. Throws UsageError where sizes do not fit.
[[nodiscard]] std::shared_ptr<ZeroProblem> cycle_curve(std::shared_ptr<const VectorField> field,
                                                       const Vector& parameters, std::size_t free,
                                                       const CycleOptions& options = {});

/// Where the cycles start that are born at a Hopf point.
[[nodiscard]] CurveStart cycles_from_hopf(const std::shared_ptr<const VectorField>& field,
                                          const Vector& parameters, std::size_t free,
                                          const SpecialPoint& hopf,
                                          const CycleOptions& options = {});

/// A cycle by values at times from 0 to its period, both ends included, a column a time.
struct Orbit {
    Vector times;
    Matrix states;
};
[[nodiscard]] CurveStart cycles_from_orbit(const std::shared_ptr<const VectorField>& field,
                                           const Vector& parameters, std::size_t free,
                                           const Orbit& orbit, const CycleOptions& options = {});

}  // namespace cortifold
