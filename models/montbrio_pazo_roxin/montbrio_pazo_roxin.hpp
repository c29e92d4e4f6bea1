#pragma once

#include <cortifold/model/lorentzian_qif.hpp>

#include <string_view>

namespace cortifold {

/// Exact mean field of quadratic integrate-and-fire neurons: README.md has equations and sources.
struct MontbrioPazoRoxin {
    static constexpr std::string_view name = "montbrio_pazo_roxin";
    static constexpr std::string_view time_unit = "1";

    template <class T>
    struct State {
        T r, v;
    };
    template <class T>
    struct Input {
        T drive;
    };
    template <class T>
    struct Output {
        T r;
    };
    template <class T>
    struct Parameters {
        T tau, Delta, eta, J, I;
    };

    static constexpr void states(auto& x, auto&& field) {
        field(x.r, {"r", "1", 0.1, 0.0, 10.0, "firing rate"});
        field(x.v, {"v", "1", -2.0, -20.0, 20.0, "mean membrane potential"});
    }
    static constexpr void inputs(auto& u, auto&& field) {
        field(u.drive, {"drive", "1", 0.0, -1e3, 1e3, "coupling input, a rate: enters times tau"});
    }
    static constexpr void outputs(auto& h, auto&& field) {
        field(h.r, {"r", "1", 0.0, 0.0, 10.0, "firing rate, sent to other regions"});
    }
    static constexpr void parameters(auto& p, auto&& field) {
        field(p.tau, {"tau", "1", 1.0, 1e-3, 1e3, "membrane time constant"});
        field(p.Delta,
              {"Delta", "1", 1.0, 1e-9, 1e3, "half-width of the Lorentzian of excitabilities"});
        field(p.eta, {"eta", "1", -5.0, -1e3, 1e3, "centre of the Lorentzian of excitabilities"});
        field(p.J, {"J", "1", 15.0, -1e3, 1e3,
                    "weight of the recurrent synapses (negative: inhibitory)"});
        field(p.I, {"I", "1", 0.0, -1e3, 1e3, "external current"});
    }

    template <class T>
    static void rhs(const State<T>& x, const Input<T>& u, const Parameters<T>& p, State<T>& dx) {
        const T current = p.eta + p.I + p.tau * (p.J * x.r + u.drive);
        const LorentzianQif<T> population{p.tau, p.Delta};
        dx.r = population.rate_slope(x.r, x.v);
        dx.v = population.potential_slope(x.r, x.v, current);
    }

    template <class T>
    static Output<T> output(const State<T>& x, const Parameters<T>&) {
        return {x.r};
    }
};

}  // namespace cortifold
