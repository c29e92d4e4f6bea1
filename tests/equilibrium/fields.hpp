#pragma once

#include "support/formula_field.hpp"

#include <array>
#include <cmath>
#include <numbers>

namespace cortifold::testing {

/// Montbrio, Pazo & Roxin 2015, eq. 12, with tau = Delta = 1; p = (eta, J), x = (r, v).
inline std::shared_ptr<const VectorField> montbrio_pazo_roxin() {
    return make_field<2, 2>([](const auto& x, const auto& p) {
        constexpr double pi = std::numbers::pi;
        const auto [r, v] = x;
        return std::array{1.0 / pi + 2.0 * r * v, v * v + p[0] + p[1] * r - pi * pi * r * r};
    });
}

/// Jansen & Rit 1995, eq. 6, in mV, mV/s and 1/s, with the parameters of their section 3; p is the
/// external input in 1/s.
inline std::shared_ptr<const VectorField> jansen_rit() {
    const auto formula = [](const auto& y, const auto& p) {
        using std::exp;
        using T = std::decay_t<decltype(y[0])>;
        constexpr double A = 3.25, a = 100.0, B = 22.0, b = 50.0, C = 135.0;
        const auto rate = [](const T& v) -> T { return 5.0 / (1.0 + exp(0.56 * (6.0 - v))); };
        const T pyramidal = rate(y[1] - y[2]), excitatory = rate(C * y[0]),
                inhibitory = rate(0.25 * C * y[0]);
        return std::array<T, 6>{
            y[3],
            y[4],
            y[5],
            A * a * pyramidal - 2.0 * a * y[3] - a * a * y[0],
            A * a * (p[0] + 0.8 * C * excitatory) - 2.0 * a * y[4] - a * a * y[1],
            B * b * 0.25 * C * inhibitory - 2.0 * b * y[5] - b * b * y[2]};
    };
    return make_field<6, 1>(formula);
}

}  // namespace cortifold::testing
