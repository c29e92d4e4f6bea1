#pragma once

#include "ode/step_control.hpp"
#include "ode/weighted_columns.hpp"
#include <cortifold/synchrony/lyapunov.hpp>

#include <algorithm>
#include <array>
#include <vector>

namespace cortifold {

/// An explicit Runge-Kutta method. Of an adaptive one the last stage is the first of the next step.
struct RungeKutta {
    static constexpr std::size_t most_stages = 7;
    using Weights = std::array<double, most_stages>;
    std::size_t stages;
    bool is_adaptive;
    std::array<Weights, most_stages> stage_weights;
    Weights times, end_weights, error_weights;
};

/// The errors of vectors may be larger than those of the state by this factor: enough that the
/// state sets the step, unless it rests.
constexpr double allowance_of_vectors = 100.0;

/// A state and tangent vectors at it on their way: the vectors take the derivative of each step of
/// the state. Errors of both choose adaptive steps. The same bits for any number of threads, which
/// share the vectors.
class TangentFlow {
public:
    TangentFlow(const LyapunovProblem& problem, const LyapunovOptions& options);
    TangentFlow(const TangentFlow&) = delete;
    TangentFlow& operator=(const TangentFlow&) = delete;
    ~TangentFlow() = default;

    /// One step, never past `stop`. A status that is not converged leaves the last good state.
    [[nodiscard]] Status advance(double stop);

    /// The next one is no longer than this.
    void shorten_next(double step) { at_.step = std::min(at_.step, step); }

    /// The same, unless the steps are used up or the watch of the options stops it.
    [[nodiscard]] Status step(double stop);
    /// Steps to a time: reached_end.
    [[nodiscard]] Status follow(double until);

    /// None at first.
    void set_vectors(const Matrix& vectors);
    [[nodiscard]] Matrix vectors() const;

    [[nodiscard]] double t() const { return at_.t; }
    [[nodiscard]] const Vector& state() const { return at_.x; }
    [[nodiscard]] long steps() const { return at_.steps; }
    /// The integral of the trace of f_x over the steps with vectors as many as states.
    [[nodiscard]] double divergence() const { return at_.divergence; }

    // Of the last step: its length, and where its stages were.
    [[nodiscard]] const RungeKutta& method() const { return method_; }
    [[nodiscard]] double last_step() const { return last_step_; }
    [[nodiscard]] const Vector& stage(std::size_t i) const {
        const std::size_t last = method_.stages - 1;  // has changed places with the first
        const bool moved = method_.is_adaptive && (i == 0 || i == last);
        return stages_[moved ? last - i : i]->x;
    }

    /// All but the vectors.
    struct Position {
        double t = 0.0, step = 0.0, divergence = 0.0;
        long steps = 0;
        double since = 0.0;  ///< the last stop; fixed steps are counted from there
        long steps_since = 0;
        Vector x{};
        StepControl control{};
    };
    [[nodiscard]] const Position& position() const { return at_; }
    void return_to(const Position& position);

private:
    /// The field where a stage of a step is taken.
    struct Stage {
        Vector x{}, f{};
        SplitJacobian f_x{};
    };
    struct Block {
        EightColumns y{}, next{};
        double error = 0.0;  ///< of the last step, of the worst vector, relative to its length
    };
    /// What a thread needs for the block it is at.
    struct Workspace {
        std::array<EightColumns, RungeKutta::most_stages> slopes{};
        EightColumns sum{};
        SplitJacobian::Scratch scratch{};
    };

    void evaluate(Stage& stage, double t);
    void start_step(double stop);
    [[nodiscard]] double try_step(double h);
    [[nodiscard]] Vector slope(const RungeKutta::Weights& weights) const;
    void accept(double h, double end);
    [[nodiscard]] double end_of(double h) const;
    void step_blocks(double h);
    void step_block(Block& block, double h, Workspace& work) const;

    const VectorField& field_;
    const RungeKutta& method_;
    const LyapunovOptions& options_;
    const double t0_, relative_tolerance_;
    const WeightedError weights_;
    std::optional<Eigen::Index> clock_;  ///< the parameter that is the time
    Vector parameters_;
    Matrix no_derivatives_;  ///< by parameters
    Position at_;
    Vector next_;
    std::array<Stage, RungeKutta::most_stages> storage_;
    std::array<Stage*, RungeKutta::most_stages> stages_{};
    bool first_is_current_ = false;
    double last_step_ = 0.0;
    Eigen::Index count_ = 0;
    std::vector<Block> blocks_;
    std::vector<Workspace> workspaces_;
};

/// Orthonormal vectors in directions drawn for a seed; the first are the same whatever their
/// number.
[[nodiscard]] Matrix first_vectors(Eigen::Index states, Eigen::Index count, std::uint64_t seed);

}  // namespace cortifold
