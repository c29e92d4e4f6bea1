#include "jump_watch.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace cortifold {

namespace {

/// This part of its largest excursion from zero is next to nothing for a function.
constexpr double tiny_part = 1e-6;

/// Where in a step the functions are looked at. The first parts are for functions that leave zero,
/// as after a bounce: which way, and whether for long.
constexpr std::array looks{0x1p-10, 0x1p-9, 0x1p-8, 0x1p-7, 0x1p-6, 0x1p-5,
                           0x1p-4,  0x1p-3, 0.25,   0.5,    0.75,   1.0};
constexpr std::size_t first_quarter = 8;

}  // namespace

JumpWatch::JumpWatch(DrivenField& field)
    : field_(field),
      jumps_(field.field().jumps()),
      functions_(jumps_.size()),
      x_(field.field().dimension()),
      now_(static_cast<Eigen::Index>(jumps_.size())) {}

void JumpWatch::start(double t, const Vector& x) {
    if (jumps_.empty()) return;
    field_.jump_values(t, x, now_);
    remember();
}

std::optional<double> JumpWatch::find(Stepper& stepper) {
    if (jumps_.empty()) return {};
    const bool at_zero = std::ranges::count(functions_, 0.0, &Function::before) > 0;
    const double begin = stepper.t_old(), h = stepper.t() - begin;
    double a = begin;
    for (std::size_t k = at_zero ? 0 : first_quarter; k < looks.size(); ++k) {
        const double b = k + 1 < looks.size() ? begin + looks[k] * h : stepper.t();
        look(stepper, b);
        if (!crossing().empty()) return first_root(stepper, a, b);
        remember();
        a = b;
    }
    return {};
}

bool JumpWatch::crosses_by_break(double t, const Vector& x) {
    if (jumps_.empty()) return false;
    field_.jump_values(t, x, now_);
    found_ = crossing();
    if (found_.empty()) remember();
    return !found_.empty();
}

Flow JumpWatch::apply(double t, Vector& x, const OdeOptions& options) {
    const bool from_nothing = std::ranges::all_of(found_, [this](std::size_t which) {
        return functions_[which].excursion < tiny_part * functions_[which].largest;
    });
    piled_ = from_nothing ? piled_ + 1 : 0;
    Flow flow = Flow::proceed;
    for (const std::size_t which : found_) {
        if (field_.jump(which, t, x) == Flow::stop) flow = Flow::stop;
        if (options.on_jump) options.on_jump(which, t, x);
        functions_[which].excursion = 0.0;
        ++made_;
    }
    field_.jump_values(t, x, now_);
    for (Function& function : functions_) function.before = 0.0;
    remember();
    return flow;
}

void JumpWatch::look(Stepper& stepper, double t) {
    const bool at_end = t == stepper.t();
    if (!at_end) stepper.interpolate(t, x_);
    field_.jump_values(t, at_end ? stepper.state() : x_, now_);
}

void JumpWatch::remember() {
    for (std::size_t which = 0; which < functions_.size(); ++which) {
        Function& function = functions_[which];
        const bool stays_zero = function.before == 0.0 && is_zero(which);
        function.before = stays_zero ? 0.0 : now(which);
        function.excursion = std::max(function.excursion, std::abs(now(which)));
        function.largest = std::max(function.largest, function.excursion);
    }
}

bool JumpWatch::approaches(std::size_t which) const {
    const double before = functions_[which].before;
    const Crossing asked = jumps_[which].crossing;
    return (before < 0.0 && asked != Crossing::falling) ||
           (before > 0.0 && asked != Crossing::rising);
}

bool JumpWatch::crosses(std::size_t which) const {
    const bool is_beyond = functions_[which].before < 0.0 ? now(which) >= 0.0 : now(which) <= 0.0;
    return approaches(which) && is_beyond;
}

std::vector<std::size_t> JumpWatch::crossing() const {
    std::vector<std::size_t> all;
    for (std::size_t which = 0; which < jumps_.size(); ++which)
        if (crosses(which)) all.push_back(which);
    return all;
}

/// Beyond the root by no more than rounding. With it come all that are at zero there.
double JumpWatch::first_root(Stepper& stepper, double a, double b) {
    found_ = crossing();
    const Vector at_b = now_;
    Bracket first{a, b, 0.0, 0.0};
    for (const std::size_t which : found_) {
        const Bracket found =
            root(stepper, which,
                 {a, b, functions_[which].before, at_b[static_cast<Eigen::Index>(which)]});
        if (found.b <= first.b) first = found;
    }
    look(stepper, first.a);
    const Vector before = now_;
    look(stepper, first.b);
    for (std::size_t which = 0; which < functions_.size(); ++which) {
        Function& function = functions_[which];
        const double change = now(which) - before[static_cast<Eigen::Index>(which)];
        function.rounding = std::min(std::abs(change), tiny_part * function.largest);
    }
    found_.clear();
    for (std::size_t which = 0; which < functions_.size(); ++which)
        if (crosses(which) || (approaches(which) && is_zero(which))) found_.push_back(which);
    return first.b;
}

/// The ITP method (Oliveira & Takahashi 2021) with k1 = 0.2 / (b - a), k2 = 2 and n0 = 1: at most
/// one step more than bisection, and of superlinear convergence.
JumpWatch::Bracket JumpWatch::root(Stepper& stepper, std::size_t which, Bracket at) {
    const double tolerance = time_resolution(at.b), truncation = 0.2 / (at.b - at.a);
    double reach = tolerance * std::exp2(std::ceil(std::log2((at.b - at.a) / tolerance)));
    for (; at.b - at.a > tolerance; reach *= 0.5) {
        const double middle = 0.5 * (at.a + at.b), half = 0.5 * (at.b - at.a);
        const double secant = (at.at_b * at.a - at.at_a * at.b) / (at.at_b - at.at_a);
        const double sign = std::copysign(1.0, middle - secant);
        const double shift = 4.0 * truncation * half * half;
        const double guess = shift <= std::abs(middle - secant) ? secant + sign * shift : middle;
        const double room = reach - half;
        const double t = std::abs(guess - middle) <= room ? guess : middle - sign * room;
        look(stepper, t);
        const bool is_before = now(which) * at.at_a > 0.0;
        (is_before ? at.a : at.b) = t;
        (is_before ? at.at_a : at.at_b) = now(which);
    }
    return at;
}

}  // namespace cortifold
