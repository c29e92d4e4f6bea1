#pragma once

#include "step.hpp"
#include "trajectory_arrays.hpp"
#include <cortifold/network/laplacian.hpp>

#include <optional>
#include <string>
#include <vector>

namespace cortifold {

// What a Laplacian says besides its eigenvalues: of steps of the kind `spectrum`.

/// The keys `times` and `export`: heat kernels and diffusion distances.
struct DiffusionChoice {
    std::vector<double> times;
    Export format = Export::none;
};
/// Throws ConfigError, also where the matrix is not the generator of a walk.
[[nodiscard]] DiffusionChoice read_diffusion(ConfigReader& options, GraphMatrix kind,
                                             const SparseMatrix& matrix);
/// Writes heat_kernel.h5 and diffusion_distance.h5, of up to 500 regions diffusion.csv, and on
/// demand the same as .npy; adds `heat_kernels` to the summary. The trace of a kernel is held
/// against `eigenvalues`, all of the matrix or none.
void add_diffusion(const StepContext& at, const DiffusionChoice& choice,
                   const SparseMatrix& laplacian, const ComplexVector& eigenvalues,
                   StepResult& result);

/// The key `of`: an earlier msf step whose stable range a coupling by this Laplacian is to stay in,
/// else the nearest one where the coupling is diffusive.
/// Throws ConfigError.
[[nodiscard]] std::optional<std::string> read_stable_range(ConfigReader& options,
                                                           const Study& study, GraphMatrix kind);
/// Adds the gap and what follows from it, `eigenvalues` being all of the matrix.
void add_gap(const StepContext& at, GraphMatrix kind, const SparseMatrix& laplacian,
             const ComplexVector& eigenvalues, const std::optional<std::string>& msf,
             StepResult& result);

}  // namespace cortifold
