#include "woodbury.hpp"

#include <Eigen/LU>

#include <algorithm>
#include <cmath>

namespace cortifold {

namespace {

/// A node block nearly singular while J is not spoils the identity; with W = (W - lambda0) +
/// lambda0 a multiple of the coupling moves into the blocks. The first of these for which all
/// blocks are well conditioned is taken.
constexpr double candidates[] = {0.0, 0.5, -0.5, 1.0};
constexpr double good_condition = 1e-8;    // reciprocal
constexpr double probe_tolerance = 1e-11;  // relative residual after one refinement

template <class S>
class WoodburySolver final : public LinearSolver<S> {
    using MatrixS = MatrixOf<S>;
    using VectorS = Eigen::Matrix<S, Eigen::Dynamic, 1>;

public:
    WoodburySolver(NetworkField::Structure structure, S shift)
        : at_(std::move(structure)),
          shift_(shift),
          regions_(at_.D.size()),
          signals_(at_.weights.size()) {
        choose_lambda0();
        factorize_capacitance();
    }

    [[nodiscard]] bool accurate() const {
        if (!(worst_ > 0.0)) return false;
        const VectorS ones = VectorS::Ones(dimension());
        MatrixS x = ones;
        solve(x);
        return (ones - apply(x)).norm() <= probe_tolerance * (ones.norm() + apply(x).norm()) &&
               x.allFinite();
    }

    void solve(Eigen::Ref<MatrixS> b) const override {
        for (Eigen::Index column = 0; column < b.cols(); ++column) {
            VectorS x = solve_once(b.col(column));
            x += solve_once(b.col(column) - apply(x));  // one step of refinement
            b.col(column) = x;
        }
    }

    void solve_adjoint(Eigen::Ref<MatrixS> b) const override {
        for (Eigen::Index column = 0; column < b.cols(); ++column) {
            VectorS x = solve_adjoint_once(b.col(column));
            x += solve_adjoint_once(b.col(column) - apply_adjoint(x));
            b.col(column) = x;
        }
    }

    [[nodiscard]] double log_abs_det() const override {
        double sum = capacitance_.matrixLU().diagonal().cwiseAbs().array().log().sum();
        for (const auto& block : blocks_)
            sum += block.matrixLU().diagonal().cwiseAbs().array().log().sum();
        return sum;
    }

    [[nodiscard]] S sign_det() const override {
        S sign = sign_of(capacitance_);
        for (const auto& block : blocks_) sign *= sign_of(block);
        return sign;
    }

private:
    [[nodiscard]] Eigen::Index dimension() const {
        Eigen::Index n = 0;
        for (const auto& slots : at_.states) n += static_cast<Eigen::Index>(slots.size());
        return n;
    }

    static VectorS adjoint_solve(const Eigen::PartialPivLU<MatrixS>& lu, const VectorS& b) {
        const VectorS x = lu.adjoint().solve(b);
        return x;
    }

    static S sign_of(const Eigen::PartialPivLU<MatrixS>& lu) {
        S sign(static_cast<double>(lu.permutationP().determinant()));
        for (Eigen::Index k = 0; k < lu.matrixLU().rows(); ++k)
            sign *= lu.matrixLU()(k, k) / std::abs(lu.matrixLU()(k, k));
        return sign;
    }

    void choose_lambda0() {
        for (const double candidate : candidates) {
            std::vector<Eigen::PartialPivLU<MatrixS>> blocks;
            double worst = 1.0;
            for (std::size_t i = 0; i < regions_; ++i) {
                MatrixS block = (at_.D[i] + candidate * at_.beta[i] * at_.e[i]).template cast<S>();
                block.diagonal().array() -= shift_;
                blocks.emplace_back(block);
                const double condition = blocks.back().rcond();
                worst = std::isfinite(condition) ? std::min(worst, condition) : 0.0;
            }
            if (worst <= worst_) continue;
            worst_ = worst;
            lambda0_ = candidate;
            blocks_ = std::move(blocks);
            if (worst_ >= good_condition) return;
        }
    }

    /// z -> W z for each signal, without the part that moved into the blocks.
    [[nodiscard]] VectorS weigh(const VectorS& z, double lambda0, bool adjoint) const {
        VectorS y(z.size());
        const auto n = static_cast<Eigen::Index>(regions_);
        for (std::size_t s = 0; s < signals_; ++s) {
            const auto first = static_cast<Eigen::Index>(s) * n;
            if (adjoint)
                y.segment(first, n) = at_.weights[s]->transpose() * z.segment(first, n);
            else
                y.segment(first, n) = *at_.weights[s] * z.segment(first, n);
        }
        return y - lambda0 * z;
    }

    /// M = I + G (W - lambda0), G the node responses e D^-1 beta.
    void factorize_capacitance() {
        if (!(worst_ > 0.0)) return;
        const auto n = static_cast<Eigen::Index>(regions_), m = static_cast<Eigen::Index>(signals_);
        MatrixS M = MatrixS::Identity(n * m, n * m);
        for (Eigen::Index i = 0; i < n; ++i) {
            const auto region = static_cast<std::size_t>(i);
            const MatrixS G = at_.e[region].template cast<S>() *
                              blocks_[region].solve(at_.beta[region].template cast<S>());
            for (Eigen::Index to = 0; to < m; ++to)
                for (Eigen::Index from = 0; from < m; ++from) {
                    for (SparseMatrix::InnerIterator w(*at_.weights[static_cast<std::size_t>(from)],
                                                       i);
                         w; ++w)
                        M(to * n + i, from * n + w.col()) += G(to, from) * w.value();
                    M(to * n + i, from * n + i) -= G(to, from) * lambda0_;
                }
        }
        capacitance_.compute(M);
    }

    [[nodiscard]] VectorS part(const VectorS& x, std::size_t region) const {
        return x(at_.states[region]);
    }

    /// (s, i) -> the signal s of region i, from a state vector, by rows (e) or columns (beta) of
    /// the structure.
    template <class Rows>
    [[nodiscard]] VectorS project(const VectorS& x, const Rows& rows) const {
        const auto n = static_cast<Eigen::Index>(regions_), m = static_cast<Eigen::Index>(signals_);
        VectorS z(n * m);
        for (std::size_t i = 0; i < regions_; ++i) {
            const VectorS values = rows(i).template cast<S>() * part(x, i);
            for (Eigen::Index s = 0; s < m; ++s)
                z[s * n + static_cast<Eigen::Index>(i)] = values[s];
        }
        return z;
    }

    [[nodiscard]] VectorS signals_of(const VectorS& z, std::size_t region) const {
        const auto n = static_cast<Eigen::Index>(regions_), m = static_cast<Eigen::Index>(signals_);
        VectorS values(m);
        for (Eigen::Index s = 0; s < m; ++s)
            values[s] = z[s * n + static_cast<Eigen::Index>(region)];
        return values;
    }

    [[nodiscard]] VectorS apply(const VectorS& x) const {
        const VectorS arriving = weigh(
            project(x, [this](std::size_t i) -> const Matrix& { return at_.e[i]; }), 0.0, false);
        VectorS y = -shift_ * x;
        for (std::size_t i = 0; i < regions_; ++i)
            y(at_.states[i]) += at_.D[i].template cast<S>() * part(x, i) +
                                at_.beta[i].template cast<S>() * signals_of(arriving, i);
        return y;
    }

    [[nodiscard]] VectorS apply_adjoint(const VectorS& x) const {
        const VectorS arriving =
            weigh(project(x, [this](std::size_t i) { return Matrix(at_.beta[i].transpose()); }),
                  0.0, true);
        VectorS y = -Eigen::numext::conj(shift_) * x;
        for (std::size_t i = 0; i < regions_; ++i)
            y(at_.states[i]) += at_.D[i].transpose().template cast<S>() * part(x, i) +
                                at_.e[i].transpose().template cast<S>() * signals_of(arriving, i);
        return y;
    }

    // D x + beta W z = b with z = e x:  (I + G W) z = e D^-1 b,  x = D^-1 (b - beta W z).
    [[nodiscard]] VectorS solve_once(const VectorS& b) const {
        VectorS x(b.size());
        for (std::size_t i = 0; i < regions_; ++i)
            x(at_.states[i]) = VectorS(blocks_[i].solve(part(b, i)));
        const VectorS z = capacitance_.solve(
            project(x, [this](std::size_t i) -> const Matrix& { return at_.e[i]; }));
        const VectorS arriving = weigh(z, lambda0_, false);
        for (std::size_t i = 0; i < regions_; ++i)
            x(at_.states[i]) -= VectorS(blocks_[i].solve(
                VectorS(at_.beta[i].template cast<S>() * signals_of(arriving, i))));
        return x;
    }

    // D^H y + e^T W^T w = c with w = beta^T y, v = W^T w:  M^H v = W^T beta^T D^-H c,  y = D^-H (c
    // - e^T v).
    [[nodiscard]] VectorS solve_adjoint_once(const VectorS& c) const {
        VectorS y(c.size());
        for (std::size_t i = 0; i < regions_; ++i)
            y(at_.states[i]) = adjoint_solve(blocks_[i], part(c, i));
        const VectorS w =
            project(y, [this](std::size_t i) { return Matrix(at_.beta[i].transpose()); });
        const VectorS v = adjoint_solve(capacitance_, weigh(w, lambda0_, true));
        for (std::size_t i = 0; i < regions_; ++i)
            y(at_.states[i]) -= adjoint_solve(
                blocks_[i], at_.e[i].transpose().template cast<S>() * signals_of(v, i));
        return y;
    }

    NetworkField::Structure at_;
    S shift_;
    std::size_t regions_, signals_;
    double lambda0_ = 0.0, worst_ = 0.0;  // worst_: smallest reciprocal condition number of a block
    std::vector<Eigen::PartialPivLU<MatrixS>> blocks_;
    Eigen::PartialPivLU<MatrixS> capacitance_;
};

}  // namespace

template <class S>
std::unique_ptr<LinearSolver<S>> factorize_woodbury(NetworkField::Structure structure, S shift) {
    auto solver = std::make_unique<WoodburySolver<S>>(std::move(structure), shift);
    if (!solver->accurate()) return nullptr;
    return solver;
}
template std::unique_ptr<LinearSolver<double>> factorize_woodbury(NetworkField::Structure, double);
template std::unique_ptr<LinearSolver<std::complex<double>>> factorize_woodbury(
    NetworkField::Structure, std::complex<double>);

}  // namespace cortifold
