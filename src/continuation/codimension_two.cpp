// What defining systems find along their curves in two parameters.
#include "branch_point_system.hpp"
#include "curve_solver.hpp"
#include "defining_systems.hpp"
#include "first_lyapunov.hpp"
#include <cortifold/continuation/normal_form.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

namespace cortifold {

namespace {

using Complex = std::complex<double>;

constexpr Quantity kappa_quantity{"kappa", "", 1.0, -1.0, 1.0, "square of the angular frequency"};
/// Of an eigenvalue from a pole of l1, against the largest.
constexpr double pole_distance = 1e-6;

/// The spectrum without the eigenvalues nearest to the critical ones.
void add_reduced_spectrum(const LinearizedPoint& at, const std::vector<Complex>& critical,
                          BranchPoint& point) {
    add_spectrum(at, point);
    if (!point.n_unstable) return;
    std::vector<Complex> rest(point.spectrum.begin(), point.spectrum.end());
    for (const Complex value : critical)
        rest.erase(std::ranges::min_element(
            rest, {}, [value](Complex other) { return std::abs(other - value); }));
    point.spectrum = Eigen::Map<ComplexVector>(rest.data(), static_cast<Eigen::Index>(rest.size()));
    point.n_unstable = static_cast<int>((point.spectrum.real().array() > 0.0).count());
}

double frequency_of(double omega) {
    return omega / (2.0 * std::numbers::pi);
}

/// A Bogdanov-Takens point on its own defining system, where a bracket on a curve that is nearly
/// tangent to another leaves digits open; as it is where that does not converge.
template <class System>
void polish_bogdanov_takens(const System& system, SpecialPoint& point) {
    const Eigen::Index n = system.states() + 2;
    BogdanovTakensSystem own(system.shared_field(), system.parameters_of(point.at.z), system.free(),
                             system.of());
    BranchPoint near{.z = point.at.z.head(n)};
    own.prepare(near);
    const Polished polished = polish(own, near.z, own.scales_at(near.z));
    if (!succeeded(polished.status)) return;
    point.at.z.head(n) = polished.z;
    point.at.residual = polished.residual;
    point.at.parameters = {polished.z[n - 2], polished.z[n - 1]};
    point.error = polished.error.tail(2).maxCoeff();
}

/// A test function of a curve of bifurcations, closed to rounding.
template <class System>
class CurveTest : public TestFunction {
public:
    CurveTest(const System& system, PointType type) : system_(system), type_(type) {}
    [[nodiscard]] std::string_view name() const override { return to_string(type_); }
    [[nodiscard]] PointType type() const override { return type_; }
    [[nodiscard]] std::optional<SpecialPoint> resolve(const BranchPoint& near) const override {
        auto point = TestFunction::resolve(near);
        if (type_ == PointType::bogdanov_takens) polish_bogdanov_takens(system_, *point);
        if (system_.kind() == CurveKind::transverse) return point;
        const Vector x = system_.states_of(point->at.z), p = system_.parameters_of(point->at.z);
        describe(*point, {system_.field(), x, p});
        if (type_ == PointType::bogdanov_takens && system_.kind() == CurveKind::fold)
            leave_out_critical(point->at, 1);
        return point;
    }

protected:
    virtual void describe(SpecialPoint& point, const EquilibriumPoint& at) const = 0;
    const System& system_;

private:
    PointType type_;
};

/// w^T v: zero where the eigenvalue 0 becomes double.
class FoldToBogdanovTakens final : public CurveTest<FoldSystem> {
public:
    explicit FoldToBogdanovTakens(const FoldSystem& system)
        : CurveTest(system, PointType::bogdanov_takens) {}
    [[nodiscard]] double value(const BranchPoint&, const CurveLinearization& at) const override {
        return at.null_vectors.col(0).cwiseProduct(at.null_vectors.col(1)).sum().real();
    }

protected:
    void describe(SpecialPoint& point, const EquilibriumPoint& at) const override {
        add(point, bogdanov_takens_normal_form(at));
    }
};

/// w^T B(v, v): the fold coefficient.
class FoldToCusp final : public CurveTest<FoldSystem> {
public:
    explicit FoldToCusp(const FoldSystem& system) : CurveTest(system, PointType::cusp) {}
    [[nodiscard]] double value(const BranchPoint&, const CurveLinearization& at) const override {
        const Eigen::Index n = at.null_vectors.rows();
        return at.derivative.row(n).head(n).dot(at.null_vectors.col(0).real());
    }

protected:
    void describe(SpecialPoint& point, const EquilibriumPoint& at) const override {
        add(point, cusp_normal_form(at));
    }
};

/// A mode that loses stability by another eigenvalue, or another one does: it is no longer first.
std::optional<Status> end_of_transverse(const SpecialPoint& point) {
    if (point.type == PointType::bogdanov_takens) return Status::ended_at_bogdanov_takens;
    if (point.type == PointType::transverse) return Status::reached_end;
    return std::nullopt;
}

class HopfToBogdanovTakens final : public CurveTest<HopfSystem> {
public:
    explicit HopfToBogdanovTakens(const HopfSystem& system)
        : CurveTest(system, PointType::bogdanov_takens) {}
    [[nodiscard]] double value(const BranchPoint& point, const CurveLinearization&) const override {
        return system_.kappa(point.z);
    }

protected:
    void describe(SpecialPoint& point, const EquilibriumPoint& at) const override {
        add(point, bogdanov_takens_normal_form(at));
    }
};

/// The first Lyapunov coefficient.
class HopfToGeneralizedHopf final : public CurveTest<HopfSystem> {
public:
    explicit HopfToGeneralizedHopf(const HopfSystem& system)
        : CurveTest(system, PointType::generalized_hopf) {}
    [[nodiscard]] double value(const BranchPoint& point,
                               const CurveLinearization& at) const override {
        return system_.first_lyapunov_coefficient(point.z, at);
    }

    /// At a fold-Hopf point and at a resonance 1:2 l1 has a pole.
    [[nodiscard]] std::optional<SpecialPoint> resolve(const BranchPoint& near) const override {
        if (near.spectrum.size() == 0) return CurveTest::resolve(near);
        const double close = pole_distance * near.spectrum.cwiseAbs().maxCoeff();
        for (const Complex pole : {Complex(0.0), Complex(0.0, 2.0 * omega(near))})
            if ((near.spectrum.array() - pole).abs().minCoeff() < close) return std::nullopt;
        return CurveTest::resolve(near);
    }

protected:
    [[nodiscard]] double omega(const BranchPoint& point) const {
        return std::sqrt(system_.kappa(point.z));
    }
    void describe(SpecialPoint& point, const EquilibriumPoint& at) const override {
        point.frequency = frequency_of(omega(point.at));
        add(point, generalized_hopf_normal_form(at, omega(point.at)));
    }
};

/// One more eigenvalue, or pair, of a curve of bifurcations on the imaginary axis.
class FurtherCrossing final : public TestFunction {
public:
    FurtherCrossing(const FieldCurve& system, Eigen::Index place, const HopfSystem* hopf)
        : system_(system), place_(place), hopf_(hopf) {}
    [[nodiscard]] std::string_view name() const override { return "eigenvalue"; }
    [[nodiscard]] double value(const BranchPoint& point, const CurveLinearization&) const override {
        return point.spectrum[place_].real();
    }
    [[nodiscard]] std::optional<SpecialPoint> resolve(const BranchPoint& near) const override {
        if (hopf_ && !(hopf_->kappa(near.z) > 0.0)) return std::nullopt;  // a neutral saddle
        const double omega = hopf_ ? std::sqrt(hopf_->kappa(near.z)) : 0.0,
                     other = std::abs(near.spectrum[place_].imag());
        // Two zeros on a curve of folds are a Bogdanov-Takens point, which has its own function;
        // rounding makes them a pair of which one is left.
        if (omega == 0.0 && !has_partner(near.spectrum)) return std::nullopt;
        const Vector x = system_.states_of(near.z), p = system_.parameters_of(near.z);
        SpecialPoint point;
        point.at = near;
        point.frequency = frequency_of(omega > 0.0 ? omega : other);
        if (omega > 0.0 && other > 0.0) {
            point.type = PointType::hopf_hopf;
            point.second_frequency = frequency_of(other);
            add(point, hopf_hopf_normal_form({system_.field(), x, p}, omega, other));
        } else {
            point.type = PointType::fold_hopf;
            add(point, fold_hopf_normal_form({system_.field(), x, p}, omega + other));
        }
        leave_out_critical(point.at, other > 0.0 ? 2 : 1);
        return point;
    }

private:
    [[nodiscard]] bool has_partner(const ComplexVector& spectrum) const {
        const Complex critical = spectrum[place_];
        return critical.imag() != 0.0 && (spectrum.array() == std::conj(critical)).any();
    }

    const FieldCurve& system_;
    Eigen::Index place_;
    const HopfSystem* hopf_;  ///< none on a curve of folds or branch points
};

}  // namespace

FoldSystem::FoldSystem(const std::shared_ptr<const VectorField>& field, const Vector& base,
                       const std::vector<std::size_t>& free,
                       std::shared_ptr<const Perturbations> of)
    : FieldCurve(of ? CurveKind::transverse : CurveKind::fold, field, base, free, {}) {
    of_ = std::move(of);
    if (free.size() < 2) return;
    tests_ = {std::make_shared<FoldToBogdanovTakens>(*this)};
    if (!of_) tests_.push_back(std::make_shared<FoldToCusp>(*this));
}

std::optional<Status> FoldSystem::ends_at(const SpecialPoint& point) const {
    return of_ ? end_of_transverse(point) : std::nullopt;
}

void FoldSystem::describe(BranchPoint& point, const CurveLinearization& at) const {
    if (of_) return of_->describe(point, parameters_of(point.z), {0.0});
    add_reduced_spectrum({field(), states_of(point.z), parameters_of(point.z), f_x(at)}, {0.0},
                         point);
}

std::unique_ptr<TestFunction> FoldSystem::crossing(Eigen::Index place) const {
    if (of_) return watched_crossing(place);
    return std::make_unique<FurtherCrossing>(*this, place, nullptr);
}

HopfSystem::HopfSystem(const std::shared_ptr<const VectorField>& field, const Vector& base,
                       const std::vector<std::size_t>& free,
                       std::shared_ptr<const Perturbations> of)
    : FieldCurve(of ? CurveKind::transverse : CurveKind::hopf, field, base, free,
                 std::array{kappa_quantity}) {
    of_ = std::move(of);
    if (free.size() < 2) return;
    tests_ = {std::make_shared<HopfToBogdanovTakens>(*this)};
    if (!of_) tests_.push_back(std::make_shared<HopfToGeneralizedHopf>(*this));
}

void HopfSystem::describe(BranchPoint& point, const CurveLinearization& at) const {
    const Complex lambda = std::sqrt(Complex(-kappa(point.z)));
    if (of_) return of_->describe(point, parameters_of(point.z), {lambda, -lambda});
    add_reduced_spectrum({field(), states_of(point.z), parameters_of(point.z), f_x(at)},
                         {lambda, -lambda}, point);
}

std::string HopfSystem::obstacle(const BranchPoint& start) const {
    const double square = kappa(start.z);
    if (of_ || !(square > 0.0)) return {};
    const int pairs = count_equal(point_at(start.z).spectrum, Complex(0.0, std::sqrt(square)));
    if (pairs < 2) return {};
    return std::to_string(pairs) +
           " pairs of eigenvalues cross the imaginary axis together at this start, as symmetry has "
           "it: only curves of Hopf points with a simple pair are followed";
}

double HopfSystem::first_lyapunov_coefficient(ConstVectorRef z,
                                              const CurveLinearization& at) const {
    if (!(kappa(z) > 0.0) || at.null_vectors.imag().isZero(0.0))
        return std::numeric_limits<double>::quiet_NaN();
    return first_lyapunov({field(), states_of(z), parameters_of(z), f_x(at)}, std::sqrt(kappa(z)),
                          at.null_vectors.col(0), at.null_vectors.col(1));
}

std::unique_ptr<TestFunction> HopfSystem::crossing(Eigen::Index place) const {
    if (of_) return watched_crossing(place);
    return std::make_unique<FurtherCrossing>(*this, place, this);
}

std::optional<Status> HopfSystem::ends_at(const SpecialPoint& point) const {
    if (of_) return end_of_transverse(point);
    if (point.type != PointType::bogdanov_takens) return std::nullopt;
    return Status::ended_at_bogdanov_takens;
}

void BranchPointSystem::describe(BranchPoint& point, const CurveLinearization& at) const {
    add_reduced_spectrum({field(), states_of(point.z), parameters_of(point.z), f_x(at)},
                         std::vector<Complex>(static_cast<std::size_t>(k_)), point);
}

std::unique_ptr<TestFunction> BranchPointSystem::crossing(Eigen::Index place) const {
    return std::make_unique<FurtherCrossing>(*this, place, nullptr);
}

}  // namespace cortifold
