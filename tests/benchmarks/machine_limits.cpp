#include "machine_limits.hpp"

#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstdint>
#include <limits>
#include <numeric>
#include <random>
#include <thread>
#include <vector>

namespace cortifold {

namespace {

constexpr int repetitions = 7;

double seconds_now() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double>(now).count();
}

/// The least time in which all threads do the work of `Work`, which each of them sets up.
template <class Work>
double least_seconds(int threads) {
    std::barrier meeting(threads);
    std::vector<double> least(static_cast<std::size_t>(threads),
                              std::numeric_limits<double>::infinity());
    std::vector<std::thread> team;
    for (int t = 0; t < threads; ++t)
        team.emplace_back([&, t] {
            Work work(t);
            for (int k = 0; k < repetitions; ++k) {
                meeting.arrive_and_wait();
                const double begin = seconds_now();
                work.run();
                meeting.arrive_and_wait();
                double& time = least[static_cast<std::size_t>(t)];
                time = std::min(time, seconds_now() - begin);
            }
        });
    for (std::thread& thread : team) thread.join();
    return *std::ranges::max_element(least);
}

/// McCalpin 1995, STREAM: arrays beyond every cache.
class Triad {
public:
    static constexpr std::size_t elements = 4'000'000;
    static constexpr double bytes = 24.0 * elements;
    explicit Triad(int thread) : a_(elements), b_(elements, thread + 1.0), c_(elements, 2.0) {}
    void run() {
        double* const a = a_.data();
        const double *const b = b_.data(), *const c = c_.data();
        for (std::size_t i = 0; i < elements; ++i) a[i] = b[i] + 3.0 * c[i];
    }

private:
    std::vector<double> a_, b_, c_;
};

/// Segments of synapses in random order, the next ones fetched ahead, added to sums that a cache of
/// the second level holds: what the engine does with a spike, without its spikes.
class Scatter {
public:
    static constexpr std::size_t segment = 48, segments = 1'000'000, ahead = 8;
    static constexpr double events = static_cast<double>(segment) * segments;
    explicit Scatter(int thread) : words_(segment * segments), order_(segments), sums_(slots) {
        std::mt19937 engine(static_cast<unsigned>(thread));
        std::iota(order_.begin(), order_.end(), 0U);
        std::ranges::shuffle(order_, engine);
        std::uint32_t state = 1;
        for (std::uint32_t& word : words_) word = (state = state * 1664525U + 1013904223U) | 1U;
    }
    void run() {
        std::int32_t* const sums = sums_.data();
        for (std::size_t k = 0; k < segments; ++k) {
            if (k + ahead < segments) fetch(&words_[order_[k + ahead] * segment]);
            const std::uint32_t* const words = &words_[order_[k] * segment];
            for (std::size_t i = 0; i < segment; ++i)
                sums[words[i] & 0xffff] += static_cast<std::int32_t>(words[i]) >> 16;
        }
    }

private:
    static constexpr std::size_t slots = 65'536, words_of_line = 16;
    static void fetch(const std::uint32_t* words) {
        for (std::size_t i = 0; i < segment; i += words_of_line) __builtin_prefetch(words + i);
    }

    std::vector<std::uint32_t> words_, order_;
    std::vector<std::int32_t> sums_;
};

}  // namespace

MachineLimits measure_machine(int threads) {
    return {threads * Triad::bytes / least_seconds<Triad>(threads),
            threads * Scatter::events / least_seconds<Scatter>(threads)};
}

}  // namespace cortifold
