#include "threshold_integral.hpp"
#include <cortifold/core/dual.hpp>
#include <cortifold/core/error.hpp>

#include <boost/math/quadrature/gauss_kronrod.hpp>

#include <sstream>

namespace cortifold {

namespace {

/// An integrand exp(-x) f counts where x is below this.
constexpr double largest_exponent = 40.0;

std::string number(double value) {
    std::ostringstream text;
    text << value;
    return text.str();
}

/// The integrand of the variance of interspike intervals, after exchange of its two integrals, the
/// inner one done by Dawson's function D with E(x) = exp(x^2) D(x):
///
///     exp(-2 max(y_th, 0)^2) exp(u^2) (1 + erf u)^2 [E(y_th) - E(max(u, y_r))].
class SpreadDensity {
public:
    SpreadDensity(double y_r, double y_th)
        : y_r_(y_r), y_th_(y_th), dawson_r_(dawson(y_r)), dawson_th_(dawson(y_th)) {}

    double operator()(double u) const {
        const double low = std::max(u, y_r_), factor = u > 0.0 ? std::erfc(-u) : erfcx(-u);
        return factor * factor *
               (scale(u, y_th_) * dawson_th_ - scale(u, low) * (u > y_r_ ? dawson(u) : dawson_r_));
    }

private:
    /// exp(u^2 + x^2 - 2 a) where u > 0, else exp(x^2 - u^2 - 2 a), a = max(y_th, 0)^2.
    [[nodiscard]] double scale(double u, double x) const {
        const double top = std::max(y_th_, 0.0);
        return u > 0.0 ? std::exp((u - top) * (u + top) + (x - top) * (x + top))
                       : std::exp((x - u) * (x + u) - 2.0 * top * top);
    }

    double y_r_, y_th_, dawson_r_, dawson_th_;
};

/// exp(-2 max(y_th, 0)^2) int_(y_r)^(y_th) dx exp(x^2) int_(-inf)^x du exp(u^2) (1 + erf u)^2.
double scaled_spread_integral(double y_r, double y_th) {
    constexpr double tolerance = 1e-11;
    constexpr unsigned depth = 10;
    using Rule = boost::math::quadrature::gauss_kronrod<double, 31>;
    const double a = y_th * std::max(y_th, 0.0), negative = std::min(y_r, 0.0);
    const SpreadDensity density(y_r, y_th);
    const auto integral = [&](double low, double high) {
        return low < high ? Rule::integrate(density, low, high, depth, tolerance) : 0.0;
    };
    // Nothing counts below a floor; the pieces join where the density is not smooth.
    const double floor = a > largest_exponent ? std::sqrt(a - largest_exponent)
                                              : -std::sqrt(negative * negative + largest_exponent);
    return integral(std::max(floor, y_r), y_th) + integral(std::max(floor, negative), y_r) +
           integral(floor, negative);
}

}  // namespace

double scaled_threshold_integral(double y_r, double y_th) {
    if (y_th <= 0.0) return integrate_erfcx(-y_th, -y_r);
    const double scale = std::exp(-y_th * y_th);
    if (y_r <= 0.0) return 2.0 * dawson(y_th) + scale * integrate_erfcx(y_th, -y_r);
    return 2.0 * dawson(y_th) - 2.0 * std::exp((y_r - y_th) * (y_r + y_th)) * dawson(y_r) -
           scale * integrate_erfcx(y_r, y_th);
}

std::vector<SpreadNode> spread_nodes(double y_threshold, double spread_in_sigma) {
    if (spread_in_sigma == 0.0) return {SpreadNode{}};
    constexpr double reach = 9.0, widest_step = 0.25;
    const double ratio = std::abs(spread_in_sigma), step = widest_step / std::max(1.0, ratio),
                 // of exp(-z^2 / 2 - (y - ratio z)^2)
        peak = 2.0 * ratio * std::max(y_threshold, 0.0) / (1.0 + 2.0 * ratio * ratio);
    std::vector<SpreadNode> nodes;
    for (double k = std::floor(-reach / step); k * step <= peak + reach; ++k)
        nodes.push_back({k * step, std::log(step / std::sqrt(2.0 * std::numbers::pi)) -
                                       0.5 * std::pow(k * step, 2)});
    return nodes;
}

void LifNeuron::validate() const {
    LifParameters::describe(*this, [](double value, std::string_view name, std::string_view unit,
                                      double low, double high, std::string_view) {
        if (value >= low && value <= high) return;
        throw UsageError("neuron." + std::string(name) + " = " + number(value) + " " +
                         std::string(unit) + " must be between " + number(low) + " and " +
                         number(high));
    });
    if (!(reset < threshold))
        throw UsageError("neuron.reset = " + number(reset) +
                         " mV must be below neuron.threshold = " + number(threshold) + " mV");
}

void LifInput::validate() const {
    if (!std::isfinite(mean_mV))
        throw UsageError("the mean input, " + number(mean_mV) + " mV, must be finite");
    if (!(variance_mV2 > 0.0 && std::isfinite(variance_mV2)))
        throw UsageError("the variance of the input, " + number(variance_mV2) +
                         " mV^2, must be greater than 0 and finite: without noise there is no such "
                         "theory");
    if (!(spread_mV >= 0.0 && std::isfinite(spread_mV)))
        throw UsageError("the spread of the mean input, " + number(spread_mV) +
                         " mV, must be at least 0 and finite");
}

std::string_view to_string(SynapseTheory theory) {
    switch (theory) {
        case SynapseTheory::delta: return "delta";
        case SynapseTheory::shift: return "shift";
        case SynapseTheory::taylor: break;
    }
    return "taylor";
}

LifRate stationary_rate(const LifNeuron& neuron, const LifInput& input, SynapseTheory theory) {
    neuron.validate();
    input.validate();
    using D = Dual<double, 2>;
    const LifParameters<D> parameters{neuron.tau_m, neuron.tau_ref, neuron.tau_s, neuron.threshold,
                                      neuron.reset};
    const auto [log_scale, factor] =
        population_rate(parameters, D::variable(input.mean_mV, 0),
                        D::variable(input.variance_mV2, 1), D(input.spread_mV), theory);
    LifRate rate;
    const D hz = rate_hz(ScaledRate<D>{log_scale, factor});
    rate.hz = hz.value;
    rate.by_mean = hz.d[0];
    rate.by_variance = hz.d[1];
    rate.log_hz = factor.value > 0.0 ? log_scale.value + std::log(hz_per_inverse_ms * factor.value)
                                     : -std::numeric_limits<double>::infinity();
    rate.log_by_mean = log_scale.d[0] + factor.d[0] / factor.value;
    rate.log_by_variance = log_scale.d[1] + factor.d[1] / factor.value;
    return rate;
}

double rate_sd_hz(const LifNeuron& neuron, const LifInput& input, SynapseTheory theory) {
    const double mean = stationary_rate(neuron, input, theory).hz;
    if (input.spread_mV == 0.0) return 0.0;
    const LifParameters<double>& parameters = neuron;
    double variance = 0.0;
    for (const auto& [z, log_weight] :
         spread_nodes(boundaries(parameters, input.mean_mV, input.variance_mV2, theory).threshold,
                      input.spread_mV / std::sqrt(input.variance_mV2))) {
        const double rate = rate_hz(neuron_rate(parameters, input.mean_mV + z * input.spread_mV,
                                                input.variance_mV2, theory));
        variance += std::exp(log_weight) * std::pow(rate - mean, 2);
    }
    return std::sqrt(variance);
}

double interspike_cv(const LifNeuron& neuron, const LifInput& input, SynapseTheory theory) {
    neuron.validate();
    input.validate();
    const SynapseTheory boundary = theory == SynapseTheory::delta ? theory : SynapseTheory::shift;
    const LifParameters<double>& parameters = neuron;
    const auto y = boundaries(parameters, input.mean_mV, input.variance_mV2, boundary);
    const auto rate = neuron_rate(parameters, input.mean_mV, input.variance_mV2, boundary);
    const double per_tau_m =
        neuron.tau_m * std::exp(rate.log_scale + y.threshold * std::max(y.threshold, 0.0));
    return per_tau_m *
           std::sqrt(2.0 * std::numbers::pi * scaled_spread_integral(y.reset, y.threshold));
}

}  // namespace cortifold
