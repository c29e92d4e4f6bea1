#pragma once

#include "step_control.hpp"

#include <memory>
#include <string>
#include <utility>

namespace cortifold {

/// One integration method under way: takes steps, and knows the state anywhere in the last one.
class Stepper {
public:
    Stepper(DrivenField& field, const OdeProblem& problem)
        : field_(field), t_(problem.t0), x_(problem.initial) {}
    Stepper(const Stepper&) = delete;
    Stepper& operator=(const Stepper&) = delete;
    virtual ~Stepper() = default;

    /// One step, never past `stop`. A status that is not converged leaves the last good state.
    [[nodiscard]] virtual Status advance(double stop) = 0;
    /// The state at a time within the last step.
    virtual void interpolate(double t, Vector& x) = 0;
    /// Goes on from a time within the last step, or from its end beyond a discontinuity.
    void restart(double t, const Vector& x) {
        t_ = t;
        x_ = x;
        forget();
    }
    [[nodiscard]] virtual long factorizations() const { return 0; }

    [[nodiscard]] double t_old() const { return t_old_; }  ///< where the last step began
    [[nodiscard]] double t() const { return t_; }
    [[nodiscard]] const Vector& state() const { return x_; }
    [[nodiscard]] const std::string& message() const { return message_; }  ///< of a library

protected:
    /// Whatever was known of the flow before t.
    virtual void forget() = 0;

    DrivenField& field_;
    double t_, t_old_ = 0.0;
    Vector x_;
    std::string message_;
};

[[nodiscard]] std::unique_ptr<Stepper> make_cvode(DrivenField& field, const OdeProblem& problem,
                                                  const OdeOptions& options);
[[nodiscard]] std::unique_ptr<Stepper> make_dormand_prince(DrivenField& field,
                                                           const OdeProblem& problem,
                                                           const OdeOptions& options);
[[nodiscard]] std::unique_ptr<Stepper> make_fixed_step(DrivenField& field,
                                                       const OdeProblem& problem,
                                                       const OdeOptions& options);

}  // namespace cortifold
