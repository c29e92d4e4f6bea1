#pragma once

#include <cortifold/core/status.hpp>
#include <cortifold/core/vector_field.hpp>
#include <cortifold/ode/drive.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cortifold {

/// cvode: variable-order BDF with the exact Jacobian, for stiff fields. dormand_prince: adaptive
/// 5(4) with dense output. runge_kutta4, euler: the classical methods with a fixed step.
/// euler_maruyama: Ito's equation, strong order 1/2, or 1 where the noise is additive.
/// stochastic_heun: Stratonovich's equation (the same where the noise is additive), strong order 1
/// where the noises commute (Rumelin 1982).
enum class OdeMethod {
    cvode,
    dormand_prince,
    runge_kutta4,
    euler,
    euler_maruyama,
    stochastic_heun
};
[[nodiscard]] bool is_stochastic(OdeMethod method);
[[nodiscard]] bool has_fixed_step(OdeMethod method);
[[nodiscard]] std::string_view to_string(OdeMethod method);

struct OdeOptions {
    OdeMethod method = OdeMethod::dormand_prince;
    double relative_tolerance = 1e-8, absolute_tolerance = 1e-10;  ///< of the adaptive methods
    double step = 0.0;  ///< of the methods with a fixed step, > 0 there; else the first step, 0:
                        ///< chosen
    double max_step = 0.0;  ///< of the adaptive methods, 0: any. What is shorter, a pulse in the
                            ///< equations or two events, may be stepped over
    NoiseOptions noise{};   ///< of the stochastic methods
    double output_step =
        0.0;  ///< the observer sees t0, t0 + output_step, ... and the end; 0: every step
    std::optional<double> output_from{};  ///< in place of t0: nothing before it is seen
    long max_steps = 100'000'000;
    std::function<Flow(double t)> watch{};  ///< asked after every step, however rare the output
    /// Told of each jump of the field: which, when, and the state after it.
    std::function<void(std::size_t which, double t, ConstVectorRef x)> on_jump{};
    void validate() const;
};

/// Frozen: the field's time and noises stay the parameters they are.
enum class Clock { running, frozen };

struct OdeProblem {
    std::shared_ptr<const VectorField> field;
    Vector parameters, initial;
    double t0 = 0.0, t1 = 0.0;
    std::vector<Drive> drives{};  ///< move parameters; the field's time and noises need none
    Clock clock = Clock::running;
};

/// Sees time, state and parameters, as time, drives and jumps have moved them; white noise is its
/// mean over the step. May stop the run.
using OdeObserver = std::function<Flow(double t, ConstVectorRef x, ConstVectorRef p)>;

struct OdeResult {
    Status status = Status::iteration_limit;
    std::string message = "integrate was not called";
    double t = 0.0;     ///< where it ended
    Vector state;       ///< there
    Vector parameters;  ///< there, as jumps have left them; drives, time and noises taken off
    long steps = 0, evaluations = 0, factorizations = 0, jumps = 0;
};

/// Integrates from t0 to t1 > t0. Throws UsageError where a method without noise is asked to move
/// noises or random drives.
///
/// Fixed steps end at t0 + k step, and at t1. Where a drive breaks or the field jumps, every method
/// ends a step there and starts anew; a fixed step is cut in parts. The observer sees the state
/// after a jump. Drives have their left limits in the step that ends at their break. Within a step
/// of the stochastic methods, a Brownian path is taken as linear, also in its parts.
///
/// A jump happens where its function, from one side of zero, comes to zero or beyond in the
/// direction of its crossing. The time is a root on the method's interpolant: cubic for
/// runge_kutta4, quadratic for stochastic_heun, linear for euler and euler_maruyama, dense output
/// else. The functions are looked at after each quarter of a step, and those that are at zero also
/// just after its begin: what returns between two looks is not seen. A function at zero, at the
/// start or at any jump, must leave zero before it can cross again. Jumps whose times agree to
/// rounding happen together, in their order; that a jump moves the function of another through zero
/// does not set it off.
///
/// A NaN, a step too small or jumps that pile up (as of a bouncing ball that comes to rest) end the
/// integration with a status and the last good state.
[[nodiscard]] OdeResult integrate(const OdeProblem& problem, const OdeOptions& options = {},
                                  const OdeObserver& observer = {});

}  // namespace cortifold
