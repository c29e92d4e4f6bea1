#pragma once

namespace cortifold {

/// Spikes that come to a cortical network from outside, for a short time.
struct ThalamicPulse {
    double start_ms = 700.0;  ///< from the beginning of a run
    double duration_ms = 10.0;
    double rate_hz = 120.0;  ///< of each relay cell
};

}  // namespace cortifold
