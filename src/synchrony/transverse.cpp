#include "cycle_critical.hpp"
#include "defining_systems.hpp"
#include "mode_perturbations.hpp"
#include <cortifold/continuation/cycle_profile.hpp>
#include <cortifold/continuation/diagram.hpp>
#include <cortifold/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <deque>
#include <iterator>
#include <numbers>

namespace cortifold {

namespace {

using Complex = std::complex<double>;

/// Real parts of critical eigenvalues, in parts of the largest.
constexpr double critical_part = 1e-6;
/// A branch of pieces longer than this goes in circles.
constexpr std::size_t most_pieces = 200;
/// Square of the angular frequency with which a pair leaves the real axis, in parts of the norm of
/// A squared, and the argument of a multiplier with which it leaves 1 or -1.
constexpr double first_kappa = 1e-6, first_argument = 1e-2;

/// Where a piece of a curve begins.
struct Begin {
    BranchPoint at;  ///< as on the branch it was found on
    Vector parameters;
    CriticalValue critical;
    bool leaves_axis = false;  ///< a pair of values that are real there
};

CurveStart equilibria_from(const TransverseCurveProblem& problem, const Begin& begin) {
    const auto& field = problem.modes.field;
    const auto of = std::make_shared<ModePerturbations>(problem.modes, begin.critical.place);
    const std::vector free(problem.free.begin(), problem.free.end());
    const Eigen::Index n = field->dimension();
    const bool real = begin.critical.transition == Transition::stationary && of->dimension() == n &&
                      !begin.leaves_axis;
    CurveStart start;
    if (real)
        start.problem = std::make_shared<FoldSystem>(field, begin.parameters, free, of);
    else
        start.problem = std::make_shared<HopfSystem>(field, begin.parameters, free, of);
    Vector& z = start.point.z = Vector(n + (real ? 2 : 3));
    z.head(n) = begin.at.z.head(n);
    for (std::size_t k = 0; k < free.size(); ++k)
        z[n + static_cast<Eigen::Index>(k)] = begin.parameters[static_cast<Eigen::Index>(free[k])];
    if (real) return start;
    const double omega = begin.critical.value.imag();
    z[n + 2] = omega * omega;
    if (begin.leaves_axis)
        z[n + 2] = first_kappa * of->matrix(z.head(n), begin.parameters).squaredNorm();
    return start;
}

CurveKind curve_of(const Begin& begin, bool lambda_is_real) {
    if (begin.leaves_axis || !lambda_is_real) return CurveKind::torus;
    switch (begin.critical.transition) {
        case Transition::stationary: return CurveKind::fold_of_cycles;
        case Transition::period_doubling: return CurveKind::period_doubling;
        default: return CurveKind::torus;
    }
}

struct CycleStart {
    std::shared_ptr<CycleBifurcation> curve;
    BranchPoint point;
};

/// With one free parameter or two.
CycleStart cycle_from(const ModeSet& modes, const std::vector<std::size_t>& free,
                      const CycleOptions& options, const Begin& begin) {
    const auto of = std::make_shared<ModePerturbations>(modes, begin.critical.place);
    const CurveKind kind = curve_of(begin, of->dimension() == modes.field->dimension());
    CycleStart start{
        std::make_shared<CycleBifurcation>(kind, modes.field, begin.parameters, free, options, of),
        {.frame = begin.at.frame}};
    start.curve->restore_frame(start.point);
    const Eigen::Index cycle = start.curve->states() + 1;
    Vector& z = start.point.z = Vector(start.curve->unknowns());
    z.head(cycle) = begin.at.z.head(cycle);
    for (std::size_t k = 0; k < free.size(); ++k)
        z[cycle + static_cast<Eigen::Index>(k)] =
            begin.parameters[static_cast<Eigen::Index>(free[k])];
    if (kind != CurveKind::torus) return start;
    double argument = begin.critical.value.imag() * begin.at.period;
    if (begin.leaves_axis)
        argument += argument < std::numbers::pi / 2.0 ? first_argument : -first_argument;
    z[z.size() - 1] = std::cos(argument);
    return start;
}

CurveStart cycles_from(const TransverseCurveProblem& problem, const Begin& begin) {
    CycleStart start =
        cycle_from(problem.modes, {problem.free.begin(), problem.free.end()}, problem.cycle, begin);
    return {std::move(start.curve), std::move(start.point)};
}

CurveStart start_of(const TransverseCurveProblem& problem, const Begin& begin) {
    CurveStart start =
        is_cycle(begin.at) ? cycles_from(problem, begin) : equilibria_from(problem, begin);
    if (!begin.leaves_axis) return start;
    // Away from the axis: the last unknown grows, or of cycles the cosine goes towards zero.
    const Eigen::Index last = start.point.z.size() - 1;
    start.point.tangent = Vector::Zero(last + 1);
    start.point.tangent[last] = is_cycle(begin.at) && start.point.z[last] > 0.0 ? -1.0 : 1.0;
    start.way = Direction::along;
    return start;
}

/// See `critical_pattern`.
ComplexVector pattern_at(const CurveStart& start, const ModeSet& modes) {
    const Vector& z = start.point.z;
    start.problem->prepare(start.point);
    const Vector scales = start.problem->scales_at(z);
    const CurveLinearization at =
        start.problem->linearize(z, Vector::Unit(z.size(), z.size() - 1), scales);
    const Eigen::Index n = modes.field->dimension();
    ComplexVector v = at.null_vectors.col(0).head(n);
    if (at.cycle) v.array() *= scales.head(n).array();
    Eigen::Index largest = 0;
    v.cwiseAbs().maxCoeff(&largest);
    return v * (std::abs(v[largest]) / v[largest] / v.norm());
}

/// Not where the exponents of one could not be computed.
bool are_known(const std::vector<Mode>& modes) {
    return std::ranges::none_of(modes,
                                [](const Mode& mode) { return mode.eigenvalues.size() == 0; });
}

class TransverseTest final : public TestFunction {
public:
    TransverseTest(ModeSet modes, Vector parameters, std::size_t free)
        : modes_(std::move(modes)), parameters_(std::move(parameters)), free_(free) {}
    [[nodiscard]] std::string_view name() const override { return to_string(type()); }
    [[nodiscard]] PointType type() const override { return PointType::transverse; }
    [[nodiscard]] double value(const BranchPoint& point, const CurveLinearization&) const override {
        const auto all = stability_at(modes_, parameters_at(point), point)->at(modes_.lambdas);
        return are_known(all) ? std::ranges::max(all, {}, &Mode::growth).growth : std::nan("");
    }
    [[nodiscard]] std::optional<SpecialPoint> resolve(const BranchPoint& near) const override {
        SpecialPoint point;
        point.type = type();
        point.at = near;
        const auto stability = stability_at(modes_, parameters_at(near), near);
        const std::vector<Mode> all = stability->at(modes_.lambdas);
        if (!are_known(all)) return std::nullopt;
        const auto first = std::ranges::max_element(all, {}, &Mode::growth);
        const Mode& mode = *first;
        point.frequency = mode.frequency;
        point.scenario = to_string(stability->transition(mode));
        point.normal_form["lambda"] = mode.lambda.real();
        if (mode.lambda.imag() != 0.0) point.normal_form["lambda_im"] = mode.lambda.imag();
        if (modes_.first_index > 0)
            point.normal_form["mode"] = modes_.first_index + static_cast<int>(first - all.begin());
        if (near.frame.size() > 0)
            refine_cycle(point,
                         {near,
                          parameters_at(near),
                          {first - all.begin(), mode.eigenvalues[0], stability->transition(mode)}});
        return point;
    }

private:
    /// Values on a mesh twice as fine, and how far they are from those on the cycle's own.
    void refine_cycle(SpecialPoint& point, Begin begin) const {
        begin.critical.value.imag(std::abs(begin.critical.value.imag()));
        CycleOptions options;
        options.degree = CycleProfile(point.at, modes_.field->dimension()).degree();
        const CycleStart start = cycle_from(modes_, {free_}, options, begin);
        const Refined found = refine(*start.curve, start.point);
        if (!succeeded(found.status)) {
            point.note = "the defining system does not converge (" +
                         std::string(to_string(found.status)) +
                         "): the error is that of the bracket";
            return;
        }
        const Eigen::Index size = point.at.z.size(), fine = start.curve->parameter_slots().front();
        point.at.z = found.coarse.head(size);
        point.at.period = start.curve->period_of(found.fine.z);
        point.at.parameters = {found.fine.z[fine], point.at.period};
        point.at.residual = found.fine.residual;
        point.error = std::abs(found.fine.z[fine] - point.at.z[size - 1]) + found.fine.error[fine];
    }

    [[nodiscard]] Vector parameters_at(const BranchPoint& point) const {
        Vector p = parameters_;
        p[static_cast<Eigen::Index>(free_)] = point.parameters.front();
        return p;
    }

    ModeSet modes_;
    Vector parameters_;
    std::size_t free_;
};

/// The special point at which a piece ends.
const SpecialPoint* end_of(const Branch& branch, const BranchPoint& end) {
    const auto found = std::ranges::find_if(branch.special, [&](const SpecialPoint& special) {
        return special.at.z.size() == end.z.size() && special.at.z == end.z;
    });
    return found == branch.special.end() ? nullptr : &*found;
}

/// Whether one of the pieces of the same mode passes there.
template <class Pieces>
bool is_known(const TransverseCurveProblem& problem, const Begin& at, const Pieces& pieces,
              const ContinuationOptions& options) {
    std::vector<const Branch*> same;
    for (const TransverseCurve& piece : pieces)
        if (piece.critical.place == at.critical.place &&
            piece.critical.transition == at.critical.transition)
            same.push_back(&piece.branch);
    if (same.empty()) return false;
    const CurveStart start = start_of(problem, at);
    return (is_cycle(at.at) ? find_cycles_through(start, same, options)
                            : find_branch_through(start, same, options))
        .has_value();
}

/// Follows pieces from the ends of pieces.
class Follower {
public:
    Follower(const TransverseCurveProblem& problem, const ContinuationOptions& options)
        : problem_(problem), options_(options) {}

    /// The piece through the start, both ways.
    void begin(const CriticalValue& critical) {
        const Begin start{problem_.start, problem_.parameters, critical};
        const CurveStart curve = start_of(problem_, start);
        ContinuationOptions options = options_;
        options.direction = Direction::both;
        add(start, continue_branch(curve.problem, curve.point, options));
    }

    /// And what comes after it, away from its first or its last point.
    void go_on(bool from_front) {
        const TransverseCurve* last = &pieces_.front();
        while (pieces_.size() < most_pieces && !last->branch.points.empty()) {
            const bool front = from_front && last == &pieces_.front();
            const auto next =
                next_of(*last, front ? last->branch.points.front() : last->branch.points.back());
            if (!next || is_known(problem_, *next, pieces_, options_)) return;
            Branch branch = run(start_of(problem_, *next));
            if (branch.points.size() < 2) return;
            last = &add(*next, std::move(branch));
        }
    }

    [[nodiscard]] std::vector<TransverseCurve> pieces() && {
        return {std::make_move_iterator(pieces_.begin()), std::make_move_iterator(pieces_.end())};
    }

private:
    TransverseCurve& add(const Begin& begin, Branch branch) {
        pieces_.push_back({std::move(branch), begin.critical,
                           pattern_at(start_of(problem_, begin), problem_.modes)});
        return pieces_.back();
    }

    [[nodiscard]] std::optional<Begin> next_of(const TransverseCurve& piece,
                                               const BranchPoint& end) const {
        const SpecialPoint* special = end_of(piece.branch, end);
        if (special == nullptr) return std::nullopt;
        Begin next{special->at, problem_.parameters, piece.critical};
        for (std::size_t k = 0; k < problem_.free.size(); ++k)
            next.parameters[static_cast<Eigen::Index>(problem_.free[k])] =
                special->at.parameters[k];
        if (special->type != PointType::transverse) return beyond(std::move(next), special->type);
        const auto values = critical_values(problem_.modes, next.parameters, special->at);
        const auto same_kind = [&](const CriticalValue& value) {
            return value.place == piece.critical.place &&
                   value.transition == piece.critical.transition;
        };
        const auto other = std::ranges::find_if_not(values, same_kind);
        if (other != values.end()) {
            next.critical = *other;
            return next;
        }
        if (next.critical.transition == Transition::oscillatory ||
            std::ranges::count_if(values, same_kind) < 2)
            return std::nullopt;
        return beyond(std::move(next), PointType::resonance_1_1);
    }

    /// Where a pair of values meets on the real axis: of a pair that comes to it what goes on is
    /// real, of a real one a pair.
    [[nodiscard]] static Begin beyond(Begin next, PointType type) {
        const bool doubles = next.critical.transition == Transition::period_doubling ||
                             type == PointType::resonance_1_2;
        next.leaves_axis = next.critical.transition != Transition::oscillatory;
        next.critical.transition = next.leaves_axis ? Transition::oscillatory
                                   : doubles        ? Transition::period_doubling
                                                    : Transition::stationary;
        next.critical.value = {0.0, doubles ? std::numbers::pi / next.at.period : 0.0};
        return next;
    }

    /// Of both directions the one in which no other mode grows.
    [[nodiscard]] Branch run(const CurveStart& start) const {
        ContinuationOptions options = options_;
        options.direction =
            start.way == Direction::along ? Direction::along : Direction::increasing;
        Continuation forth(start.problem, start.point, options);
        if (forth.branch().points.empty()) return std::move(forth).take();
        if (forth.advance() && is_stable(forth.branch())) return finish(std::move(forth));
        BranchPoint turned = forth.branch().points.front();
        turned.tangent = -turned.tangent;
        options.direction = Direction::along;
        Continuation back(start.problem, turned, options);
        if (back.advance() && is_stable(back.branch())) return finish(std::move(back));
        return {};
    }

    [[nodiscard]] static bool is_stable(const Branch& branch) {
        return branch.points.size() > 1 && branch.points.back().n_unstable == 0 &&
               branch.special.empty();
    }
    [[nodiscard]] static Branch finish(Continuation run) {
        while (run.advance()) {
        }
        return std::move(run).take();
    }

    const TransverseCurveProblem& problem_;
    ContinuationOptions options_;
    std::deque<TransverseCurve> pieces_;
};

/// All of them, leading first.
std::vector<CriticalValue> near_axis(const MasterStability& stability, const Mode& mode,
                                     Eigen::Index place) {
    std::vector<CriticalValue> found;
    const double distance = critical_part * mode.eigenvalues.cwiseAbs().maxCoeff();
    for (const Complex value : mode.eigenvalues) {
        if (std::abs(value.real()) > distance) continue;
        if (mode.lambda.imag() == 0.0 && value.imag() < 0.0) continue;
        Mode at = mode;
        at.frequency = std::abs(value.imag()) / (2.0 * std::numbers::pi);
        found.push_back({place, value, stability.transition(at)});
    }
    return found;
}

}  // namespace

std::shared_ptr<const TestFunction> transverse_test(ModeSet modes, Vector parameters,
                                                    std::size_t free) {
    return std::make_shared<TransverseTest>(std::move(modes), std::move(parameters), free);
}

std::vector<CriticalValue> critical_values(const ModeSet& modes, const Vector& parameters,
                                           const BranchPoint& at) {
    const auto stability = stability_at(modes, parameters, at);
    const double same = same_mode * modes.lambdas.cwiseAbs().maxCoeff();
    std::vector<CriticalValue> found;
    Eigen::Index place = 0;
    for (const Mode& mode : stability->at(modes.lambdas)) {
        const bool known =
            std::any_of(modes.lambdas.begin(), modes.lambdas.begin() + place, [&](Complex before) {
                return std::abs(before - mode.lambda) <= same ||
                       std::abs(before - std::conj(mode.lambda)) <= same;
            });
        if (!known && mode.eigenvalues.size() > 0)
            std::ranges::copy(near_axis(*stability, mode, place), std::back_inserter(found));
        ++place;
    }
    std::ranges::stable_sort(found, {},
                             [](const CriticalValue& one) { return std::abs(one.value.real()); });
    return found;
}

ComplexVector critical_pattern(const TransverseCurveProblem& problem,
                               const CriticalValue& critical) {
    return pattern_at(start_of(problem, {problem.start, problem.parameters, critical}),
                      problem.modes);
}

std::vector<TransverseCurve> follow_transverse(const TransverseCurveProblem& problem,
                                               const ContinuationOptions& options) {
    require(problem.free[0] != problem.free[1],
            "a curve of transverse instabilities needs two parameters, not one twice");
    const auto values = critical_values(problem.modes, problem.parameters, problem.start);
    if (values.empty()) return {};
    Follower follower(problem, options);
    follower.begin(values.front());
    for (const bool from_front : {false, true}) follower.go_on(from_front);
    return std::move(follower).pieces();
}

bool passes_through(const TransverseCurveProblem& problem, std::span<const TransverseCurve> pieces,
                    const ContinuationOptions& options) {
    const auto values = critical_values(problem.modes, problem.parameters, problem.start);
    return !values.empty() &&
           is_known(problem, {problem.start, problem.parameters, values.front()}, pieces, options);
}

}  // namespace cortifold
