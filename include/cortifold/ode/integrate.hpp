#pragma once

#include <cortifold/core/status.hpp>
#include <cortifold/core/vector_field.hpp>

#include <functional>
#include <memory>
#include <string>

namespace cortifold {

/// cvode: variable-order BDF with the exact Jacobian, for stiff fields. dormand_prince: adaptive
/// 5(4) with dense output. runge_kutta4: the classical method with a fixed step.
enum class OdeMethod { cvode, dormand_prince, runge_kutta4 };
[[nodiscard]] std::string_view to_string(OdeMethod method);

struct OdeOptions {
    OdeMethod method = OdeMethod::dormand_prince;
    double relative_tolerance = 1e-8, absolute_tolerance = 1e-10;  ///< of the adaptive methods
    double step = 0.0;  ///< of runge_kutta4, > 0 there; else the first step, 0: chosen
    double output_step =
        0.0;  ///< the observer sees t0, t0 + output_step, ... and the end; 0: every step
    long max_steps = 100'000'000;
    std::function<Flow(double t)> watch{};  ///< asked after every step, however rare the output
    void validate() const;
};

struct OdeProblem {
    std::shared_ptr<const VectorField> field;
    Vector parameters, initial;
    double t0 = 0.0, t1 = 0.0;
};

/// Sees (t, x); may stop the run.
using OdeObserver = std::function<Flow(double t, ConstVectorRef x)>;

struct OdeResult {
    Status status = Status::iteration_limit;
    std::string message = "integrate was not called";
    double t = 0.0;  ///< where it ended
    Vector state;    ///< there
    long steps = 0, evaluations = 0, factorizations = 0;
};

/// Integrates from t0 to t1 > t0. A NaN or a step too small ends it with a status and the last good
/// state.
[[nodiscard]] OdeResult integrate(const OdeProblem& problem, const OdeOptions& options = {},
                                  const OdeObserver& observer = {});

}  // namespace cortifold
