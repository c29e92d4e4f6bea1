#pragma once

#include <cortifold/core/rng.hpp>
#include <cortifold/ode/drive.hpp>

namespace cortifold {

/// What chance adds to a parameter: drawn for one grid step after the other, linear within each.
class RandomDrive {
public:
    /// `number` among the noises of a run.
    RandomDrive(const Drive& drive, std::size_t number, const NoiseOptions& options);

    void draw(long step, double width);
    [[nodiscard]] std::size_t parameter() const { return drive_.parameter; }
    /// At a part of the step from 0 to 1.
    [[nodiscard]] double value(double part) const { return begin_ + part * (end_ - begin_); }

private:
    Drive drive_;
    CounterRng rng_;
    int refinement_;
    double begin_ = 0.0, end_ = 0.0;  ///< at the ends of the step
};

}  // namespace cortifold
