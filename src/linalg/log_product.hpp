#pragma once

#include <cmath>
#include <complex>

namespace cortifold {

/// The logarithm of a product of many numbers, none of which may be out of range by itself.
template <class S>
class LogProduct {
public:
    void multiply(S by) {
        mantissa_ *= by;
        const double size = std::abs(mantissa_);
        if (size < smallest || size > 1.0 / smallest) take_out(size);
    }
    /// log|product| + i arg; -infinity where a factor is zero.
    [[nodiscard]] std::complex<double> value() const {
        return logarithm_ + std::log(std::complex<double>(mantissa_));
    }

private:
    static constexpr double smallest = 1e-100;

    void take_out(double size) {
        logarithm_ += std::log(size);
        mantissa_ = size > 0.0 ? mantissa_ / size : S(1.0);
    }

    S mantissa_ = 1.0;
    double logarithm_ = 0.0;
};

}  // namespace cortifold
