#include "newton_picard.hpp"

#include <cortifold/core/error.hpp>
#include <cortifold/core/rng.hpp>
#include <cortifold/linalg/bordered.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>

#include <Eigen/QR>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <utility>

namespace cortifold {

namespace {

/// |mu| of multipliers that the subspace has, and of those that it has to many digits.
constexpr double threshold = 0.1, wanted = 0.3;
/// Directions that it has besides; and to begin with.
constexpr Eigen::Index spare = 8, first_size = 24;
/// What M takes out of the subspace, in parts of a wanted multiplier: for Newton's method, and for
/// exponents.
constexpr double nearly_invariant = 1e-3, invariant = 1e-10;
constexpr int most_iterations = 60;
/// Of the directions of a large system one in so many, and of any so many: about twenty-five times
/// around a cycle for a point, more cost as much as following all of them by shooting, three or
/// four times.
constexpr Eigen::Index largest_share = 8, always_allowed = 64;
constexpr double solved = 1e-10;  ///< residual of a linear system, in parts of its right-hand side
constexpr double nothing = 1e-14;
constexpr double stalled = 0.9;

using Product = std::function<Matrix(const Matrix&)>;

/// [M - 1, B; C^T, D] by a subspace V with M V, in parts of the states' sizes.
class PicardSolver final : public LinearSolver<double> {
public:
    PicardSolver(Product product, Matrix V, Matrix MV, const Borders<double>& borders, Vector sizes)
        : product_(std::move(product)),
          V_(std::move(V)),
          MV_(std::move(MV)),
          out_(across(MV_)),
          borders_(borders),
          sizes_(std::move(sizes)) {
        follow_columns();
        const Eigen::Index k = V_.cols(), c = borders_.columns.cols();
        Matrix small(k + c, k + c);
        small << V_.transpose() * MV_ - Matrix::Identity(k, k),
            V_.transpose() * (borders_.columns + M_columns_),
            borders_.rows.transpose() * (V_ + out_),
            borders_.corner + borders_.rows.transpose() * columns_;
        small_ = factorize_equilibrated<double>(small);
    }

    void solve(MatrixRef b) const override {
        const Eigen::Index n = sizes_.size();
        b.topRows(n).array().colwise() /= sizes_.array();
        const Eigen::RowVectorXd lengths =
            b.colwise().norm().cwiseMax(std::numeric_limits<double>::min());
        Matrix rest = b.array().rowwise() / lengths.array();
        const double aim = solved * rest.norm();
        b.setZero();
        double before = std::numeric_limits<double>::infinity();
        for (int k = 0; k < most_iterations && rest.norm() > aim; ++k) {
            if (!(rest.norm() < stalled * before)) break;
            before = rest.norm();
            sweep(rest, b);
        }
        b.array().rowwise() *= lengths.array();
        b.topRows(n).array().colwise() *= sizes_.array();
    }
    /// There are no products with the transposed M. Runs ask for none: what solves with transposed
    /// matrices, the switch to other branches of cycles and their bifurcations, is collocation.
    void solve_adjoint(MatrixRef) const override {
        throw UsageError(
            "cycles by Newton-Picard have no adjoint solutions: take another method for this");
    }
    [[nodiscard]] double log_abs_det() const override { return small_->log_abs_det(); }
    /// Across the subspace all eigenvalues of M - 1 are negative.
    [[nodiscard]] double sign_det() const override {
        return (V_.rows() - V_.cols()) % 2 == 0 ? small_->sign_det() : -small_->sign_det();
    }

private:
    [[nodiscard]] Matrix across(const Matrix& x) const { return x - V_ * (V_.transpose() * x); }

    /// What the border columns B do across the subspace: q = (M q + B), projected.
    void follow_columns() {
        const Matrix source = across(borders_.columns);
        columns_ = source;
        M_columns_ = Matrix::Zero(source.rows(), source.cols());
        if (source.norm() <= nothing * borders_.columns.norm()) return;
        for (int k = 0; k < most_iterations; ++k) {
            M_columns_ = product_(columns_);
            const Matrix next = source + across(M_columns_);
            const double change = (next - columns_).norm();
            columns_ = next;
            if (!(change > solved * source.norm())) break;
        }
    }

    /// One step towards a solution: exact in the subspace, one Picard iteration across it.
    void sweep(Matrix& rest, MatrixRef x) const {
        const Eigen::Index n = sizes_.size(), k = V_.cols(), c = borders_.columns.cols();
        const Matrix outside = across(rest.topRows(n));
        Matrix both(k + c, rest.cols());
        both << V_.transpose() * rest.topRows(n),
            rest.bottomRows(c) + borders_.rows.transpose() * outside;
        small_->solve(both);
        const auto inside = both.topRows(k), added = both.bottomRows(c);
        const Matrix step = out_ * inside - outside;
        Matrix image = MV_ * inside + M_columns_ * added;
        if (step.norm() > nothing * both.norm()) image += product_(step);
        const Matrix dx = V_ * inside + columns_ * added + step;
        x.topRows(n) += dx;
        x.bottomRows(c) += added;
        rest.topRows(n) -= image - dx + borders_.columns * added;
        rest.bottomRows(c) -= borders_.rows.transpose() * dx + borders_.corner * added;
    }

    Product product_;
    Matrix V_, MV_, out_;
    Borders<double> borders_;
    Vector sizes_;
    Matrix columns_, M_columns_;
    std::unique_ptr<LinearSolver<double>> small_;
};

/// The subspace at a point: V with the direction of the flow first, M V and how far it is from
/// being invariant.
struct Subspace {
    Passage passage{};
    Matrix V{}, MV{};
    ComplexVector multipliers{};  ///< across the flow, by decreasing modulus
    Vector errors{};              ///< of each in parts of itself
    double drift = 0.0;           ///< of the multiplier 1 of the flow
};

Matrix orthonormal(const Matrix& x) {
    return x.householderQr().householderQ() * Matrix::Identity(x.rows(), x.cols());
}

Matrix random_matrix(Eigen::Index rows, Eigen::Index columns, std::uint64_t entity) {
    const CounterRng random({.purpose = StreamPurpose::starts, .entity = entity});
    return Matrix::NullaryExpr(rows, columns, [&](Eigen::Index i, Eigen::Index j) {
        return random.normal(static_cast<std::uint64_t>(j * rows + i));
    });
}

/// Multipliers across the flow, and what M takes their vectors out of the subspace by.
void find_multipliers(Subspace& at) {
    const Eigen::Index k = at.V.cols() - 1;
    const Matrix S = at.V.transpose() * at.MV, out = (at.MV - at.V * S).rightCols(k);
    at.drift = S(0, 0) - 1.0;
    const DenseSpectrum found = general_spectrum(S.bottomRightCorner(k, k));
    if (!succeeded(found.status)) return;
    std::vector<Eigen::Index> order(static_cast<std::size_t>(k));
    for (Eigen::Index i = 0; i < k; ++i) order[static_cast<std::size_t>(i)] = i;
    std::ranges::stable_sort(order, std::ranges::greater{},
                             [&](Eigen::Index i) { return std::abs(found.values[i]); });
    at.multipliers = found.values(order);
    at.errors = (out.cast<std::complex<double>>() * found.vectors)(Eigen::all, order)
                    .colwise()
                    .norm()
                    .transpose()
                    .cwiseQuotient(at.multipliers.cwiseAbs());
}

class NewtonPicardCurve final : public VariationalCurve {
public:
    using VariationalCurve::VariationalCurve;
    [[nodiscard]] Vector sizes(ConstVectorRef z) const override;
    [[nodiscard]] CurveLinearization linearize(ConstVectorRef z, ConstVectorRef row,
                                               ConstVectorRef scales) const override;
    void describe(BranchPoint& point, const CurveLinearization& at) const override;
    /// Once around first: the phase condition weighs states by how large they become.
    void prepare(const BranchPoint& start) override {
        refusal_.clear();
        (void)find_subspace(start.z, sizes_in(scales_at(start.z)), nearly_invariant);
        VariationalCurve::prepare(start);
    }
    [[nodiscard]] std::string obstacle(const BranchPoint& start) const override {
        return refusal_.empty() ? VariationalCurve::obstacle(start) : refusal_;
    }
    /// What a run could not go on for is known here alone.
    void review(Branch& branch) const override {
        if (!succeeded(branch.status) && !refusal_.empty() && branch.message != refusal_)
            branch.message += ": " + refusal_;
    }

private:
    [[nodiscard]] Sizes inner_sizes(ConstVectorRef scales) const;
    [[nodiscard]] Subspace find_subspace(ConstVectorRef z, const Sizes& sizes,
                                         double accuracy) const;

    /// Where iterations that converge begin: those of the last point.
    mutable Matrix basis_;
    mutable Vector extent_;
    /// Why the last subspace was not found; empty: it was.
    mutable std::string refusal_;
};

/// As large as states were on the last cycle: a single point of it does not tell.
Vector NewtonPicardCurve::sizes(ConstVectorRef z) const {
    Vector sizes = z.cwiseAbs();
    if (extent_.size() > 0) sizes.head(states()) = sizes.head(states()).cwiseMax(extent_);
    return sizes;
}

Sizes NewtonPicardCurve::inner_sizes(ConstVectorRef scales) const {
    Sizes sizes = sizes_in(scales);
    if (extent_.size() > 0) sizes.states = sizes.states.cwiseMax(extent_);
    return sizes;
}

/// Subspace iteration; the passage has failed where nothing else is filled, or where the subspace
/// would be too large. Where it is not as invariant as it should be, its errors say so.
Subspace NewtonPicardCurve::find_subspace(ConstVectorRef z, const Sizes& sizes,
                                          double accuracy) const {
    const Eigen::Index n = states();
    const Vector x = z.head(n), p = parameters_of(z);
    Vector f(n);
    field().rhs(x, p, f);
    f = f.cwiseQuotient(sizes.states);
    if (basis_.size() == 0) basis_ = random_matrix(n, std::min(first_size, n) - 1, 0);
    Subspace at;
    refusal_.clear();
    const Eigen::Index most = std::min(n, std::max(always_allowed, n / largest_share));
    for (int iteration = 0; iteration < most_iterations; ++iteration) {
        Matrix columns(n, basis_.cols() + 1);
        columns << f, basis_;
        at.V = orthonormal(columns);
        at.passage = flow(options().threads).follow(x, p, period_of(z), sizes, at.V);
        if (!succeeded(at.passage.status)) return at;
        at.MV = at.passage.changes;
        find_multipliers(at);
        extent_ = at.passage.minimum.cwiseAbs().cwiseMax(at.passage.maximum.cwiseAbs());
        basis_ = at.MV.rightCols(basis_.cols());
        const auto above = [&](double least) {
            return (at.multipliers.cwiseAbs().array() > least).count();
        };
        const Eigen::Index wanted_size = std::min(above(threshold) + spare + 1, n),
                           missing = wanted_size - at.V.cols();
        if (wanted_size > most) {
            refusal_ = "Newton-Picard would follow " + std::to_string(wanted_size) + " of " +
                       std::to_string(n) + " directions, since " +
                       std::to_string(above(threshold)) +
                       " multipliers or more are not small; at most " + std::to_string(most) +
                       " are worth it: take another method, such as shooting";
            at.passage.status = Status::iteration_limit;
            basis_.resize(0, 0);
            return at;
        }
        if (missing > 0) {
            const Matrix known = std::move(basis_);
            basis_.resize(n, known.cols() + missing);
            basis_ << known, random_matrix(n, missing, static_cast<std::uint64_t>(known.cols()));
        } else if (at.errors.head(above(wanted)).maxCoeff() <= accuracy) {
            return at;
        }
    }
    return at;
}

CurveLinearization NewtonPicardCurve::linearize(ConstVectorRef z, ConstVectorRef row,
                                                ConstVectorRef scales) const {
    const Eigen::Index n = states();
    const Sizes sizes = inner_sizes(scales);
    const Subspace at_z = find_subspace(z, sizes, nearly_invariant);
    if (!succeeded(at_z.passage.status)) return nowhere();
    const Vector p = parameters_of(z), x = z.head(n);
    const double period = period_of(z);
    Vector f(n);
    field().rhs(at_z.passage.end, p, f);
    CurveLinearization at;
    at.residual.resize(n + 1);
    const Phase condition = phase(z);
    at.residual << at_z.passage.end - x, condition.residual;
    at.row_scales.resize(n + 1);
    at.row_scales << sizes.states, condition.scale;
    Borders<double> borders{Matrix(n, 2), Matrix(n, 2), Matrix(2, 2)};
    borders.columns << f, at_z.passage.by_parameter;
    borders.columns = sizes.states.cwiseInverse().asDiagonal() * borders.columns;
    borders.rows << condition.row.head(n), row.head(n);
    borders.rows = sizes.states.asDiagonal() * borders.rows;
    borders.corner << condition.row.tail(2).transpose(), row.tail(2).transpose();
    Product product = [flow = flow(options().threads), x, p, period,
                       sizes](const Matrix& directions) {
        return flow.follow(x, p, period, sizes, directions).changes;
    };
    at.bordered =
        std::make_unique<PicardSolver>(std::move(product), at_z.V, at_z.MV, borders, sizes.states);
    return at;
}

void NewtonPicardCurve::describe(BranchPoint& point, const CurveLinearization&) const {
    const Subspace at = find_subspace(point.z, inner_sizes(scales_at(point.z)), invariant);
    point.period = period_of(point.z);
    add_profile(point);
    point.spectrum.resize(0);
    point.n_unstable.reset();
    if (!succeeded(at.passage.status) || at.multipliers.size() == 0) return;
    point.spectrum = ordered_spectrum(at.multipliers.array().log() / point.period);
    const Vector inaccuracy =
        flow_accuracy() * at.MV.norm() * at.multipliers.cwiseAbs().cwiseInverse();
    point.spectrum_errors = (at.errors + inaccuracy).array() + std::abs(at.drift);
    point.spectrum_errors /= point.period;
    point.n_unstable = static_cast<int>((point.spectrum.real().array() > 0.0).count());
}

}  // namespace

std::shared_ptr<VariationalCurve> newton_picard_curve(std::shared_ptr<const VectorField> field,
                                                      const Vector& parameters, std::size_t free,
                                                      const CycleOptions& options) {
    return std::make_shared<NewtonPicardCurve>(std::move(field), parameters, free, options, 1);
}

}  // namespace cortifold
