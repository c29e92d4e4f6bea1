#pragma once

#include "models/shipped_models.hpp"
#include <cortifold/core/vector_field.hpp>

#include <Eigen/Eigenvalues>
#include <Eigen/LU>

#include <complex>
#include <map>

namespace cortifold {

/// A model at parameters given by name, all its inputs driven with `strength` times
/// its only output: the node on the homogeneous manifold of a network with row sums 1.
class SelfCoupled {
public:
    SelfCoupled(const std::string& model, const std::map<std::string, double>& parameters,
                double strength = 0.0)
        : node_(model_named(model)), p_(default_values(node_->parameters())), strength_(strength) {
        for (const auto& [name, value] : parameters)
            p_[static_cast<Eigen::Index>(index_of(node_->parameters(), name))] = value;
    }

    /// f and its Jacobian at x, the coupling included.
    [[nodiscard]] std::pair<Vector, Matrix> linearize(const Vector& x) const {
        const auto n_u = static_cast<Eigen::Index>(node_->inputs().size());
        Vector u = Vector::Zero(n_u);
        node_->linearize({x, u, p_}, {}, at_);
        if (at_.h.size() == 0) return {at_.f, at_.f_x};  // it sends nothing
        u.setConstant(strength_ * at_.h[0]);
        node_->linearize({x, u, p_}, {}, at_);
        return {at_.f, at_.f_x + strength_ * at_.f_u * at_.h_x.replicate(n_u, 1)};
    }
    [[nodiscard]] Vector polished(Vector x) const {
        for (int k = 0; k < 20; ++k) {
            const auto [f, f_x] = linearize(x);
            x -= f_x.partialPivLu().solve(f);
        }
        return x;
    }
    /// The second derivative of f twice along v, without coupling.
    [[nodiscard]] Vector curvature(const Vector& x, const Vector& v) const {
        const Vector u = Vector::Zero(static_cast<Eigen::Index>(node_->inputs().size()));
        const Vector still = Vector::Zero(p_.size());
        node_->directional({x, u, p_}, {v, u, still}, {}, at_);
        return at_.f_x * v;
    }

private:
    std::shared_ptr<const Node> node_;
    Vector p_;
    double strength_;
    mutable Linearization at_;
};

/// What remains of f at an equilibrium, relative to the terms that cancel there.
inline double residual(const SelfCoupled& model, const Vector& x) {
    const auto [f, f_x] = model.linearize(x);
    return f.norm() / (f_x.norm() * (1.0 + x.norm()));
}

/// The distance of an expected eigenvalue to the nearest eigenvalue, relative to the largest.
inline double eigenvalue_error(const Matrix& a, std::complex<double> expected) {
    const ComplexVector found = a.eigenvalues();
    return (found.array() - expected).abs().minCoeff() / found.cwiseAbs().maxCoeff();
}

}  // namespace cortifold
