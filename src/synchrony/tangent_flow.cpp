#include "tangent_flow.hpp"

#include <cortifold/core/rng.hpp>
#include <cortifold/linalg/orthonormal.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace cortifold {

namespace {

constexpr Eigen::Index width = EightColumns::ColsAtCompileTime;

constexpr RungeKutta classical{
    .stages = 4,
    .is_adaptive = false,
    .stage_weights = {{{}, {0.5}, {0.0, 0.5}, {0.0, 0.0, 1.0}}},
    .times = {0.0, 0.5, 0.5, 1.0},
    .end_weights = {1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0},
    .error_weights = {},
};

// Dormand & Prince 1980; Hairer, Norsett & Wanner 1993, table II.5.2.
constexpr RungeKutta::Weights fifth_order{
    35.0 / 384.0, 0.0, 500.0 / 1113.0, 125.0 / 192.0, -2187.0 / 6784.0, 11.0 / 84.0, 0.0};
constexpr RungeKutta dormand_prince{
    .stages = 7,
    .is_adaptive = true,
    .stage_weights = {{{},
                       {1.0 / 5.0},
                       {3.0 / 40.0, 9.0 / 40.0},
                       {44.0 / 45.0, -56.0 / 15.0, 32.0 / 9.0},
                       {19372.0 / 6561.0, -25360.0 / 2187.0, 64448.0 / 6561.0, -212.0 / 729.0},
                       {9017.0 / 3168.0, -355.0 / 33.0, 46732.0 / 5247.0, 49.0 / 176.0,
                        -5103.0 / 18656.0},
                       fifth_order}},
    .times = {0.0, 0.2, 0.3, 0.8, 8.0 / 9.0, 1.0, 1.0},
    .end_weights = fifth_order,
    .error_weights = {71.0 / 57600.0, 0.0, -71.0 / 16695.0, 71.0 / 1920.0, -17253.0 / 339200.0,
                      22.0 / 525.0, -1.0 / 40.0},
};

using Slopes = WeightedColumns<RungeKutta::most_stages>;

/// Of the columns, relative to their lengths. Not finite counts as infinite.
double largest_error(const EightColumns& y, const Slopes& errors) {
    EightRow sizes = EightRow::Constant(std::numeric_limits<double>::min()),
             squares = EightRow::Zero();
    for (Eigen::Index row = 0; row < y.rows(); ++row) {
        EightRow error = EightRow::Zero();
        errors.add(row, error);
        squares += error.square();
        sizes += y.row(row).array().square();
    }
    const double largest = (squares / sizes).sum();
    return std::isfinite(largest) ? std::sqrt((squares / sizes).maxCoeff()) : infinity;
}

}  // namespace

TangentFlow::TangentFlow(const LyapunovProblem& problem, const LyapunovOptions& options)
    : field_(*problem.field),
      method_(options.method == OdeMethod::runge_kutta4 ? classical : dormand_prince),
      options_(options),
      t0_(problem.t0),
      relative_tolerance_(options.relative_tolerance),
      weights_(options.relative_tolerance, options.absolute_tolerance),
      parameters_(problem.parameters),
      no_derivatives_(problem.initial.size(), 0),
      at_{.t = problem.t0, .step = options.step, .since = problem.t0, .x = problem.initial},
      next_(problem.initial.size()),
      workspaces_(static_cast<std::size_t>(options.context.threads)) {
    if (const auto time = field_.time(); time && problem.clock == Clock::running)
        clock_ = static_cast<Eigen::Index>(*time);
    for (std::size_t i = 0; i < storage_.size(); ++i) {
        storage_[i].x = storage_[i].f = problem.initial;
        stages_[i] = &storage_[i];
    }
}

void TangentFlow::set_vectors(const Matrix& vectors) {
    if (count_ == 0) first_is_current_ = false;  // its f_x is missing
    count_ = vectors.cols();
    blocks_.resize(static_cast<std::size_t>((count_ + width - 1) / width));
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
        const auto first = static_cast<Eigen::Index>(b) * width;
        const Eigen::Index filled = std::min(width, count_ - first);
        blocks_[b].y.setZero(vectors.rows(), width);
        blocks_[b].y.leftCols(filled) = vectors.middleCols(first, filled);
        blocks_[b].next.resizeLike(blocks_[b].y);
    }
}

Matrix TangentFlow::vectors() const {
    Matrix all(at_.x.size(), count_);
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
        const auto first = static_cast<Eigen::Index>(b) * width;
        const Eigen::Index filled = std::min(width, count_ - first);
        all.middleCols(first, filled) = blocks_[b].y.leftCols(filled);
    }
    return all;
}

void TangentFlow::return_to(const Position& position) {
    at_ = position;
    first_is_current_ = false;
}

Status TangentFlow::advance(double stop) {
    start_step(stop);
    if (!stages_.front()->f.allFinite()) return Status::non_finite;
    for (;;) {
        const bool last = at_.t + (1.0 + stretch) * at_.step >= stop;
        const double h = last ? stop - at_.t : at_.step;
        if (h < time_resolution(at_.t) && !last)
            return next_.allFinite() ? Status::step_too_small : Status::non_finite;
        const double error = try_step(h);
        if (method_.is_adaptive) {
            const double proposed = h * at_.control.factor(error);
            // that a stop cut the step short says nothing against the length it was to have
            at_.step = error <= 1.0 && last ? std::max(at_.step, proposed) : proposed;
        } else if (!(error <= 1.0)) {
            return Status::non_finite;
        }
        if (error <= 1.0) {
            accept(h, last ? stop : end_of(h));
            if (last) {
                at_.since = stop;
                at_.steps_since = 0;
            }
            return Status::converged;
        }
    }
}

Status TangentFlow::step(double stop) {
    if (at_.steps >= options_.max_steps) return Status::iteration_limit;
    if (const Status status = advance(stop); !succeeded(status)) return status;
    if (options_.watch && options_.watch(at_.t - t0_) == Flow::stop)
        return Status::stopped_by_observer;
    return Status::converged;
}

Status TangentFlow::follow(double until) {
    while (at_.t < until)
        if (const Status status = step(until); status != Status::converged) return status;
    return Status::reached_end;
}

void TangentFlow::start_step(double stop) {
    if (!first_is_current_) {
        stages_.front()->x = at_.x;
        evaluate(*stages_.front(), at_.t);
        first_is_current_ = true;
    }
    if (at_.step == 0.0)
        at_.step = first_step(weights_, at_.t, at_.x, stages_.front()->f, stop - at_.t,
                              [this](double t, const Vector& x, Vector& dx) {
                                  if (clock_) parameters_[*clock_] = t;
                                  field_.rhs(x, parameters_, dx);
                              });
}

void TangentFlow::evaluate(Stage& stage, double t) {
    if (clock_) parameters_[*clock_] = t;
    if (blocks_.empty())
        field_.rhs(stage.x, parameters_, stage.f);
    else
        linearize_split(field_, stage.x, parameters_, {}, stage.f, stage.f_x, no_derivatives_);
}

/// The error of the end in units of the tolerance; of a method with a fixed step 0 where that is
/// finite.
double TangentFlow::try_step(double h) {
    for (std::size_t i = 1; i < method_.stages; ++i) {
        stages_[i]->x = at_.x + h * slope(method_.stage_weights[i]);
        evaluate(*stages_[i], at_.t + method_.times[i] * h);
    }
    next_ = at_.x + h * slope(method_.end_weights);
    if (!next_.allFinite()) return infinity;
    double error =
        method_.is_adaptive ? weights_.norm(h * slope(method_.error_weights), at_.x) : 0.0;
    if (!(error <= 1.0)) return error;
    step_blocks(h);
    for (const Block& block : blocks_)
        error = std::max(error, block.error / (allowance_of_vectors * relative_tolerance_));
    return error;
}

Vector TangentFlow::slope(const RungeKutta::Weights& weights) const {
    Vector sum = Vector::Zero(at_.x.size());
    for (std::size_t j = 0; j < method_.stages; ++j)
        if (weights[j] != 0.0) sum += weights[j] * stages_[j]->f;
    return sum;
}

/// Of a fixed step, without the rounding of all before it.
double TangentFlow::end_of(double h) const {
    return method_.is_adaptive ? at_.t + h
                               : at_.since + static_cast<double>(at_.steps_since + 1) * h;
}

void TangentFlow::accept(double h, double end) {
    for (Block& block : blocks_) block.y.swap(block.next);
    if (count_ == at_.x.size())
        for (std::size_t i = 0; i < method_.stages; ++i)
            if (method_.end_weights[i] != 0.0)
                at_.divergence += h * method_.end_weights[i] * stages_[i]->f_x.trace();
    at_.x.swap(next_);
    at_.t = end;
    last_step_ = h;
    ++at_.steps;
    ++at_.steps_since;
    first_is_current_ = method_.is_adaptive;
    if (method_.is_adaptive) std::swap(stages_.front(), stages_[method_.stages - 1]);
}

void TangentFlow::step_blocks(double h) {
    const std::size_t count = blocks_.size();
    if (count == 0) return;
    const std::size_t threads = std::min(workspaces_.size(), count);
#pragma omp parallel for num_threads(static_cast <int>(threads)) \
    schedule(static, 1) if (threads > 1)
    for (std::size_t thread = 0; thread < threads; ++thread)
        for (std::size_t b = thread; b < count; b += threads)
            step_block(blocks_[b], h, workspaces_[thread]);
}

void TangentFlow::step_block(Block& block, double h, Workspace& work) const {
    work.sum.resizeLike(block.y);
    for (std::size_t i = 0; i < method_.stages; ++i) {
        Slopes(work.slopes, method_.stage_weights[i], h).advance(block.y, work.sum);
        stages_[i]->f_x.apply(work.sum, work.slopes[i], work.scratch);
    }
    Slopes(work.slopes, method_.end_weights, h).advance(block.y, block.next);
    if (method_.is_adaptive)
        block.error = largest_error(block.y, Slopes(work.slopes, method_.error_weights, h));
}

Matrix first_vectors(Eigen::Index states, Eigen::Index count, std::uint64_t seed) {
    Matrix vectors(states, count);
    for (Eigen::Index j = 0; j < count; ++j) {
        const CounterRng rng({seed, StreamPurpose::tangent_vectors, static_cast<std::uint64_t>(j)});
        for (Eigen::Index i = 0; i < states; ++i)
            vectors(i, j) = rng.normal(static_cast<std::uint64_t>(i));
    }
    (void)orthonormalize(vectors);
    return vectors;
}

}  // namespace cortifold
