#pragma once

#include <cortifold/continuation/zero_problem.hpp>

#include <complex>

namespace cortifold {

/// Small changes v' = A(x, p) v of a state or along a cycle that are not those of its own field:
/// those of a mode of a network, whose critical values are followed in place of those of f_x.
class Perturbations {
public:
    Perturbations() = default;
    Perturbations(const Perturbations&) = delete;
    Perturbations& operator=(const Perturbations&) = delete;
    virtual ~Perturbations() = default;

    /// Of v: as many as there are states, or twice as many where real and imaginary parts are
    /// meant.
    [[nodiscard]] virtual Eigen::Index dimension() const = 0;
    [[nodiscard]] virtual Matrix matrix(ConstVectorRef x, ConstVectorRef p) const = 0;  ///< A
    /// Derivatives of A v by x and by the free parameters.
    virtual void directional(ConstVectorRef x, ConstVectorRef p, ConstVectorRef v,
                             std::span<const std::size_t> free, MatrixRef A_xv,
                             MatrixRef A_pv) const = 0;
    /// Fills spectrum and n_unstable of a point: of all that is watched beside the critical
    /// eigenvalues or exponents, one or a pair.
    virtual void describe(BranchPoint& point, ConstVectorRef p,
                          const std::vector<std::complex<double>>& critical) const = 0;
};

/// Where another of the watched eigenvalues or exponents becomes critical, too: a point of type
/// `transverse`, at which the curve ends.
[[nodiscard]] std::unique_ptr<TestFunction> watched_crossing(Eigen::Index place);

}  // namespace cortifold
