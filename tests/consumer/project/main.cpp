// A model of one's own, from formula to equilibrium, with an installed cortifold.
#include <cortifold/equilibrium/newton.hpp>
#include <cortifold/model/model_node.hpp>
#include <cortifold/network/network.hpp>

#include <cmath>
#include <iostream>

namespace {

/// The normal form of a fold, dx/dt = mu - x^2: a node at sqrt(mu) with eigenvalue -2 sqrt(mu).
struct Fold {
    static constexpr std::string_view name = "fold";
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
        T mu;
    };
    static constexpr void states(auto& s, auto&& field) {
        field(s.x, {"x", "1", 1.0, -10.0, 10.0, "state"});
    }
    static constexpr void inputs(auto& u, auto&& field) {
        field(u.drive, {"drive", "1", 0.0, -10.0, 10.0, "coupling input"});
    }
    static constexpr void outputs(auto& h, auto&& field) {
        field(h.x, {"x", "1", 0.0, -10.0, 10.0, "state, sent"});
    }
    static constexpr void parameters(auto& p, auto&& field) {
        field(p.mu, {"mu", "1", 2.0, -10.0, 10.0, "distance from the fold"});
    }
    template <class T>
    static void rhs(const State<T>& s, const Input<T>& u, const Parameters<T>& p, State<T>& ds) {
        ds.x = p.mu + u.drive - s.x * s.x;
    }
    template <class T>
    static Output<T> output(const State<T>& s, const Parameters<T>&) {
        return {s.x};
    }
};

bool near(double found, double expected) {
    constexpr double tolerance = 1e-12;
    return std::abs(found - expected) <= tolerance;
}

}  // namespace

int main() {
    using namespace cortifold;
    const auto field = make_field({.kinds = {std::make_shared<ModelNode<Fold>>()}});
    const EquilibriumResult at =
        find_equilibrium({.field = field,
                          .parameters = default_values(field->parameters()),
                          .guess = default_values(field->states())});
    std::cout << at.message << "\n";
    const bool right = succeeded(at.status) && near(at.state[0], std::sqrt(2.0)) &&
                       near(at.eigenvalues[0].real(), -2.0 * std::sqrt(2.0));
    return right ? 0 : 1;
}
