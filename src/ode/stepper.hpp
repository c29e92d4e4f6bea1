#pragma once

#include <cortifold/ode/integrate.hpp>

#include <cmath>
#include <limits>
#include <memory>
#include <string>

namespace cortifold {

/// One integration method under way: takes steps, and knows the state anywhere in the last one.
class Stepper {
public:
    explicit Stepper(const OdeProblem& problem)
        : field_(*problem.field), p_(problem.parameters), t_(problem.t0), x_(problem.initial) {}
    Stepper(const Stepper&) = delete;
    Stepper& operator=(const Stepper&) = delete;
    virtual ~Stepper() = default;

    /// One step, never past t1. A status that is not converged leaves the last good state.
    [[nodiscard]] virtual Status advance() = 0;
    /// The state at a time within the last step.
    virtual void interpolate(double t, Vector& x) = 0;
    [[nodiscard]] virtual long factorizations() const { return 0; }

    [[nodiscard]] double t() const { return t_; }
    [[nodiscard]] const Vector& state() const { return x_; }
    [[nodiscard]] long evaluations() const { return evaluations_; }
    [[nodiscard]] const std::string& message() const { return message_; }  ///< of a library

protected:
    void rhs(ConstVectorRef x, VectorRef dx) {
        ++evaluations_;
        field_.rhs(x, p_, dx);
    }
    /// A shorter step does not move the time reliably.
    [[nodiscard]] double smallest_step() const {
        constexpr double roundings = 16.0;
        return roundings * std::numeric_limits<double>::epsilon() * std::abs(t_) +
               std::numeric_limits<double>::min();
    }

    const VectorField& field_;
    const Vector& p_;
    double t_;
    Vector x_;
    std::string message_;

private:
    long evaluations_ = 0;
};

[[nodiscard]] std::unique_ptr<Stepper> make_cvode(const OdeProblem& problem,
                                                  const OdeOptions& options);
[[nodiscard]] std::unique_ptr<Stepper> make_dormand_prince(const OdeProblem& problem,
                                                           const OdeOptions& options);
[[nodiscard]] std::unique_ptr<Stepper> make_runge_kutta4(const OdeProblem& problem,
                                                         const OdeOptions& options);

}  // namespace cortifold
