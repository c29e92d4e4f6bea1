#pragma once

#include "xppaut/program.hpp"
#include <cortifold/model/equation_model.hpp>
#include <cortifold/network/network.hpp>
#include <cortifold/ode/integrate.hpp>

#include <memory>

namespace cortifold {

/// A model text as XPPAUT would run it, with its defaults where the text has none.
class Simulation {
public:
    explicit Simulation(const EquationDefinition& model);

    /// Every step of XPPAUT's; the states start apart from their initial values by `perturbation`.
    [[nodiscard]] Columns run(const Vector& perturbation) const;
    [[nodiscard]] Eigen::Index states() const { return field_->dimension(); }
    /// XPPAUT's formula, step and order of operations are ours: results agree to rounding.
    [[nodiscard]] bool is_same_method() const { return same_method_; }
    [[nodiscard]] double step() const { return step_; }

private:
    std::shared_ptr<const Node> node_;
    std::shared_ptr<const VectorField> field_;
    OdeOptions options_;
    double t0_ = 0.0, t1_ = 0.0, step_ = 0.0;
    bool same_method_ = false;
};

}  // namespace cortifold
