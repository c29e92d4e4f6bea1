#include "lyapunov_statistics.hpp"
#include "tangent_flow.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/linalg/orthonormal.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>

namespace cortifold {

namespace {

constexpr double fewest_parts = 128.0;  ///< of a run: no interval is longer than one of them
/// By how much rounding may be amplified, aimed at and at most: a vector's length over what of it
/// is new beside the vectors before it.
constexpr double log_loss = 11.5, most_log_loss = 23.0;  // 1e5, 1e10
constexpr double most_log_size = 200.0;                  ///< of a vector, before it overflows
constexpr double safety = 0.8;                           ///< in the choice of an interval
constexpr double least_demand = 0.4, most_demand = 4.0;  ///< trusted from one to the next
constexpr long longest_interval = 100'000;               ///< in steps

/// What an interval did to rounding errors and lengths, in parts of what is aimed at.
struct Demand {
    double of_aim = 0.0;  ///< above 1: the interval was too long
    bool is_acceptable = false;
};

Demand demand_of(const Vector& lengths, const Vector& diagonal) {
    if (!lengths.allFinite() || !(diagonal.minCoeff() > 0.0))
        return {infinity, false};  // over- or underflow
    const Vector log_lengths = lengths.array().log(), log_diagonal = diagonal.array().log();
    const double loss = (log_lengths - log_diagonal).maxCoeff(),
                 size = std::max(log_lengths.maxCoeff(), log_diagonal.cwiseAbs().maxCoeff());
    return {std::max(loss / log_loss, size / most_log_size),
            loss <= most_log_loss && size <= 2.0 * most_log_size};
}

class Run {
public:
    Run(const LyapunovProblem& problem, const LyapunovOptions& options)
        : problem_(problem),
          options_(options),
          count_(problem.count > 0 ? problem.count : problem.field->dimension()),
          flow_(problem, options) {}

    LyapunovResult go() {
        const double settled = problem_.t0 + (1.0 - part_to_align) * problem_.transient,
                     begin = problem_.t0 + problem_.transient;
        LyapunovResult result;
        result.status = flow_.follow(settled);
        if (result.status == Status::reached_end) {
            start_vectors();
            result.status = grow(begin);
        }
        if (result.status == Status::reached_end) {
            begin_ = begin;
            parts_.clear();
            divergence_before_ = flow_.divergence();
            result.status = grow(begin + problem_.duration);
        }
        fill(result);
        return result;
    }

private:
    void start_vectors() {
        basis_ = first_vectors(flow_.state().size(), count_, options_.context.seed);
        flow_.set_vectors(basis_);
        good_until_ = flow_.t();
    }

    /// With vectors, up to a time. What they grow by is kept in parts that end with an interval.
    Status grow(double until) {
        const double from = flow_.t(), length = part_length(from, until);
        const double asked = options_.longest_interval > 0.0 ? options_.longest_interval : infinity,
                     longest = std::min(asked, (until - from) / fewest_parts);
        double due = from + length;
        bool is_new = true;
        while (flow_.t() < until) {
            if (is_new) parts_.push_back({0.0, Vector::Zero(count_)});
            const double end = std::min(until, flow_.t() + longest);
            if (const Status status = one_interval(end, until); status != Status::converged) {
                if (parts_.back().duration == 0.0) parts_.pop_back();
                return status;
            }
            is_new = flow_.t() >= std::min(due, until);
            while (due <= flow_.t()) due += length;
            if (is_new && tell() == Flow::stop) return Status::stopped_by_observer;
        }
        return Status::reached_end;
    }

    /// From one orthogonalization to the next, at the first step past `end` at the latest.
    Status one_interval(double end, double stop) {
        const TangentFlow::Position begin = flow_.position();
        for (;;) {
            long taken = 0;
            while (taken == 0 || (taken < interval_ && flow_.t() < end)) {
                if (const Status status = flow_.step(stop); status != Status::converged)
                    return status;
                ++taken;
            }
            Matrix vectors = flow_.vectors();
            const Vector lengths = vectors.colwise().norm();
            Vector diagonal = Vector::Zero(count_);
            if (lengths.allFinite()) diagonal = orthonormalize(vectors);
            const Demand demand = demand_of(lengths, diagonal);
            if (demand.is_acceptable || (taken == 1 && std::isfinite(demand.of_aim))) {
                choose_interval(taken, demand.of_aim);
                take(vectors, diagonal);
                return Status::converged;
            }
            if (taken == 1) return Status::non_finite;
            flow_.return_to(begin);
            flow_.set_vectors(basis_);
            interval_ = shortened(taken, std::clamp(demand.of_aim, least_demand, most_demand));
        }
    }

    static long shortened(long taken, double demand) {
        return std::max(1L, static_cast<long>(safety * static_cast<double>(taken) / demand));
    }
    void choose_interval(long taken, double demand) {
        if (demand > 1.0) {
            interval_ = shortened(taken, demand);
            return;
        }
        const double growth = safety / std::max(demand, least_demand);
        const long proposed = static_cast<long>(std::ceil(growth * static_cast<double>(taken)));
        const bool cut = taken < interval_;  // by a time: says nothing against its length
        interval_ = std::min(longest_interval, cut ? std::max(interval_, proposed) : proposed);
    }

    void take(const Matrix& vectors, const Vector& diagonal) {
        parts_.back().growth += diagonal.array().log().matrix();
        parts_.back().duration += flow_.t() - good_until_;
        basis_ = vectors;
        flow_.set_vectors(basis_);
        good_until_ = flow_.t();
        ++orthogonalizations_;
    }

    [[nodiscard]] Flow tell() const {
        if (!options_.observer || !begin_) return Flow::proceed;
        return options_.observer(good_until_ - *begin_, mean_rates(parts_, 0, parts_.size()));
    }

    void fill(LyapunovResult& result) const {
        result.state = flow_.state();
        result.steps = flow_.steps();
        result.orthogonalizations = orthogonalizations_;
        if (begin_ && !parts_.empty()) {
            result.duration = good_until_ - *begin_;
            fill_exponents(result, parts_);
            if (count_ == problem_.field->dimension() && result.status == Status::reached_end)
                result.divergence = (flow_.divergence() - divergence_before_) / result.duration;
            const bool at_rest =
                !reads_time() && is_at_rest(*problem_.field, problem_.parameters, result);
            tell_attractor(result, {problem_.field->dimension(), reads_time(), at_rest});
        }
        result.message = run_message(result, flow_.t());
    }

    [[nodiscard]] bool reads_time() const {
        return problem_.field->time().has_value() && problem_.clock == Clock::running;
    }

    const LyapunovProblem& problem_;
    const LyapunovOptions& options_;
    const Eigen::Index count_;
    TangentFlow flow_;
    Matrix basis_;  ///< the vectors after the last orthogonalization
    long interval_ = 1, orthogonalizations_ = 0;
    double good_until_ = 0.0;  ///< the time of that
    std::optional<double> begin_;
    double divergence_before_ = 0.0;
    std::vector<GrowthRecord> parts_;
};

void validate(const LyapunovProblem& problem) {
    require(problem.field != nullptr, "lyapunov: there is no field");
    const VectorField& field = *problem.field;
    const auto fits = [](std::string_view what, Eigen::Index found, Eigen::Index asked) {
        require(found == asked, "lyapunov: " + std::to_string(found) + " " + std::string(what) +
                                    " were given, the field has " + std::to_string(asked));
    };
    fits("parameters", problem.parameters.size(),
         static_cast<Eigen::Index>(field.parameters().size()));
    fits("states", problem.initial.size(), field.dimension());
    require(problem.initial.allFinite(), "lyapunov: the initial state must be finite");
    require(problem.count >= 0 && problem.count <= field.dimension(),
            "lyapunov.count = " + std::to_string(problem.count) + " must be from 1 to " +
                std::to_string(field.dimension()) + ", or 0 for all");
    require(problem.duration > 0.0 && std::isfinite(problem.duration),
            "lyapunov.duration = " + std::to_string(problem.duration) + " must be greater than 0");
    require(problem.transient >= 0.0 && std::isfinite(problem.transient),
            "lyapunov.transient = " + std::to_string(problem.transient) + " must be at least 0");
    require(std::isfinite(problem.t0), "lyapunov.t0 must be finite");
    require(field.jumps().empty(),
            "lyapunov: the field jumps (" +
                (field.jumps().empty() ? std::string() : field.jumps().front().name) +
                "), and what a jump does to tangent vectors is not known here");
    require(field.meaning() == VectorField::Meaning::dynamics,
            "lyapunov: the field's time is that of an iteration, which says nothing of stability");
}

}  // namespace

void LyapunovOptions::validate() const {
    const auto check = [](bool holds, std::string_view name, double value, std::string_view bound) {
        std::ostringstream text;
        text << "lyapunov." << name << " = " << value << " must be " << bound;
        require(holds, text.str());
    };
    const auto not_negative = [](double x) { return x >= 0.0 && std::isfinite(x); };
    const bool fixed = method == OdeMethod::runge_kutta4;
    require(fixed || method == OdeMethod::dormand_prince,
            "lyapunov.method = " + std::string(to_string(method)) +
                " must be dormand_prince or runge_kutta4: tangent vectors take their steps");
    check(relative_tolerance > 0.0 && relative_tolerance < 1.0, "relative_tolerance",
          relative_tolerance, "between 0 and 1");
    check(absolute_tolerance > 0.0, "absolute_tolerance", absolute_tolerance, "greater than 0");
    check(not_negative(step), "step", step, "at least 0");
    check(!fixed || step > 0.0, "step", step, "greater than 0 for runge_kutta4");
    check(not_negative(longest_interval), "longest_interval", longest_interval, "at least 0");
    check(max_steps > 0, "max_steps", static_cast<double>(max_steps), "greater than 0");
    check(context.threads > 0, "threads", context.threads, "greater than 0");
}

LyapunovResult lyapunov_spectrum(const LyapunovProblem& problem, const LyapunovOptions& options) {
    options.validate();
    validate(problem);
    return Run(problem, options).go();
}

}  // namespace cortifold
