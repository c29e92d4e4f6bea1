#include "meanfield/assignment.hpp"
#include "microcircuit.hpp"
#include "networks.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/meanfield/linear_response.hpp>

#include <Eigen/Eigenvalues>
#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <numeric>

namespace cortifold::test {
namespace {

using Complex = std::complex<double>;

constexpr double digits = 1e-9;
constexpr double loop_digits = 1e-8;  ///< of what is made from transfer functions

/// The stored theory leaves the refractory time out of the response.
TransferOptions as_published(SynapseTheory theory) {
    return {theory, Refractoriness::left_out, SynapticFilter::included};
}

class MicrocircuitSpectra : public ReferenceNumbers,
                            public testing::WithParamInterface<SynapseTheory> {
protected:
    void SetUp() override {
        ReferenceNumbers::SetUp();
        if (IsSkipped()) return;
        network = microcircuit(at(bos, {"params_SI"}));
        point = find_working_point(network, GetParam());
        stored = at(bos, {"spectral_1Hz_grid", to_string(GetParam())});
    }
    [[nodiscard]] std::vector<ComplexMatrix> loops(const Vector& frequencies) const {
        return effective_connectivity(network, point, oscillations(frequencies),
                                      as_published(GetParam()));
    }
    [[nodiscard]] ComplexMatrix loop(double frequency) const {
        return loops(Vector::Constant(1, frequency))[0];
    }
    LifNetwork network;
    WorkingPoint point;
    Record stored;
};

TEST_P(MicrocircuitSpectra, HaveTheStoredConnectivityAndDelays) {
    for (const double frequency : {64.0, 250.0}) {
        const ComplexMatrix expected =
            complex_matrix_of(at(stored, {"eff_conn_at_" + std::to_string(int(frequency)) + "Hz"}));
        EXPECT_LT((loop(frequency) - expected).cwiseAbs().maxCoeff(),
                  loop_digits * expected.cwiseAbs().maxCoeff());
    }
    const ComplexMatrix delays = complex_matrix_of(at(stored, {"D_at_64Hz"}));
    for (const LifProjection& projection : network.projections)
        EXPECT_LT(
            std::abs(delay_factor(projection.delay, oscillation(64.0)) -
                     delays(Eigen::Index(projection.target), Eigen::Index(projection.source))),
            digits);
}

TEST_P(MicrocircuitSpectra, HaveTheStoredEigenvalues) {
    for (const Record& row : at(stored, {"eigenvalues_at"}).as<Record::List>()) {
        const double frequency = number(at(row, {"freq_hz"}));
        const Record& parts = at(row, {"lambda_sorted_by_abs"});
        const Vector re = vector_of(at(parts, {"re"})), im = vector_of(at(parts, {"im"}));
        const ComplexVector found = eigenvalues(loop(frequency));
        for (Eigen::Index k = 0; k < re.size(); ++k)
            EXPECT_LT((found.array() - Complex(re[k], im[k])).abs().minCoeff(), 1e-7)
                << frequency << " Hz";
    }
}

TEST_P(MicrocircuitSpectra, HaveTheStoredPower) {
    const Vector frequencies = vector_of(at(stored, {"freqs_hz_sampled"}));
    const Matrix expected = matrix_of(at(stored, {"power_spectra_hz2_sampled"}));
    const Vector noise = finite_size_noise(network, point);
    const std::vector<ComplexMatrix> all = loops(frequencies);
    for (Eigen::Index k = 0; k < frequencies.size(); ++k) {
        const auto spectra = cross_spectra(all[std::size_t(k)], noise);
        ASSERT_TRUE(spectra.has_value());
        const Vector power = spectra->diagonal().real(),
                     stored_power = expected.rows() == frequencies.size()
                                        ? Vector(expected.row(k).transpose())
                                        : Vector(expected.col(k));
        EXPECT_LT((power - stored_power).cwiseQuotient(stored_power).cwiseAbs().maxCoeff(), 1e-6)
            << frequencies[k];
    }
}

TEST_P(MicrocircuitSpectra, PeakWhereStored) {
    const Vector noise = finite_size_noise(network, point);
    const Record& first = at(stored, {"power_spectra_peaks"}).as<Record::List>()[0];
    for (const Record& peak : first.as<Record::List>()) {
        const double grid = number(at(peak, {"f_hz_grid"}));
        const auto all = loops(Vector{{grid - 1.0, grid, grid + 1.0}});
        Vector power(3);
        for (Eigen::Index k = 0; k < 3; ++k)
            power[k] = cross_spectra(all[std::size_t(k)], noise)->coeff(0, 0).real();
        EXPECT_NEAR(power[1], number(at(peak, {"value_hz2"})), 1e-6 * power[1]);
        const Vector logs = power.array().log();
        const double vertex =
            grid + 0.5 * (logs[0] - logs[2]) / (logs[0] - 2.0 * logs[1] + logs[2]);
        EXPECT_NEAR(vertex, number(at(peak, {"f_hz_parabolic_log"})), 1e-5);
    }
}

TEST_P(MicrocircuitSpectra, HaveTheStoredSensitivities) {
    for (const double frequency : {64.0, 267.0}) {
        const Record& expected =
            at(stored, {"sensitivity_at_" + std::to_string(int(frequency)) + "Hz"});
        const auto found = sensitivity(loop(frequency));
        ASSERT_TRUE(found.has_value());
        EXPECT_LT(std::abs(found->eigenvalue - complex_of(at(expected, {"critical_eigenvalue"}))),
                  1e-7);
        EXPECT_LT((found->connections - complex_matrix_of(at(expected, {"sensitivity"})))
                      .cwiseAbs()
                      .maxCoeff(),
                  1e-6);
        EXPECT_LT(
            (found->amplitude - matrix_of(at(expected, {"sensitivity_amp"}))).cwiseAbs().maxCoeff(),
            1e-6);
        EXPECT_LT((found->frequency - matrix_of(at(expected, {"sensitivity_freq"})))
                      .cwiseAbs()
                      .maxCoeff(),
                  1e-6);
    }
}

TEST_P(MicrocircuitSpectra, HaveTrajectoriesThatComeAsNearToOneAsStored) {
    const Vector frequencies = Vector::LinSpaced(400, 1.0, 400.0);
    const EigenvalueTrajectories found = follow_eigenvalues(loops(frequencies));
    EXPECT_GT(found.overlaps.minCoeff(), 0.9);
    for (const Record& nearest : at(stored, {"trajectories_closest_to_1"}).as<Record::List>()) {
        const auto row = Eigen::Index(std::lround(number(at(nearest, {"freq_hz"}))) - 1);
        const Complex expected = complex_of(at(nearest, {"lambda"}));
        if (std::abs(expected - 1.0) > 0.2)
            continue;  // the others depend on who was assigned to whom
        Eigen::Index which = 0;
        EXPECT_LT((found.values.row(row).array() - expected).abs().minCoeff(&which), 1e-7);
        Eigen::Index at_frequency = 0;
        (found.values.col(which).array() - 1.0).abs().minCoeff(&at_frequency);
        EXPECT_EQ(at_frequency, row);
    }
}

INSTANTIATE_TEST_SUITE_P(Theories, MicrocircuitSpectra,
                         testing::Values(SynapseTheory::shift, SynapseTheory::taylor),
                         [](const auto& tested) { return std::string(to_string(tested.param)); });

TEST(EffectiveConnectivity, AtFrequencyZeroIsTheJacobianWithoutItsVarianceAndLeak) {
    const LifNetwork network = brunel(5.0, 2.0);
    const WorkingPoint point = find_working_point(network, SynapseTheory::shift);
    const ComplexMatrix loop = effective_connectivity(network, point, ComplexVector::Zero(1))[0];
    // weights of noise taken out by a difference: mean shifted, variance not
    for (Eigen::Index i = 0; i < 2; ++i) {
        const LifRate rate = stationary_rate(network.populations[0].neuron,
                                             point.inputs[std::size_t(i)], SynapseTheory::shift);
        EXPECT_NEAR(loop(i, 0).real(), 0.02 * 1000.0 * 0.1 * rate.by_mean,
                    1e-9 * loop(i, 0).real());
        EXPECT_NEAR(loop(i, 1).real(), -0.02 * 250.0 * 0.5 * rate.by_mean,
                    1e-9 * std::abs(loop(i, 1)));
        EXPECT_EQ(loop(i, 0).imag(), 0.0);
    }
}

TEST(EffectiveConnectivity, NeedsAWorkingPoint) {
    LifNetwork network = brunel(5.0, 2.0);
    network.populations.push_back({"alone", 10.0, {}});
    const WorkingPoint point = find_working_point(network, SynapseTheory::delta);
    EXPECT_THROW((void)effective_connectivity(network, point, ComplexVector::Zero(1)), UsageError);
}

TEST(Propagator, SumsAllPathsThroughTheNetwork) {
    ComplexMatrix m(2, 2);
    m << Complex(0.2, 0.1), Complex(-0.3, 0.0), Complex(0.1, -0.2), Complex(0.0, 0.25);
    ComplexMatrix sum = ComplexMatrix::Zero(2, 2), power = m;
    for (int k = 0; k < 200; ++k) {
        sum += power;
        power = (power * m).eval();
    }
    EXPECT_LT((*propagator(m) - sum).norm(), 1e-14);
    EXPECT_FALSE(propagator(ComplexMatrix::Identity(2, 2)).has_value());
    EXPECT_FALSE(cross_spectra(ComplexMatrix::Identity(2, 2), Vector::Ones(2)).has_value());
}

TEST(CrossSpectra, AreHermitianAndCoherentWithinOne) {
    const LifNetwork network = brunel(6.0, 3.0);
    const WorkingPoint point = find_working_point(network, SynapseTheory::delta);
    const Vector noise = finite_size_noise(network, point);
    for (const ComplexMatrix& loop :
         effective_connectivity(network, point, oscillations(Vector::LinSpaced(20, 1.0, 500.0)))) {
        const ComplexMatrix spectra = *cross_spectra(loop, noise);
        EXPECT_LT((spectra - spectra.adjoint()).norm(), 1e-14 * spectra.norm());
        const Matrix c = coherence(spectra);
        EXPECT_NEAR(c(0, 0), 1.0, 1e-14);
        EXPECT_NEAR(c(0, 1), c(1, 0), 1e-14);
        EXPECT_GE(c.minCoeff(), 0.0);
        EXPECT_LE(c.maxCoeff(), 1.0 + 1e-12);
        // the same by inverses
        const ComplexMatrix a = (ComplexMatrix::Identity(2, 2) - loop).inverse();
        EXPECT_LT((a * noise.cast<Complex>().asDiagonal() * a.adjoint() - spectra).norm(),
                  1e-12 * spectra.norm());
    }
}

TEST(CrossSpectra, OfUnconnectedPopulationsAreTheirNoise) {
    const ComplexMatrix spectra =
        *cross_spectra(ComplexMatrix::Zero(3, 3), Vector{{1.0, 2.0, 0.0}});
    EXPECT_LT(
        (spectra - ComplexMatrix(Vector{{1.0, 2.0, 0.0}}.cast<Complex>().asDiagonal())).norm(),
        1e-15);
}

TEST(Sensitivity, IsTheDerivativeOfTheEigenvalueByRelativeWeights) {
    const LifNetwork network = brunel(5.0, 2.0);
    const WorkingPoint point = find_working_point(network, SynapseTheory::delta);
    const ComplexMatrix loop =
        effective_connectivity(network, point, oscillations(Vector{{90.0}}))[0];
    const Sensitivity found = *sensitivity(loop);
    EXPECT_LT(std::abs(found.connections.sum() - found.eigenvalue), 1e-12);
    constexpr double h = 1e-6;
    for (Eigen::Index i = 0; i < 2; ++i)
        for (Eigen::Index j = 0; j < 2; ++j) {
            ComplexMatrix more = loop, less = loop;
            more(i, j) *= 1.0 + h;
            less(i, j) *= 1.0 - h;
            const Complex slope =
                (sensitivity(more)->eigenvalue - sensitivity(less)->eigenvalue) / (2.0 * h);
            EXPECT_LT(std::abs(slope - found.connections(i, j)), 1e-7);
        }
}

TEST(Trajectories, CrossWithoutChangingPlaces) {
    // two rotating eigenvectors whose eigenvalues pass each other
    std::vector<ComplexMatrix> matrices;
    for (int k = 0; k <= 40; ++k) {
        const double angle = 0.01 * k, s = std::sin(angle), c = std::cos(angle);
        Matrix basis(2, 2);
        basis << c, -s, s, c;
        const ComplexVector values{{Complex(-1.0 + 0.05 * k, 0.1), Complex(1.0 - 0.05 * k, 0.1)}};
        matrices.emplace_back(basis.cast<Complex>() * values.asDiagonal() *
                              basis.transpose().cast<Complex>());
    }
    const EigenvalueTrajectories found = follow_eigenvalues(matrices);
    for (Eigen::Index j = 0; j < 2; ++j)
        EXPECT_NEAR(std::abs(found.values(40, j) - found.values(0, j)), 2.0, 1e-9);
}

RC_GTEST_PROP(Assignment, IsTheCheapestOfAll, ()) {
    const Eigen::Index n = *rc::gen::inRange<Eigen::Index>(1, 6);
    const auto entries =
        *rc::gen::container<std::vector<int>>(std::size_t(n * n), rc::gen::inRange(0, 50));
    Matrix costs(n, n);
    for (Eigen::Index k = 0; k < n * n; ++k) costs(k / n, k % n) = entries[std::size_t(k)];
    const auto total = [&](const std::vector<Eigen::Index>& columns) {
        double sum = 0.0;
        for (Eigen::Index i = 0; i < n; ++i) sum += costs(i, columns[std::size_t(i)]);
        return sum;
    };
    const std::vector<Eigen::Index> found = cheapest_assignment(costs);
    std::vector<Eigen::Index> columns(static_cast<std::size_t>(n));
    std::iota(columns.begin(), columns.end(), Eigen::Index(0));
    RC_ASSERT(std::is_permutation(found.begin(), found.end(), columns.begin()));
    do RC_ASSERT(total(found) <= total(columns));
    while (std::next_permutation(columns.begin(), columns.end()));
}

TEST_F(ReferenceNumbers, PairwiseConnectivityAndCovariancesAreExact) {
    const Record& pairs = at(cases, {"pairwise_small"});
    const Record& given = at(pairs, {"inputs"});
    const Vector means = vector_of(at(given, {"mu_V"})) / milli,
                 sds = vector_of(at(given, {"sigma_V"})) / milli;
    const std::vector<LifNeuron> neurons(std::size_t(means.size()), neuron_of(given));
    std::vector<LifInput> inputs;
    Vector rates(means.size()), cvs(means.size());
    for (Eigen::Index i = 0; i < means.size(); ++i) {
        inputs.push_back({means[i], sds[i] * sds[i]});
        rates[i] = stationary_rate(neurons[0], inputs.back(), SynapseTheory::shift).hz;
        cvs[i] = interspike_cv(neurons[0], inputs.back(), SynapseTheory::shift);
    }
    EXPECT_LT((rates - vector_of(at(pairs, {"nu_hz"}))).cwiseAbs().maxCoeff(),
              digits * rates.maxCoeff());
    EXPECT_LT((cvs - vector_of(at(pairs, {"cvs"}))).cwiseAbs().maxCoeff(), digits);
    const Matrix w = pairwise_connectivity(neurons, inputs, matrix_of(at(given, {"J_V"})) / milli,
                                           SynapseTheory::shift);
    const Record& exact = at(pairs, {"exact"});
    EXPECT_LT((w - matrix_of(at(exact, {"W_eff"}))).cwiseAbs().maxCoeff(),
              digits * w.cwiseAbs().maxCoeff());
    const Covariances found = spike_count_covariances(w, rates, cvs);
    ASSERT_EQ(found.status, Status::converged) << found.message;
    const Matrix covariances = matrix_of(at(exact, {"covariances"}));
    EXPECT_LT((found.values - covariances).cwiseAbs().maxCoeff(), digits * covariances.maxCoeff());
    EXPECT_LT((found.noise - vector_of(at(exact, {"noise_strength"}))).cwiseAbs().maxCoeff(), 1e-8);
    EXPECT_NEAR(found.spectral_bound, number(at(exact, {"spectral_bound_max_re"})), 1e-10);
}

TEST(SpikeCountCovariances, HaveTheVariancesOfTheNeurons) {
    Matrix w(2, 2);
    w << 0.0, -0.4, 0.3, 0.1;
    const Vector rates{{8.0, 5.0}}, cvs{{0.9, 0.7}};
    const Covariances found = spike_count_covariances(w, rates, cvs);
    EXPECT_EQ(found.status, Status::converged);
    EXPECT_LT((found.values.diagonal() - rates.cwiseProduct(cvs.cwiseAbs2())).norm(), 1e-13);
}

TEST(SpikeCountCovariances, AreRefusedWhereFluctuationsGrowOrNoiseIsNegative) {
    const Vector ones = Vector::Ones(2);
    EXPECT_EQ(spike_count_covariances(Matrix::Identity(2, 2) * 1.2, ones, ones).status,
              Status::no_theory);
    Matrix one_way(2, 2);  // the second follows the first more than it varies itself
    one_way << 0.0, 0.0, 0.9, 0.0;
    const Covariances found = spike_count_covariances(one_way, Vector{{10.0, 1.0}}, ones);
    EXPECT_EQ(found.status, Status::no_theory);
    EXPECT_THAT(found.message, testing::HasSubstr("negative"));
    EXPECT_EQ(spike_count_covariances(Matrix::Constant(2, 2, std::nan("")), ones, ones).status,
              Status::non_finite);
}

}  // namespace
}  // namespace cortifold::test
