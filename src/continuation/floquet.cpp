#include "floquet.hpp"

#include <cortifold/linalg/periodic_schur.hpp>

#include <Eigen/LU>

#include <cmath>
#include <vector>

namespace cortifold {

namespace {

/// h |A| of an interval above which its transfer matrix is made of shorter ones, and theirs: a
/// polynomial of degree m follows e^(h A) to (h |A|)^(2 m + 1) (m!)^2 / (2 m)! / (2 m + 1)!.
constexpr double too_stiff = 4.0, short_enough = 1.5;
constexpr double most_pieces = 16.0, most_equal_pieces = 4096.0;
/// h |dA| below which A counts as constant along an interval.
constexpr double constant = 1e-7;

/// The reflection I - 2 v v^T that takes a direction to a multiple of the first axis.
class Across {
public:
    explicit Across(Vector direction) : v_(std::move(direction)) {
        v_[0] += std::copysign(v_.norm(), v_[0]);
        const double length = v_.norm();
        v_ = length > 0.0 ? Vector(v_ / length) : Vector(Vector::Zero(v_.size()));
    }
    void from_left(Matrix& a) const { a -= 2.0 * v_ * (v_.transpose() * a); }
    void from_right(Matrix& a) const { a -= 2.0 * (a * v_) * v_.transpose(); }

private:
    Vector v_;
};

/// The linearization along the cycle, v' = A(t) v, in parts of the states' scales.
class Variation {
public:
    Variation(const CycleCurve& curve, ConstVectorRef z, const CollocationFacts& at)
        : curve_(curve),
          profile_(curve.profile_of(z)),
          parameters_(curve.parameters_of(z)),
          period_(curve.period_of(z)),
          at_(at),
          basis_(Collocation::of_degree(profile_.degree)) {}

    [[nodiscard]] const Profile& profile() const { return profile_; }
    [[nodiscard]] double period() const { return period_; }

    [[nodiscard]] Vector flow(Eigen::Index j) const {
        Vector f(profile_.values.rows());
        curve_.field().rhs(profile_.values.col(j * profile_.degree), parameters_, f);
        return period_ * f.cwiseQuotient(at_.state_scales);
    }

    /// What takes v from the left end of an interval to its right end, in parts.
    [[nodiscard]] std::vector<Matrix> transfers(Eigen::Index j) const {
        const double h = profile_.width(j), stiffness = at_.stiffness[j];
        if (stiffness <= too_stiff) return {at_.elimination->transfer(j)};
        const Matrix piece = profile_.piece(j);
        const Matrix left = jacobian_at(piece, 0.0);
        const double wanted = std::ceil(stiffness / short_enough);
        if (h * (jacobian_at(piece, 1.0) - left).norm() < constant &&
            h * (jacobian_at(piece, 0.5) - left).norm() < constant) {
            const double count = std::min(wanted, most_equal_pieces);
            return std::vector<Matrix>(static_cast<std::size_t>(count),
                                       transfer(piece, 0.5, 0.0, h / count));
        }
        const double count = std::min(wanted, most_pieces);
        std::vector<Matrix> parts;
        for (double k = 0.0; k < count; ++k)
            parts.push_back(transfer(piece, k / count, 1.0 / count, h / count));
        return parts;
    }

private:
    [[nodiscard]] Matrix jacobian_at(const Matrix& piece, double s) const {
        const Matrix f_x = jacobian(curve_.field(), piece * basis_.values_at(s), parameters_);
        return period_ * at_.state_scales.cwiseInverse().asDiagonal() * f_x *
               at_.state_scales.asDiagonal();
    }

    /// Over a step h that begins at s of the piece and is `width` of it long.
    [[nodiscard]] Matrix transfer(const Matrix& piece, double s, double width, double h) const {
        const Eigen::Index n = piece.rows(), m = profile_.degree;
        Matrix system(m * n, (m + 1) * n);
        for (Eigen::Index i = 0; i < m; ++i) {
            const Matrix A = h * jacobian_at(piece, s + width * basis_.points[i]);
            for (Eigen::Index k = 0; k <= m; ++k) {
                auto block = system.block(i * n, k * n, n, n);
                block = -basis_.values(k, i) * A;
                block.diagonal().array() += basis_.slopes(k, i);
            }
        }
        return -system.rightCols(m * n).partialPivLu().solve(system.leftCols(n)).bottomRows(n);
    }

    const CycleCurve& curve_;
    Profile profile_;
    Vector parameters_;
    double period_;
    const CollocationFacts& at_;
    const Collocation& basis_;
};

}  // namespace

FloquetExponents floquet_exponents(const CycleCurve& curve, ConstVectorRef z,
                                   const CollocationFacts& at) {
    const Variation variation(curve, z, at);
    const Eigen::Index n = at.state_scales.size(), intervals = variation.profile().intervals();
    FloquetExponents result;
    std::vector<Matrix> across;
    double drift = 0.0, size = 0.0;
    const Vector first = variation.flow(0);
    Vector flow = first;
    Across left(flow);
    for (Eigen::Index j = 0; j < intervals; ++j) {
        const Vector next = j + 1 < intervals ? variation.flow(j + 1) : first;
        std::vector<Matrix> parts = variation.transfers(j);
        for (std::size_t k = 0; k < parts.size(); ++k) {
            Matrix& part = parts[k];
            flow = part * flow;
            const Across right(k + 1 < parts.size() ? flow : next);
            right.from_left(part);
            left.from_right(part);
            across.push_back(part.bottomRightCorner(n - 1, n - 1));
            left = right;
        }
        drift += next.dot(flow - next);
        size += variation.profile().width(j) * next.squaredNorm();
        flow = next;
    }
    result.trivial = size > 0.0 ? drift / size / variation.period() : 0.0;
    if (n > 1) {
        const ProductSpectrum product = product_spectrum(std::move(across));
        if (succeeded(product.status)) result.exponents = product.logarithms / variation.period();
        const Vector rates = result.exponents.real().cwiseAbs();
        const double off = std::abs(result.exponents.real().sum() - at.divergence);
        result.errors = (off / rates.sum() * rates).array() + std::abs(result.trivial);
        // Of two exponents the divergence is the other one.
        if (n == 2) result.exponents.real().setConstant(at.divergence);
    }
    return result;
}

}  // namespace cortifold
