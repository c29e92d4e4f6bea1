#include <cortifold/linalg/bordered.hpp>

#include <Eigen/LU>

#include <cmath>
#include <complex>
#include <vector>

namespace cortifold {

namespace {

/// Powers of two, so that scaling rounds nothing; 1 for what is zero or not finite.
Vector inverse_sizes(const Vector& sizes) {
    return sizes.unaryExpr([](double size) {
        return size > 0.0 && std::isfinite(size) ? std::exp2(-std::ilogb(size)) : 1.0;
    });
}

template <class S>
class EquilibratedSolver final : public LinearSolver<S> {
public:
    explicit EquilibratedSolver(MatrixOf<S> m)
        : column_scales_(inverse_sizes(m.cwiseAbs().colwise().maxCoeff().transpose())) {
        m = m * column_scales_.asDiagonal();
        row_scales_ = inverse_sizes(m.cwiseAbs().rowwise().maxCoeff());
        lu_.compute(row_scales_.asDiagonal() * m);
    }
    void solve(Eigen::Ref<MatrixOf<S>> b) const override {
        const MatrixOf<S> scaled = row_scales_.asDiagonal() * b;
        b = column_scales_.asDiagonal() * lu_.solve(scaled);
    }
    void solve_adjoint(Eigen::Ref<MatrixOf<S>> b) const override {
        const MatrixOf<S> scaled = column_scales_.asDiagonal() * b, x = lu_.adjoint().solve(scaled);
        b = row_scales_.asDiagonal() * x;
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
    Vector column_scales_, row_scales_;
    Eigen::PartialPivLU<MatrixOf<S>> lu_;
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
std::unique_ptr<LinearSolver<S>> factorize_equilibrated(MatrixOf<S> m) {
    return std::make_unique<EquilibratedSolver<S>>(std::move(m));
}
template std::unique_ptr<LinearSolver<double>> factorize_equilibrated(Matrix);
template std::unique_ptr<LinearSolver<std::complex<double>>> factorize_equilibrated(ComplexMatrix);

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
