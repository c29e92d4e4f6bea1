#include "newton_iteration.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <sstream>
#include <utility>

namespace cortifold {

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
/// A scaled residual this small is the rounding of f itself: no step can be trusted to lower it.
constexpr double roundoff = 64.0 * epsilon;
/// The scaled step at which an iteration that rounding has stopped still counts as converged.
const double attainable_step = std::sqrt(epsilon);
/// Of the size of a state, what its scale is at least.
constexpr double floor_fraction = 1e-3;
/// Below it the Newton direction is no descent: Deuflhard 2004, algorithm NLEQ-ERR.
constexpr double min_damping = 1e-8;

double max_abs(ConstVectorRef x) {
    return x.size() == 0 ? 0.0 : x.cwiseAbs().maxCoeff();
}

/// Damped Newton with the restricted natural monotonicity test (Deuflhard 2004, section 3.3):
/// the simplified Newton correction, not the residual, must shrink, so rows of very different
/// units need no scaling. A step of the deflated equations m(x) f(x) = 0 is the plain one, scaled:
/// by Sherman & Morrison -(f_x + f g^T)^-1 f = d / (1 - g.d) with d = -f_x^-1 f, g = grad log m.
class DampedNewton {
public:
    DampedNewton(const EquilibriumProblem& problem, const NewtonOptions& options,
                 ConstVectorRef floor, const Deflation& deflation)
        : field_(*problem.field),
          p_(problem.parameters),
          options_(options),
          floor_(floor),
          deflation_(deflation),
          x_(problem.guess),
          f_(x_.size()),
          jacobian_(x_.size(), x_.size()),
          no_parameters_(x_.size(), 0) {}

    EquilibriumResult run() {
        for (int k = 0; k < options_.max_iterations; ++k)
            if (const auto ended = iterate()) return result(*ended);
        return result(close_enough() ? Status::converged : Status::iteration_limit);
    }

private:
    /// One step; a status where the iteration ends.
    std::optional<Status> iterate() {
        field_.linearize(x_, p_, {}, f_, jacobian_, no_parameters_);
        if (!f_.allFinite() || !jacobian_.allFinite()) return Status::non_finite;
        if (f_.isZero(0.0)) return converged_at_zero();
        if (!find_step()) return Status::singular_jacobian;
        residuals_.push_back(
            max_abs(f_.cwiseQuotient(row_scales(jacobian_, x_.cwiseAbs().cwiseMax(floor_)))));
        const double previous = std::exchange(step_norm_, norm(step_));
        const bool stalled = step_norm_ <= epsilon || step_norm_ > previous / 2.0;
        if (close_enough() && stalled) return last_step();
        return damp();
    }

    Status converged_at_zero() {
        residuals_.push_back(0.0);
        step_norm_ = 0.0;
        return Status::converged;
    }

    bool find_step() {
        solver_ = field_.has_structured_solver() ? field_.factorize(x_, p_, 0.0)
                                                 : factorize_dense<double>(jacobian_);
        weights_ = x_.cwiseAbs().cwiseMax(floor_).cwiseInverse();
        const Vector plain = solve(-f_);
        step_ = plain / (1.0 - deflation_.log_gradient(x_).dot(plain));
        return step_.allFinite();
    }

    bool close_enough() const {
        const bool within_tolerances = residuals_.back() <= options_.residual_tolerance &&
                                       step_norm_ <= options_.step_tolerance;
        return within_tolerances || (at_roundoff() && step_norm_ <= attainable_step);
    }

    bool at_roundoff() const { return residuals_.back() <= roundoff; }

    /// Even a step that rounding has stopped is worth taking.
    Status last_step() {
        const Vector better = x_ + step_;
        field_.rhs(better, p_, f_);
        if (f_.allFinite()) x_ = better;
        return Status::converged;
    }

    std::optional<Status> damp() {
        for (damping_ = 1.0; damping_ >= min_damping;) {
            const Vector trial = x_ + damping_ * step_;
            const double suggested = suggested_damping(trial);
            if (suggested >= damping_) {
                x_ = trial;
                return std::nullopt;
            }
            damping_ = suggested;
        }
        return close_enough() ? Status::converged : Status::step_too_small;
    }

    /// The present damping where the trial point passes, else a smaller one (Deuflhard 2004,
    /// algorithm NLEQ-ERR).
    double suggested_damping(const Vector& trial) {
        field_.rhs(trial, p_, f_);
        if (!f_.allFinite()) return damping_ / 2.0;
        if (!options_.line_search || at_roundoff()) return damping_;
        const Vector simplified = solve(-f_);
        if (norm(simplified) <= (1.0 - damping_ / 4.0) * step_norm_) return damping_;
        const double defect = norm(simplified - (1.0 - damping_) * step_);
        const double optimal = 0.5 * damping_ * damping_ * step_norm_ / defect;
        return std::isfinite(optimal) ? std::min(optimal, damping_ / 2.0) : damping_ / 2.0;
    }

    Vector solve(Vector b) const {
        solver_->solve(b);
        return b;
    }

    double norm(const Vector& step) const { return max_abs(step.cwiseProduct(weights_)); }

    EquilibriumResult result(Status status) {
        field_.rhs(x_, p_, f_);
        EquilibriumResult found;
        found.status = status;
        found.message = message(status);
        found.state = x_;
        found.residual = f_.allFinite() ? max_abs(f_) : std::numeric_limits<double>::infinity();
        found.residuals = residuals_;
        return found;
    }

    std::string message(Status status) const {
        std::ostringstream text;
        text << reason(status) << " after " << residuals_.size() << " Newton iterations";
        if (!residuals_.empty())
            text << ": scaled residual " << residuals_.back() << ", scaled step " << step_norm_;
        if (damping_ < 1.0) text << ", damping " << damping_;
        return text.str();
    }

    static std::string_view reason(Status status) {
        switch (status) {
            case Status::converged: return "converged";
            case Status::singular_jacobian: return "the Jacobian is singular";
            case Status::non_finite: return "the vector field or its Jacobian is not finite";
            case Status::step_too_small: return "no descent, there may be no equilibrium nearby,";
            default: return "not converged";
        }
    }

    const VectorField& field_;
    const Vector& p_;
    const NewtonOptions& options_;
    const Vector floor_;
    const Deflation& deflation_;
    Vector x_, f_, step_, weights_;
    Matrix jacobian_, no_parameters_;
    std::unique_ptr<LinearSolver<double>> solver_;
    double step_norm_ = std::numeric_limits<double>::max(), damping_ = 1.0;
    std::vector<double> residuals_;
};

double typical_size(const Quantity& state) {
    if (state.value != 0.0) return std::abs(state.value);
    const double limit = std::max(std::abs(state.low), std::abs(state.high));
    return limit > 0.0 && std::isfinite(limit) ? limit : 1.0;
}

}  // namespace

Vector Deflation::log_gradient(ConstVectorRef x) const {
    Vector gradient = Vector::Zero(x.size());
    for (const Vector& root : roots) {
        const Vector distance = (x - root).cwiseProduct(weights);
        const double square = distance.squaredNorm();
        gradient -= 2.0 / (square * (square + 1.0)) * distance.cwiseProduct(weights);
    }
    return gradient;
}

Vector scale_floor(std::span<const Quantity> states) {
    Vector floor(static_cast<Eigen::Index>(states.size()));
    for (Eigen::Index i = 0; i < floor.size(); ++i)
        floor[i] = floor_fraction * typical_size(states[static_cast<std::size_t>(i)]);
    return floor;
}

Vector row_scales(const Matrix& jacobian, ConstVectorRef state_scales) {
    return (jacobian.cwiseAbs() * state_scales).cwiseMax(std::numeric_limits<double>::min());
}

EquilibriumResult iterate_newton(const EquilibriumProblem& problem, const NewtonOptions& options,
                                 ConstVectorRef floor, const Deflation& deflation) {
    return DampedNewton(problem, options, floor, deflation).run();
}

EquilibriumResult solve_equilibrium(const EquilibriumProblem& problem, const NewtonOptions& options,
                                    ConstVectorRef floor) {
    if (options.method == NewtonMethod::newton) return iterate_newton(problem, options, floor, {});
    EquilibriumResult first = iterate_kinsol(problem, options, floor);
    if (!succeeded(first.status)) return first;
    return iterate_newton({problem.field, problem.parameters, first.state}, options, floor, {});
}

void add_eigenvalues(const VectorField& field, ConstVectorRef parameters,
                     EquilibriumResult& result) {
    if (field.meaning() == VectorField::Meaning::fixed_point_map) return;
    result.eigenvalues = eigenvalues(jacobian(field, result.state, parameters));
    if (result.eigenvalues.size() < result.state.size()) {
        result.status = Status::non_finite;
        result.message += "; its Jacobian has no eigenvalues, so nothing is known of its stability";
    }
    result.n_unstable = static_cast<int>((result.eigenvalues.real().array() > 0.0).count());
}

void require_sizes(const VectorField* field, ConstVectorRef parameters, ConstVectorRef state,
                   std::string_view caller) {
    const auto fits = [&](std::string_view what, Eigen::Index found, Eigen::Index asked) {
        require(found == asked, std::string(caller) + ": " + std::to_string(found) + " " +
                                    std::string(what) + " were given, the field has " +
                                    std::to_string(asked));
    };
    require(field != nullptr, std::string(caller) + ": there is no field");
    fits("parameters", parameters.size(), static_cast<Eigen::Index>(field->parameters().size()));
    fits("states", state.size(), field->dimension());
}

std::string_view to_string(NewtonMethod method) {
    return method == NewtonMethod::newton ? "newton" : "kinsol";
}

void NewtonOptions::validate() const {
    const auto positive = [](std::string_view name, double value) {
        require(value > 0.0, "newton." + std::string(name) + " = " + std::to_string(value) +
                                 " must be greater than 0");
    };
    positive("residual_tolerance", residual_tolerance);
    positive("step_tolerance", step_tolerance);
    positive("max_iterations", max_iterations);
}

EquilibriumResult find_equilibrium(const EquilibriumProblem& problem,
                                   const NewtonOptions& options) {
    options.validate();
    require_sizes(problem.field.get(), problem.parameters, problem.guess, "find_equilibrium");
    EquilibriumResult result =
        solve_equilibrium(problem, options, scale_floor(problem.field->states()));
    if (succeeded(result.status)) add_eigenvalues(*problem.field, problem.parameters, result);
    return result;
}

}  // namespace cortifold
