#pragma once

#include <cortifold/core/rng.hpp>
#include <cortifold/core/vector_field.hpp>
#include <cortifold/model/node.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace cortifold {

/// State, input and parameters of a node in one vector, and (f, h) and their derivatives as
/// functions of it: what the tests differentiate.
class NodeArgument {
public:
    explicit NodeArgument(const Node& node)
        : node_(node),
          n_x_(static_cast<Eigen::Index>(node.states().size())),
          n_u_(static_cast<Eigen::Index>(node.inputs().size())),
          n_p_(static_cast<Eigen::Index>(node.parameters().size())),
          all_(node.parameters().size()) {
        std::iota(all_.begin(), all_.end(), std::size_t{0});
    }

    [[nodiscard]] Eigen::Index size() const { return n_x_ + n_u_ + n_p_; }
    [[nodiscard]] auto x(const auto& z) const { return z.topRows(n_x_); }
    [[nodiscard]] auto u(const auto& z) const { return z.middleRows(n_x_, n_u_); }
    [[nodiscard]] auto p(const auto& z) const { return z.bottomRows(n_p_); }

    /// Generic and inside the ranges, within a tenth of the defaults (and of 0.1 where one is 0).
    [[nodiscard]] Vector near_defaults(std::uint64_t seed) const {
        constexpr double part = 0.1;
        return fill(seed, [](const Quantity& q, double random) {
            return std::clamp(q.value + part * size_of(q) * (2.0 * random - 1.0), q.low, q.high);
        });
    }
    /// Generic, in which every argument changes by about its own size.
    [[nodiscard]] Vector direction(std::uint64_t seed) const {
        return fill(seed,
                    [](const Quantity& q, double random) { return size_of(q) * (0.5 + random); });
    }
    /// Anywhere in the ranges; within 1 of the default where there are none.
    [[nodiscard]] Vector in_range(std::uint64_t seed) const {
        return fill(seed, [](const Quantity& q, double random) {
            return std::isfinite(q.high - q.low) ? q.low + random * (q.high - q.low)
                                                 : q.value + 2.0 * random - 1.0;
        });
    }

    [[nodiscard]] Vector value(const Vector& z) const {
        Linearization at;
        node_.linearize({x(z), u(z), p(z)}, {}, at);
        return (Vector(at.f.size() + at.h.size()) << at.f, at.h).finished();
    }
    /// Rows (f, h), columns (x, u, p).
    [[nodiscard]] Matrix jacobian(const Vector& z) const {
        Linearization at;
        node_.linearize({x(z), u(z), p(z)}, all_, at);
        return stacked(at);
    }
    /// d/dt of the Jacobian at z + t v.
    [[nodiscard]] Matrix jacobian_slope(const Vector& z, const Vector& v) const {
        Linearization at;
        node_.directional({x(z), u(z), p(z)}, {x(v), u(v), p(v)}, all_, at);
        return stacked(at);
    }
    /// Taylor coefficients of (f, h), a column an order, along the curve with coefficients z.
    [[nodiscard]] Matrix taylor(const Matrix& z) const {
        const auto n_h = static_cast<Eigen::Index>(node_.outputs().size());
        Matrix f(n_x_, z.cols()), h(n_h, z.cols());
        node_.rhs_taylor(x(z), u(z), p(z), f);
        node_.output_taylor(x(z), p(z), h);
        return (Matrix(n_x_ + n_h, z.cols()) << f, h).finished();
    }

private:
    static double size_of(const Quantity& q) {
        constexpr double of_zero = 0.1;
        return q.value == 0.0 ? of_zero : std::abs(q.value);
    }
    Vector fill(std::uint64_t seed, auto&& choose) const {
        const CounterRng rng({.seed = seed, .purpose = StreamPurpose::starts});
        Vector z(size());
        Eigen::Index k = 0;
        for (const auto table : {node_.states(), node_.inputs(), node_.parameters()})
            for (const Quantity& quantity : table) {
                z[k] = choose(quantity, rng.uniform(static_cast<std::uint64_t>(k)));
                ++k;
            }
        return z;
    }
    Matrix stacked(const Linearization& at) const {
        Matrix j = Matrix::Zero(at.f.size() + at.h.size(), size());
        j.topRows(n_x_) << at.f_x, at.f_u, at.f_p;
        j.bottomLeftCorner(at.h.size(), n_x_) = at.h_x;
        j.bottomRightCorner(at.h.size(), n_p_) = at.h_p;
        return j;
    }

    const Node& node_;
    Eigen::Index n_x_, n_u_, n_p_;
    std::vector<std::size_t> all_;
};

}  // namespace cortifold
