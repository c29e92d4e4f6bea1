#pragma once

#include <cortifold/core/status.hpp>
#include <cortifold/network/network.hpp>
#include <cortifold/synchrony/master_stability.hpp>

#include <string>
#include <vector>

namespace cortifold {

/// Coupling eigenvalues and patterns of a network, in the order of a mode's index: the uniform one
/// first where there is one (negative weights can give it any rank), then as every spectrum.
struct CouplingModes {
    Status status = Status::iteration_limit;
    ComplexVector values{};
    ComplexMatrix vectors{};  ///< eigenvectors, as of DenseSpectrum
    /// Which modes cannot be told apart, because the coupling matrix has no basis of eigenvectors
    /// or nearly none. Their growth rates hold (the matrix is triangular in an orthonormal basis,
    /// and so are the perturbations), their patterns do not. Empty: there are none.
    std::string note{};
};
[[nodiscard]] CouplingModes coupling_modes(const Network& network);

struct DispersionResult {
    Status status = Status::iteration_limit;
    std::string message;
    std::vector<Mode> modes;  ///< those that could be computed
    int unstable_modes = 0;   ///< how many with index > 1
};

/// Growth rate and frequency of every mode of a synchronous state. `lambdas` are those of the
/// network in the order of their index; the `further` ones are reported with index 0.
[[nodiscard]] DispersionResult dispersion_relation(const MasterStability& state,
                                                   const ComplexVector& lambdas,
                                                   const ComplexVector& further = {},
                                                   int threads = 1);

}  // namespace cortifold
