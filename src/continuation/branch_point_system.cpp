#include "branch_point_system.hpp"

#include "kernel.hpp"

#include <utility>

namespace cortifold {

namespace {

constexpr Quantity unfolding{"beta", "", 0.0, -1.0, 1.0, "unfolding of a branch point"};
/// |beta| against the residual's scale, and |G| against that of its trace: more, and there is none.
constexpr double largest_unfolding = 1e-9, largest_split = 1e-9;

}  // namespace

BranchPointSystem::BranchPointSystem(const std::shared_ptr<const VectorField>& field,
                                     const Vector& base, const std::vector<std::size_t>& free,
                                     int multiplicity)
    : FieldCurve(CurveKind::branch_point, field, base, free,
                 std::vector(static_cast<std::size_t>(multiplicity), unfolding)),
      k_(multiplicity) {}

void BranchPointSystem::prepare(const BranchPoint& start) {
    const Vector x = states_of(start.z), p = parameters_of(start.z);
    const Matrix J = jacobian(field(), x, p);
    KernelBorders borders = find_kernel_borders({field(), x, p, J}, k_);
    B_ = std::move(borders.B);
    C_ = std::move(borders.C);
}

/// Borders near the null vectors keep the bordered matrix well conditioned.
void BranchPointSystem::adapt(const BranchPoint&, const CurveLinearization& at) {
    KernelBorders borders =
        matched(at.null_vectors.leftCols(k_).real(), at.null_vectors.rightCols(k_).real());
    B_ = std::move(borders.B);
    C_ = std::move(borders.C);
}

CurveLinearization BranchPointSystem::linearize(ConstVectorRef z, ConstVectorRef row,
                                                ConstVectorRef scales) const {
    CurveLinearization at = linearize_field(z, 1 + k_);
    const Eigen::Index n = states(), m = static_cast<Eigen::Index>(free().size());
    const Vector x = states_of(z), p = parameters_of(z), still = Vector::Zero(p.size());
    const LinearizedPoint here{field(), x, p, f_x(at)};
    const KernelSolver solver(here, B_, C_);
    const auto [G, V, W] = solver.null_space();
    const Vector f_p = at.derivative.col(n).head(n), u = solver.solve(f_p);
    Vector back = still;
    back[static_cast<Eigen::Index>(free().front())] = -1.0;
    at.residual.head(n) += B_ * z.tail(k_);
    at.residual.tail(1 + k_) << G.trace(), W.transpose() * f_p;
    at.derivative.topRightCorner(n, k_) = B_;
    for (Eigen::Index j = 0; j < k_; ++j)
        at.derivative.row(n).head(n + m) +=
            second_derivatives(here, free(), W.col(j), V.col(j), still).transpose();
    // (W^T f_p)_z: W_z is eliminated by the bordered system, which leaves the derivative along
    // (u, -1), a kernel vector of [f_x f_p].
    at.derivative.block(n + 1, 0, k_, n + m) =
        second_derivatives(here, free(), W, u, back).transpose();
    at.null_vectors.resize(n, 2 * k_);
    at.null_vectors << V.cast<std::complex<double>>(), W.cast<std::complex<double>>();
    finish(at, z, row, scales);
    return at;
}

bool BranchPointSystem::holds(const BranchPoint& point, const CurveLinearization& at) const {
    if (point.z.tail(k_).norm() > largest_unfolding * at.row_scales.head(states()).norm())
        return false;
    const Matrix image = f_x(at) * at.null_vectors.leftCols(k_).real();
    return k_ == 1 || image.norm() <= largest_split * at.row_scales[states()];
}

}  // namespace cortifold
