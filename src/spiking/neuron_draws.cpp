#include "neuron_draws.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cortifold {

namespace {

double lorentzian(const Distribution& law, double probability) {
    return law.mean + law.sd * std::tan(std::numbers::pi * (probability - 0.5));
}

double unlimited(const Distribution& law, const CounterRng& rng, std::uint64_t draw) {
    switch (law.law) {
        case Law::log_normal: {
            const double variance = std::log1p(law.sd * law.sd / (law.mean * law.mean));
            return law.mean * std::exp(std::sqrt(variance) * rng.normal(draw) - 0.5 * variance);
        }
        case Law::lorentzian: return lorentzian(law, rng.uniform(draw));
        default: return law.mean + law.sd * rng.normal(draw);
    }
}

}  // namespace

double draw(const Distribution& law, const StreamKey& key, const NeuronIndex& neuron) {
    if (law.sd == 0.0) return std::clamp(law.mean, law.low, law.high);
    if (law.law == Law::lorentzian_quantiles) {
        const double quantile = (neuron.number + 1.0) / (neuron.size + 1.0);
        return std::clamp(lorentzian(law, quantile), law.low, law.high);
    }
    const CounterRng rng(key);
    const auto within = [&](double x) { return x >= law.low && x <= law.high; };
    std::uint64_t number = 0;
    double x = unlimited(law, rng, number);
    while (law.outside == Outside::redrawn && !within(x)) x = unlimited(law, rng, ++number);
    return std::clamp(x, law.low, law.high);
}

}  // namespace cortifold
