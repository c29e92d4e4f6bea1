#pragma once

#include <cortifold/core/context.hpp>
#include <cortifold/ode/integrate.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace cortifold {

/// What a field's states end up on, told from its Lyapunov exponents.
enum class Attractor { equilibrium, cycle, torus, chaos, hyperchaos, undecided };
[[nodiscard]] std::string_view to_string(Attractor attractor);

struct LyapunovProblem {
    std::shared_ptr<const VectorField> field;  ///< noises are held at what the parameters say
    Vector parameters{}, initial{};
    Eigen::Index count = 0;  ///< how many exponents, the largest; 0: all
    double transient = 0.0;  ///< left out first; its second half aligns the tangent vectors
    double duration = 0.0;   ///< averaged over
    double t0 = 0.0;         ///< the time of a field that reads it
    Clock clock = Clock::running;
};

/// Sees how long was averaged, and the exponents so far, in the order of the tangent vectors; may
/// stop the run.
using LyapunovObserver = std::function<Flow(double averaged, ConstVectorRef exponents)>;

struct LyapunovOptions {
    OdeMethod method = OdeMethod::dormand_prince;                  ///< or runge_kutta4
    double relative_tolerance = 1e-8, absolute_tolerance = 1e-10;  ///< of dormand_prince
    double step = 0.0;              ///< of runge_kutta4, > 0 there; else the first step, 0: chosen
    double longest_interval = 0.0;  ///< between orthogonalizations; 0: any that costs few digits
    long max_steps = 100'000'000;
    Context context{};                      ///< results do not depend on its threads
    std::function<Flow(double t)> watch{};  ///< asked after every step; t counts from 0
    LyapunovObserver observer{};            ///< called some hundred times
    void validate() const;
};

struct LyapunovResult {
    Status status = Status::iteration_limit;
    std::string message = "lyapunov_spectrum was not called";
    double duration = 0.0;   ///< averaged over; of a run that failed, till then
    Vector exponents;        ///< in 1/T, decreasing
    Vector standard_errors;  ///< empty where the run was too short to tell
    Vector first_half, second_half;
    double resolution = 0.0;  ///< a smaller exponent may be 0, however small its standard error
    std::optional<double> divergence;  ///< mean trace of f_x, which all exponents together sum to
    /// None: too few exponents were asked for. Without a positive one, those that count as zero
    /// are.
    std::optional<double> kaplan_yorke_dimension;
    Attractor attractor = Attractor::undecided;
    std::string evidence;  ///< for it, in words
    Vector state;          ///< at the end
    long steps = 0, orthogonalizations = 0;
};

/// The largest Lyapunov exponents by the discrete QR method (Benettin et al. 1980, Meccanica 15:9;
/// Dieci & Van Vleck 1995, Appl. Numer. Math. 17:275).
///
/// State and tangent vectors take the same Runge-Kutta steps: the tangent map is the exact
/// derivative of the discrete flow. The state chooses adaptive steps, and where it rests the
/// vectors, whose errors may be a hundred times larger. Vectors are made
/// orthonormal again before their growth into common directions costs more than a few digits; an
/// interval that cost too many is gone through again in shorter ones.
///
/// Standard errors are those of the circular block bootstrap (Politis & Romano 1992) with
/// infinitely many samples, which for a mean has a closed form. Blocks are doubled until the error
/// no longer changes, or they are an eighth of the run.
///
/// An exponent counts as zero where it is at most three standard errors and `resolution`, which is
/// growth by a constant factor over the whole run: as far as that an exponent of zero may be off.
/// Of a field that reads the time, the time's own exponent, 0, is no member of `exponents`, but of
/// the dimension and of the attractor.
///
/// Throws UsageError for a field that jumps, where the tangent flow is not followed, and for a map.
[[nodiscard]] LyapunovResult lyapunov_spectrum(const LyapunovProblem& problem,
                                               const LyapunovOptions& options = {});

/// Kaplan & Yorke 1979: how many of the decreasing exponents of a system with `dimension` of them
/// sum to no less than 0, and the part of the next one that makes the sum 0. None where they would
/// have to go on to tell.
[[nodiscard]] std::optional<double> kaplan_yorke_dimension(ConstVectorRef exponents,
                                                           Eigen::Index dimension);

}  // namespace cortifold
