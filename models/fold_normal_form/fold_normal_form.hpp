#pragma once

#include <string_view>

namespace cortifold {

/// Normal form of the fold (saddle-node) of equilibria: README.md has equations and sources.
struct FoldNormalForm {
    static constexpr std::string_view name = "fold_normal_form";
    static constexpr std::string_view time_unit = "1";

    template <class T>
    struct State {
        T x;
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
        T beta, a;
    };

    static constexpr void states(auto& x, auto&& field) {
        field(x.x, {"x", "1", -1.0, -5.0, 5.0, "state"});
    }
    static constexpr void inputs(auto& u, auto&& field) {
        field(u.drive, {"drive", "1", 0.0, -1e3, 1e3, "coupling input to x"});
    }
    static constexpr void outputs(auto& h, auto&& field) {
        field(h.x, {"x", "1", 0.0, -5.0, 5.0, "state, sent to other regions"});
    }
    static constexpr void parameters(auto& p, auto&& field) {
        field(p.beta, {"beta", "1", -1.0, -10.0, 10.0, "distance from the fold"});
        field(p.a, {"a", "1", 1.0, -10.0, 10.0, "quadratic coefficient"});
    }

    template <class T>
    static void rhs(const State<T>& x, const Input<T>& u, const Parameters<T>& p, State<T>& dx) {
        dx.x = p.beta + p.a * x.x * x.x + u.drive;
    }

    template <class T>
    static Output<T> output(const State<T>& x, const Parameters<T>&) {
        return {x.x};
    }
};

}  // namespace cortifold
