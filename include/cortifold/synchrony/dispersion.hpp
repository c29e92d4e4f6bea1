#pragma once

#include <cortifold/core/status.hpp>
#include <cortifold/core/vector_field.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/network/network.hpp>

#include <memory>
#include <string>
#include <vector>

namespace cortifold {

/// The linear fate of one pattern: exp(growth t) cos(2 pi frequency t).
struct Mode {
    int index = 0;  ///< 1 is the uniform mode, then by decreasing real part of lambda; 0: not of
                    ///< the network
    std::complex<double> lambda;  ///< coupling eigenvalue
    double growth = 0.0;          ///< in 1/T, T the model's time unit
    double frequency = 0.0;       ///< |Im| / (2 pi), in 1/T
    bool unstable = false;
    ComplexVector eigenvalues;  ///< of A(lambda), by decreasing real part
};

/// Coupling eigenvalues and patterns of a network, in the order of a mode's index: the uniform one
/// first where there is one (negative weights can give it any rank), then as every spectrum.
[[nodiscard]] DenseSpectrum coupling_modes(const Network& network);

struct DispersionProblem {
    std::shared_ptr<const HomogeneousField> field;
    Vector parameters, equilibrium;
    ComplexVector lambdas;  ///< the network's, in the order of their index
    ComplexVector further;  ///< reported with index 0
};

struct DispersionResult {
    Status status = Status::iteration_limit;
    std::string message;
    std::vector<Mode> modes;  ///< those whose A(lambda) is finite
    int unstable_modes = 0;   ///< how many with index > 1
};

/// Growth rate and frequency of every mode of a homogeneous equilibrium: the eigenvalues of
/// A(lambda_k).
[[nodiscard]] DispersionResult dispersion_relation(const DispersionProblem& problem);

}  // namespace cortifold
