#pragma once

#include "stepper.hpp"

#include <cmath>
#include <optional>
#include <span>
#include <vector>

namespace cortifold {

/// Looks in each step for zeros of the functions whose zeros are the jumps of a field.
class JumpWatch {
public:
    explicit JumpWatch(DrivenField& field);

    /// Takes a first look where a run begins.
    void start(double t, const Vector& x);
    /// The time of the first jumps in the last step.
    [[nodiscard]] std::optional<double> find(Stepper& stepper);
    /// Whether a drive that broke at t has moved functions through zero.
    [[nodiscard]] bool crosses_by_break(double t, const Vector& x);
    /// Makes the jumps found last.
    [[nodiscard]] Flow apply(double t, Vector& x, const OdeOptions& options);

    [[nodiscard]] long made() const { return made_; }
    /// Jumps follow one another out of next to nothing.
    [[nodiscard]] bool piled_up() const { return piled_ >= pile; }

private:
    static constexpr int pile = 3;

    struct Function {           ///< of one jump
        double before = 0.0;    ///< at the last look; 0: it must leave zero to cross it again
        double rounding = 0.0;  ///< what was zero to the accuracy of the last jump's time
        double excursion = 0.0, largest = 0.0;  ///< from zero, since its last jump and ever
    };
    struct Bracket {  ///< of a root: the function at b has another sign than at a, or is 0
        double a, b, at_a, at_b;
    };

    [[nodiscard]] double now(std::size_t which) const {
        return now_[static_cast<Eigen::Index>(which)];
    }
    [[nodiscard]] bool is_zero(std::size_t which) const {
        return std::abs(now(which)) <= functions_[which].rounding;
    }
    void look(Stepper& stepper, double t);
    void remember();
    [[nodiscard]] bool approaches(std::size_t which) const;  ///< zero from a side asked for
    [[nodiscard]] bool crosses(std::size_t which) const;
    [[nodiscard]] std::vector<std::size_t> crossing() const;
    [[nodiscard]] double first_root(Stepper& stepper, double a, double b);
    [[nodiscard]] Bracket root(Stepper& stepper, std::size_t which, Bracket at);

    DrivenField& field_;
    const std::span<const Jump> jumps_;
    std::vector<Function> functions_;
    Vector x_, now_;  ///< the functions at this look
    std::vector<std::size_t> found_;
    int piled_ = 0;
    long made_ = 0;
};

}  // namespace cortifold
