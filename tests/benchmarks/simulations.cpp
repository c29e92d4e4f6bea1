// A second of biological time of an oscillating network.
#include "comparison.hpp"
#include "network/weight_product.hpp"
#include "ping_network.hpp"
#include "plain_loop.hpp"
#include <cortifold/ode/integrate.hpp>

#include <cmath>
#include <iostream>

namespace cortifold::benchmarks {

namespace {

constexpr double second_ms = 1000.0, fixed_step_ms = 0.1, noisy_step_ms = 0.02;

OdeOptions adaptive_to(OdeMethod method) {
    return {.method = method, .relative_tolerance = 1e-6, .absolute_tolerance = 1e-8};
}

OdeOptions fixed_step() {
    return {.method = OdeMethod::runge_kutta4, .step = fixed_step_ms};
}

OdeResult simulate(const FieldPoint& at, const OdeOptions& options,
                   const std::vector<Drive>& drives = {}) {
    OdeResult result =
        integrate({at.field, at.parameters, at.state, 0.0, second_ms, drives}, options);
    if (!succeeded(result.status)) std::cerr << result.message << '\n';
    keep(result.state.data());
    return result;
}

/// The classical Runge-Kutta method, written out.
void plain_runge_kutta() {
    const FieldPoint at = oscillating_network(90, Weights::dense);
    const PlainLoop loop(at.weights);
    const auto n = static_cast<std::size_t>(at.state.size());
    std::vector<double> x(at.state.begin(), at.state.end()), k1(n), k2(n), k3(n), k4(n), y(n);
    const double h = fixed_step_ms;
    const auto stage = [&](double part, const std::vector<double>& slope) {
        for (std::size_t i = 0; i < n; ++i) y[i] = x[i] + part * h * slope[i];
    };
    for (long step = 0; step < std::lround(second_ms / h); ++step) {
        loop.rhs(x.data(), at.parameters, k1.data());
        stage(0.5, k1);
        loop.rhs(y.data(), at.parameters, k2.data());
        stage(0.5, k2);
        loop.rhs(y.data(), at.parameters, k3.data());
        stage(1.0, k3);
        loop.rhs(y.data(), at.parameters, k4.data());
        for (std::size_t i = 0; i < n; ++i)
            x[i] += h / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]);
    }
    keep(x.data());
}

/// Ours with its bound: as many matrix products as the run evaluates right-hand sides.
std::vector<Variant> ours_and_bound(int regions, const OdeOptions& options) {
    const FieldPoint at = oscillating_network(regions, Weights::dense);
    const auto product = std::make_shared<WeightProduct>(at.weights, 1);
    const auto evaluations = std::make_shared<long>(0);
    const auto only_products = [=] {
        if (*evaluations == 0) *evaluations = simulate(at, options).evaluations;
        const Vector h = at.state.head(at.weights.rows());
        Vector y(h.size());
        for (long k = 0; k < *evaluations; ++k) {
            product->apply(h, y);
            keep(y.data());
        }
    };
    return {{"ours", [=] { *evaluations = simulate(at, options).evaluations; }},
            {"its matrix products alone", only_products}};
}

void compare_noise() {
    const FieldPoint at = oscillating_network(90, Weights::dense);
    const OdeOptions heun{.method = OdeMethod::stochastic_heun, .step = noisy_step_ms};
    const std::size_t input = *find_index(at.field->parameters(), "I_ext_E");
    compare({.title = "1 s with noise by Heun at 0.02 ms, 90 regions, dense",
             .variants = {{"ours",
                           [=] {
                               simulate(at, heun, {{input, WhiteNoise{1.0}}});
                           }},
                          {"the same without noise", [=] { simulate(at, heun); }}},
             .length = Length::long_run});
}

}  // namespace

void compare_simulations() {
    compare_noise();
    for (const int regions : {90, 1000}) {
        const std::string size = ", " + std::to_string(regions) + " regions, dense";
        auto adaptive = ours_and_bound(regions, adaptive_to(OdeMethod::dormand_prince));
        auto fixed = ours_and_bound(regions, fixed_step());
        if (regions == 90) {
            adaptive.push_back({"CVODE", [] {
                                    simulate(oscillating_network(90, Weights::dense),
                                             adaptive_to(OdeMethod::cvode));
                                }});
            fixed.push_back({"plain loops, the same method", &plain_runge_kutta});
        }
        compare({.title = "1 s to 1e-6 by Dormand-Prince" + size,
                 .variants = adaptive,
                 .length = Length::long_run});
        compare({.title = "1 s by Runge-Kutta at 0.1 ms" + size,
                 .variants = fixed,
                 .length = Length::long_run});
    }
}

}  // namespace cortifold::benchmarks
