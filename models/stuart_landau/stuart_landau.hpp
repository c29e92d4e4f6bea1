#pragma once

#include <string_view>

namespace cortifold {

/// Oscillator near a supercritical Hopf point, with shear: README.md has equations and sources.
struct StuartLandau {
    static constexpr std::string_view name = "stuart_landau";
    static constexpr std::string_view time_unit = "1";

    template <class T>
    struct State {
        T x, y;
    };
    template <class T>
    struct Input {
        T drive_x, drive_y;
    };
    template <class T>
    struct Output {
        T x, y;
    };
    template <class T>
    struct Parameters {
        T a, omega, c;
    };

    static constexpr void states(auto& x, auto&& field) {
        field(x.x, {"x", "1", 0.1, -5.0, 5.0, "real part of the oscillation"});
        field(x.y, {"y", "1", 0.0, -5.0, 5.0, "imaginary part of the oscillation"});
    }
    static constexpr void inputs(auto& u, auto&& field) {
        field(u.drive_x, {"drive_x", "1", 0.0, -1e3, 1e3, "coupling input to x"});
        field(u.drive_y, {"drive_y", "1", 0.0, -1e3, 1e3, "coupling input to y"});
    }
    static constexpr void outputs(auto& h, auto&& field) {
        field(h.x, {"x", "1", 0.0, -5.0, 5.0, "real part, sent to other regions"});
        field(h.y, {"y", "1", 0.0, -5.0, 5.0, "imaginary part, sent to other regions"});
    }
    static constexpr void parameters(auto& p, auto&& field) {
        field(p.a, {"a", "1", 1.0, -10.0, 10.0, "growth rate of small oscillations"});
        field(p.omega,
              {"omega", "1", 1.0, -100.0, 100.0, "angular frequency of small oscillations"});
        field(p.c, {"c", "1", 0.0, -100.0, 100.0,
                    "shear: how the frequency falls with the squared amplitude"});
    }

    template <class T>
    static void rhs(const State<T>& x, const Input<T>& u, const Parameters<T>& p, State<T>& dx) {
        const T square = x.x * x.x + x.y * x.y;
        dx.x = p.a * x.x - p.omega * x.y - square * (x.x - p.c * x.y) + u.drive_x;
        dx.y = p.a * x.y + p.omega * x.x - square * (x.y + p.c * x.x) + u.drive_y;
    }

    template <class T>
    static Output<T> output(const State<T>& x, const Parameters<T>&) {
        return {x.x, x.y};
    }
};

}  // namespace cortifold
