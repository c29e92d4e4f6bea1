#pragma once

#include "ng_ping/ng_ping.hpp"
#include <cortifold/model/describe.hpp>

#include <vector>

namespace cortifold::benchmarks {

/// The right-hand side of an ng_ping network as one would write it by hand in C: two nested loops
/// over weights stored by rows, and the model inlined with plain doubles.
class PlainLoop {
public:
    explicit PlainLoop(const Matrix& weights)
        : n_(static_cast<std::size_t>(weights.rows())), weights_(n_ * n_) {
        for (std::size_t i = 0; i < n_; ++i)
            for (std::size_t j = 0; j < n_; ++j)
                weights_[i * n_ + j] =
                    weights(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
    }

    void rhs(const double* x, const Vector& parameters, double* dx) const {
        const auto p =
            gather<ParameterFields<NgPing>, double>([&](Eigen::Index k) { return parameters[k]; });
        const double strength = parameters[size_of<ParameterFields<NgPing>>];
        const double* const s_e = x + 2 * n_;
        for (std::size_t i = 0; i < n_; ++i) {
            double sum = 0.0;
            for (std::size_t j = 0; j < n_; ++j) sum += weights_[i * n_ + j] * s_e[j];
            const double u = strength * sum;
            const NgPing::State<double> state{x[i],          x[n_ + i],     s_e[i],
                                              x[3 * n_ + i], x[4 * n_ + i], x[5 * n_ + i]};
            NgPing::State<double> f;
            NgPing::rhs(state, NgPing::Input<double>{u, u}, p, f);
            dx[i] = f.r_e;
            dx[n_ + i] = f.v_e;
            dx[2 * n_ + i] = f.s_e;
            dx[3 * n_ + i] = f.r_i;
            dx[4 * n_ + i] = f.v_i;
            dx[5 * n_ + i] = f.s_i;
        }
    }

private:
    std::size_t n_;
    std::vector<double> weights_;
};

}  // namespace cortifold::benchmarks
