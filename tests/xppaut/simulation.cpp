#include "xppaut/simulation.hpp"

#include <cortifold/core/error.hpp>

#include <vector>

namespace cortifold {

namespace {

// XPPAUT's defaults: xppopt.html of its manual
constexpr double default_duration = 20.0, default_step = 0.05;

/// Of a method we lack, one that is exact beside its error.
OdeMethod method_of(char letter) {
    switch (letter) {
        case 'r': return OdeMethod::runge_kutta4;
        case 'e': return OdeMethod::euler;
        case 'g':
        case 'c':
        case 's':
        case 'b':
        case '2': return OdeMethod::cvode;
        default: return OdeMethod::dormand_prince;
    }
}

}  // namespace

Simulation::Simulation(const EquationDefinition& model)
    : node_(make_equation_node(model)),
      t0_(model.run.t0.value_or(0.0)),
      step_(model.run.step.value_or(default_step)) {
    Network network;
    network.kinds = {node_};
    field_ = make_field(network);
    options_.method = method_of(model.run.method.value_or("r").front());
    same_method_ = has_fixed_step(options_.method) && model.events.empty();
    if (has_fixed_step(options_.method)) options_.step = step_;
    options_.relative_tolerance = 1e-10;
    options_.absolute_tolerance = 1e-12;
    options_.output_step = step_;
    t1_ = t0_ + model.run.duration.value_or(default_duration);
}

Columns Simulation::run(const Vector& perturbation) const {
    const Vector p = default_values(field_->parameters());
    const Matrix node_p = p.head(static_cast<Eigen::Index>(node_->parameters().size())).transpose();
    const auto n_x = states();
    const auto n_aux = static_cast<Eigen::Index>(node_->auxiliaries().size());
    Matrix u = Matrix::Zero(1, static_cast<Eigen::Index>(node_->inputs().size()));
    std::vector<double> times;
    std::vector<Vector> rows;
    const auto observe = [&](double t, ConstVectorRef x, ConstVectorRef) {
        Matrix aux(1, n_aux);
        if (const auto clock = node_->time_input()) u(0, static_cast<Eigen::Index>(*clock)) = t;
        node_->auxiliary_batch(x.transpose(), u, node_p, aux);
        times.push_back(t);
        rows.push_back((Vector(n_x + n_aux) << x, aux.transpose()).finished());
        return Flow::proceed;
    };
    const Vector start = node_->initial(node_p.transpose()) + perturbation;
    const OdeResult result =
        integrate({field_, p, start, t0_, t1_, {}, Clock::running}, options_, observe);
    Columns columns{Vector::Map(times.data(), static_cast<Eigen::Index>(times.size())),
                    Matrix(static_cast<Eigen::Index>(rows.size()), n_x + n_aux), result.message};
    for (std::size_t k = 0; k < rows.size(); ++k)
        columns.values.row(static_cast<Eigen::Index>(k)) = rows[k].transpose();
    return columns;
}

}  // namespace cortifold
