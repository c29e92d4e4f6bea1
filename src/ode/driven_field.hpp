#pragma once

#include "random_drive.hpp"
#include <cortifold/ode/integrate.hpp>

#include <cmath>
#include <limits>
#include <optional>
#include <vector>

namespace cortifold {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// A shorter step does not move the time reliably.
[[nodiscard]] inline double time_resolution(double t) {
    constexpr double roundings = 16.0;
    return roundings * std::numeric_limits<double>::epsilon() * std::abs(t) +
           std::numeric_limits<double>::min();
}

/// A field together with its parameters, moved to the time of each evaluation: by drives, by the
/// time where the field reads it, by noise held or interpolated over a grid step, and by jumps.
class DrivenField {
public:
    DrivenField(const OdeProblem& problem, const NoiseOptions& noise);
    DrivenField(const DrivenField&) = delete;
    DrivenField& operator=(const DrivenField&) = delete;

    /// Begins the stretch from t to the next break of a drive, and returns its end: `stop`, if none
    /// comes before. In the stretch drives have their left limits at its end.
    [[nodiscard]] double enter(double t, double stop);
    /// Draws the noise of a step of the grid.
    void draw(long step, double from, double to);

    void rhs(double t, ConstVectorRef x, VectorRef dx) {
        move_to(t);
        ++evaluations_;
        field_.rhs(x, p_, dx);
    }
    void jump_values(double t, ConstVectorRef x, VectorRef values) {
        move_to(t);
        field_.jump_values(x, p_, values);
    }
    /// What the jump does to the parameters stays with them, whatever moves them otherwise.
    [[nodiscard]] Flow jump(std::size_t which, double t, VectorRef x);
    void rest_at(const Vector& parameters) { resting_ = parameters; }
    void move_to(double t) {
        if (!moved_.empty()) move(t);
    }

    [[nodiscard]] const VectorField& field() const { return field_; }
    [[nodiscard]] const Vector& parameters() const { return p_; }  ///< where they were moved last
    [[nodiscard]] const Vector& resting_parameters() const { return resting_; }
    [[nodiscard]] bool is_random() const { return !random_.empty(); }
    [[nodiscard]] long evaluations() const { return evaluations_; }

private:
    void move(double t);
    [[nodiscard]] double first_break_after(double t) const;
    /// Breaks that differ by rounding alone count as one; t itself, where none follows so close.
    [[nodiscard]] double last_break_at(double t) const;

    const VectorField& field_;
    Vector resting_, p_;
    std::optional<std::size_t> time_;
    std::vector<const Drive*> waves_;  ///< that are not random
    std::vector<RandomDrive> random_;
    std::vector<Eigen::Index> moved_;
    double begin_ = -infinity, break_ = infinity;  ///< where the drives are smooth
    double draw_begin_ = 0.0, draw_width_ = 1.0;
    Vector before_jump_;
    long evaluations_ = 0;
};

}  // namespace cortifold
