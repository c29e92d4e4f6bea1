#pragma once

#include <string_view>

namespace cortifold {

/// Normal form of the Hopf point, super- or subcritical: README.md has equations and sources.
struct HopfNormalForm {
    static constexpr std::string_view name = "hopf_normal_form";
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
        T beta, omega, sigma;
    };

    static constexpr void states(auto& x, auto&& field) {
        field(x.x, {"x", "1", 0.1, -5.0, 5.0, "first state"});
        field(x.y, {"y", "1", 0.0, -5.0, 5.0, "second state"});
    }
    static constexpr void inputs(auto& u, auto&& field) {
        field(u.drive, {"drive", "1", 0.0, -1e3, 1e3, "coupling input to x"});
    }
    static constexpr void outputs(auto& h, auto&& field) {
        field(h.x, {"x", "1", 0.0, -5.0, 5.0, "first state, sent to other regions"});
    }
    static constexpr void parameters(auto& p, auto&& field) {
        field(p.beta, {"beta", "1", -1.0, -10.0, 10.0, "growth rate of small oscillations"});
        field(p.omega, {"omega", "1", 1.0, -100.0, 100.0, "angular frequency"});
        field(p.sigma,
              {"sigma", "1", -1.0, -10.0, 10.0, "cubic coefficient (negative: supercritical)"});
    }

    template <class T>
    static void rhs(const State<T>& x, const Input<T>& u, const Parameters<T>& p, State<T>& dx) {
        const T growth = p.beta + p.sigma * (x.x * x.x + x.y * x.y);
        dx.x = growth * x.x - p.omega * x.y + u.drive;
        dx.y = growth * x.y + p.omega * x.x;
    }

    template <class T>
    static Output<T> output(const State<T>& x, const Parameters<T>&) {
        return {x.x};
    }
};

}  // namespace cortifold
