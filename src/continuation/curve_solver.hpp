#pragma once

#include <cortifold/continuation/continuation.hpp>

#include <cmath>

namespace cortifold {

/// The scaled inner product of a run: states together weigh as much as each other unknown, so that
/// a network of equal nodes goes the steps of one.
class Metric {
public:
    Metric(const ZeroProblem& problem, std::span<const ContinuationOptions::Bound> bounds);
    /// Scales follow the point: as large as it is, but not below a tenth of the largest seen.
    void follow(ConstVectorRef z);
    /// When the frame has changed.
    void restart(ConstVectorRef z);
    [[nodiscard]] const Vector& scales() const { return scales_; }
    [[nodiscard]] Vector weighted(ConstVectorRef v) const { return weights_.cwiseProduct(v); }
    [[nodiscard]] double dot(ConstVectorRef a, ConstVectorRef b) const {
        return weights_.cwiseProduct(a).dot(b);
    }
    template <class V>
    [[nodiscard]] double norm(const Eigen::MatrixBase<V>& v) const {
        return std::sqrt(weights_.dot(v.cwiseAbs2()));
    }
    /// The largest component over its scale.
    template <class V>
    [[nodiscard]] double max_norm(const Eigen::MatrixBase<V>& v) const {
        return v.cwiseQuotient(scales_).cwiseAbs().maxCoeff();
    }

private:
    const ZeroProblem& problem_;
    std::vector<std::pair<std::size_t, double>> widths_;  ///< of bounded parameters
    Vector floor_, largest_, shares_, scales_, weights_;
};

/// Newton's method on a curve. The constraint row . (z - anchor) = 0 picks the point.
class CurveSolver {
public:
    CurveSolver(const ZeroProblem& problem, const ContinuationOptions& options);

    struct Constraint {
        Vector row, anchor;
        bool turns = false;  ///< Moore-Penrose: the row follows the kernel, the anchor the iterate
    };
    struct Correction {
        Status status = Status::iteration_limit;
        BranchPoint point{};
        CurveLinearization at{};
        double contraction = 0.0;  ///< of the first two steps
    };
    /// How far to go: points of a branch as the options say, those that close a bracket to
    /// rounding, since test functions are taken where G was linearized last.
    enum class Accuracy { of_options, rounding };
    [[nodiscard]] Correction correct(Vector z, Constraint constraint,
                                     Accuracy accuracy = Accuracy::of_options) const;
    /// Parameters, spectrum and test values of a corrected point.
    void complete(Correction& corrected) const;

    [[nodiscard]] const ZeroProblem& problem() const { return problem_; }
    [[nodiscard]] std::span<const std::shared_ptr<const TestFunction>> tests() const {
        return tests_;
    }

    Metric metric;

private:
    void read_parameters(BranchPoint& point) const;

    const ZeroProblem& problem_;
    CorrectorOptions options_;
    std::vector<std::shared_ptr<const TestFunction>> tests_;
};

/// The largest residual of G over the scale of its row.
[[nodiscard]] double scaled_residual(const CurveLinearization& at);

/// Newton's method on as many equations as unknowns, down to rounding: special points on their
/// defining systems.
struct Polished {
    Status status = Status::iteration_limit;
    Vector z{};
    double residual = 0.0;  ///< scaled
    Vector error{};         ///< of each unknown, from the last step and from rounding
};
/// `attainable`: the scaled step at which an iteration that rounding stops has converged; in a
/// canard explosion it stops early in all but the parameter, as the errors say. Iterations end
/// where nothing gets smaller; `foreseen`: before that, with the step whose next one, were it as
/// much smaller as Newton's method makes it, would be rounding. The residual then is that before
/// the last step.
inline constexpr double attainable_step = 1e-6;
enum class PolishEnd { stalled, foreseen };
[[nodiscard]] Polished polish(const ZeroProblem& system, Vector z, ConstVectorRef scales,
                              double attainable = attainable_step,
                              PolishEnd until = PolishEnd::stalled);

}  // namespace cortifold
