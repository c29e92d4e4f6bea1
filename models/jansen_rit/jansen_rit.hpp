#pragma once

#include <cortifold/core/pack.hpp>

#include <string_view>

namespace cortifold {

/// Cortical column of pyramidal cells, excitatory and inhibitory interneurons: README.md has
/// equations and sources.
struct JansenRit {
    static constexpr std::string_view name = "jansen_rit";
    static constexpr std::string_view time_unit = "s";

    template <class T>
    struct State {
        T y0, y1, y2, y3, y4, y5;
    };
    template <class T>
    struct Input {
        T drive;
    };
    template <class T>
    struct Output {
        T rate;
    };
    template <class T>
    struct Parameters {
        T A, a, B, b, C, c1, c2, c3, c4, e0, r, v0, p;
    };

    static constexpr void states(auto& x, auto&& field) {
        field(x.y0, {"y0", "mV", 0.1, -1.0, 1.0,
                     "potential that pyramidal cells cause in interneurons, before the contacts"});
        field(x.y1, {"y1", "mV", 20.0, -100.0, 200.0, "excitatory potential of pyramidal cells"});
        field(x.y2, {"y2", "mV", 15.0, -100.0, 200.0,
                     "inhibitory potential of pyramidal cells, counted positive"});
        field(x.y3, {"y3", "mV/s", 0.0, -1e3, 1e3, "slope of y0"});
        field(x.y4, {"y4", "mV/s", 0.0, -1e4, 1e4, "slope of y1"});
        field(x.y5, {"y5", "mV/s", 0.0, -1e4, 1e4, "slope of y2"});
    }
    static constexpr void inputs(auto& u, auto&& field) {
        field(u.drive, {"drive", "1/s", 0.0, -1e5, 1e5,
                        "coupling input: rate that reaches the excitatory synapses, added to p"});
    }
    static constexpr void outputs(auto& h, auto&& field) {
        field(h.rate, {"rate", "1/s", 0.0, 0.0, 1e3,
                       "firing rate of pyramidal cells, sent to other regions"});
    }
    static constexpr void parameters(auto& p, auto&& field) {
        field(p.A, {"A", "mV", 3.25, 0.0, 100.0,
                    "height of the excitatory postsynaptic potential, times e"});
        field(p.a, {"a", "1/s", 100.0, 1.0, 1e3, "inverse time constant of excitatory synapses"});
        field(p.B, {"B", "mV", 22.0, 0.0, 500.0,
                    "height of the inhibitory postsynaptic potential, times e"});
        field(p.b, {"b", "1/s", 50.0, 1.0, 1e3, "inverse time constant of inhibitory synapses"});
        field(p.C,
              {"C", "1", 135.0, 0.0, 1e4, "number of synaptic contacts, the scale of c1 to c4"});
        field(p.c1, {"c1", "1", 1.0, 0.0, 10.0,
                     "contacts pyramidal to excitatory interneurons, as part of C"});
        field(p.c2, {"c2", "1", 0.8, 0.0, 10.0,
                     "contacts excitatory interneurons to pyramidal, as part of C"});
        field(p.c3, {"c3", "1", 0.25, 0.0, 10.0,
                     "contacts pyramidal to inhibitory interneurons, as part of C"});
        field(p.c4, {"c4", "1", 0.25, 0.0, 10.0,
                     "contacts inhibitory interneurons to pyramidal, as part of C"});
        field(p.e0, {"e0", "1/s", 2.5, 0.0, 100.0, "half the largest firing rate"});
        field(p.r, {"r", "1/mV", 0.56, 0.0, 10.0, "slope of the response"});
        field(p.v0, {"v0", "mV", 6.0, -100.0, 100.0, "potential at half the largest firing rate"});
        field(p.p,
              {"p", "1/s", 220.0, -1e5, 1e5, "external rate that reaches the excitatory synapses"});
    }

    /// Firing rate at a mean potential (Jansen & Rit 1995).
    template <class T>
    static T response(const T& potential, const Parameters<T>& p) {
        return 2.0 * p.e0 * logistic(p.r * (potential - p.v0));
    }

    template <class T>
    static void rhs(const State<T>& x, const Input<T>& u, const Parameters<T>& p, State<T>& dx) {
        const T from_excitatory = p.c2 * p.C * response<T>(p.c1 * p.C * x.y0, p);
        const T from_inhibitory = p.c4 * p.C * response<T>(p.c3 * p.C * x.y0, p);
        dx.y0 = x.y3;
        dx.y1 = x.y4;
        dx.y2 = x.y5;
        dx.y3 = p.a * (p.A * response<T>(x.y1 - x.y2, p) - 2.0 * x.y3 - p.a * x.y0);
        dx.y4 = p.a * (p.A * (p.p + u.drive + from_excitatory) - 2.0 * x.y4 - p.a * x.y1);
        dx.y5 = p.b * (p.B * from_inhibitory - 2.0 * x.y5 - p.b * x.y2);
    }

    template <class T>
    static Output<T> output(const State<T>& x, const Parameters<T>& p) {
        return {response<T>(x.y1 - x.y2, p)};
    }
};

}  // namespace cortifold
