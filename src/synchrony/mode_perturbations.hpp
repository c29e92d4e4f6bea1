#pragma once

#include "perturbations.hpp"
#include <cortifold/synchrony/transverse.hpp>

namespace cortifold {

/// Of lambdas that count as one, in parts of the largest.
inline constexpr double same_mode = 1e-9;

/// The master stability function at a point of a curve.
[[nodiscard]] std::unique_ptr<const MasterStability> stability_at(const ModeSet& modes,
                                                                  const Vector& parameters,
                                                                  const BranchPoint& at);

/// Perturbations of a mode: v' = A(lambda) v, of real and imaginary parts together where lambda is
/// not real. All modes of the set are watched.
class ModePerturbations final : public Perturbations {
public:
    ModePerturbations(const ModeSet& modes, Eigen::Index place);

    [[nodiscard]] Eigen::Index dimension() const override { return is_real() ? n_ : 2 * n_; }
    [[nodiscard]] Matrix matrix(ConstVectorRef x, ConstVectorRef p) const override;
    void directional(ConstVectorRef x, ConstVectorRef p, ConstVectorRef v,
                     std::span<const std::size_t> free, MatrixRef A_xv,
                     MatrixRef A_pv) const override;
    void describe(BranchPoint& point, ConstVectorRef p,
                  const std::vector<std::complex<double>>& critical) const override;

private:
    [[nodiscard]] bool is_real() const { return lambda_.imag() == 0.0; }
    /// Re of A v: derivatives by x and p.
    void real_part(ConstVectorRef x, ConstVectorRef p, const ComplexVector& v,
                   std::span<const std::size_t> free, MatrixRef A_xv, MatrixRef A_pv) const;

    ModeSet modes_;
    std::complex<double> lambda_;
    Eigen::Index n_;
    /// Three nodes on a ring of which lambda is a coupling eigenvalue, with the eigenvector
    /// (1, w, w^2), w^3 = 1: second derivatives of the network along (v, w v, w^2 v) are those of
    /// A(lambda) v at the first node.
    std::shared_ptr<const VectorField> ring_;
};

}  // namespace cortifold
