#pragma once

#include <cortifold/core/pack.hpp>

#include <string_view>

namespace cortifold {

/// Excitatory and inhibitory rates of Wilson & Cowan (1972): README.md has equations and sources.
struct WilsonCowan {
    static constexpr std::string_view name = "wilson_cowan";
    static constexpr std::string_view time_unit = "1";

    template <class T>
    struct State {
        T E, I;
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
        T c1, c2, c3, c4, a_e, theta_e, a_i, theta_i, tau_e, tau_i, P, Q;
    };

    static constexpr void states(auto& x, auto&& field) {
        field(x.E, {"E", "1", 0.1, -0.5, 1.0, "active fraction of excitatory cells"});
        field(x.I, {"I", "1", 0.1, -0.5, 1.0, "active fraction of inhibitory cells"});
    }
    static constexpr void inputs(auto& u, auto&& field) {
        field(u.drive, {"drive", "1", 0.0, -1e3, 1e3, "coupling input to E"});
    }
    static constexpr void outputs(auto& h, auto&& field) {
        field(h.rate, {"rate", "1", 0.0, -1.0, 1.0,
                       "active fraction of excitatory cells, sent to other regions"});
    }
    static constexpr void parameters(auto& p, auto&& field) {
        field(p.c1, {"c1", "1", 16.0, 0.0, 100.0, "weight E to E"});
        field(p.c2, {"c2", "1", 12.0, 0.0, 100.0, "weight I to E"});
        field(p.c3, {"c3", "1", 15.0, 0.0, 100.0, "weight E to I"});
        field(p.c4, {"c4", "1", 3.0, 0.0, 100.0, "weight I to I"});
        field(p.a_e, {"a_e", "1", 1.3, 0.01, 100.0, "slope of the excitatory response"});
        field(p.theta_e, {"theta_e", "1", 4.0, 0.0, 100.0, "threshold of the excitatory response"});
        field(p.a_i, {"a_i", "1", 2.0, 0.01, 100.0, "slope of the inhibitory response"});
        field(p.theta_i, {"theta_i", "1", 3.7, 0.0, 100.0, "threshold of the inhibitory response"});
        field(p.tau_e, {"tau_e", "1", 1.0, 0.01, 1e3, "excitatory time constant"});
        field(p.tau_i, {"tau_i", "1", 1.0, 0.01, 1e3, "inhibitory time constant"});
        field(p.P, {"P", "1", 1.25, -100.0, 100.0, "external input to E"});
        field(p.Q, {"Q", "1", 0.0, -100.0, 100.0, "external input to I"});
    }

    /// The logistic curve moved down so that S(0) = 0 (Wilson & Cowan 1972, eq. 15).
    template <class T>
    static T response(const T& x, const T& a, const T& theta) {
        return logistic(a * (x - theta)) - logistic(-a * theta);
    }

    template <class T>
    static void rhs(const State<T>& x, const Input<T>& u, const Parameters<T>& p, State<T>& dx) {
        const T k_e = logistic(p.a_e * p.theta_e);  // the supremum of each response
        const T k_i = logistic(p.a_i * p.theta_i);
        const T drive_e = p.c1 * x.E - p.c2 * x.I + p.P + u.drive;
        const T drive_i = p.c3 * x.E - p.c4 * x.I + p.Q;
        dx.E = (-x.E + (k_e - x.E) * response(drive_e, p.a_e, p.theta_e)) / p.tau_e;
        dx.I = (-x.I + (k_i - x.I) * response(drive_i, p.a_i, p.theta_i)) / p.tau_i;
    }

    template <class T>
    static Output<T> output(const State<T>& x, const Parameters<T>&) {
        return {x.E};
    }
};

}  // namespace cortifold
