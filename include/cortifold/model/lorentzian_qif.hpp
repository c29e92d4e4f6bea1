#pragma once

#include <numbers>

namespace cortifold {

/// What infinitely many quadratic integrate-and-fire neurons do that get the same input, with
/// excitabilities of a Lorentzian density of half-width Delta: their firing rate r, of unit 1 over
/// that of tau, and mean potential v (Montbrio, Pazo & Roxin 2015, doi:10.1103/PhysRevX.5.021028,
/// eq. 12). `current` has the centre of the density.
template <class T>
struct LorentzianQif {
    T tau, Delta;

    [[nodiscard]] T rate_slope(const T& r, const T& v) const {
        return (Delta / (std::numbers::pi * tau) + 2.0 * r * v) / tau;
    }
    [[nodiscard]] T potential_slope(const T& r, const T& v, const T& current) const {
        const T spread = std::numbers::pi * tau * r;
        return (v * v + current - spread * spread) / tau;
    }
};

}  // namespace cortifold
