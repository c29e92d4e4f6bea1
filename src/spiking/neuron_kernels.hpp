#pragma once

#include "eglif_kernel.hpp"
#include "exponential_kernels.hpp"
#include "izhikevich_kernel.hpp"
#include "lif_kernels.hpp"
#include "poisson_source_kernel.hpp"
#include "qif_kernels.hpp"
#include "spike_times_kernel.hpp"

#include <cstddef>
#include <type_traits>

namespace cortifold {

template <class... Kernels>
struct KernelList {};

using NeuronKernels =
    KernelList<LifDeltaKernel, LifOneCurrentKernel, LifTwoCurrentsKernel, LifAlphaKernel,
               LifConductanceKernel, QifDeltaKernel, QifExpKernel, AdexKernel, EifKernel,
               IzhikevichKernel, EglifKernel, PoissonSourceKernel, SpikeTimesKernel>;

/// Where it stands in NeuronKernels.
template <class Kernel>
inline constexpr std::size_t kernel_number = []<class... Kernels>(KernelList<Kernels...>) {
    std::size_t number = 0;
    static_cast<void>(((std::is_same_v<Kernel, Kernels> || (++number, false)) || ...));
    return number;
}(NeuronKernels{});

}  // namespace cortifold
