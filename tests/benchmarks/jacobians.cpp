// The exact Jacobian by dual numbers against finite differences of the right-hand side.
#include "comparison.hpp"
#include "ping_network.hpp"

#include <cmath>
#include <limits>
#include <sstream>

namespace cortifold::benchmarks {

namespace {

constexpr int regions = 90;

/// The order-th root of rounding balances it against the error of the difference.
double step_for(double x, double order) {
    return std::pow(std::numeric_limits<double>::epsilon(), 1.0 / order) *
           std::max(1.0, std::abs(x));
}

enum class Differences { forward, central };

Matrix by_differences(const FieldPoint& at, Differences kind) {
    const bool central = kind == Differences::central;
    const Eigen::Index n = at.state.size();
    Vector x = at.state, f(n), ahead(n);
    Matrix jacobian(n, n);
    at.field->rhs(x, at.parameters, f);
    for (Eigen::Index k = 0; k < n; ++k) {
        const double h = step_for(x[k], central ? 3.0 : 2.0);
        x[k] += h;
        at.field->rhs(x, at.parameters, ahead);
        x[k] = at.state[k] - h;
        if (central) at.field->rhs(x, at.parameters, f);
        x[k] = at.state[k];
        jacobian.col(k) = (ahead - f) / (central ? 2.0 * h : h);
    }
    return jacobian;
}

}  // namespace

void compare_jacobians() {
    const FieldPoint at = oscillating_network(regions, Weights::synthetic);
    const Matrix exact = jacobian(*at.field, at.state, at.parameters);
    const auto error = [&](const Matrix& found) { return (found - exact).norm() / exact.norm(); };
    const double central = error(by_differences(at, Differences::central)),
                 forward = error(by_differences(at, Differences::forward));
    constexpr double tolerance = 1e-6;
    expect_equal(central, tolerance, "Jacobian");
    std::ostringstream remark;
    remark << "relative errors: central " << central << ", forward " << forward;

    const auto f = std::make_shared<Vector>(at.state.size());
    const auto f_x = std::make_shared<Matrix>(at.state.size(), at.state.size());
    compare(
        {"Jacobian, 90 regions",
         {{"ours, exact",
           [=] {
               Matrix f_p(at.state.size(), 0);
               at.field->linearize(at.state, at.parameters, {}, *f, *f_x, f_p);
               keep(f_x->data());
           }},
          {"central differences", [=] { keep(by_differences(at, Differences::central).data()); }},
          {"forward differences", [=] { keep(by_differences(at, Differences::forward).data()); }}},
         remark.str()});
}

}  // namespace cortifold::benchmarks
