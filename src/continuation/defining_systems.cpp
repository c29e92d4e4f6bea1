#include "defining_systems.hpp"

#include "critical.hpp"

#include <cmath>
#include <limits>

namespace cortifold {

namespace {

using Complex = std::complex<double>;

/// Two terms of the series around kappa = 0 are enough where the next are below this part of them.
constexpr double negligible = 1e-12;

/// |D^-1 A D| with the scales D of the states.
double scaled_norm(ConstMatrixRef a, ConstVectorRef scales) {
    double sum = 0.0;
    for (Eigen::Index k = 0; k < a.cols(); ++k)
        sum += a.col(k).cwiseQuotient(scales).squaredNorm() * scales[k] * scales[k];
    return std::sqrt(sum);
}

Vector no_rates(const Vector& p) {
    return Vector::Zero(p.size());
}

/// Of what is critical: as of the states, again where there are twice as many.
Vector scales_of(const LinearizedPoint& at, ConstVectorRef scales) {
    return scales.head(at.x.size()).replicate(at.f_x.rows() / at.x.size(), 1);
}

void note_null_vectors(CurveLinearization& at, const ComplexVector& v, const ComplexVector& w) {
    at.null_vectors.resize(v.size(), 2);
    at.null_vectors.col(0) = v / v.norm();
    at.null_vectors.col(1) = w / w.norm();
}

/// Borders near the null vectors keep the bordered matrix well conditioned.
void borders_from(const CurveLinearization& at, Vector& b, Vector& c) {
    c = real_direction(at.null_vectors.col(0));
    b = real_direction(at.null_vectors.col(1));
}

}  // namespace

void FoldSystem::prepare(const BranchPoint& start) {
    const Vector x = states_of(start.z), p = parameters_of(start.z);
    Matrix kept;
    const CurveLinearization at = linearize_field(start.z, 0);
    find_borders(critical(x, p, at, kept), 0.0, b_, c_);
}

void FoldSystem::adapt(const BranchPoint&, const CurveLinearization& at) {
    borders_from(at, b_, c_);
}

CurveLinearization FoldSystem::linearize(ConstVectorRef z, ConstVectorRef row,
                                         ConstVectorRef scales) const {
    CurveLinearization at = linearize_field(z, 1);
    const Vector x = states_of(z), p = parameters_of(z);
    Matrix kept;
    const LinearizedPoint here = critical(x, p, at, kept);
    const auto [g, v, w] = CriticalSolver<double>(here, 0.0, b_, c_).nullity();
    at.residual[states()] = g;
    at.derivative.bottomRows(1) = second_derivatives(here, free(), w, v, no_rates(p)).transpose();
    note_null_vectors(at, v.cast<Complex>(), w.cast<Complex>());
    finish(at, z, row, scales);
    return at;
}

void HopfSystem::prepare(const BranchPoint& start) {
    const Vector x = states_of(start.z), p = parameters_of(start.z);
    Matrix kept;
    const CurveLinearization at = linearize_field(start.z, 0);
    find_borders(critical(x, p, at, kept), std::sqrt(Complex(-kappa(start.z))), b_, c_);
}

void HopfSystem::adapt(const BranchPoint&, const CurveLinearization& at) {
    borders_from(at, b_, c_);
}

namespace {

/// A function of kappa and z with its derivatives.
struct Part {
    double value;
    Vector by_z;  ///< states and free parameters
    double by_kappa;
};
struct EvenAndOdd {
    Part even, odd;
    ComplexVector v, w;
};

/// g(lambda) for both signs of lambda = sqrt(-kappa): conjugates of each other for kappa > 0.
EvenAndOdd away_from_zero(const LinearizedPoint& here, std::span<const std::size_t> free,
                          const Vector& b, const Vector& c, double kappa) {
    const Complex lambda = std::sqrt(Complex(-kappa));
    struct Value {
        Complex g, g_lambda;
        ComplexVector g_z, v, w;
    };
    const auto at = [&](Complex shift) {
        const auto found = CriticalSolver<Complex>(here, shift, b, c).nullity();
        Matrix V(found.v.size(), 2), W(found.w.size(), 2);
        V << found.v.real(), found.v.imag();
        W << found.w.real(), found.w.imag();
        const Vector still = no_rates(here.p);
        const Matrix by_re = second_derivatives(here, free, W, V.col(0), still),
                     by_im = second_derivatives(here, free, W, V.col(1), still);
        ComplexVector g_z(by_re.rows());
        g_z.real() = by_re.col(0) - by_im.col(1);
        g_z.imag() = by_re.col(1) + by_im.col(0);
        return Value{found.g, found.slope(), g_z, found.v, found.w};
    };
    const auto plus = at(lambda);
    auto minus = plus;
    if (kappa > 0.0) {
        minus.g = std::conj(plus.g);
        minus.g_lambda = std::conj(plus.g_lambda);
        minus.g_z = plus.g_z.conjugate();
    } else {
        minus = at(-lambda);
    }
    const Complex lambda_kappa = -0.5 / lambda;
    const Complex even_lambda = (plus.g_lambda - minus.g_lambda) / 2.0,
                  odd_lambda = (plus.g_lambda + minus.g_lambda) / (2.0 * lambda);
    const Complex odd = (plus.g - minus.g) / (2.0 * lambda);
    return {{(plus.g + minus.g).real() / 2.0, (plus.g_z + minus.g_z).real() / 2.0,
             (even_lambda * lambda_kappa).real()},
            {odd.real(), ((plus.g_z - minus.g_z) / (2.0 * lambda)).real(),
             (odd_lambda * lambda_kappa - odd * lambda_kappa / lambda).real()},
            plus.v,
            plus.w};
}

/// The series g = g0 + g1 lambda + g2 lambda^2 + ... with lambda^2 = -kappa: g1 = w^T v, and v1 is
/// the derivative of v by lambda, large where another eigenvalue is near. Nothing where two terms
/// are not enough.
std::optional<EvenAndOdd> around_zero(const LinearizedPoint& here,
                                      std::span<const std::size_t> free, const Vector& b,
                                      const Vector& c, double kappa, const Vector& scales) {
    const CriticalSolver<double> solver(here, 0.0, b, c);
    const auto [g, v, w] = solver.nullity();
    const Vector v1 = solver.solve(v);
    const double growth = v1.cwiseQuotient(scales).norm() / v.cwiseQuotient(scales).norm();
    if (!(std::abs(kappa) * growth * growth <= negligible)) return std::nullopt;
    const Vector w1 = solver.solve_transposed(w), still = no_rates(here.p);
    const double g1 = w.dot(v), g2 = w.dot(v1), g3 = w1.dot(v1);
    const Vector g_z = second_derivatives(here, free, w, v, still),
                 g1_z = second_derivatives(here, free, w1, v, still) +
                        second_derivatives(here, free, w, v1, still);
    return EvenAndOdd{{g - g2 * kappa, g_z, -g2},
                      {g1 - g3 * kappa, g1_z, -g3},
                      v.cast<Complex>(),
                      w.cast<Complex>()};
}

}  // namespace

CurveLinearization HopfSystem::linearize(ConstVectorRef z, ConstVectorRef row,
                                         ConstVectorRef scales) const {
    CurveLinearization at = linearize_field(z, 2);
    const Vector x = states_of(z), p = parameters_of(z);
    Matrix kept;
    const LinearizedPoint here = critical(x, p, at, kept);
    std::optional<EvenAndOdd> near_zero;
    const Vector state_scales = scales_of(here, scales);
    const double size = scaled_norm(here.f_x, state_scales);
    if (std::abs(kappa(z)) <= negligible * size * size)
        near_zero = around_zero(here, free(), b_, c_, kappa(z), state_scales);
    const EvenAndOdd parts =
        near_zero ? *near_zero : away_from_zero(here, free(), b_, c_, kappa(z));
    Eigen::Index row_number = states();
    for (const Part* part : {&parts.even, &parts.odd}) {
        at.residual[row_number] = part->value;
        at.derivative.row(row_number) << part->by_z.transpose(), part->by_kappa;
        ++row_number;
    }
    note_null_vectors(at, parts.v, parts.w);
    finish(at, z, row, scales);
    return at;
}

CurveLinearization BogdanovTakensSystem::linearize(ConstVectorRef z, ConstVectorRef row,
                                                   ConstVectorRef scales) const {
    CurveLinearization at = linearize_field(z, 2);
    const Vector x = states_of(z), p = parameters_of(z);
    Matrix kept;
    const LinearizedPoint here = critical(x, p, at, kept);
    const EvenAndOdd parts = *around_zero(here, free(), b_, c_, 0.0, scales_of(here, scales));
    at.residual.tail(2) << parts.even.value, parts.odd.value;
    at.derivative.bottomRows(2) << parts.even.by_z.transpose(), parts.odd.by_z.transpose();
    note_null_vectors(at, parts.v, parts.w);
    finish(at, z, row, scales);
    return at;
}

}  // namespace cortifold
