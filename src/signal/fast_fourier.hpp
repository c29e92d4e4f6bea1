#pragma once

#include <cortifold/core/matrix.hpp>

#include <kissfft/kissfft.hh>

namespace cortifold {

/// Even lengths without prime factors above 5, of which Fourier transforms are fast. At most and at
/// least `size`, which is 2 or more.
[[nodiscard]] Eigen::Index fast_length_within(Eigen::Index size);
[[nodiscard]] Eigen::Index fast_length_beyond(Eigen::Index size);

/// Discrete Fourier transforms of one even length.
class FourierTransform {
public:
    explicit FourierTransform(Eigen::Index size);
    /// X[k] = sum_n x[n] exp(-2 pi i k n / size), for k from 0 to size / 2.
    [[nodiscard]] ComplexVector forward(ConstVectorRef x) const;
    /// z[n] = 1 / size sum_k Z[k] exp(2 pi i k n / size), for all k.
    [[nodiscard]] ComplexVector inverse(const ComplexVector& Z) const;

private:
    Eigen::Index size_;
    kissfft<double> real_, inverse_;
};

}  // namespace cortifold
