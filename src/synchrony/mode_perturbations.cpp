#include "mode_perturbations.hpp"

#include <cortifold/continuation/cycle_profile.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cortifold {

namespace {

using Complex = std::complex<double>;

constexpr Eigen::Index ring_size = 3;
/// Eigenvalues that are critical, too, in parts of the largest: at the ends of a curve several are.
constexpr double on_axis = 1e-8;

/// Weights W(i, j) = c[(j - i) mod 3] with row sum r = c0 + c1 + c2 and the eigenvalue
/// c0 + c1 w + c2 w^2 = lambda; where coupling is diffusive r = 0 and c0 is of no matter.
Network ring_of(const Network& network, double row_sum, Complex lambda) {
    const double sum = 2.0 / 3.0 * (row_sum - lambda.real()),
                 difference = 2.0 / std::numbers::sqrt3 * lambda.imag();
    const Eigen::Vector3d c{(row_sum + 2.0 * lambda.real()) / 3.0, (sum + difference) / 2.0,
                            (sum - difference) / 2.0};
    Matrix weights(ring_size, ring_size);
    for (Eigen::Index i = 0; i < ring_size; ++i)
        for (Eigen::Index j = 0; j < ring_size; ++j)
            weights(i, j) = c[(j - i + ring_size) % ring_size];
    Connectome ring;
    ring.weights = weights.sparseView();
    ring.source = "a ring of three nodes";
    Network result = network;
    result.connectomes = {std::move(ring)};
    result.kind_of.clear();
    result.overrides.clear();
    for (Link& link : result.links) link.connectome = 0;
    return result;
}

/// Takes out of the values of a mode what is nearest to the critical ones: of a lambda that is not
/// real one value, whose conjugate belongs to another mode.
void take_out(std::vector<Complex>& values, std::vector<Complex> critical, bool lambda_is_real) {
    const auto distance = [&](Complex from) {
        return [from](Complex value) { return std::abs(value - from); };
    };
    const auto nearest = [&](Complex from) {
        return std::ranges::min_element(values, {}, distance(from));
    };
    if (values.size() < critical.size()) return;
    if (!lambda_is_real)
        critical = {*std::ranges::min_element(
            critical, {}, [&](Complex from) { return distance(from)(*nearest(from)); })};
    for (const Complex value : critical) values.erase(nearest(value));
}

}  // namespace

std::unique_ptr<const MasterStability> stability_at(const ModeSet& modes, const Vector& parameters,
                                                    const BranchPoint& at) {
    if (is_cycle(at)) return stability_of_cycle(modes.field, parameters, at);
    return stability_of_equilibrium(modes.field, parameters, at.z.head(modes.field->dimension()));
}

ModePerturbations::ModePerturbations(const ModeSet& modes, Eigen::Index place)
    : modes_(modes),
      lambda_(modes.lambdas[place]),
      n_(modes.field->dimension()),
      ring_(make_field(ring_of(modes.network, modes.field->uniform_lambda(), lambda_))) {}

Matrix ModePerturbations::matrix(ConstVectorRef x, ConstVectorRef p) const {
    Matrix at_zero(n_, n_), slope(n_, n_);
    modes_.field->mode_jacobian(x, p, at_zero, slope);
    const Matrix real = at_zero + lambda_.real() * slope;
    if (is_real()) return real;
    const Matrix imaginary = lambda_.imag() * slope;
    Matrix both(2 * n_, 2 * n_);
    both << real, -imaginary, imaginary, real;
    return both;
}

void ModePerturbations::real_part(ConstVectorRef x, ConstVectorRef p, const ComplexVector& v,
                                  std::span<const std::size_t> free, MatrixRef A_xv,
                                  MatrixRef A_pv) const {
    // States of a network stand variable by variable; its parameters are those of the field, then
    // the noises of the regions, which rest.
    const Eigen::Index size = ring_size * n_;
    Vector states(size), along(size),
        parameters = Vector::Zero(static_cast<Eigen::Index>(ring_->parameters().size()));
    for (Eigen::Index k = 0; k < ring_size; ++k) {
        const Complex phase =
            std::polar(1.0, 2.0 * std::numbers::pi / ring_size * static_cast<double>(k));
        for (Eigen::Index a = 0; a < n_; ++a) {
            states[a * ring_size + k] = x[a];
            along[a * ring_size + k] = (phase * v[a]).real();
        }
    }
    parameters.head(std::min(p.size(), parameters.size())) =
        p.head(std::min(p.size(), parameters.size()));
    Matrix f_xv(size, size), f_pv(size, A_pv.cols());
    ring_->directional(states, parameters, along, Vector::Zero(parameters.size()), free, f_xv,
                       f_pv);
    for (Eigen::Index a = 0; a < n_; ++a) {
        for (Eigen::Index b = 0; b < n_; ++b)
            A_xv(a, b) = f_xv.row(a * ring_size).segment(b * ring_size, ring_size).sum();
        A_pv.row(a) = f_pv.row(a * ring_size);
    }
}

void ModePerturbations::directional(ConstVectorRef x, ConstVectorRef p, ConstVectorRef v,
                                    std::span<const std::size_t> free, MatrixRef A_xv,
                                    MatrixRef A_pv) const {
    ComplexVector whole = v.head(n_).cast<Complex>();
    if (!is_real()) whole.imag() = v.tail(n_);
    real_part(x, p, whole, free, A_xv.topRows(n_), A_pv.topRows(n_));
    if (!is_real())  // Im z = Re(-i z)
        real_part(x, p, Complex(0.0, -1.0) * whole, free, A_xv.bottomRows(n_), A_pv.bottomRows(n_));
}

void ModePerturbations::describe(BranchPoint& point, ConstVectorRef p,
                                 const std::vector<Complex>& critical) const {
    const double same = same_mode * modes_.lambdas.cwiseAbs().maxCoeff();
    std::vector<Complex> values;
    for (const Mode& mode : stability_at(modes_, p, point)->at(modes_.lambdas)) {
        std::vector<Complex> own(mode.eigenvalues.begin(), mode.eigenvalues.end());
        if (std::abs(mode.lambda - lambda_) <= same ||
            std::abs(mode.lambda - std::conj(lambda_)) <= same)
            take_out(own, critical, is_real());
        values.insert(values.end(), own.begin(), own.end());
    }
    std::ranges::sort(values, [](Complex a, Complex b) {
        return a.real() != b.real() ? a.real() > b.real() : a.imag() > b.imag();
    });
    point.spectrum =
        Eigen::Map<ComplexVector>(values.data(), static_cast<Eigen::Index>(values.size()));
    point.spectrum_errors.resize(0);
    const double noise = values.empty() ? 0.0 : on_axis * point.spectrum.cwiseAbs().maxCoeff();
    point.n_unstable = static_cast<int>((point.spectrum.real().array() > noise).count());
}

}  // namespace cortifold
