#pragma once

#include "simd.hpp"

namespace cortifold {

/// What reaches a neuron in one step, V one number or one for each lane.
template <class V>
struct KernelInput {
    V first, second, third;  ///< weights of the spikes at each receptor
    V current;
    MaskOf<V> held;  ///< whether it is refractory
};

// A neuron is a kernel, written once for all V:
//   Model, receptors           its table of parameters, and how many inputs it tells apart
//   State<V>, Coefficients<V>  structs of V and nothing else; of the latter one is `refractory`,
//                              steps for which a neuron is held after a spike
//   coefficients(model, step_ms) -> Coefficients<double>
//   initial(potential, coefficients) -> State<double>, and back: potential(state, coefficients)
//   step(State<V>&, const Coefficients<V>&, const KernelInput<V>&) -> MaskOf<V>
//                              moves a neuron by one step, says whether it sends a spike
//   fire(State<double>&, const Coefficients<double>&)  what a spike does to its sender
//   hold(State<double>&, const Coefficients<double>&)  keeps a refractory neuron where it is held

}  // namespace cortifold
