#include <cortifold/core/error.hpp>
#include <cortifold/ode/drive.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <sstream>

namespace cortifold {

namespace {

constexpr double never = std::numeric_limits<double>::infinity();

void check(bool holds, std::string_view name, double value, std::string_view bound) {
    std::ostringstream text;
    text << "drive: " << name << " = " << value << " must be " << bound;
    require(holds, text.str());
}
void check_finite(std::string_view name, double value) {
    check(std::isfinite(value), name, value, "finite");
}

/// Where pulse k begins. Every other place asks here, so that all agree to the last bit.
double begin(const PulseTrain& train, long k) {
    return train.at + static_cast<double>(k) * train.period;
}
double end(const PulseTrain& train, long k) {
    return begin(train, k) + train.width;
}
/// The last pulse that has begun at t; -1: none has.
long last_begun(const PulseTrain& train, double t) {
    if (t < train.at) return -1;
    if (train.pulses == 1) return 0;
    const double guess = std::floor((t - train.at) / train.period);
    long k = static_cast<long>(std::min(guess, static_cast<double>(train.pulses - 1)));
    if (begin(train, k) > t) --k;
    return k + 1 < train.pulses && begin(train, k + 1) <= t ? k + 1 : k;
}

/// The index of the first sample after t.
Eigen::Index first_after(const Vector& times, double t) {
    return std::upper_bound(times.begin(), times.end(), t) - times.begin();
}

struct Check {
    void operator()(const StepWave& wave) const {
        check_finite("at", wave.at);
        check_finite("height", wave.height);
    }
    void operator()(const PulseTrain& wave) const {
        check_finite("at", wave.at);
        check_finite("height", wave.height);
        check(wave.width > 0.0 && std::isfinite(wave.width), "width", wave.width, "greater than 0");
        check(wave.pulses > 0, "pulses", static_cast<double>(wave.pulses), "greater than 0");
        check(wave.pulses == 1 || (wave.period > wave.width && std::isfinite(wave.period)),
              "period", wave.period, "greater than the width " + std::to_string(wave.width));
    }
    void operator()(const Ramp& wave) const {
        check_finite("begin", wave.begin);
        check_finite("height", wave.height);
        check(wave.end > wave.begin && std::isfinite(wave.end), "end", wave.end,
              "greater than begin = " + std::to_string(wave.begin));
    }
    void operator()(const Sinusoid& wave) const {
        check_finite("amplitude", wave.amplitude);
        check_finite("frequency", wave.frequency);
        check_finite("phase", wave.phase);
    }
    void operator()(const SampledWave& wave) const {
        check(wave.times.size() > 0, "number of times", 0.0, "at least 1");
        check(wave.values.size() == wave.times.size(), "number of values",
              static_cast<double>(wave.values.size()),
              "that of the times, " + std::to_string(wave.times.size()));
        for (Eigen::Index k = 0; k < wave.times.size(); ++k) {
            const std::string place = "[" + std::to_string(k) + "]";
            check_finite("times" + place, wave.times[k]);
            check_finite("values" + place, wave.values[k]);
            check(k == 0 || wave.times[k] > wave.times[k - 1], "times" + place, wave.times[k],
                  "greater than the time before it");
        }
    }
    void operator()(const WhiteNoise& wave) const { check_finite("intensity", wave.intensity); }
    void operator()(const OrnsteinUhlenbeck& wave) const {
        check_finite("mean", wave.mean);
        check(wave.sd >= 0.0 && std::isfinite(wave.sd), "sd", wave.sd, "at least 0");
        check(wave.tau > 0.0 && std::isfinite(wave.tau), "tau", wave.tau, "greater than 0");
    }
};

struct Value {
    double t;
    double operator()(const StepWave& wave) const { return t < wave.at ? 0.0 : wave.height; }
    double operator()(const PulseTrain& wave) const {
        const long k = last_begun(wave, t);
        return k >= 0 && t < end(wave, k) ? wave.height : 0.0;
    }
    double operator()(const Ramp& wave) const {
        return wave.height * std::clamp((t - wave.begin) / (wave.end - wave.begin), 0.0, 1.0);
    }
    double operator()(const Sinusoid& wave) const {
        return wave.amplitude * std::sin(2.0 * std::numbers::pi * wave.frequency * t + wave.phase);
    }
    double operator()(const SampledWave& wave) const {
        const Eigen::Index k = first_after(wave.times, t), last = wave.times.size() - 1;
        if (k == 0 || k > last) return wave.values[std::min(k, last)];
        const double part = (t - wave.times[k - 1]) / (wave.times[k] - wave.times[k - 1]);
        return (1.0 - part) * wave.values[k - 1] + part * wave.values[k];
    }
    double operator()(const auto& /*random*/) const { return 0.0; }
};

struct NextBreak {
    double t;
    double operator()(const StepWave& wave) const { return t < wave.at ? wave.at : never; }
    double operator()(const PulseTrain& wave) const {
        const long k = last_begun(wave, t);
        if (k >= 0 && t < end(wave, k)) return end(wave, k);
        return k + 1 < wave.pulses ? begin(wave, k + 1) : never;
    }
    double operator()(const Ramp& wave) const {
        return t < wave.begin ? wave.begin : t < wave.end ? wave.end : never;
    }
    double operator()(const SampledWave& wave) const {
        const Eigen::Index k = first_after(wave.times, t);
        return k < wave.times.size() ? wave.times[k] : never;
    }
    double operator()(const auto& /*smooth or random*/) const { return never; }
};

}  // namespace

void validate(const Wave& wave) {
    std::visit(Check{}, wave);
}

bool is_random(const Wave& wave) {
    return std::holds_alternative<WhiteNoise>(wave) ||
           std::holds_alternative<OrnsteinUhlenbeck>(wave);
}

double wave_value(const Wave& wave, double t) {
    return std::visit(Value{t}, wave);
}

double next_break(const Wave& wave, double t) {
    return std::visit(NextBreak{t}, wave);
}

}  // namespace cortifold
