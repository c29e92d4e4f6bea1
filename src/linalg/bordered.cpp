#include <cortifold/linalg/bordered.hpp>

#include <Eigen/LU>

#include <bit>
#include <cmath>
#include <complex>
#include <cstdint>
#include <vector>

namespace cortifold {

namespace {

/// Up to here matrices live in their solver: those of node models, factorized at every iterate.
constexpr int small_size = 8;

/// One over the power of two below a size, so that scaling rounds nothing; 1 for what is zero or
/// not finite.
double inverse_size(double size) {
    constexpr std::uint64_t exponent_bits = 0x7ff0'0000'0000'0000;
    const double power = std::bit_cast<double>(std::bit_cast<std::uint64_t>(size) & exponent_bits);
    return power > 0.0 && std::isfinite(power) ? 1.0 / power : 1.0;
}

template <class S, int Largest>
class EquilibratedSolver final : public LinearSolver<S> {
    using Square = Eigen::Matrix<S, Eigen::Dynamic, Eigen::Dynamic, 0, Largest, Largest>;
    using Column = Eigen::Matrix<S, Eigen::Dynamic, 1, 0, Largest, 1>;
    using Sizes = Eigen::Matrix<double, Eigen::Dynamic, 1, 0, Largest, 1>;

public:
    explicit EquilibratedSolver(const MatrixOf<S>& m)
        : column_scales_(m.cwiseAbs().colwise().maxCoeff().transpose().unaryExpr(&inverse_size)) {
        Square scaled = m * column_scales_.asDiagonal();
        row_scales_ = scaled.cwiseAbs().rowwise().maxCoeff().unaryExpr(&inverse_size);
        scaled = row_scales_.asDiagonal() * scaled;
        lu_.compute(scaled);
    }
    void solve(Eigen::Ref<MatrixOf<S>> b) const override {
        for (auto column : b.colwise()) {
            const Column scaled = row_scales_.asDiagonal() * column;
            column = column_scales_.asDiagonal() * Column(lu_.solve(scaled));
        }
    }
    void solve_adjoint(Eigen::Ref<MatrixOf<S>> b) const override {
        for (auto column : b.colwise()) {
            const Column scaled = column_scales_.asDiagonal() * column;
            column = row_scales_.asDiagonal() * Column(lu_.adjoint().solve(scaled));
        }
    }
    [[nodiscard]] double log_abs_det() const override {
        return lu_.matrixLU().diagonal().cwiseAbs().array().log().sum() -
               row_scales_.array().log().sum() - column_scales_.array().log().sum();
    }
    [[nodiscard]] S sign_det() const override {
        S sign(static_cast<double>(lu_.permutationP().determinant()));
        for (const S pivot : lu_.matrixLU().diagonal())
            sign *= pivot == S(0.0) ? S(0.0) : pivot / std::abs(pivot);
        return sign;
    }

private:
    Sizes column_scales_, row_scales_;
    Eigen::PartialPivLU<Square> lu_;
};

template <class S>
class EliminationSolver final : public LinearSolver<S> {
    using VectorS = Eigen::Matrix<S, Eigen::Dynamic, 1>;

    /// One border more: M_j = [M_(j-1) b; c^T d].
    struct Level {
        VectorS b, c;
        S d;
        VectorS v, w;         ///< M_(j-1) v = b and w^H M_(j-1) = c^T
        S schur, schur_left;  ///< d - c^T v and d - w^H b: equal but for rounding
    };

public:
    EliminationSolver(std::unique_ptr<const LinearSolver<S>> a, const Borders<S>& borders)
        : a_(std::move(a)) {
        const Eigen::Index n = borders.columns.rows();
        for (Eigen::Index j = 0; j < borders.columns.cols(); ++j) {
            Level level;
            level.b.resize(n + j);
            level.b << borders.columns.col(j), borders.corner.col(j).head(j);
            level.c.resize(n + j);
            level.c << borders.rows.col(j), borders.corner.row(j).head(j).transpose();
            level.d = borders.corner(j, j);
            level.v = level.b;
            solve_at(levels_.size(), level.v);
            level.w = level.c.conjugate();
            solve_adjoint_at(levels_.size(), level.w);
            level.schur = level.d - level.c.cwiseProduct(level.v).sum();
            level.schur_left = level.d - level.w.dot(level.b);
            levels_.push_back(std::move(level));
        }
    }

    void solve(Eigen::Ref<MatrixOf<S>> b) const override {
        for (auto column : b.colwise()) {
            VectorS x = column;
            solve_at(levels_.size(), x);
            column = x;
        }
    }
    void solve_adjoint(Eigen::Ref<MatrixOf<S>> b) const override {
        for (auto column : b.colwise()) {
            VectorS x = column;
            solve_adjoint_at(levels_.size(), x);
            column = x;
        }
    }
    [[nodiscard]] double log_abs_det() const override {
        double sum = a_->log_abs_det();
        for (const Level& level : levels_) sum += std::log(std::abs(level.schur));
        return sum;
    }
    [[nodiscard]] S sign_det() const override {
        S sign = a_->sign_det();
        for (const Level& level : levels_)
            sign *= level.schur == S(0.0) ? S(0.0) : level.schur / std::abs(level.schur);
        return sign;
    }

private:
    /// Govaerts & Pryce 1993, algorithm BEM: the left Schur complement gives y where M_(j-1) is
    /// regular, the right one corrects it where it is not.
    void solve_at(std::size_t j, VectorS& x) const {
        if (j == 0) return a_->solve(x);
        const Level& at = levels_[j - 1];
        const Eigen::Index n = at.b.size();
        const S g = x[n], y = (g - at.w.dot(x.head(n))) / at.schur_left;
        VectorS inner = x.head(n) - at.b * y;
        solve_at(j - 1, inner);
        const S correction = (g - at.d * y - at.c.cwiseProduct(inner).sum()) / at.schur;
        x.head(n) = inner - at.v * correction;
        x[n] = y + correction;
    }
    void solve_adjoint_at(std::size_t j, VectorS& x) const {
        if (j == 0) return a_->solve_adjoint(x);
        const Level& at = levels_[j - 1];
        const Eigen::Index n = at.b.size();
        const S g = x[n], y = (g - at.v.dot(x.head(n))) / conjugate(at.schur);
        VectorS inner = x.head(n) - at.c.conjugate() * y;
        solve_adjoint_at(j - 1, inner);
        const S correction = (g - conjugate(at.d) * y - at.b.dot(inner)) / conjugate(at.schur_left);
        x.head(n) = inner - at.w * correction;
        x[n] = y + correction;
    }
    static double conjugate(double value) { return value; }
    static std::complex<double> conjugate(std::complex<double> value) { return std::conj(value); }

    std::unique_ptr<const LinearSolver<S>> a_;
    std::vector<Level> levels_;
};

}  // namespace

template <class S>
std::unique_ptr<LinearSolver<S>> factorize_equilibrated(const MatrixOf<S>& m) {
    if (m.rows() <= small_size) return std::make_unique<EquilibratedSolver<S, small_size>>(m);
    return std::make_unique<EquilibratedSolver<S, Eigen::Dynamic>>(m);
}
template std::unique_ptr<LinearSolver<double>> factorize_equilibrated(const Matrix&);
template std::unique_ptr<LinearSolver<std::complex<double>>> factorize_equilibrated(
    const ComplexMatrix&);

template <class S>
std::unique_ptr<LinearSolver<S>> border_by_elimination(std::unique_ptr<const LinearSolver<S>> a,
                                                       const Borders<S>& borders) {
    return std::make_unique<EliminationSolver<S>>(std::move(a), borders);
}
template std::unique_ptr<LinearSolver<double>> border_by_elimination(
    std::unique_ptr<const LinearSolver<double>>, const Borders<double>&);
template std::unique_ptr<LinearSolver<std::complex<double>>> border_by_elimination(
    std::unique_ptr<const LinearSolver<std::complex<double>>>,
    const Borders<std::complex<double>>&);

}  // namespace cortifold
