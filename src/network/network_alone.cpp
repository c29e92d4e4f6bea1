// A network of one region: what its node says, and nothing else is computed.
#include "network_field.hpp"
#include <cortifold/model/batch_node.hpp>

#include <algorithm>

namespace cortifold {

Vector NetworkField::inputs_alone(ConstVectorRef p) const {
    Vector u = Vector::Zero(static_cast<Eigen::Index>(kinds_.front().node->inputs().size()));
    for (const Arrival& arrival : arrivals_)
        if (!arrival.rows.empty())
            u[arrival.input] += p[static_cast<Eigen::Index>(arrival.parameter)];
    return u;
}

void NetworkField::parameter_columns_alone(std::span<const std::size_t> free,
                                           const Linearization& local, MatrixRef f_p) const {
    f_p.setZero();
    Eigen::Index own = 0;
    for (std::size_t j = 0; j < free.size(); ++j) {
        auto column = f_p.col(static_cast<Eigen::Index>(j));
        if (local_parameter(places_.front(), free[j])) column = local.f_p.col(own++);
        for (const Arrival& arrival : arrivals_)
            if (arrival.parameter == free[j] && !arrival.rows.empty())
                column += local.f_u.col(arrival.input);
    }
}

const Linearization& NetworkField::linearize_alone(ConstVectorRef x, ConstVectorRef p,
                                                   std::span<const std::size_t> free) const {
    using Row = Eigen::Map<const Vector>;
    const Place& place = places_.front();
    const Kind& kind = kinds_.front();
    Scratch& at = scratch();
    clear_inputs(at.u);
    inject(p, at.u);
    Matrix& u = at.u.front();
    if (!targets_.empty()) send(x, p, at.h);
    for (const Target& to : targets_)
        u(0, to.input) += strength_of(to, p) * to.own_weight * at.h.front()(0, to.column);
    at.free.clear();
    for (const std::size_t parameter : free)
        if (const auto own = local_parameter(place, parameter)) at.free.push_back(*own);
    at.locals.resize(1);
    const auto own = kind_parameters(kind, p, at.parameters);
    kind.node->linearize({x, Row(u.data(), u.size()), Row(own.data(), own.size())}, at.free,
                         at.locals.front());
    return at.locals.front();
}

void NetworkField::mode_jacobian(ConstVectorRef x, ConstVectorRef p, MatrixRef at_zero,
                                 MatrixRef slope) const {
    const Linearization& local = linearize_alone(x, p, {});
    at_zero = local.f_x;
    slope.setZero();
    for (const Target& to : targets_)
        slope += strength_of(to, p) * local.f_u.col(to.input).lazyProduct(local.h_x.row(to.column));
}

void NetworkField::linearize_one(ConstVectorRef x, ConstVectorRef p,
                                 std::span<const std::size_t> free, VectorRef f, MatrixRef f_x,
                                 MatrixRef f_p) const {
    const Linearization& local = linearize_alone(x, p, free);
    const auto coupling = p.tail(p.size() - static_cast<Eigen::Index>(strength_));
    const auto gain = [&](const Target& to) {
        return coupling[1 + static_cast<Eigen::Index>(to.link)];
    };
    f = local.f;
    f_x = local.f_x;
    for (const Target& to : targets_)
        f_x.noalias() += strength_of(to, p) * to.own_weight *
                         local.f_u.col(to.input).lazyProduct(local.h_x.row(to.column));
    f_p.setZero();
    Eigen::Index next = 0;
    for (std::size_t j = 0; j < free.size(); ++j) {
        auto column = f_p.col(static_cast<Eigen::Index>(j));
        const bool of_node = local_parameter(places_.front(), free[j]).has_value();
        if (of_node) column = local.f_p.col(next);
        for (const Target& to : targets_) {
            double rate = 0.0;  // of what arrives
            if (of_node) rate = coupling[0] * gain(to) * local.h_p(to.column, next);
            if (free[j] == strength_) rate = gain(to) * local.h[to.column];
            if (free[j] == strength_ + 1 + to.link) rate = coupling[0] * local.h[to.column];
            if (rate != 0.0) column += to.own_weight * rate * local.f_u.col(to.input);
        }
        for (const Arrival& arrival : arrivals_)
            if (arrival.parameter == free[j] && !arrival.rows.empty())
                column += local.f_u.col(arrival.input);
        next += of_node ? 1 : 0;
    }
}

bool NetworkField::takes_batches() const {
    const auto* node = dynamic_cast<const BatchNode*>(kinds_.front().node.get());
    return places_.size() == 1 && node != nullptr && node->takes_batches();
}

void NetworkField::linearize_batch(ConstMatrixRef x, ConstVectorRef p,
                                   std::span<const std::size_t> free,
                                   PointLinearizations& result) const {
    thread_local BatchLinearization local;
    const Kind& kind = kinds_.front();
    Scratch& at = scratch();
    const auto own = kind_parameters(kind, p, at.parameters);
    Matrix u = inputs_alone(p).transpose().replicate(x.rows(), 1);
    if (!targets_.empty()) {
        local.h.resize(x.rows(), static_cast<Eigen::Index>(kind.node->outputs().size()));
        kind.node->output_batch(x, own, local.h);
        for (const Target& to : targets_)
            u.col(to.input) += strength_of(to, p) * to.own_weight * local.h.col(to.column);
    }
    dynamic_cast<const BatchNode&>(*kind.node)
        .linearize_batch(x, u, own, local_free(places_.front(), free), local);
    result.f = local.f;
    result.f_x = local.f_x;
    const Eigen::Index n = x.cols(), n_h = local.h.cols();
    for (const Target& to : targets_)
        for (Eigen::Index b = 0; b < n; ++b)
            for (Eigen::Index a = 0; a < n; ++a)
                result.f_x.col(a + b * n).array() += strength_of(to, p) * to.own_weight *
                                                     local.f_u.col(a + to.input * n).array() *
                                                     local.h_x.col(to.column + b * n_h).array();
    result.f_p.setZero(x.rows(), n * static_cast<Eigen::Index>(free.size()));
    Eigen::Index next = 0;
    for (std::size_t j = 0; j < free.size(); ++j) {
        auto columns = result.f_p.middleCols(static_cast<Eigen::Index>(j) * n, n);
        const bool of_node = local_parameter(places_.front(), free[j]).has_value();
        if (of_node) columns = local.f_p.middleCols(next * n, n);
        for (const Target& to : targets_) {
            // what arrives changes with s or g as h times the other
            const Strengths c = strengths(p);
            Vector rate = strength_by_parameter(free[j], c)[static_cast<Eigen::Index>(to.link)] *
                          local.h.col(to.column);
            if (of_node) rate += strength_of(to, p) * local.h_p.col(to.column + next * n_h);
            columns += (to.own_weight * rate).asDiagonal() * local.f_u.middleCols(to.input * n, n);
        }
        for (const Arrival& arrival : arrivals_)
            if (arrival.parameter == free[j] && !arrival.rows.empty())
                columns += local.f_u.middleCols(arrival.input * n, n);
        next += of_node ? 1 : 0;
    }
}

void NetworkField::directional_alone(const NodePoint& at, const NodePoint& along,
                                     std::span<const std::size_t> free, MatrixRef f_xv,
                                     MatrixRef f_pv) const {
    Scratch& work = scratch();
    work.rates.resize(1);
    kinds_.front().node->directional(at, along, local_free(places_.front(), free), work.rates[0]);
    f_xv = work.rates[0].f_x;
    parameter_columns_alone(free, work.rates[0], f_pv);
}

void NetworkField::taylor_alone(ConstMatrixRef x, ConstMatrixRef p, MatrixRef f) const {
    const Place& place = places_.front();
    Matrix u =
        Matrix::Zero(static_cast<Eigen::Index>(kinds_.front().node->inputs().size()), f.cols());
    for (Eigen::Index k = 0; k < std::min(f.cols(), p.cols()); ++k)
        u.col(k) = inputs_alone(p.col(k));
    kinds_.front().node->rhs_taylor(region_series(place, x, f.cols()), u,
                                    region_parameter_series(place, p, f.cols()), f);
}

}  // namespace cortifold
