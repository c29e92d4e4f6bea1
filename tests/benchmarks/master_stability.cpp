// The dispersion relation of a cycle, all 90 modes: exponents of the period map against the growth
// of a perturbation averaged over many periods, as published programs have it.
#include "comparison.hpp"
#include "ping_network.hpp"
#include <cortifold/continuation/attracting_cycle.hpp>
#include <cortifold/synchrony/dispersion.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>

namespace cortifold::benchmarks {

namespace {

constexpr int regions = 90, periods = 100, steps_a_period = 400;
constexpr std::array periods_to_judge{10, 20, 40};
constexpr double published_periods = 1e4;

struct SynchronousCycle {
    std::shared_ptr<const HomogeneousField> field;
    Vector parameters;
    BranchPoint cycle;
    ComplexVector lambdas;
};

SynchronousCycle jansen_rit_cycle(const CycleOptions& options = {}) {
    SynchronousCycle at;
    const Network network = network_of("jansen_rit", regions, Weights::synthetic, 50.0);
    at.field = make_homogeneous_field(network);
    at.parameters = default_values(at.field->parameters());
    at.parameters[static_cast<Eigen::Index>(index_of(at.field->parameters(), "p"))] = 230.0;
    const AttractingCycle near =
        find_attracting_cycle({at.field, at.parameters, at.field->initial(at.parameters)});
    at.cycle = correct_cycle(at.field, at.parameters, near.orbit, options).cycle;
    at.lambdas = coupling_modes(network).values;
    return at;
}

/// log|v| / t of one vector a mode after some periods, state and vectors by the classical method
/// of Runge and Kutta.
Vector averaged(const SynchronousCycle& at, int count) {
    const Eigen::Index n = at.field->dimension(), modes = at.lambdas.size();
    const Vector lambdas = at.lambdas.real();
    const double h = at.cycle.period / steps_a_period;
    Vector x = at.cycle.z.head(n), f = Vector::Zero(n), sum(n), growth = Vector::Zero(modes);
    Matrix V = Matrix::Ones(n, modes), slope = Matrix::Zero(n, modes), total(n, modes),
           at_zero(n, n), by_lambda(n, n);
    const auto stage = [&](double part, double weight) {
        const Vector state = x + part * h * f;
        const Matrix vectors = V + part * h * slope;
        at.field->rhs(state, at.parameters, f);
        at.field->mode_jacobian(state, at.parameters, at_zero, by_lambda);
        slope.noalias() = at_zero * vectors;
        slope += (by_lambda * vectors) * lambdas.asDiagonal();
        sum += weight * f;
        total += weight * slope;
    };
    for (int k = 0; k < count * steps_a_period; ++k) {
        sum.setZero();
        total.setZero();
        stage(0.0, 1.0);
        stage(0.5, 2.0);
        stage(0.5, 2.0);
        stage(1.0, 1.0);
        x += h / 6.0 * sum;
        V += h / 6.0 * total;
        const Vector norms = V.colwise().norm();
        growth += norms.array().log().matrix();
        V.array().rowwise() /= norms.transpose().array();
    }
    return growth / (count * at.cycle.period);
}

Vector growths(const MasterStability& stability, const ComplexVector& lambdas) {
    const std::vector<Mode> modes = stability.at(lambdas);
    Vector growth(lambdas.size());
    std::ranges::transform(modes, growth.begin(), &Mode::growth);
    return growth;
}

}  // namespace

void compare_master_stability() {
    const SynchronousCycle at = jansen_rit_cycle();
    const auto ours = [at] {
        return growths(*stability_of_cycle(at.field, at.parameters, at.cycle), at.lambdas);
    };
    const SynchronousCycle finer = jansen_rit_cycle({.tolerance = 1e-10});
    const Vector exact =
        growths(*stability_of_cycle(finer.field, finer.parameters, finer.cycle), finer.lambdas);
    const auto off = [&](const Vector& found) { return (found - exact).cwiseAbs().maxCoeff(); };
    std::ostringstream remark;
    remark.precision(3);
    double by_period = 0.0;
    for (const int count : periods_to_judge) {
        by_period = count * off(averaged(at, count));
        remark << "averages over " << count << " periods are " << by_period / count
               << " / s off, which times their number is " << by_period << "\n  ";
    }
    remark << "the " << published_periods << " periods of the published program leave "
           << by_period / published_periods << " / s and take " << published_periods / periods
           << " times as long as these " << periods << "; ours, " << off(ours())
           << " / s off a cycle of ten digits, they would reach in " << by_period / off(ours())
           << " periods";
    compare({"dispersion relation of a Jansen-Rit cycle, 90 modes, in " + std::to_string(periods) +
                 " periods",
             {{"ours", [=] { keep(ours().data()); }},
              {"averages over time", [=] { keep(averaged(at, periods).data()); }}},
             remark.str(),
             Length::long_run});
}

}  // namespace cortifold::benchmarks
