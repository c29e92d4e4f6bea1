#pragma once

#include <string_view>

namespace cortifold {

/// Normal form of the double zero eigenvalue: README.md has equations and sources.
struct BogdanovTakensNormalForm {
    static constexpr std::string_view name = "bogdanov_takens_normal_form";
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
        T beta1, beta2, a, b;
    };

    static constexpr void states(auto& x, auto&& field) {
        field(x.x, {"x", "1", 0.0, -5.0, 5.0, "first state"});
        field(x.y, {"y", "1", 0.0, -5.0, 5.0, "its slope"});
    }
    static constexpr void inputs(auto& u, auto&& field) {
        field(u.drive, {"drive", "1", 0.0, -1e3, 1e3, "coupling input to y"});
    }
    static constexpr void outputs(auto& h, auto&& field) {
        field(h.x, {"x", "1", 0.0, -5.0, 5.0, "first state, sent to other regions"});
    }
    static constexpr void parameters(auto& p, auto&& field) {
        field(p.beta1, {"beta1", "1", -0.1, -10.0, 10.0, "first unfolding parameter"});
        field(p.beta2, {"beta2", "1", -1.0, -10.0, 10.0, "second unfolding parameter"});
        field(p.a, {"a", "1", 1.0, -10.0, 10.0, "coefficient of x^2"});
        field(p.b, {"b", "1", -1.0, -10.0, 10.0, "coefficient of x y"});
    }

    template <class T>
    static void rhs(const State<T>& x, const Input<T>& u, const Parameters<T>& p, State<T>& dx) {
        dx.x = x.y;
        dx.y = p.beta1 + p.beta2 * x.x + p.a * x.x * x.x + p.b * x.x * x.y + u.drive;
    }

    template <class T>
    static Output<T> output(const State<T>& x, const Parameters<T>&) {
        return {x.x};
    }
};

}  // namespace cortifold
