// All eigenvalues of a network at a homogeneous state, mode by mode, against the full Jacobian.
#include "comparison.hpp"
#include "ping_network.hpp"
#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/synchrony/dispersion.hpp>

namespace cortifold::benchmarks {

namespace {

constexpr int regions = 90;
constexpr double tolerance = 1e-9;

double rightmost(const DispersionResult& result) {
    return std::ranges::max_element(result.modes, {}, &Mode::growth)->growth;
}

}  // namespace

void compare_spectra() {
    const HomogeneousPoint point = homogeneous_point(regions, Weights::synthetic);
    const FieldPoint& at = point.network;
    const Matrix weights = at.weights;
    const auto modes = [=](const ComplexVector& lambdas) {
        return dispersion_relation(
            *stability_of_equilibrium(point.node, at.parameters, point.node_state), lambdas);
    };
    const ComplexVector lambdas = complex_schur(weights).T.diagonal();
    const auto by_full_jacobian = [=] {
        return eigenvalues(jacobian(*at.field, at.state, at.parameters));
    };
    const double expected = by_full_jacobian()[0].real();
    expect_equal(std::abs(rightmost(modes(lambdas)) / expected - 1.0), tolerance, "spectra");

    compare({"540 eigenvalues",
             {{"ours, with Schur's form of the weights",
               [=] { keep(rightmost(modes(complex_schur(weights).T.diagonal()))); }},
              {"ours, Schur's form given", [=] { keep(rightmost(modes(lambdas))); }},
              {"LAPACK dgeev of the full Jacobian", [=] { keep(by_full_jacobian()[0].real()); }}}});
}

}  // namespace cortifold::benchmarks
