#pragma once

#include <cortifold/continuation/zero_problem.hpp>

#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace cortifold {

/// What Newton's method holds fixed on the way back to the curve: the position along the last
/// tangent (Keller 1977), nothing but the shortest way (Moore-Penrose), or the first parameter.
enum class CorrectorKind { pseudo_arclength, moore_penrose, natural };
[[nodiscard]] std::string_view to_string(CorrectorKind kind);

/// The first guess of the next point: along the tangent, or by the polynomial through up to three
/// points and their tangents where the curve turns little.
enum class Predictor { tangent, hermite };
[[nodiscard]] std::string_view to_string(Predictor predictor);

/// Of the first free parameter, or as the start's tangent points.
enum class Direction { both, increasing, decreasing, along };
[[nodiscard]] std::string_view to_string(Direction direction);

struct CorrectorOptions {
    CorrectorKind kind = CorrectorKind::pseudo_arclength;
    /// Of the last step, which is taken, and of the residual before it: both must hold, in scaled
    /// norms.
    double step_tolerance = 1e-8, residual_tolerance = 1e-8;
    int max_iterations = 10;
    void validate() const;  ///< throws UsageError naming field, value and bound
};

/// Steps are arclengths in a scaled metric: 1 is the width of the parameter's bounds, or a change
/// of all states by their own size.
struct StepOptions {
    double initial = 1e-2, smallest = 1e-8, largest = 5e-2;  ///< initial: at most the largest
    double largest_angle = 0.5;  ///< between tangents at the two ends, in radians: beyond it a step
                                 ///< is taken back
    Predictor predictor = Predictor::hermite;
    void validate() const;
};

struct ContinuationOptions {
    struct Bound {
        double low = -std::numeric_limits<double>::infinity(),
               high = std::numeric_limits<double>::infinity();
    };
    std::vector<Bound> bounds{};  ///< of the free parameters in their order; the rest has none
    double state_limit = 1e8;     ///< of the largest |x|, in units of ZeroProblem::scale_floor
    int max_points = 5000;        ///< in each direction
    int stop_after =
        std::numeric_limits<int>::max();    ///< so many special points, in each direction
    Direction direction = Direction::both;  ///< of a single Continuation: increasing
    StepOptions step{};
    CorrectorOptions corrector{};
    std::vector<std::shared_ptr<const TestFunction>> tests{};  ///< besides those of the problem
    std::function<Flow(const BranchPoint&)> observer{};        ///< of each point as it is accepted
    void validate() const;
};

/// A branch as it grows, point by point, in one direction:
///
///     Continuation run(problem, start, {.bounds = {{0.0, 4.0}}, .direction = ...});
///     while (run.advance()) use(run.branch().points.back());
///
/// To stop is to leave the loop; to resume, start another run from the last point with
/// Direction::along. Not thread-safe, since the problem's borders move along.
class Continuation {
public:
    /// Corrects the start, which may be only near the curve. Where that fails the run has ended,
    /// without points. Throws UsageError where sizes or options are wrong.
    Continuation(std::shared_ptr<ZeroProblem> problem, const BranchPoint& start,
                 const ContinuationOptions& options = {});
    ~Continuation();
    Continuation(Continuation&&) noexcept;

    /// One point more, and the special points before it. False: the run has ended, and the branch
    /// says why.
    [[nodiscard]] bool advance();
    [[nodiscard]] const Branch& branch() const;
    /// The branch itself, when the run is over.
    [[nodiscard]] Branch take() &&;

private:
    class Run;
    std::unique_ptr<Run> run_;
};

/// Where a run starts and which way it goes.
struct CurveStart {
    std::shared_ptr<ZeroProblem> problem;
    BranchPoint point;
    Direction way = Direction::both;
};

/// The whole branch in the directions asked for, from the decreasing end to the increasing one; one
/// from a start with a tangent from behind it to ahead of it.
[[nodiscard]] Branch continue_branch(const std::shared_ptr<ZeroProblem>& problem,
                                     const BranchPoint& start,
                                     const ContinuationOptions& options = {});

/// The number of the first branch that passes through a start, so that it need not be followed
/// again; nothing where none does, or where there is no curve. The branches are of the same field
/// with the same fixed parameters.
[[nodiscard]] std::optional<std::size_t> find_branch_through(
    const CurveStart& start, std::span<const Branch* const> branches,
    const ContinuationOptions& options = {});

}  // namespace cortifold
