#pragma once

#include <string_view>

namespace cortifold {

/// Autocatalytic oscillator of Prigogine and Lefever (1968): README.md has equations and sources.
struct Brusselator {
    static constexpr std::string_view name = "brusselator";
    static constexpr std::string_view time_unit = "1";

    template <class T>
    struct State {
        T x, y;
    };
    template <class T>
    struct Input {
        T drive;
    };
    template <class T>
    struct Output {
        T x;
    };
    template <class T>
    struct Parameters {
        T A, B;
    };

    static constexpr void states(auto& x, auto&& field) {
        field(x.x, {"x", "1", 1.0, 0.0, 100.0, "concentration of the autocatalyst"});
        field(x.y, {"y", "1", 1.0, 0.0, 200.0, "concentration of the intermediate"});
    }
    static constexpr void inputs(auto& u, auto&& field) {
        field(u.drive, {"drive", "1", 0.0, -1e3, 1e3, "coupling input to x"});
    }
    static constexpr void outputs(auto& h, auto&& field) {
        field(h.x, {"x", "1", 0.0, 0.0, 100.0, "concentration x, sent to other regions"});
    }
    static constexpr void parameters(auto& p, auto&& field) {
        field(p.A, {"A", "1", 1.0, 0.1, 10.0, "feed of x; Hopf frequency"});
        field(p.B, {"B", "1", 3.0, 0.0, 20.0, "conversion of x to y"});
    }

    template <class T>
    static void rhs(const State<T>& x, const Input<T>& u, const Parameters<T>& p, State<T>& dx) {
        const T conversion = p.B * x.x;
        const T autocatalysis = x.x * x.x * x.y;
        dx.x = p.A - conversion - x.x + autocatalysis + u.drive;
        dx.y = conversion - autocatalysis;
    }
    template <class T>
    static Output<T> output(const State<T>& x, const Parameters<T>&) {
        return {x.x};
    }
};

}  // namespace cortifold
