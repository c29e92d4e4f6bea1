#pragma once

#include "simd.hpp"

namespace cortifold {

/// The standard normal quantile of probability 1/2 + q, |q| < 1/2 - 1e-10, to 1e-7 relative
/// (Wichura 1988, doi:10.2307/2347330, the shorter of his two approximations, whose last region is
/// not reached by words of 32 bits).
template <class V>
V normal_quantile(V q) {
    constexpr double central = 0.425;
    const V r = central * central - q * q;
    const V middle = q *
                     (((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179) /
                     (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1.0);
    const V size = larger<V>(q, -q);
    const V tail = smaller<V>(0.5 - size, broadcast<V>(0.5 - central));
    const V s = square_root<V>(-logarithm<V>(tail)) - 1.6;
    const V outer = (((0.17023821103 * s + 1.3067284816) * s + 2.7568153900) * s + 1.4234372777) /
                    ((0.12021132975 * s + 0.73700164250) * s + 1.0);
    return select<V>(size <= central, middle, select<V>(q < 0.0, -outer, outer));
}

}  // namespace cortifold
