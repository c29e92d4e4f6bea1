#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace cortifold {

// A formula on V, one number or some that a register holds, is the same operations in the same
// order on each lane, so that its results are the same bits however many lanes a processor has. All
// that is here has V or the count of lanes in its name, so that what was compiled for one set of
// instructions is never taken for another.

/// What a register of `count` numbers holds.
template <std::size_t count>
struct Register {
    using Doubles [[gnu::vector_size(8 * count)]] = double;
    using Bits [[gnu::vector_size(8 * count)]] = std::int64_t;
    using Integers [[gnu::vector_size(4 * count)]] = std::int32_t;
};
struct SingleNumber {
    using Doubles = double;
    using Bits = std::int64_t;
    using Integers = std::int32_t;
};
template <std::size_t count>
using RegisterOf = std::conditional_t<count == 1, SingleNumber, Register<count>>;

template <class V>
inline constexpr std::size_t lanes_of = sizeof(V) / sizeof(double);
template <class V>
using BitsOf = typename RegisterOf<lanes_of<V>>::Bits;
template <class V>
using IntegersOf = typename RegisterOf<lanes_of<V>>::Integers;

/// What compares two numbers of type V.
template <class V>
using MaskOf = decltype(V{} < V{});

template <class V>
V select(MaskOf<V> condition, V a, V b) {
    return condition ? a : b;
}
template <class V>
V broadcast(double x) {
    return x - V{};  // x - 0 is x also where x is -0 or not finite
}
template <class V>
V smaller(V a, V b) {
    return select<V>(a < b, a, b);
}
template <class V>
V larger(V a, V b) {
    return select<V>(a > b, a, b);
}

template <class V>
V square_root(V x) {
    if constexpr (std::is_same_v<V, double>)
        return std::sqrt(x);
    else
        for (std::size_t i = 0; i < lanes_of<V>; ++i) x[i] = std::sqrt(x[i]);
    return x;
}
template <class V>
V load(const double* from) {
    V lanes;
    std::memcpy(&lanes, from, sizeof lanes);
    return lanes;
}
/// Of signed integers of 32 bits.
template <class V>
V to_double(const void* from) {
    IntegersOf<V> integers;
    std::memcpy(&integers, from, sizeof integers);
    if constexpr (std::is_same_v<V, double>)
        return integers;
    else
        return __builtin_convertvector(integers, V);
}
/// Of neurons that are free from these steps on: whether they are held in this one.
template <class V>
MaskOf<V> held_lanes(const std::uint64_t* free_from, std::uint64_t step) {
    BitsOf<V> steps;
    std::memcpy(&steps, free_from, sizeof steps);
    return static_cast<std::int64_t>(step) < steps;
}
/// A number that is not 0 for each lane that is set.
template <class V>
void store_marks(MaskOf<V> mask, std::int64_t* to) {
    if constexpr (std::is_same_v<V, double>)
        *to = mask ? 1 : 0;
    else
        std::memcpy(to, &mask, sizeof mask);
}
/// -1 for each lane that is set, else 0.
template <class Integers>
Integers bits_where(auto mask) {
    if constexpr (std::is_same_v<Integers, std::int32_t>)
        return mask ? -1 : 0;
    else
        return mask;
}
template <class Mask>
bool any(Mask mask) {
    if constexpr (std::is_arithmetic_v<Mask>) {
        return mask != 0;
    } else {
        std::remove_cvref_t<decltype(mask[0])> bits = 0;
        for (std::size_t i = 0; i < sizeof mask / sizeof bits; ++i) bits |= mask[i];
        return bits != 0;
    }
}

/// exp(x) to 1e-15 for x in [-700, 700], beyond that the value at the nearer end: x = k log 2 + r,
/// Taylor's series of exp(r), and k in the exponent.
template <class V>
V exponential(V x) {
    constexpr double reach = 700.0, log2_high = 0x1.62e42fee00000p-1,
                     log2_low = 0x1.a39ef35793c76p-33;  // Cody & Waite 1980
    constexpr double magic = 0x1.8p52;  // its sum with a small number has this one's low bits
    x = smaller<V>(larger<V>(x, broadcast<V>(-reach)), broadcast<V>(reach));
    const V shifted = x * 0x1.71547652b82fep+0 + magic;
    const V k = shifted - magic;
    const V r = (x - k * log2_high) - k * log2_low;
    V series = broadcast<V>(1.0 / 6227020800.0);
    for (const double factorial : {479001600.0, 39916800.0, 3628800.0, 362880.0, 40320.0, 5040.0,
                                   720.0, 120.0, 24.0, 6.0, 2.0, 1.0, 1.0})
        series = series * r + 1.0 / factorial;
    BitsOf<V> bits, scale;
    std::memcpy(&bits, &shifted, sizeof bits);
    std::memcpy(&scale, &series, sizeof scale);
    scale += bits << 52;
    std::memcpy(&series, &scale, sizeof series);
    return series;
}

/// log(x) for x from 1e-300 to 1e300: x = 2^k m, 1/sqrt(2) <= m < sqrt(2), and the series of
/// 2 atanh((m - 1) / (m + 1)).
template <class V>
V logarithm(V x) {
    constexpr std::int64_t fraction = (std::int64_t{1} << 52) - 1, one = std::int64_t{1023} << 52;
    constexpr std::int64_t magic = std::int64_t{1075} << 52;  // the bits of 2^52
    BitsOf<V> bits;
    std::memcpy(&bits, &x, sizeof bits);
    const BitsOf<V> exponent = (bits >> 52) | magic, mantissa = (bits & fraction) | one;
    V k, m;
    std::memcpy(&k, &exponent, sizeof k);
    std::memcpy(&m, &mantissa, sizeof m);
    k = k - (0x1p52 + 1023.0);
    const MaskOf<V> upper = m > 1.4142135623730951;
    m = select<V>(upper, 0.5 * m, m);
    k = select<V>(upper, k + 1.0, k);
    const V ratio = (m - 1.0) / (m + 1.0), square = ratio * ratio;
    V series = broadcast<V>(1.0 / 21.0);
    for (const double odd : {19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0})
        series = series * square + 1.0 / odd;
    return k * 0.6931471805599453 + 2.0 * ratio * series;
}

/// (exp(x) - 1) / x, 1 at x = 0.
template <class V>
V relative_growth(V x) {
    constexpr double near = 0.5;
    const MaskOf<V> is_near = (x < near) & (x > -near);
    V series = broadcast<V>(1.0);  // Taylor's, nested
    for (double k = 14.0; k > 1.0; --k) series = 1.0 + series * x / k;
    const V far = select<V>(is_near, broadcast<V>(1.0), x);
    return select<V>(is_near, series, (exponential<V>(far) - 1.0) / far);
}

}  // namespace cortifold
