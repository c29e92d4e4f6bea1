#include "current_waveform.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cortifold {

namespace {

struct MeanOver {
    double a, b;

    double operator()(const CurrentStep& current) const {
        return ramp(current.start_ms, current.stop_ms, current.amplitude, current.amplitude);
    }
    double operator()(const CurrentRamp& current) const {
        return ramp(current.start_ms, current.stop_ms, current.first, current.last);
    }
    double operator()(const CurrentSinusoid& current) const {
        const double angular = 2.0 * std::numbers::pi * current.frequency_hz * 1e-3;
        const double half = 0.5 * angular * (b - a);
        const double shrinks = half == 0.0 ? 1.0 : std::sin(half) / half;
        return current.amplitude * shrinks * std::sin(0.5 * angular * (a + b) + current.phase);
    }
    /// A line has the mean of its value in the middle of what lies within.
    [[nodiscard]] double ramp(double start, double stop, double first, double last) const {
        const double from = std::max(a, start), to = std::min(b, stop);
        if (to <= from) return 0.0;
        const double part = (0.5 * (from + to) - start) / (stop - start);
        return (first + (last - first) * part) * ((to - from) / (b - a));
    }
};

}  // namespace

double mean_over(const CurrentWaveform& current, double a_ms, double b_ms) {
    return std::visit(MeanOver{a_ms, b_ms}, current);
}

}  // namespace cortifold
