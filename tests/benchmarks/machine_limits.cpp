#include "machine_limits.hpp"

#include <sys/mman.h>
#include <time.h>

#include <algorithm>
#include <barrier>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <new>
#include <numeric>
#include <random>
#include <thread>
#include <vector>

namespace cortifold {

namespace {

constexpr int repetitions = 7;

/// Of this thread on a processor: others that share the machine disturb it less than the clock's.
double processor_seconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// The least time in which a thread does the work of `Work` while all others do theirs; that of the
/// slowest.
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
                const double begin = processor_seconds();
                work.run();
                double& time = least[static_cast<std::size_t>(t)];
                time = std::min(time, processor_seconds() - begin);
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

/// Words on pages of 2 MB, as the engine's synapses.
class Pages {
public:
    explicit Pages(std::size_t words) : words_(allocate(words * sizeof(std::uint32_t))) {}
    [[nodiscard]] std::uint32_t* begin() const { return words_.get(); }

private:
    struct Free {
        void operator()(std::uint32_t* words) const { std::free(words); }
    };
    static std::uint32_t* allocate(std::size_t bytes) {
        constexpr std::size_t page = std::size_t{1} << 21;
        const std::size_t whole = (bytes + page - 1) / page * page;
        void* const memory = std::aligned_alloc(page, whole);
        if (memory == nullptr) throw std::bad_alloc();
        madvise(memory, whole, MADV_HUGEPAGE);
        return static_cast<std::uint32_t*>(memory);
    }
    std::unique_ptr<std::uint32_t[], Free> words_;
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
        for (std::size_t i = 0; i < segment * segments; ++i)
            words_.begin()[i] = (state = state * 1664525U + 1013904223U) | 1U;
    }
    void run() {
        std::int32_t* const sums = sums_.data();
        for (std::size_t k = 0; k < segments; ++k) {
            if (k + ahead < segments) fetch(words_.begin() + order_[k + ahead] * segment);
            const std::uint32_t* const words = words_.begin() + order_[k] * segment;
            for (std::size_t i = 0; i < segment; ++i)
                sums[words[i] & 0xffff] += static_cast<std::int32_t>(words[i]) >> 16;
        }
    }

private:
    static constexpr std::size_t slots = 65'536, words_of_line = 16;
    static void fetch(const std::uint32_t* words) {
        for (std::size_t i = 0; i < segment; i += words_of_line) __builtin_prefetch(words + i);
    }

    Pages words_;
    std::vector<std::uint32_t> order_;
    std::vector<std::int32_t> sums_;
};

}  // namespace

MachineLimits measure_machine(int threads) {
    return {threads * Triad::bytes / least_seconds<Triad>(threads),
            threads * Scatter::events / least_seconds<Scatter>(threads)};
}

}  // namespace cortifold
