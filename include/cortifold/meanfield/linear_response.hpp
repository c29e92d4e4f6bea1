#pragma once

#include <cortifold/meanfield/lif_network.hpp>
#include <cortifold/meanfield/transfer_function.hpp>
#include <cortifold/meanfield/working_point.hpp>

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cortifold {

// A matrix per lambda, row: target population. Rates of populations respond to each other as
// y = M y + noise (Lindner, Doiron & Longtin 2005; Bos, Diesmann & Helias 2016, PLoS Comput. Biol.
// 12:e1005132).

/// The effective connectivity M_ij = tau_m N_i(lambda) sum K_ij J_ij D_ij(lambda), with transfer
/// function N and delay factor D; with Modulation::mean_and_variance the like of the variance, with
/// <J_ij^2>, is added. lambda in 1/ms.
[[nodiscard]] std::vector<ComplexMatrix> effective_connectivity(
    const LifNetwork& network, const WorkingPoint& point,
    const Eigen::Ref<const ComplexVector>& lambda_per_ms, const TransferOptions& options = {});

/// What a population's finite size leaves of the noise of its spike trains, rate / size in Hz:
/// the spectra of Poisson processes with its rate (Helias, Tetzlaff & Diesmann 2013).
[[nodiscard]] Vector finite_size_noise(const LifNetwork& network, const WorkingPoint& point);

/// (1 - M)^-1 M, all that comes of a spike; none where 1 - M is singular to rounding.
[[nodiscard]] std::optional<ComplexMatrix> propagator(
    const Eigen::Ref<const ComplexMatrix>& connectivity);

/// S = (1 - M)^-1 diag(noise) (1 - M)^-H in Hz: power spectra of the population rates on the
/// diagonal, cross spectra S_ij = <y_i y_j*> beside it. None where 1 - M is singular to rounding.
[[nodiscard]] std::optional<ComplexMatrix> cross_spectra(
    const Eigen::Ref<const ComplexMatrix>& connectivity, ConstVectorRef noise_hz);

/// |S_ij|^2 / (S_ii S_jj), from 0 to 1.
[[nodiscard]] Matrix coherence(const Eigen::Ref<const ComplexMatrix>& spectra);

/// How the eigenvalue of M nearest to 1, which makes a peak of the spectrum, rests on each
/// connection (Bos et al. 2016, equation 7): T_ij = v_i* M_ij u_j / v^H u with left and right
/// eigenvectors; the sum of all is the eigenvalue. A relative change c of M_ij moves the eigenvalue
/// by c T_ij: towards 1, which raises the peak, by c `amplitude`, and across, which moves the
/// peak's frequency, by c `frequency`.
struct Sensitivity {
    std::complex<double> eigenvalue;
    ComplexMatrix connections{};
    Matrix amplitude{}, frequency{};
};
/// None where the eigenvalue is defective.
[[nodiscard]] std::optional<Sensitivity> sensitivity(
    const Eigen::Ref<const ComplexMatrix>& connectivity);

/// Eigenvalues of a sequence of matrices, a row a matrix, a column a trajectory: neighbours are
/// assigned to each other so that distances of eigenvalues and angles of eigenvectors are least in
/// sum.
struct EigenvalueTrajectories {
    ComplexMatrix values{};
    Vector overlaps{};  ///< from the matrix before: the least |u^H u'| among those assigned; 1 of
                        ///< the first. Well below 1 says that frequencies lie too far apart.
};
[[nodiscard]] EigenvalueTrajectories follow_eigenvalues(
    std::span<const ComplexMatrix> connectivities);

/// What rates of neurons add to each other, W_ij = d nu_i / d nu_j at one synapse of each weight,
/// by mean and variance of the input.
[[nodiscard]] Matrix pairwise_connectivity(const std::vector<LifNeuron>& neurons,
                                           const std::vector<LifInput>& inputs,
                                           ConstMatrixRef weights_mV, SynapseTheory theory);

/// Covariances of spike counts over long times, divided by the time, of a network of neurons with
/// given rates and irregularities (Layer et al. 2023; Dahmen et al. 2022).
struct Covariances {
    Status status = Status::no_theory;
    std::string message = "spike_count_covariances was not called";
    Matrix values{};               ///< A diag(noise) A^T with A = (1 - W)^-1, Hz
    Vector noise{};                ///< which makes the variances CV^2 rate
    double spectral_bound = 0.0;   ///< the largest real part of an eigenvalue of W
    double spectral_radius = 0.0;  ///< the largest modulus
};
/// no_theory where the bound is 1 or more, so that fluctuations do not decay, or where the noise
/// comes out negative; singular_jacobian where its equations have no solution.
[[nodiscard]] Covariances spike_count_covariances(ConstMatrixRef connectivity,
                                                  ConstVectorRef rates_hz, ConstVectorRef cvs);

}  // namespace cortifold
