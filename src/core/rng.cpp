#include <cortifold/core/error.hpp>
#include <cortifold/core/rng.hpp>

#include <Random123/philox.h>

#include <array>
#include <cmath>
#include <numbers>

namespace cortifold {

namespace {

constexpr std::uint64_t limit = std::uint64_t{1} << 48;

std::array<std::uint64_t, 2> bits(const StreamKey& key, std::uint64_t draw) {
    require(draw < limit, "random draw " + std::to_string(draw) + " must be below 2^48");
    const auto low = [](std::uint64_t v) { return static_cast<std::uint32_t>(v); };
    const r123::Philox4x32::ctr_type counter{{static_cast<std::uint32_t>(key.purpose),
                                              low(key.entity), low(draw),
                                              low(key.entity >> 32 << 16) | low(draw >> 32)}};
    const r123::Philox4x32::key_type philox_key{{low(key.seed), low(key.seed >> 32)}};
    const auto words = r123::Philox4x32{}(counter, philox_key);
    return {std::uint64_t{words[0]} << 32 | words[1], std::uint64_t{words[2]} << 32 | words[3]};
}

/// The middle of one of 2^52 equal cells of (0, 1): never 0 or 1.
double open_unit(std::uint64_t word) {
    return (static_cast<double>(word >> 12) + 0.5) * 0x1p-52;
}

}  // namespace

CounterRng::CounterRng(StreamKey key) : key_(key) {
    require(key.entity < limit,
            "random stream entity " + std::to_string(key.entity) + " must be below 2^48");
}

double CounterRng::uniform(std::uint64_t draw) const {
    return open_unit(bits(key_, draw)[0]);
}

double CounterRng::normal(std::uint64_t draw) const {
    const auto [first, second] = bits(key_, draw);
    return std::sqrt(-2.0 * std::log(open_unit(first))) *
           std::cos(2.0 * std::numbers::pi * open_unit(second));
}

}  // namespace cortifold
