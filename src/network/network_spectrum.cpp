// The spectrum of a network of equal nodes in equal states, mode by mode.
#include "network_field.hpp"
#include <cortifold/linalg/dense_spectrum.hpp>

#include <algorithm>

namespace cortifold {

namespace {

/// Blocks that differ by less, relative to their size, are equal.
constexpr double equal_blocks = 1e-11;

bool is_near(const Matrix& a, const Matrix& b) {
    return (a - b).norm() <= equal_blocks * b.norm();
}

/// Where all D_i = D_0 + shift_i B E (row sums of diffusive coupling differ so), the shifts.
std::optional<Vector> shifts_of(const NetworkField::Structure& at, const Matrix& BE) {
    Vector shift(static_cast<Eigen::Index>(at.D.size()));
    const double square = BE.squaredNorm();
    for (std::size_t i = 0; i < at.D.size(); ++i) {
        if (at.D[i].rows() != at.D[0].rows()) return std::nullopt;
        if (!is_near(at.B[i], at.B[0]) || !is_near(at.E[i], at.E[0])) return std::nullopt;
        const Matrix apart = at.D[i] - at.D[0];
        const double along = square > 0.0 ? apart.cwiseProduct(BE).sum() / square : 0.0;
        if ((apart - along * BE).norm() > equal_blocks * at.D[0].norm()) return std::nullopt;
        shift[static_cast<Eigen::Index>(i)] = is_near(at.D[i], at.D[0]) ? 0.0 : along;
    }
    return shift;
}

}  // namespace

ComplexVector NetworkField::coupling_spectrum(const Matrix& K, const Vector& shift) const {
    const std::lock_guard lock(coupling_spectrum_.access);
    const bool known =
        coupling_spectrum_.shift.size() == shift.size() && is_near(coupling_spectrum_.shift, shift);
    if (!known) {
        coupling_spectrum_.shift = shift;
        coupling_spectrum_.values = eigenvalues(K + Matrix(shift.asDiagonal()));
    }
    return coupling_spectrum_.values;
}

/// J = I x D + (K + diag(shift)) x B E: of each eigenvalue lambda of the coupling those of
/// D + lambda B E.
std::optional<ComplexVector> NetworkField::structured_spectrum(ConstVectorRef x,
                                                               ConstVectorRef p) const {
    if (signals_.size() != 1) return std::nullopt;
    const Structure at = structure(x, p);
    const Matrix BE = at.B[0] * at.E[0];
    const auto shift = shifts_of(at, BE);
    if (!shift) return std::nullopt;
    const ComplexVector lambdas = coupling_spectrum(at.K, *shift);
    const Eigen::Index m = at.D[0].rows();
    ComplexVector values(dimension_);
    Eigen::Index filled = 0;
    const auto add = [&](const ComplexVector& of_mode) {
        if (of_mode.size() != m) return false;
        values.segment(filled, m) = of_mode;
        filled += m;
        return true;
    };
    for (const std::complex<double> lambda : lambdas) {
        if (lambda.imag() < 0.0) continue;  // conjugates of their partner's
        if (lambda.imag() == 0.0) {
            if (!add(eigenvalues(Matrix(at.D[0] + lambda.real() * BE)))) return std::nullopt;
            continue;
        }
        const ComplexVector of_mode = eigenvalues(ComplexMatrix(
            at.D[0].cast<std::complex<double>>() + lambda * BE.cast<std::complex<double>>()));
        if (!add(of_mode) || !add(of_mode.conjugate())) return std::nullopt;
    }
    if (filled != dimension_) return std::nullopt;
    return ordered_spectrum(values);
}

}  // namespace cortifold
