// One critical eigenvalue or pair: fold, cusp, Hopf, generalized Hopf.
#include "normal_form_manifold.hpp"
#include <cortifold/continuation/normal_form.hpp>

#include <cmath>

namespace cortifold {

namespace {

/// The k-th Lyapunov coefficient.
double lyapunov(const CenterManifold& manifold, int k) {
    return manifold.g(0, {k + 1, k}).real() / manifold.frequency(0);
}

std::string criticality(double l1, double size) {
    if (std::abs(l1) * size * size < degenerate) return "degenerate";
    return l1 < 0.0 ? "supercritical" : "subcritical";
}

}  // namespace

NormalForm fold_normal_form(const EquilibriumPoint& at) {
    return reduce(at, {0.0}, 2, [](CenterManifold& manifold) {
        return NormalForm{{{"a", manifold.g(0, {2}).real()}}};
    });
}

NormalForm cusp_normal_form(const EquilibriumPoint& at) {
    return reduce(at, {0.0}, 3, [](CenterManifold& manifold) {
        const double c = manifold.g(0, {3}).real();
        return NormalForm{{{"c", c}}, c < 0.0 ? "stable" : "unstable"};
    });
}

NormalForm hopf_normal_form(const EquilibriumPoint& at, double omega) {
    require_frequency(omega);
    return reduce(at, {omega}, 3, [](CenterManifold& manifold) {
        const double l1 = lyapunov(manifold, 1);
        return NormalForm{{{"l1", l1}}, criticality(l1, manifold.size(0))};
    });
}

NormalForm generalized_hopf_normal_form(const EquilibriumPoint& at, double omega) {
    require_frequency(omega);
    return reduce(at, {omega}, 5, [](CenterManifold& manifold) {
        const double l1 = lyapunov(manifold, 1), l2 = lyapunov(manifold, 2);
        return NormalForm{{{"l1", l1}, {"l2", l2}},
                          l2 < 0.0 ? "outer cycle stable" : "outer cycle unstable"};
    });
}

}  // namespace cortifold
