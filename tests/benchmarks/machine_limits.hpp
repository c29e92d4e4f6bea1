#pragma once

namespace cortifold {

/// What the machine can do at most in a second of processor time of each of so many threads at
/// once: the best of some repetitions.
struct MachineLimits {
    double triad_bytes_per_s = 0.0;     ///< of all threads: a = b + s c, 24 bytes an element
    double scatter_events_per_s = 0.0;  ///< of all threads: synapses of four bytes added to sums
};

/// Takes seconds, and 200 MB for each thread.
[[nodiscard]] MachineLimits measure_machine(int threads);

}  // namespace cortifold
