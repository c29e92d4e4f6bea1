#pragma once

#include <string_view>

namespace cortifold {

/// Two-variable excitable cell of FitzHugh (1961): README.md has equations and sources.
struct FitzhughNagumo {
    static constexpr std::string_view name = "fitzhugh_nagumo";
    static constexpr std::string_view time_unit = "1";

    template <class T>
    struct State {
        T v, w;
    };
    template <class T>
    struct Input {
        T drive;
    };
    template <class T>
    struct Output {
        T v;
    };
    template <class T>
    struct Parameters {
        T a, b, eps, I;
    };

    static constexpr void states(auto& x, auto&& field) {
        field(x.v, {"v", "1", -1.2, -5.0, 5.0, "membrane potential"});
        field(x.w, {"w", "1", -0.6, -10.0, 10.0, "recovery"});
    }
    static constexpr void inputs(auto& u, auto&& field) {
        field(u.drive, {"drive", "1", 0.0, -1e3, 1e3, "coupling current onto v"});
    }
    static constexpr void outputs(auto& h, auto&& field) {
        field(h.v, {"v", "1", 0.0, -5.0, 5.0, "membrane potential, sent to other regions"});
    }
    static constexpr void parameters(auto& p, auto&& field) {
        field(p.a, {"a", "1", 0.7, -10.0, 10.0, "offset of the recovery"});
        field(p.b, {"b", "1", 0.8, -10.0, 10.0, "decay of the recovery"});
        field(p.eps, {"eps", "1", 0.08, -5.0, 5.0, "rate of the recovery, small where it is slow"});
        field(p.I, {"I", "1", 0.0, -100.0, 100.0, "external current"});
    }

    template <class T>
    static void rhs(const State<T>& x, const Input<T>& u, const Parameters<T>& p, State<T>& dx) {
        dx.v = x.v - x.v * x.v * x.v / 3.0 - x.w + p.I + u.drive;
        dx.w = p.eps * (x.v + p.a - p.b * x.w);
    }

    template <class T>
    static Output<T> output(const State<T>& x, const Parameters<T>&) {
        return {x.v};
    }
};

}  // namespace cortifold
