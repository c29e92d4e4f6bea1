#pragma once

#include <cortifold/core/vector_field.hpp>

#include <complex>

namespace cortifold {

/// What becomes of X(0) = 1 with X' = A(lambda) X once around a cycle from one of its points, state
/// and perturbations by the classical method of Runge and Kutta in many small steps.
inline ComplexMatrix mode_monodromy(const HomogeneousField& field, const Vector& parameters,
                                    Vector x, double period, std::complex<double> lambda) {
    constexpr int steps = 20000;
    const Eigen::Index n = field.dimension();
    const double h = period / steps;
    Vector f1(n), f2(n), f3(n), f4(n);
    ComplexMatrix X = ComplexMatrix::Identity(n, n);
    Matrix at_zero(n, n), slope(n, n);
    const auto slopes = [&](const Vector& state, const ComplexMatrix& of, Vector& f) {
        field.rhs(state, parameters, f);
        field.mode_jacobian(state, parameters, at_zero, slope);
        return ComplexMatrix((at_zero + lambda * slope) * of);
    };
    for (int k = 0; k < steps; ++k) {
        const ComplexMatrix k1 = slopes(x, X, f1),
                            k2 = slopes(x + h / 2.0 * f1, X + h / 2.0 * k1, f2),
                            k3 = slopes(x + h / 2.0 * f2, X + h / 2.0 * k2, f3),
                            k4 = slopes(x + h * f3, X + h * k3, f4);
        x += h / 6.0 * (f1 + 2.0 * f2 + 2.0 * f3 + f4);
        X += h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4);
    }
    return X;
}

}  // namespace cortifold
