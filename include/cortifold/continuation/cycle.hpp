#pragma once

#include <cortifold/continuation/continuation.hpp>

#include <array>

namespace cortifold {

/// How cycles are approximated.
enum class CycleMethod {
    collocation,    ///< piecewise polynomials on a mesh that follows the cycle, at Gauss points
    shooting,       ///< multiple: sections of simulated orbit, with their variational equations
    newton_picard,  ///< single shooting that solves for few slow directions (Lust et al. 1998)
    fourier         ///< harmonic balance: trigonometric polynomials, for smooth rhythms
};
[[nodiscard]] std::string_view to_string(CycleMethod method);

/// The period of what drives a field with `time()`: `factor` times the power of a parameter, as in
/// 2 pi / omega.
struct Forcing {
    double factor = 1.0;
    std::optional<std::size_t> parameter{};  ///< none: the factor is the period
    int power = 1;
};

/// At these parameters.
[[nodiscard]] double drive_period(const Forcing& forcing, const Vector& parameters);

struct CycleOptions {
    CycleMethod method = CycleMethod::collocation;
    int degree = 4;           ///< of the polynomials, 2 to 7
    double tolerance = 1e-7;  ///< of the polynomials on each interval, in parts of each state's
                              ///< largest value; period and parameters come out closer
    int min_intervals = 20, max_intervals = 400;
    int sections = 8;    ///< of shooting
    int harmonics = 16;  ///< to begin with
    int threads = 1;
    /// Of a driven field: the period of its cycles, or a part of it. One that starts with about a
    /// multiple of it is followed with that multiple.
    std::optional<Forcing> forcing{};
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

/// The branch through a cycle that was found by any method, with its tangent where that is known.
[[nodiscard]] CurveStart cycles_from_point(const std::shared_ptr<const VectorField>& field,
                                           const Vector& parameters, std::size_t free,
                                           const BranchPoint& cycle,
                                           const CycleOptions& options = {});

/// What leaves a special point of a branch of cycles: the cycle of twice the period at a period
/// doubling, the other cycles at a branch point. The point may be of any method, but a branch point
/// needs the tangent of a profile: it must be of collocation. Throws UsageError.
[[nodiscard]] std::vector<CurveStart> cycles_at(const std::shared_ptr<const VectorField>& field,
                                                const Vector& parameters, std::size_t free,
                                                const SpecialPoint& at,
                                                const CycleOptions& options = {});

/// The curves in two parameters through a fold of cycles, period doubling or torus point of a
/// branch of cycles in the first of them; orbits homoclinic to the saddle that such a branch ends
/// at; the folds of cycles that end at a generalized Hopf point, and the homoclinic orbits that end
/// at a Bogdanov-Takens point, of a curve in both. Empty for other types. These are curves of
/// collocation, whatever the method of the options and of the point.
[[nodiscard]] std::vector<CurveStart> cycle_curves_through(
    const std::shared_ptr<const VectorField>& field, const Vector& parameters,
    const std::array<std::size_t, 2>& free, const SpecialPoint& at,
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
