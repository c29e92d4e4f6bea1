// Higher derivatives of a network: the product rule and power series on what linearize assembles.
#include "network_field.hpp"

#include <algorithm>

namespace cortifold {

namespace {

Eigen::Index length(std::span<const Quantity> table) {
    return static_cast<Eigen::Index>(table.size());
}

}  // namespace

void NetworkField::fill_blocks(ConstVectorRef strength, const Locals& locals,
                               SparseMatrix& f_x) const {
    f_x.resize(dimension_, dimension_);
    for (const Kind& kind : kinds_)
        for (Eigen::Index a = 0; a < kind.n_states(); ++a)
            for (const Eigen::Index i : kind.regions) {
                const auto region = static_cast<std::size_t>(i);
                const Place& place = places_[region];
                Eigen::RowVectorXd row = locals[region].f_x.row(a);
                for (const Target& target : targets_)
                    if (target.coupling == CouplingKind::diffusive &&
                        &kinds_[target.kind] == &kind) {
                        const Signal& signal = signals_[target.signal];
                        row -= strength[static_cast<Eigen::Index>(target.link)] *
                               signal.row_sums[i] * locals[region].f_u(a, target.input) *
                               locals[region].h_x.row(signal.column[place.kind]);
                    }
                f_x.startVec(slot(place, a));
                for (Eigen::Index b = 0; b < row.size(); ++b)
                    if (row[b] != 0.0) f_x.insertBack(slot(place, a), slot(place, b)) = row[b];
            }
    f_x.finalize();
}

SparseMatrix NetworkField::received_by_states(std::size_t signal, ConstVectorRef strength,
                                              const Locals& f_u) const {
    SparseMatrix received(dimension_, static_cast<Eigen::Index>(places_.size()));
    for (const Kind& kind : kinds_)
        for (Eigen::Index a = 0; a < kind.n_states(); ++a)
            for (const Eigen::Index i : kind.regions) {
                const auto region = static_cast<std::size_t>(i);
                double slope = 0.0;
                for (const Target& target : targets_)
                    if (target.signal == signal && &kinds_[target.kind] == &kind)
                        slope += strength[static_cast<Eigen::Index>(target.link)] *
                                 f_u[region].f_u(a, target.input);
                received.startVec(slot(places_[region], a));
                if (slope != 0.0) received.insertBack(slot(places_[region], a), i) = slope;
            }
    received.finalize();
    return received;
}

void NetworkField::linearize_split(ConstVectorRef x, ConstVectorRef p,
                                   std::span<const std::size_t> free, VectorRef f,
                                   SplitJacobian& f_x, MatrixRef f_p) const {
    Scratch& at = scratch();
    const Strengths c = strengths(p);
    const Vector strength = c.s * c.g;
    linearize_nodes(x, p, free, at);
    fill_blocks(strength, at.locals, f_x.near);
    f_x.channels.resize(signals_.size());
    for (std::size_t s = 0; s < signals_.size(); ++s) {
        SplitJacobian::Channel& channel = f_x.channels[s];
        const WeightProduct& product = products_[signals_[s].connectome];
        channel.in = sent_by_states(signals_[s], at.locals);
        channel.out = received_by_states(s, strength, at.locals);
        channel.dense = product.dense().size() > 0 ? &product.dense() : nullptr;
        channel.sparse = &product.sparse();
    }
    collect_rates(free, c, at, f, f_p);
}

void NetworkField::send_rates(ConstVectorRef x, ConstVectorRef p, ConstVectorRef v,
                              ConstVectorRef p_dot, Ports& h_dot) const {
    h_dot.resize(kinds_.size());
    for (std::size_t k = 0; k < kinds_.size(); ++k)
        h_dot[k].resize(kinds_[k].size(), length(kinds_[k].node->outputs()));
    for (const Place& place : places_) {
        const Kind& kind = kinds_[place.kind];
        Matrix state(kind.n_states(), 2), parameters(kind.n_parameters(), 2),
            h(length(kind.node->outputs()), 2);
        state << region_states(place, x), region_states(place, v);
        parameters << region_parameters(place, p), region_direction(place, p_dot);
        kind.node->output_taylor(state, parameters, h);
        h_dot[place.kind].row(place.row) = h.col(1);
    }
}

void NetworkField::directional(ConstVectorRef x, ConstVectorRef p, ConstVectorRef v,
                               ConstVectorRef p_dot, std::span<const std::size_t> free,
                               MatrixRef f_xv, MatrixRef f_pv) const {
    if (is_alone())
        return directional_alone({x, inputs_alone(p), region_parameters(places_.front(), p)},
                                 {v, inputs_alone(p_dot), region_direction(places_.front(), p_dot)},
                                 free, f_xv, f_pv);
    Scratch& at = scratch();
    const Strengths c = strengths(p), c_dot = strengths(p_dot);
    const Vector strength = c.s * c.g, strength_dot = c_dot.s * c.g + c.s * c_dot.g;
    linearize_nodes(x, p, free, at);
    send_rates(x, p, v, p_dot, at.h_dot);
    clear_inputs(at.u_dot);
    couple(at.h_dot, strength, at.u_dot);
    couple(at.h, strength_dot, at.u_dot);
    inject(p_dot, at.u_dot);
    at.rates.resize(places_.size());
    for (std::size_t region = 0; region < places_.size(); ++region) {
        const Place& place = places_[region];
        const Vector state = region_states(place, x), input = region_inputs(place, at.u),
                     parameters = region_parameters(place, p);
        const Vector state_dot = region_states(place, v),
                     input_dot = region_inputs(place, at.u_dot);
        const Vector parameters_dot = region_direction(place, p_dot);
        kinds_[place.kind].node->directional({state, input, parameters},
                                             {state_dot, input_dot, parameters_dot},
                                             local_free(place, free), at.rates[region]);
    }

    // The product rule on f_x = F_x + strength F_u W h_x, and on f_p = F_p + F_u du/dp.
    f_xv.setZero();
    add_blocks(at.rates, f_xv);
    add_coupling(strength_dot, at.locals, at.locals, f_xv);
    add_coupling(strength, at.rates, at.locals, f_xv);
    add_coupling(strength, at.locals, at.rates, f_xv);
    f_pv.setZero();
    for (std::size_t j = 0; j < free.size(); ++j) {
        const Vector by = strength_by_parameter(free[j], c),
                     by_dot = strength_by_parameter(free[j], c_dot);
        clear_inputs(at.u_p);
        clear_inputs(at.u_p_dot);
        couple(at.h, by, at.u_p);
        couple(at.h_dot, by, at.u_p_dot);
        couple(at.h, by_dot, at.u_p_dot);
        outputs_by_parameter(free[j], free, at.locals, at.h_p);
        couple(at.h_p, strength, at.u_p);
        couple(at.h_p, strength_dot, at.u_p_dot);
        outputs_by_parameter(free[j], free, at.rates, at.h_p);
        couple(at.h_p, strength, at.u_p_dot);
        inject_one(free[j], at.u_p);
        const auto column = static_cast<Eigen::Index>(j);
        add_direct(free, j, at.rates, f_pv);
        add_through_inputs(at.rates, at.u_p, f_pv.col(column));
        add_through_inputs(at.locals, at.u_p_dot, f_pv.col(column));
    }
}

void NetworkField::taylor(ConstMatrixRef x, ConstMatrixRef p, MatrixRef f) const {
    if (is_alone()) return taylor_alone(x, p, f);
    const auto orders = static_cast<std::size_t>(f.cols());
    std::vector<Ports> h(orders), u(orders);
    std::vector<Strengths> c(orders);
    for (std::size_t k = 0; k < orders; ++k) {
        const auto column = static_cast<Eigen::Index>(k);
        c[k] = column < p.cols()
                   ? strengths(p.col(column))
                   : Strengths{0.0, Vector::Zero(static_cast<Eigen::Index>(n_links_))};
        clear_inputs(u[k]);
        h[k].resize(kinds_.size());
        for (std::size_t kind = 0; kind < kinds_.size(); ++kind)
            h[k][kind].resize(kinds_[kind].size(), length(kinds_[kind].node->outputs()));
    }
    for (const Place& place : places_) {
        Matrix sent(h[0][place.kind].cols(), f.cols());
        kinds_[place.kind].node->output_taylor(region_series(place, x, f.cols()),
                                               region_parameter_series(place, p, f.cols()), sent);
        for (std::size_t k = 0; k < orders; ++k)
            h[k][place.kind].row(place.row) = sent.col(static_cast<Eigen::Index>(k));
    }
    // u(t) = s(t) g(t) W h(t), order by order.
    for (std::size_t k = 0; k < orders; ++k)
        for (std::size_t a = 0; a <= k; ++a)
            for (std::size_t b = 0; a + b <= k; ++b) couple(h[k - a - b], c[a].s * c[b].g, u[k]);
    for (std::size_t k = 0; k < std::min(orders, static_cast<std::size_t>(p.cols())); ++k)
        inject(p.col(static_cast<Eigen::Index>(k)), u[k]);
    for (const Place& place : places_) {
        Matrix input(u[0][place.kind].cols(), f.cols()),
            result(kinds_[place.kind].n_states(), f.cols());
        for (std::size_t k = 0; k < orders; ++k)
            input.col(static_cast<Eigen::Index>(k)) = region_inputs(place, u[k]);
        kinds_[place.kind].node->rhs_taylor(region_series(place, x, f.cols()), input,
                                            region_parameter_series(place, p, f.cols()), result);
        for (Eigen::Index a = 0; a < result.rows(); ++a) f.row(slot(place, a)) = result.row(a);
    }
}

Matrix NetworkField::region_series(const Place& place, ConstMatrixRef x,
                                   Eigen::Index orders) const {
    Matrix series = Matrix::Zero(kinds_[place.kind].n_states(), orders);
    for (Eigen::Index k = 0; k < std::min(orders, x.cols()); ++k)
        series.col(k) = region_states(place, x.col(k));
    return series;
}

Matrix NetworkField::region_parameter_series(const Place& place, ConstMatrixRef p,
                                             Eigen::Index orders) const {
    Matrix series = Matrix::Zero(kinds_[place.kind].n_parameters(), orders);
    for (Eigen::Index k = 0; k < std::min(orders, p.cols()); ++k)
        series.col(k) =
            k == 0 ? region_parameters(place, p.col(0)) : region_direction(place, p.col(k));
    return series;
}

}  // namespace cortifold
