#include <cortifold/core/error.hpp>
#include <cortifold/synchrony/dispersion.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

namespace cortifold {

namespace {

/// A(lambda) = A(0) + lambda (A(1) - A(0)), so one linearization serves all modes.
class ModeJacobian {
public:
    explicit ModeJacobian(const DispersionProblem& problem)
        : at_zero_(at(problem, 0.0)), slope_(at(problem, 1.0) - at_zero_) {}

    [[nodiscard]] ComplexVector eigenvalues(std::complex<double> lambda) const {
        if (lambda.imag() == 0.0) return cortifold::eigenvalues(at_zero_ + lambda.real() * slope_);
        const ComplexMatrix A = at_zero_ + lambda * slope_;
        return cortifold::eigenvalues(A);
    }

private:
    static Matrix at(const DispersionProblem& problem, double lambda) {
        const Eigen::Index n = problem.field->dimension();
        ComplexMatrix A(n, n);
        problem.field->mode_jacobian(problem.equilibrium, problem.parameters, lambda, A);
        return A.real();
    }

    Matrix at_zero_, slope_;
};

Mode mode_at(const ModeJacobian& jacobian, std::complex<double> lambda, int index) {
    Mode mode{.index = index, .lambda = lambda, .eigenvalues = jacobian.eigenvalues(lambda)};
    if (mode.eigenvalues.size() == 0) return mode;
    mode.growth = mode.eigenvalues[0].real();
    mode.frequency = std::abs(mode.eigenvalues[0].imag()) / (2.0 * std::numbers::pi);
    mode.unstable = mode.growth > 0.0;
    return mode;
}

/// The eigenvalue of the uniform pattern is the common row sum.
Eigen::Index uniform_mode(const ComplexVector& lambdas, double row_sum) {
    constexpr double tolerance = 1e-8;  // of max |lambda|: what rounding does to an eigenvalue
    const Vector distance = (lambdas.array() - row_sum).abs();
    const double nearest = distance.minCoeff() + tolerance * lambdas.cwiseAbs().maxCoeff();
    return std::ranges::find_if(distance, [&](double d) { return d <= nearest; }) -
           distance.begin();
}

}  // namespace

DenseSpectrum coupling_modes(const Network& network) {
    const Matrix coupling = coupling_matrix(network);
    DenseSpectrum modes = general_spectrum(coupling);
    if (!succeeded(modes.status) || obstacle_to_homogeneity(network)) return modes;
    const Eigen::Index uniform = uniform_mode(modes.values, coupling.rowwise().sum().mean());
    std::vector<Eigen::Index> order(static_cast<std::size_t>(modes.values.size()));
    std::iota(order.begin(), order.end(), Eigen::Index{0});
    std::rotate(order.begin(), order.begin() + uniform, order.begin() + uniform + 1);
    return {modes.status, modes.values(order), modes.vectors(Eigen::all, order),
            modes.residuals(order)};
}

DispersionResult dispersion_relation(const DispersionProblem& problem) {
    require(problem.equilibrium.size() == problem.field->dimension(),
            "the equilibrium has " + std::to_string(problem.equilibrium.size()) +
                " states, the field " + std::to_string(problem.field->dimension()));
    DispersionResult result{Status::converged, "the eigenvalues of A(lambda) of every mode", {}, 0};
    const ModeJacobian jacobian(problem);
    const auto add = [&](std::complex<double> lambda, int index) {
        Mode mode = mode_at(jacobian, lambda, index);
        if (mode.eigenvalues.size() == 0) {
            result.status = Status::non_finite;
            result.message =
                "A(lambda) has no eigenvalues at lambda = " + std::to_string(lambda.real());
            return;
        }
        if (index > 1 && mode.unstable) ++result.unstable_modes;
        result.modes.push_back(std::move(mode));
    };
    for (Eigen::Index k = 0; k < problem.lambdas.size(); ++k)
        add(problem.lambdas[k], static_cast<int>(k) + 1);
    for (const std::complex<double> lambda : problem.further) add(lambda, 0);
    return result;
}

}  // namespace cortifold
