#include "exponential_kernels.hpp"

#include <Eigen/Core>

namespace cortifold {

namespace {

using Matrix5 = Eigen::Matrix<double, 5, 5>;

/// Taylor's series of exp(A / 2^k), squared k times.
Matrix5 exponential_of(const Matrix5& A) {
    constexpr double radius = 0.5;
    constexpr int terms = 16;  // radius^16 / 16! is below all roundings
    int squarings = 0;
    while (A.cwiseAbs().rowwise().sum().maxCoeff() > std::ldexp(radius, squarings)) ++squarings;
    const Matrix5 small = A * std::ldexp(1.0, -squarings);
    Matrix5 sum = Matrix5::Identity(), term = Matrix5::Identity();
    for (int k = 1; k <= terms; ++k) {
        term = term * small / k;
        sum += term;
    }
    for (int k = 0; k < squarings; ++k) sum = sum * sum;
    return sum;
}

}  // namespace

LinearHalfStep<double> linear_half_step(const AdexExp& neuron, double time_ms) {
    enum { U, w, I_ex, I_in, I };
    Matrix5 A = Matrix5::Zero();
    A(U, U) = -neuron.g_L / neuron.C;
    A(U, w) = -1.0 / neuron.C;
    A(U, I_ex) = A(U, I_in) = A(U, I) = 1.0 / neuron.C;
    A(w, U) = neuron.a / neuron.tau_w;
    A(w, w) = -1.0 / neuron.tau_w;
    A(I_ex, I_ex) = -1.0 / neuron.tau_ex;
    A(I_in, I_in) = -1.0 / neuron.tau_in;
    const Matrix5 P = exponential_of(A * time_ms);
    return {P(U, U), P(U, w),    P(U, I_ex), P(U, I_in), P(U, I),       P(w, U),
            P(w, w), P(w, I_ex), P(w, I_in), P(w, I),    P(I_ex, I_ex), P(I_in, I_in)};
}

}  // namespace cortifold
