#pragma once

#include <cortifold/model/lorentzian_qif.hpp>

#include <string_view>

namespace cortifold {

/// Excitatory-inhibitory next-generation neural mass with exponential synapses: README.md has
/// equations and sources.
struct NgPing {
    static constexpr std::string_view name = "ng_ping";
    static constexpr std::string_view time_unit = "ms";

    template <class T>
    struct State {
        T r_e, v_e, s_e, r_i, v_i, s_i;
    };
    template <class T>
    struct Input {
        T drive_e, drive_i;
    };
    template <class T>
    struct Output {
        T s_e;
    };
    template <class T>
    struct Parameters {
        T tau_e, tau_i, tau_se, tau_si, Delta_e, Delta_i, nu_e, nu_i, J_ee, J_ei, J_ie, J_ii,
            I_ext_E, I_ext_I;
    };

    static constexpr void states(auto& x, auto&& field) {
        field(x.r_e, {"r_e", "1/ms", 0.02, 0.0, 2.0, "firing rate of the excitatory population"});
        field(x.v_e, {"v_e", "1", -1.0, -20.0, 20.0,
                      "mean membrane potential of the excitatory population"});
        field(x.s_e, {"s_e", "1/ms", 0.02, 0.0, 2.0, "excitatory synaptic activation"});
        field(x.r_i, {"r_i", "1/ms", 0.02, 0.0, 2.0, "firing rate of the inhibitory population"});
        field(x.v_i, {"v_i", "1", -1.0, -20.0, 20.0,
                      "mean membrane potential of the inhibitory population"});
        field(x.s_i, {"s_i", "1/ms", 0.02, 0.0, 2.0, "inhibitory synaptic activation"});
    }
    static constexpr void inputs(auto& u, auto&& field) {
        field(u.drive_e, {"drive_e", "1/ms", 0.0, -1e3, 1e3,
                          "long-range synaptic activation reaching E cells"});
        field(u.drive_i, {"drive_i", "1/ms", 0.0, -1e3, 1e3,
                          "long-range synaptic activation reaching I cells"});
    }
    static constexpr void outputs(auto& h, auto&& field) {
        field(h.s_e, {"s_e", "1/ms", 0.0, 0.0, 1e3,
                      "excitatory synaptic activation sent to other regions"});
    }
    static constexpr void parameters(auto& p, auto&& field) {
        field(p.tau_e, {"tau_e", "ms", 8.0, 0.01, 1e3, "membrane time constant of E cells"});
        field(p.tau_i, {"tau_i", "ms", 8.0, 0.01, 1e3, "membrane time constant of I cells"});
        field(p.tau_se, {"tau_se", "ms", 1.0, 0.01, 1e3, "time constant of excitatory synapses"});
        field(p.tau_si, {"tau_si", "ms", 5.0, 0.01, 1e3, "time constant of inhibitory synapses"});
        field(p.Delta_e,
              {"Delta_e", "1", 1.0, 1e-9, 1e3, "half-width of the Lorentzian of E excitabilities"});
        field(p.Delta_i,
              {"Delta_i", "1", 1.0, 1e-9, 1e3, "half-width of the Lorentzian of I excitabilities"});
        field(p.nu_e,
              {"nu_e", "1", -5.0, -1e3, 1e3, "centre of the Lorentzian of E excitabilities"});
        field(p.nu_i,
              {"nu_i", "1", -5.0, -1e3, 1e3, "centre of the Lorentzian of I excitabilities"});
        field(p.J_ee, {"J_ee", "1", 5.0, 0.0, 1e3, "weight E to E"});
        field(p.J_ei, {"J_ei", "1", 13.0, 0.0, 1e3,
                       "weight I to E (inhibitory: enters with a minus sign)"});
        field(p.J_ie, {"J_ie", "1", 13.0, 0.0, 1e3, "weight E to I"});
        field(p.J_ii,
              {"J_ii", "1", 5.0, 0.0, 1e3, "weight I to I (inhibitory: enters with a minus sign)"});
        field(p.I_ext_E, {"I_ext_E", "1", 10.0, -1e3, 1e3, "external current to E cells"});
        field(p.I_ext_I, {"I_ext_I", "1", 0.0, -1e3, 1e3, "external current to I cells"});
    }

    template <class T>
    static void rhs(const State<T>& x, const Input<T>& u, const Parameters<T>& p, State<T>& dx) {
        const LorentzianQif<T> e{p.tau_e, p.Delta_e}, i{p.tau_i, p.Delta_i};
        const T current_e =
            p.nu_e + p.I_ext_E + p.tau_e * (p.J_ee * x.s_e + u.drive_e - p.J_ei * x.s_i);
        const T current_i =
            p.nu_i + p.I_ext_I + p.tau_i * (p.J_ie * x.s_e + u.drive_i - p.J_ii * x.s_i);
        dx.r_e = e.rate_slope(x.r_e, x.v_e);
        dx.v_e = e.potential_slope(x.r_e, x.v_e, current_e);
        dx.s_e = (x.r_e - x.s_e) / p.tau_se;
        dx.r_i = i.rate_slope(x.r_i, x.v_i);
        dx.v_i = i.potential_slope(x.r_i, x.v_i, current_i);
        dx.s_i = (x.r_i - x.s_i) / p.tau_si;
    }

    template <class T>
    static Output<T> output(const State<T>& x, const Parameters<T>&) {
        return {x.s_e};
    }
};

}  // namespace cortifold
