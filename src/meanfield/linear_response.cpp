#include "assignment.hpp"
#include "network_values.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/meanfield/linear_response.hpp>

#include <Eigen/Eigenvalues>
#include <Eigen/LU>

#include <algorithm>
#include <limits>
#include <tuple>

namespace cortifold {

namespace {

using Complex = std::complex<double>;
using ComplexMatrixRef = Eigen::Ref<const ComplexMatrix>;
constexpr double epsilon = std::numeric_limits<double>::epsilon();

Eigen::Index index(std::size_t k) {
    return static_cast<Eigen::Index>(k);
}

void require_point(const LifNetwork& network, const WorkingPoint& point) {
    require(succeeded(point.status),
            "there is no working point to linearize about: " + point.message);
    require(
        !has_conductances(network),
        "conductances have no linear response here: the theory of them is of stationary states");
    require(point.inputs.size() == network.populations.size(),
            "the working point has " + std::to_string(point.inputs.size()) +
                " populations, the network " + std::to_string(network.populations.size()));
}

/// Delay factors at many lambda, each law once.
class DelayFactors {
public:
    explicit DelayFactors(const Eigen::Ref<const ComplexVector>& lambda) : lambda_(lambda) {}
    const ComplexVector& of(const DelayLaw& law) {
        const auto same = [&](const auto& known) {
            return std::tie(known.first.kind, known.first.mean_ms, known.first.sd_ms,
                            known.first.low_ms) ==
                   std::tie(law.kind, law.mean_ms, law.sd_ms, law.low_ms);
        };
        const auto found = std::ranges::find_if(known_, same);
        if (found != known_.end()) return found->second;
        known_.emplace_back(
            law, lambda_.unaryExpr([&](Complex lambda) { return delay_factor(law, lambda); }));
        return known_.back().second;
    }

private:
    const ComplexVector lambda_;
    std::vector<std::pair<DelayLaw, ComplexVector>> known_;
};

/// LU of 1 - M; none where it is singular to rounding.
std::optional<Eigen::PartialPivLU<ComplexMatrix>> feedback(const ComplexMatrixRef& connectivity) {
    const ComplexMatrix loop =
        ComplexMatrix::Identity(connectivity.rows(), connectivity.cols()) - connectivity;
    if (!loop.allFinite()) return std::nullopt;
    Eigen::PartialPivLU<ComplexMatrix> lu(loop);
    if (!(lu.rcond() > epsilon)) return std::nullopt;
    return lu;
}

/// How unlike two eigenpairs are: the distance of eigenvalues in parts of the larger spectrum, and
/// the sine of the angle between eigenvectors.
Matrix unlikeness(const Eigen::ComplexEigenSolver<ComplexMatrix>& a,
                  const Eigen::ComplexEigenSolver<ComplexMatrix>& b) {
    const double size =
        std::max({a.eigenvalues().cwiseAbs().maxCoeff(), b.eigenvalues().cwiseAbs().maxCoeff(),
                  std::numeric_limits<double>::min()});
    const Matrix overlap = (a.eigenvectors().adjoint() * b.eigenvectors()).cwiseAbs();
    Matrix costs(overlap.rows(), overlap.cols());
    for (Eigen::Index i = 0; i < costs.rows(); ++i)
        for (Eigen::Index j = 0; j < costs.cols(); ++j)
            costs(i, j) = std::abs(a.eigenvalues()[i] - b.eigenvalues()[j]) / size +
                          std::sqrt(std::max(0.0, 1.0 - overlap(i, j) * overlap(i, j)));
    return costs;
}

}  // namespace

std::vector<ComplexMatrix> effective_connectivity(
    const LifNetwork& network, const WorkingPoint& point,
    const Eigen::Ref<const ComplexVector>& lambda_per_ms, const TransferOptions& options) {
    network.validate();
    require_point(network, point);
    const Eigen::Index n = index(network.populations.size());
    const bool of_variance = options.modulation == Modulation::mean_and_variance;
    std::vector<ComplexVector> by_mean, by_variance;
    for (std::size_t i = 0; i < network.populations.size(); ++i) {
        const LifNeuron& neuron = network.populations[i].neuron;
        by_mean.push_back(transfer_function(neuron, point.inputs[i], lambda_per_ms, options));
        if (of_variance)
            by_variance.push_back(
                variance_transfer_function(neuron, point.inputs[i], lambda_per_ms, options));
    }
    std::vector<ComplexMatrix> connectivity(static_cast<std::size_t>(lambda_per_ms.size()),
                                            ComplexMatrix::Zero(n, n));
    DelayFactors delays(lambda_per_ms);
    const NetworkValues<double> values = values_of(network);
    for (std::size_t k = 0; k < network.projections.size(); ++k) {
        const LifProjection& projection = network.projections[k];
        const auto effect = effect_per_hz<double>(
            values.projections[k], values.populations[projection.target].neuron.tau_m,
            values.populations[projection.source].efficacy);
        ComplexVector response = effect.mean * by_mean[projection.target];
        if (of_variance) response += effect.variance * by_variance[projection.target];
        const ComplexVector& delay = delays.of(projection.delay);
        for (std::size_t l = 0; l < connectivity.size(); ++l)
            connectivity[l](index(projection.target), index(projection.source)) +=
                response[index(l)] * delay[index(l)];
    }
    return connectivity;
}

Vector finite_size_noise(const LifNetwork& network, const WorkingPoint& point) {
    require_point(network, point);
    Vector noise = point.rates_hz;
    for (std::size_t i = 0; i < network.populations.size(); ++i)
        noise[index(i)] /= network.populations[i].size;
    return noise;
}

std::optional<ComplexMatrix> propagator(const ComplexMatrixRef& connectivity) {
    const auto lu = feedback(connectivity);
    if (!lu) return std::nullopt;
    return ComplexMatrix(lu->solve(connectivity));
}

std::optional<ComplexMatrix> cross_spectra(const ComplexMatrixRef& connectivity,
                                           ConstVectorRef noise_hz) {
    require(noise_hz.size() == connectivity.rows() && (noise_hz.array() >= 0.0).all(),
            "cross_spectra: the noise must have " + std::to_string(connectivity.rows()) +
                " entries, none of them negative");
    const auto lu = feedback(connectivity);
    if (!lu) return std::nullopt;
    const ComplexMatrix amplitudes = noise_hz.cwiseSqrt().cast<Complex>().asDiagonal(),
                        response = lu->solve(amplitudes);
    return ComplexMatrix(response * response.adjoint());
}

Matrix coherence(const ComplexMatrixRef& spectra) {
    const Vector power = spectra.diagonal().real();
    return spectra.cwiseAbs2().cwiseQuotient(power * power.transpose());
}

std::optional<Sensitivity> sensitivity(const ComplexMatrixRef& connectivity) {
    const Eigen::ComplexEigenSolver<ComplexMatrix> solver(connectivity);
    if (solver.info() != Eigen::Success) return std::nullopt;
    Eigen::Index nearest = 0;
    (solver.eigenvalues().array() - 1.0).abs().minCoeff(&nearest);
    const Eigen::PartialPivLU<ComplexMatrix> vectors(solver.eigenvectors());
    if (!(vectors.rcond() > epsilon)) return std::nullopt;
    const ComplexVector u = solver.eigenvectors().col(nearest);
    const ComplexMatrix lefts = vectors.inverse();
    Sensitivity found;
    found.eigenvalue = solver.eigenvalues()[nearest];
    found.connections = lefts.row(nearest).transpose().asDiagonal() * connectivity * u.asDiagonal();
    const Complex gap = 1.0 - found.eigenvalue,
                  towards = gap == 0.0 ? Complex(1.0) : gap / std::abs(gap);
    const ComplexMatrix turned = found.connections * std::conj(towards);
    found.amplitude = turned.real();
    found.frequency = turned.imag();
    return found;
}

EigenvalueTrajectories follow_eigenvalues(std::span<const ComplexMatrix> connectivities) {
    EigenvalueTrajectories found;
    if (connectivities.empty()) return found;
    const Eigen::Index n = connectivities.front().rows();
    found.values.resize(index(connectivities.size()), n);
    found.overlaps = Vector::Ones(index(connectivities.size()));
    std::vector<Eigen::Index> place(static_cast<std::size_t>(n));  // of each trajectory
    for (Eigen::Index j = 0; j < n; ++j) place[std::size_t(j)] = j;
    Eigen::ComplexEigenSolver<ComplexMatrix> before;
    for (std::size_t l = 0; l < connectivities.size(); ++l) {
        const Eigen::ComplexEigenSolver<ComplexMatrix> here(connectivities[l]);
        if (l > 0) {
            const auto next = cheapest_assignment(unlikeness(before, here));
            for (Eigen::Index& its : place) {
                const double overlap = std::abs(before.eigenvectors().col(its).dot(
                    here.eigenvectors().col(next[std::size_t(its)])));
                found.overlaps[index(l)] = std::min(found.overlaps[index(l)], overlap);
                its = next[std::size_t(its)];
            }
        }
        for (Eigen::Index j = 0; j < n; ++j)
            found.values(index(l), j) = here.eigenvalues()[place[std::size_t(j)]];
        before = here;
    }
    return found;
}

Matrix pairwise_connectivity(const std::vector<LifNeuron>& neurons,
                             const std::vector<LifInput>& inputs, ConstMatrixRef weights_mV,
                             SynapseTheory theory) {
    require(neurons.size() == inputs.size() && weights_mV.rows() == index(neurons.size()),
            "pairwise_connectivity: " + std::to_string(neurons.size()) + " neurons, " +
                std::to_string(inputs.size()) + " inputs and " + std::to_string(weights_mV.rows()) +
                " rows of weights must be as many");
    Matrix w(weights_mV.rows(), weights_mV.cols());
    for (Eigen::Index i = 0; i < w.rows(); ++i) {
        const LifNeuron& neuron = neurons[std::size_t(i)];
        const LifRate rate = stationary_rate(neuron, inputs[std::size_t(i)], theory);
        w.row(i) = neuron.tau_m / hz_per_inverse_ms *
                   (rate.by_mean * weights_mV.row(i).array() +
                    rate.by_variance * weights_mV.row(i).array().square());
    }
    return w;
}

Covariances spike_count_covariances(ConstMatrixRef connectivity, ConstVectorRef rates_hz,
                                    ConstVectorRef cvs) {
    const Eigen::Index n = connectivity.rows();
    require(connectivity.cols() == n && rates_hz.size() == n && cvs.size() == n,
            "spike_count_covariances: the connectivity is " + std::to_string(n) + " x " +
                std::to_string(connectivity.cols()) + ", with " + std::to_string(rates_hz.size()) +
                " rates and " + std::to_string(cvs.size()) + " variations");
    Covariances found;
    const ComplexVector spectrum = eigenvalues(connectivity);
    if (spectrum.size() < n) {
        found.status = Status::non_finite;
        found.message = "the connectivity is not finite";
        return found;
    }
    found.spectral_bound = spectrum[0].real();
    found.spectral_radius = spectrum.cwiseAbs().maxCoeff();
    if (found.spectral_bound >= 1.0) {
        found.message = "fluctuations do not decay: the spectral bound is " +
                        std::to_string(found.spectral_bound);
        return found;
    }
    const Matrix loop = Matrix::Identity(n, n) - connectivity, a = loop.partialPivLu().inverse();
    const Eigen::PartialPivLU<Matrix> squares(a.cwiseAbs2());
    if (!(squares.rcond() > epsilon)) {
        found.status = Status::singular_jacobian;
        found.message = "no noise gives these variances";
        return found;
    }
    const Vector variances = cvs.cwiseAbs2().cwiseProduct(rates_hz);
    found.noise = squares.solve(variances);
    found.values = a * found.noise.asDiagonal() * a.transpose();
    const bool positive = (found.noise.array() >= 0.0).all();
    found.status = positive ? Status::converged : Status::no_theory;
    found.message = positive ? "converged" : "the noise that gives these variances is negative";
    return found;
}

}  // namespace cortifold
