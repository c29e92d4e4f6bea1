#pragma once

#include <atomic>
#include <cstdint>

namespace cortifold {

/// Where the threads of a team wait for one another: at work for a while, then asleep, so that a
/// machine with more threads than processors goes on.
class SpinBarrier {
public:
    explicit SpinBarrier(int threads) : threads_(static_cast<std::uint32_t>(threads)) {}
    void wait() {
        const std::uint32_t phase = phase_.load(std::memory_order_acquire);
        if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == threads_) {
            arrived_.store(0, std::memory_order_relaxed);
            phase_.fetch_add(1, std::memory_order_release);
            phase_.notify_all();
            return;
        }
        constexpr int spins = 2000;  // some ten microseconds: part of a step of a large network
        for (int k = 0; k < spins; ++k) {
            if (phase_.load(std::memory_order_acquire) != phase) return;
#if defined(__x86_64__)
            __builtin_ia32_pause();
#endif
        }
        phase_.wait(phase, std::memory_order_acquire);
    }

private:
    std::uint32_t threads_;
    alignas(64) std::atomic<std::uint32_t> arrived_ = 0;
    alignas(64) std::atomic<std::uint32_t> phase_ = 0;
};

}  // namespace cortifold
