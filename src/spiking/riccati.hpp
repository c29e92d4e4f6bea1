#pragma once

#include "simd.hpp"

#include <numbers>

namespace cortifold {

/// A solution of dx/ds = x^2 + I some time later, and whether it went through infinity meanwhile.
template <class V>
struct RiccatiPassage {
    V value;
    MaskOf<V> passes;
};

/// Exact for constant I: with w = sqrt(I), c = cos(w s) and S = sin(w s) / w, entire functions of
/// I s^2, x goes to (x c + I S) / (c - x S), whose denominator changes its sign at the passage.
/// Where w s > pi, of several passages, x comes back to where it was.
template <class V>
RiccatiPassage<V> riccati(V x, V I, V s) {
    constexpr double pi_squared = std::numbers::pi * std::numbers::pi;
    constexpr double farthest = -400.0;  // from there on tanh(w s) is 1
    constexpr double infinite = 1e18;    // its square and product with any c are finite
    const V all = I * s * s;
    const V angle = smaller<V>(larger<V>(all, broadcast<V>(farthest)), broadcast<V>(pi_squared));
    constexpr int doublings = 5;
    V y = angle * 0x1p-10;                          // square of the angle, halved five times
    V sine = broadcast<V>(-1.0 / 1307674368000.0);  // over the angle; Taylor's series in y
    V cosine = broadcast<V>(-1.0 / 87178291200.0);
    sine = 1.0 / 6227020800.0 + y * sine;
    cosine = 1.0 / 479001600.0 + y * cosine;
    sine = -1.0 / 39916800.0 + y * sine;
    cosine = -1.0 / 3628800.0 + y * cosine;
    sine = 1.0 / 362880.0 + y * sine;
    cosine = 1.0 / 40320.0 + y * cosine;
    sine = -1.0 / 5040.0 + y * sine;
    cosine = -1.0 / 720.0 + y * cosine;
    sine = 1.0 / 120.0 + y * sine;
    cosine = 1.0 / 24.0 + y * cosine;
    sine = 1.0 + y * (-1.0 / 6.0 + y * sine);
    cosine = 1.0 + y * (-0.5 + y * cosine);
    for (int k = 0; k < doublings; ++k) {
        const V half = sine;
        sine = half * cosine;
        cosine = 1.0 - 2.0 * y * half * half;
        y = 4.0 * y;
    }
    const V S = s * sine;
    const V below = cosine - x * S;
    const V denominator = select<V>(below == 0.0, broadcast<V>(-1e-300), below);
    V value = (x * cosine + angle / s * sine) / denominator;
    MaskOf<V> passes = (below <= 0.0) | (all >= pi_squared);
    const MaskOf<V> strongly_inhibited = all < farthest;
    const V root = square_root<V>(larger<V>(-I, broadcast<V>(0.0)));
    value = select<V>(strongly_inhibited, -root, value);
    passes = (strongly_inhibited & (x >= root)) | ((!strongly_inhibited) & passes);
    value = smaller<V>(larger<V>(value, broadcast<V>(-infinite)), broadcast<V>(infinite));
    return {value, passes};
}

}  // namespace cortifold
