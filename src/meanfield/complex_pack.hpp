#pragma once

#include <cortifold/core/pack.hpp>

#include <complex>
#include <numbers>

namespace cortifold {

/// Eight complex numbers, finite ones.
struct ComplexPack {
    Pack re, im;
};

inline ComplexPack operator*(const ComplexPack& a, const ComplexPack& b) {
    return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
inline ComplexPack operator*(const ComplexPack& a, const Pack& b) {
    return {a.re * b, a.im * b};
}
inline ComplexPack operator*(const ComplexPack& a, std::complex<double> b) {
    return {a.re * b.real() - a.im * b.imag(), a.re * b.imag() + a.im * b.real()};
}
inline ComplexPack operator-(const ComplexPack& a, const ComplexPack& b) {
    return {a.re - b.re, a.im - b.im};
}
inline ComplexPack operator-(const ComplexPack& a, std::complex<double> b) {
    return {a.re - b.real(), a.im - b.imag()};
}
inline std::complex<double> sum(const ComplexPack& a) {
    return {a.re.sum(), a.im.sum()};
}

/// size exp(i angle) for |angle| < 1e6: the angle reduced to a sixteenth of a turn by Cody & Waite
/// (1980), its sine and cosine as Taylor series, three times doubled.
inline ComplexPack polar(const Pack& size, const Pack& angle) {
    constexpr double turn = 2.0 * std::numbers::pi;
    // The first two parts times a whole number are exact.
    constexpr double high = 0x1.921fb54p+2, middle = 0x1.10b4611p-28, low = 0x1.4c4c6628b80dcp-57;
    const Pack turns = (angle / turn).round(),
               x = (((angle - turns * high) - turns * middle) - turns * low) / 8.0, y = x * x;
    Pack sine = Pack::Ones(), cosine = Pack::Ones();
    for (int k = 14; k >= 2; k -= 2) {
        cosine = 1.0 - y / (k * (k - 1.0)) * cosine;
        sine = 1.0 - y / (k * (k + 1.0)) * sine;
    }
    ComplexPack wave{cosine, x * sine};
    for (int doubling = 0; doubling < 3; ++doubling) wave = wave * wave;
    return wave * size;
}
inline ComplexPack exp(const ComplexPack& z) {
    return polar(z.re.exp(), z.im);
}

}  // namespace cortifold
