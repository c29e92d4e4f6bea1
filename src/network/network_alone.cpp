// A network of one region without links: what its node says, and nothing else is computed.
#include "network_field.hpp"

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

void NetworkField::linearize_alone(ConstVectorRef x, ConstVectorRef p,
                                   std::span<const std::size_t> free, VectorRef f, MatrixRef f_x,
                                   MatrixRef f_p) const {
    Scratch& at = scratch();
    at.locals.resize(1);
    const Vector u = inputs_alone(p), own = region_parameters(places_.front(), p);
    kinds_.front().node->linearize({x, u, own}, local_free(places_.front(), free), at.locals[0]);
    f = at.locals[0].f;
    f_x = at.locals[0].f_x;
    parameter_columns_alone(free, at.locals[0], f_p);
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
