#pragma once

#include <cortifold/core/rng.hpp>

#ifdef __x86_64__
#include <immintrin.h>
#endif

#include <cstddef>
#include <cstdint>

namespace cortifold {

// What Philox does with counters, by how many words a register holds: `product` of words and a
// factor, `mix` by exclusive or.

struct OneCounter {
    static constexpr std::size_t lanes = 1;
    using Words = std::uint32_t;
    struct Product {
        Words high, low;
    };
    static Words all(std::uint32_t word) { return word; }
    static Words counting_from(std::uint32_t word) { return word; }
    static Product product(Words words, std::uint32_t factor) {
        const std::uint64_t full = std::uint64_t{words} * factor;
        return {static_cast<std::uint32_t>(full >> 32), static_cast<std::uint32_t>(full)};
    }
    static Words mix(Words a, Words b, std::uint32_t key) { return a ^ b ^ key; }
    static void store(Words words, std::uint32_t* to) { *to = words; }
};

#ifdef __AVX2__
struct EightCounters {
    static constexpr std::size_t lanes = 8;
    using Words = __m256i;
    struct Product {
        Words high, low;
    };
    static Words all(std::uint32_t word) { return _mm256_set1_epi32(static_cast<int>(word)); }
    static Words counting_from(std::uint32_t word) {
        return _mm256_add_epi32(all(word), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    }
    static Product product(Words words, std::uint32_t factor) {
        constexpr int odd_lanes = 0xAA;
        const Words even = _mm256_mul_epu32(words, all(factor));
        const Words odd = _mm256_mul_epu32(_mm256_srli_epi64(words, 32), all(factor));
        return {_mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, odd_lanes),
                _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), odd_lanes)};
    }
    static Words mix(Words a, Words b, std::uint32_t key) {
        return _mm256_xor_si256(_mm256_xor_si256(a, b), all(key));
    }
    static void store(Words words, std::uint32_t* to) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), words);
    }
};
#endif

#ifdef __AVX512F__
struct SixteenCounters {
    static constexpr std::size_t lanes = 16;
    using Words = __m512i;
    struct Product {
        Words high, low;
    };
    static Words all(std::uint32_t word) { return _mm512_set1_epi32(static_cast<int>(word)); }
    static Words counting_from(std::uint32_t word) {
        return _mm512_add_epi32(
            all(word), _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
    }
    static Product product(Words words, std::uint32_t factor) {
        constexpr __mmask16 odd_lanes = 0xAAAA;
        const Words even = _mm512_mul_epu32(words, all(factor));
        const Words odd = _mm512_mul_epu32(_mm512_srli_epi64(words, 32), all(factor));
        return {_mm512_mask_blend_epi32(odd_lanes, _mm512_srli_epi64(even, 32), odd),
                _mm512_mask_blend_epi32(odd_lanes, even, _mm512_slli_epi64(odd, 32))};
    }
    static Words mix(Words a, Words b, std::uint32_t key) {
        return _mm512_xor_si512(_mm512_xor_si512(a, b), all(key));
    }
    static void store(Words words, std::uint32_t* to) { _mm512_storeu_si512(to, words); }
};
#endif

/// As ChunkOperations::draw_words. Where a register holds less than the 16 counters of a group, two
/// sets of lanes hide the latency of the multiplications.
template <class C>
void draw_words(const StreamKey& key, std::uint64_t group, std::uint32_t* words) {
    using Words = typename C::Words;
    constexpr std::uint32_t multiplier_0 = 0xD2511F53, multiplier_1 = 0xCD9E8D57;
    constexpr std::uint32_t weyl_0 = 0x9E3779B9, weyl_1 = 0xBB67AE85;
    constexpr int rounds = 10;
    constexpr std::size_t sets = C::lanes == 8 ? 2 : 1, counters = 16;
    const std::uint64_t draw = counters * group;
    const auto entity = static_cast<std::uint32_t>(key.entity);
    const std::uint32_t high =
        static_cast<std::uint32_t>(key.entity >> 32 << 16) | static_cast<std::uint32_t>(draw >> 32);
    for (std::size_t i = 0; i < counters; i += sets * C::lanes) {
        Words x0[sets], x1[sets], x2[sets], x3[sets];
        for (std::size_t s = 0; s < sets; ++s) {
            x0[s] = C::all(static_cast<std::uint32_t>(key.purpose));
            x1[s] = C::all(entity);
            x2[s] = C::counting_from(static_cast<std::uint32_t>(draw + i + s * C::lanes));
            x3[s] = C::all(high);
        }
        auto key_0 = static_cast<std::uint32_t>(key.seed);
        auto key_1 = static_cast<std::uint32_t>(key.seed >> 32);
        for (int round = 0; round < rounds; ++round, key_0 += weyl_0, key_1 += weyl_1)
            for (std::size_t s = 0; s < sets; ++s) {
                const auto p = C::product(x0[s], multiplier_0);
                const auto q = C::product(x2[s], multiplier_1);
                x0[s] = C::mix(q.high, x1[s], key_0);
                x1[s] = q.low;
                x2[s] = C::mix(p.high, x3[s], key_1);
                x3[s] = p.low;
            }
        for (std::size_t s = 0; s < sets; ++s) {
            std::uint32_t* const to = words + i + s * C::lanes;
            C::store(x0[s], to);
            C::store(x1[s], to + counters);
            C::store(x2[s], to + 2 * counters);
            C::store(x3[s], to + 3 * counters);
        }
    }
}

}  // namespace cortifold
