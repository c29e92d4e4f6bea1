#include "philox.hpp"

#ifdef __AVX2__
#include <immintrin.h>
#endif

#include <algorithm>

namespace cortifold {

namespace {

constexpr std::uint32_t multiplier_0 = 0xD2511F53, multiplier_1 = 0xCD9E8D57;
constexpr std::uint32_t weyl_0 = 0x9E3779B9, weyl_1 = 0xBB67AE85;
constexpr int rounds = 10;

std::uint32_t low(std::uint64_t v) {
    return static_cast<std::uint32_t>(v);
}

#ifdef __AVX2__

constexpr std::size_t lanes = 8;

__m256i broadcast(std::uint32_t word) {
    return _mm256_set1_epi32(static_cast<int>(word));
}

struct Product {
    __m256i high, low;
};

Product multiply(__m256i words, std::uint32_t factor) {
    constexpr int odd = 0xAA;
    const __m256i even_product = _mm256_mul_epu32(words, broadcast(factor));
    const __m256i odd_product = _mm256_mul_epu32(_mm256_srli_epi64(words, 32), broadcast(factor));
    return {_mm256_blend_epi32(_mm256_srli_epi64(even_product, 32), odd_product, odd),
            _mm256_blend_epi32(even_product, _mm256_slli_epi64(odd_product, 32), odd)};
}

struct Counters {
    using Words = __m256i;
    static Words all(std::uint32_t word) { return broadcast(word); }
    static Words counting_from(std::uint32_t word) {
        return _mm256_add_epi32(broadcast(word), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    }
    static Product product(Words words, std::uint32_t factor) { return multiply(words, factor); }
    static Words mix(Words a, Words b, std::uint32_t key) {
        return _mm256_xor_si256(_mm256_xor_si256(a, b), broadcast(key));
    }
    static void store(Words words, std::uint32_t* to) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), words);
    }
};

#else

constexpr std::size_t lanes = 1;

struct Product {
    std::uint32_t high, low;
};

struct Counters {
    using Words = std::uint32_t;
    static Words all(std::uint32_t word) { return word; }
    static Words counting_from(std::uint32_t word) { return word; }
    static Product product(Words word, std::uint32_t factor) {
        const std::uint64_t full = std::uint64_t{word} * factor;
        return {cortifold::low(full >> 32), cortifold::low(full)};
    }
    static Words mix(Words a, Words b, std::uint32_t key) { return a ^ b ^ key; }
    static void store(Words word, std::uint32_t* to) { *to = word; }
};

#endif

/// Two independent sets of lanes hide the latency of the multiplications.
constexpr std::size_t sets = lanes == 1 ? 1 : 2;

void philox(std::array<std::uint32_t, 4> counter, std::uint64_t seed, std::uint32_t* words) {
    using C = Counters;
    C::Words x0[sets], x1[sets], x2[sets], x3[sets];
    for (std::size_t s = 0; s < sets; ++s) {
        x0[s] = C::all(counter[0]);
        x1[s] = C::all(counter[1]);
        x2[s] = C::counting_from(counter[2] + static_cast<std::uint32_t>(s * lanes));
        x3[s] = C::all(counter[3]);
    }
    std::uint32_t key_0 = low(seed), key_1 = low(seed >> 32);
    for (int round = 0; round < rounds; ++round, key_0 += weyl_0, key_1 += weyl_1)
        for (std::size_t s = 0; s < sets; ++s) {
            const Product p = C::product(x0[s], multiplier_0), q = C::product(x2[s], multiplier_1);
            x0[s] = C::mix(q.high, x1[s], key_0);
            x1[s] = q.low;
            x2[s] = C::mix(p.high, x3[s], key_1);
            x3[s] = p.low;
        }
    for (std::size_t s = 0; s < sets; ++s, words += lanes) {
        C::store(x0[s], words);
        C::store(x1[s], words + 16);
        C::store(x2[s], words + 32);
        C::store(x3[s], words + 48);
    }
}

}  // namespace

void philox_group(const StreamKey& key, std::uint64_t group, WordGroup& words) {
    const std::uint64_t draw = 16 * group;
    const std::uint32_t high = low(key.entity >> 32 << 16) | low(draw >> 32);
    for (std::uint32_t i = 0; i < 16; i += sets * lanes)
        philox({static_cast<std::uint32_t>(key.purpose), low(key.entity), low(draw) + i, high},
               key.seed, words.data() + i);
}

void WordStream::fill(std::span<std::uint32_t> words) {
    while (!words.empty()) {
        if (at_ == group_size) refill();
        const std::size_t count = std::min(words.size(), group_size - at_);
        std::copy_n(words_.begin() + static_cast<std::ptrdiff_t>(at_), count, words.begin());
        at_ += count;
        words = words.subspan(count);
    }
}

}  // namespace cortifold
