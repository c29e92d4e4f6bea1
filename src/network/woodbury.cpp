#include "woodbury.hpp"

#include <Eigen/LU>

#include <algorithm>
#include <cmath>

namespace cortifold {

namespace {

/// A node block nearly singular while J is not spoils the identity; with K = (K - lambda0) +
/// lambda0 a multiple of the coupling moves into the blocks. The first of these for which all
/// blocks are well conditioned is taken.
constexpr double candidates[] = {0.0, 0.5, -0.5, 1.0};
constexpr double good_condition = 1e-8;    // reciprocal
constexpr double probe_tolerance = 1e-11;  // backward error after one refinement

template <class S>
using SparseOf = Eigen::SparseMatrix<S, Eigen::RowMajor>;

/// blkdiag of the blocks, without their zeros.
template <class S, class Blocks>
SparseOf<S> block_diagonal(const Blocks& blocks) {
    Eigen::Index rows = 0, columns = 0, entries = 0;
    for (const auto& block : blocks) {
        rows += block.rows();
        columns += block.cols();
        entries += block.size();
    }
    SparseOf<S> result(rows, columns);
    result.reserve(entries);
    Eigen::Index row = 0, first_column = 0;
    for (const auto& block : blocks) {
        for (Eigen::Index r = 0; r < block.rows(); ++r, ++row) {
            result.startVec(row);
            for (Eigen::Index c = 0; c < block.cols(); ++c)
                if (block(r, c) != 0.0) result.insertBack(row, first_column + c) = block(r, c);
        }
        first_column += block.cols();
    }
    result.finalize();
    return result;
}

/// With the inverse of D, R = D^-1 B and M = I + E R K:
///     (D + B K E)^-1 = (I - R K M^-1 E) D^-1.
template <class S>
class WoodburySolver final : public LinearSolver<S> {
    using MatrixS = MatrixOf<S>;
    using VectorS = Eigen::Matrix<S, Eigen::Dynamic, 1>;
    using Lu = Eigen::PartialPivLU<MatrixS>;

public:
    WoodburySolver(const NetworkField::Structure& at, S shift)
        : states_(at.states), B_(block_diagonal<S>(at.B)), E_(block_diagonal<S>(at.E)) {
        const double lambda0 = choose_blocks(at, shift);
        if (!(worst_ > 0.0)) return;
        R_ = inverse_ * B_;
        K_ = at.K.template cast<S>();
        K_.diagonal().array() -= lambda0;
        const SparseOf<S> G = E_ * R_;
        MatrixS M = G * K_;
        M.diagonal().array() += 1.0;
        capacitance_.compute(M);
    }

    [[nodiscard]] bool accurate() const {
        if (!(worst_ > 0.0)) return false;
        const VectorS ones = VectorS::Ones(D_.rows()), x = refined(ones);
        // The backward error: where J - shift itself is singular, x is large and that is right.
        const VectorS local = D_ * x, coupled = apply(x) - local;
        return (ones - local - coupled).norm() <=
               probe_tolerance * (ones.norm() + local.norm() + coupled.norm());
    }

    void solve(Eigen::Ref<MatrixS> b) const override {
        for (auto column : b.colwise()) column(states_) = refined(column(states_));
    }

    void solve_adjoint(Eigen::Ref<MatrixS> b) const override {
        for (auto column : b.colwise()) {
            const VectorS c = column(states_);
            VectorS x = solve_adjoint_once(c);
            x += solve_adjoint_once(c - apply_adjoint(x));
            column(states_) = x;
        }
    }

    [[nodiscard]] double log_abs_det() const override {
        double sum = log_abs_det_of(capacitance_);
        for (const Lu& block : blocks_) sum += log_abs_det_of(block);
        return sum;
    }

    [[nodiscard]] S sign_det() const override {
        S sign = sign_of(capacitance_);
        for (const Lu& block : blocks_) sign *= sign_of(block);
        return sign;
    }

private:
    static double log_abs_det_of(const Lu& lu) {
        return lu.matrixLU().diagonal().cwiseAbs().array().log().sum();
    }

    static S sign_of(const Lu& lu) {
        S sign(static_cast<double>(lu.permutationP().determinant()));
        for (Eigen::Index k = 0; k < lu.matrixLU().rows(); ++k)
            sign *= lu.matrixLU()(k, k) / std::abs(lu.matrixLU()(k, k));
        return sign;
    }

    /// Factorizes and inverts D - shift + lambda0 B E, and returns lambda0.
    double choose_blocks(const NetworkField::Structure& at, S shift) {
        double lambda0 = 0.0;
        for (const double candidate : candidates) {
            std::vector<MatrixS> D, inverses;
            std::vector<Lu> blocks;
            double worst = 1.0;
            for (std::size_t i = 0; i < at.D.size(); ++i) {
                MatrixS block = (at.D[i] + candidate * at.B[i] * at.E[i]).template cast<S>();
                block.diagonal().array() -= shift;
                const Lu& lu = blocks.emplace_back(block);
                inverses.push_back(lu.inverse());
                D.push_back(std::move(block));
                const double condition = 1.0 / (D.back().norm() * inverses.back().norm());
                worst = std::isfinite(condition) ? std::min(worst, condition) : 0.0;
            }
            if (worst <= worst_) continue;
            worst_ = worst;
            lambda0 = candidate;
            blocks_ = std::move(blocks);
            D_ = block_diagonal<S>(D);
            inverse_ = block_diagonal<S>(inverses);
            if (worst_ >= good_condition) break;
        }
        return lambda0;
    }

    /// The residual shows, and one correction removes, what the identity loses.
    [[nodiscard]] VectorS refined(const VectorS& b) const {
        VectorS x = solve_once(b);
        x += solve_once(b - apply(x));
        return x;
    }

    [[nodiscard]] VectorS apply(const VectorS& x) const {
        const VectorS arriving = K_ * (E_ * x);
        return D_ * x + B_ * arriving;
    }

    [[nodiscard]] VectorS apply_adjoint(const VectorS& x) const {
        const VectorS arriving = K_.adjoint() * (B_.adjoint() * x);
        return D_.adjoint() * x + E_.adjoint() * arriving;
    }

    [[nodiscard]] VectorS solve_once(const VectorS& b) const {
        const VectorS x = inverse_ * b, z = capacitance_.solve(E_ * x), arriving = K_ * z;
        return x - R_ * arriving;
    }

    [[nodiscard]] VectorS solve_adjoint_once(const VectorS& c) const {
        const VectorS z = K_.adjoint() * (R_.adjoint() * c), sent = capacitance_.adjoint().solve(z);
        return inverse_.adjoint() * (c - E_.adjoint() * sent);
    }

    std::vector<Eigen::Index> states_;
    double worst_ = 0.0;  // smallest reciprocal condition number of a block
    std::vector<Lu> blocks_;
    SparseOf<S> D_, B_, E_, inverse_, R_;
    MatrixS K_;
    Lu capacitance_;
};

}  // namespace

template <class S>
std::unique_ptr<LinearSolver<S>> factorize_woodbury(const NetworkField::Structure& structure,
                                                    S shift) {
    auto solver = std::make_unique<WoodburySolver<S>>(structure, shift);
    if (!solver->accurate()) return nullptr;
    return solver;
}
template std::unique_ptr<LinearSolver<double>> factorize_woodbury(const NetworkField::Structure&,
                                                                  double);
template std::unique_ptr<LinearSolver<std::complex<double>>> factorize_woodbury(
    const NetworkField::Structure&, std::complex<double>);

}  // namespace cortifold
