// The dispersion relation of a cycle, all 90 modes: exponents of the period map against the growth
// of a perturbation averaged over many periods, as published programs have it.
#include "comparison.hpp"
#include "ping_network.hpp"
#include <cortifold/continuation/attracting_cycle.hpp>
#include <cortifold/synchrony/dispersion.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>

namespace cortifold::benchmarks {

namespace {

constexpr int regions = 90, periods = 100, steps_a_period = 400;

struct SynchronousCycle {
    std::shared_ptr<const HomogeneousField> field;
    Vector parameters;
    BranchPoint cycle;
    ComplexVector lambdas;
};

SynchronousCycle jansen_rit_cycle() {
    SynchronousCycle at;
    const Network network = network_of("jansen_rit", regions, Weights::synthetic, 50.0);
    at.field = make_homogeneous_field(network);
    at.parameters = default_values(at.field->parameters());
    at.parameters[static_cast<Eigen::Index>(index_of(at.field->parameters(), "p"))] = 230.0;
    const AttractingCycle near =
        find_attracting_cycle({at.field, at.parameters, at.field->initial(at.parameters)});
    at.cycle = correct_cycle(at.field, at.parameters, near.orbit).cycle;
    at.lambdas = coupling_modes(network).values;
    return at;
}

/// log|v| / t of one vector a mode after so many periods, state and vectors by the classical method
/// of Runge and Kutta.
Vector averaged(const SynchronousCycle& at) {
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
    for (int k = 0; k < periods * steps_a_period; ++k) {
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
    return growth / (periods * at.cycle.period);
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
    const double off = (averaged(at) - ours()).cwiseAbs().maxCoeff();
    std::ostringstream remark;
    remark << "averages are " << off << " / s off after " << periods
           << " periods, in inverse proportion to their number; the 10 000 of the published "
              "program take "
           << 10'000 / periods << " times as long";
    compare({"dispersion relation of a Jansen-Rit cycle, 90 modes, in " + std::to_string(periods) +
                 " periods",
             {{"ours", [=] { keep(ours().data()); }},
              {"averages over time", [=] { keep(averaged(at).data()); }}},
             remark.str(),
             Length::long_run});
}

}  // namespace cortifold::benchmarks
