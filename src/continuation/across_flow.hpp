#pragma once

#include <cortifold/core/matrix.hpp>

#include <cmath>
#include <utility>

namespace cortifold {

/// The reflection I - 2 v v^T that takes a direction to a multiple of the first axis.
class Across {
public:
    explicit Across(Vector direction) : v_(std::move(direction)) {
        v_[0] += std::copysign(v_.norm(), v_[0]);
        const double length = v_.norm();
        v_ = length > 0.0 ? Vector(v_ / length) : Vector(Vector::Zero(v_.size()));
    }
    void from_left(Matrix& a) const { a -= 2.0 * v_ * (v_.transpose() * a); }
    void from_right(Matrix& a) const { a -= 2.0 * (a * v_) * v_.transpose(); }

private:
    Vector v_;
};

}  // namespace cortifold
