#include "driven_field.hpp"

#include <cortifold/core/error.hpp>

#include <algorithm>

namespace cortifold {

namespace {

Eigen::Index index(std::size_t i) {
    return static_cast<Eigen::Index>(i);
}

void check_target(const Drive& drive, const VectorField& field) {
    validate(drive.wave);
    const std::size_t count = field.parameters().size();
    require(drive.parameter < count, "integrate: a drive moves parameter " +
                                         std::to_string(drive.parameter) + ", the field has " +
                                         std::to_string(count));
    require(drive.parameter != field.time(), "integrate: a drive cannot move the time");
}

}  // namespace

DrivenField::DrivenField(const OdeProblem& problem, const NoiseOptions& noise)
    : field_(*problem.field), resting_(problem.parameters), p_(problem.parameters) {
    const auto add_random = [&](const Drive& drive) {
        random_.emplace_back(drive, random_.size(), noise);
        moved_.push_back(index(drive.parameter));
    };
    if (problem.clock == Clock::running) {
        time_ = field_.time();
        if (time_) moved_.push_back(index(*time_));
        for (const std::size_t parameter : field_.noises())
            add_random({parameter, WhiteNoise{1.0}});
    }
    for (const Drive& drive : problem.drives) {
        check_target(drive, field_);
        if (cortifold::is_random(drive.wave)) {
            add_random(drive);
            continue;
        }
        waves_.push_back(&drive);
        moved_.push_back(index(drive.parameter));
    }
}

double DrivenField::first_break_after(double t) const {
    double first = infinity;
    for (const Drive* drive : waves_) first = std::min(first, next_break(drive->wave, t));
    return first;
}

double DrivenField::last_break_at(double t) const {
    double last = t, next = t;
    while ((next = first_break_after(last)) - last <= time_resolution(last)) last = next;
    return last;
}

double DrivenField::enter(double t, double stop) {
    begin_ = last_break_at(t);
    break_ = first_break_after(begin_);
    const double end = last_break_at(break_);
    return end < stop - time_resolution(stop) ? end : stop;
}

void DrivenField::draw(long step, double from, double to) {
    draw_begin_ = from;
    draw_width_ = to - from;
    for (RandomDrive& drive : random_) drive.draw(step, draw_width_);
}

void DrivenField::move(double t) {
    for (const Eigen::Index i : moved_) p_[i] = resting_[i];
    const double wave_t = t < break_ ? std::max(t, begin_) : std::nextafter(break_, -infinity);
    for (const Drive* drive : waves_)
        p_[index(drive->parameter)] += wave_value(drive->wave, wave_t);
    const double part = (t - draw_begin_) / draw_width_;
    for (const RandomDrive& drive : random_) p_[index(drive.parameter())] += drive.value(part);
    if (time_) p_[index(*time_)] = t;
}

Flow DrivenField::jump(std::size_t which, double t, VectorRef x) {
    move_to(t);
    before_jump_ = p_;
    const Flow flow = field_.jump(which, x, p_);
    for (Eigen::Index i = 0; i < p_.size(); ++i)
        if (p_[i] != before_jump_[i]) resting_[i] = p_[i] - (before_jump_[i] - resting_[i]);
    return flow;
}

}  // namespace cortifold
