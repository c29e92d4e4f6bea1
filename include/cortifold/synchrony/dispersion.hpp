#pragma once

#include <cortifold/continuation/branch.hpp>
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
    ComplexVector eigenvalues{};  ///< of A(lambda), by decreasing real part; of a cycle: exponents
    double error = 0.0;           ///< of the growth along a cycle, in 1/T
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
    double trivial = 0.0;  ///< of a cycle: what the exponent of its phase, which is 0, came out as
};

/// Growth rate and frequency of every mode of a homogeneous equilibrium: the eigenvalues of
/// A(lambda_k).
[[nodiscard]] DispersionResult dispersion_relation(const DispersionProblem& problem);

struct CycleDispersionProblem {
    std::shared_ptr<const HomogeneousField> field;
    Vector parameters;      ///< at the cycle
    BranchPoint cycle;      ///< of `field`, by any method
    ComplexVector lambdas;  ///< the network's, in the order of their index
    ComplexVector further;  ///< reported with index 0
    int threads = 1;        ///< over modes
};

/// Master stability function of a synchronous cycle (Pecora & Carroll 1998, Phys. Rev. Lett.
/// 80:2109): the largest of the exponents log mu / T of v' = A(lambda, t) v over one period, exact
/// but for the cycle and for rounding; nothing is averaged. A mode counts as unstable where it
/// grows by more than its error and the trivial exponent of the uniform mode, if that is asked for;
/// the uniform mode where another of its exponents does.
[[nodiscard]] DispersionResult cycle_dispersion(const CycleDispersionProblem& problem);

}  // namespace cortifold
