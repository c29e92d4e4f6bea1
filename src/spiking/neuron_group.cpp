#include "neuron_group.hpp"

#include "kernel_group.hpp"
#include "neuron_draws.hpp"
#include "philox.hpp"
#include <cortifold/core/error.hpp>

#include <algorithm>

namespace cortifold {

namespace {

bool varies(const Population& population, std::string_view parameter) {
    return std::ranges::count(population.varied, parameter, &VariedParameter::name) > 0;
}

// The kernel of each neuron: `use(Kernel{}, model)`.

auto with_kernel(const Population&, const LifDelta& model, const auto& use) {
    return use(LifDeltaKernel{}, model);
}
auto with_kernel(const Population&, const QifDelta& model, const auto& use) {
    return use(QifDeltaKernel{}, model);
}
auto with_kernel(const Population&, const QifExp& model, const auto& use) {
    return use(QifExpKernel{}, model);
}
auto with_kernel(const Population&, const LifAlpha& model, const auto& use) {
    return use(LifAlphaKernel{}, model);
}
auto with_kernel(const Population&, const LifConductance& model, const auto& use) {
    return use(LifConductanceKernel{}, model);
}
auto with_kernel(const Population&, const EifExp& model, const auto& use) {
    return use(EifKernel{}, model);
}
auto with_kernel(const Population&, const AdexExp& model, const auto& use) {
    return use(AdexKernel{}, model);
}
auto with_kernel(const Population&, const Izhikevich& model, const auto& use) {
    return use(IzhikevichKernel{}, model);
}
auto with_kernel(const Population&, const ExtendedGlif& model, const auto& use) {
    return use(EglifKernel{}, model);
}
auto with_kernel(const Population&, const PoissonSource& model, const auto& use) {
    return use(PoissonSourceKernel{}, model);
}
auto with_kernel(const Population&, const SpikeTimes& model, const auto& use) {
    return use(SpikeTimesKernel{}, model);
}
auto with_kernel(const Population& population, const LifExp& model, const auto& use) {
    const bool alike = model.tau_ex == model.tau_in && !varies(population, "tau_ex") &&
                       !varies(population, "tau_in");
    return alike ? use(LifOneCurrentKernel{}, model) : use(LifTwoCurrentsKernel{}, model);
}

auto with_kernel(const Population& population, const auto& use) {
    return std::visit([&](const auto& model) { return with_kernel(population, model, use); },
                      population.neuron);
}

/// Neuron i of a slice, with its own numbers.
template <class Model>
Model drawn(Model model, const GroupSetup& setup, std::uint32_t i) {
    const std::uint32_t number = setup.first + i;
    std::uint64_t parameter = 0;
    for (const VariedParameter& varied : setup.population.varied) {
        const StreamKey key{setup.seed, purpose_of(SpikingStream::parameter, setup.index),
                            number | parameter++ << 32};
        Model::parameters(model, [&](double& value, const Quantity& q) {
            if (q.name != varied.name) return;
            Distribution law = varied.law;
            law.low = std::max(law.low, q.low);
            law.high = std::min(law.high, q.high);
            value = draw(law, key, {number, setup.population.size});
        });
    }
    validate(model, "population." + setup.population.name + ", neuron " + std::to_string(number));
    return model;
}

void check(const auto&, const GroupSetup&) {}

void check(const PoissonSource& source, const GroupSetup& setup) {
    const double most = 1e3 / setup.step_ms;
    if (source.rate_hz > most)
        throw ConfigError("population." + setup.population.name +
                          ".rate_hz = " + std::to_string(source.rate_hz) + " must be at most " +
                          std::to_string(most) + ": a source sends one spike in a step of " +
                          std::to_string(setup.step_ms) + " ms");
}

template <class Model>
std::vector<Model> models_of(const Model& model, const GroupSetup& setup) {
    std::vector<Model> models;
    const bool same = setup.population.varied.empty();
    for (std::uint32_t i = 0; i < (same ? 1 : setup.size); ++i)
        models.push_back(same ? model : drawn(model, setup, i));
    for (const Model& each : models) check(each, setup);
    return models;
}

}  // namespace

std::uint32_t receptors(const Population& population) {
    return with_kernel(population,
                       [](auto kernel, const auto&) { return decltype(kernel)::receptors; });
}

std::size_t bytes_of_a_neuron(const Population& population) {
    const bool has_own_weights = population.poisson && population.poisson->weight.sd != 0.0;
    return with_kernel(population, [&](auto kernel, const auto&) {
        using Kernel = decltype(kernel);
        const std::size_t own = sizeof(typename Kernel::template Coefficients<double>);
        return sizeof(typename Kernel::template State<double>) +
               (population.varied.empty() ? 0 : own) +
               (has_own_weights ? Kernel::receptors * sizeof(double) : 0);
    });
}

std::unique_ptr<NeuronGroup> make_group(const GroupSetup& setup) {
    return with_kernel(
        setup.population, [&](auto kernel, const auto& model) -> std::unique_ptr<NeuronGroup> {
            return std::make_unique<KernelGroup<decltype(kernel)>>(models_of(model, setup), setup);
        });
}

}  // namespace cortifold
