#include "fast_fourier.hpp"

namespace cortifold {

namespace {

bool is_fast(Eigen::Index size) {
    if (size % 2 != 0) return false;
    for (const Eigen::Index factor : {2, 3, 5})
        while (size % factor == 0) size /= factor;
    return size == 1;
}

}  // namespace

Eigen::Index fast_length_within(Eigen::Index size) {
    while (!is_fast(size)) --size;
    return size;
}

Eigen::Index fast_length_beyond(Eigen::Index size) {
    while (!is_fast(size)) ++size;
    return size;
}

FourierTransform::FourierTransform(Eigen::Index size)
    : size_(size),
      real_(static_cast<std::size_t>(size / 2), false),
      inverse_(static_cast<std::size_t>(size), true) {}

ComplexVector FourierTransform::forward(ConstVectorRef x) const {
    const Eigen::Index half = size_ / 2;
    ComplexVector X(half + 1);
    real_.transform_real(x.data(), X.data());
    X[half] = X[0].imag();  // where kissfft packs the last coefficient, which is real
    X[0] = X[0].real();
    return X;
}

ComplexVector FourierTransform::inverse(const ComplexVector& Z) const {
    ComplexVector z(size_);
    inverse_.transform(Z.data(), z.data());
    return z / static_cast<double>(size_);
}

}  // namespace cortifold
