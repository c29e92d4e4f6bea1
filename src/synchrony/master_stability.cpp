#include <cortifold/core/error.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/synchrony/master_stability.hpp>

#include <cmath>
#include <limits>
#include <numbers>

namespace cortifold {

std::string_view to_string(Transition transition) {
    switch (transition) {
        case Transition::stationary: return "stationary";
        case Transition::oscillatory: return "oscillatory";
        case Transition::period_doubling: return "period_doubling";
    }
    return "unknown";
}

Transition MasterStability::transition(const Mode& mode) const {
    constexpr double same = 1e-6;  // radians a turn; exact where lambda is real
    if (mode.frequency == 0.0) return Transition::stationary;
    if (period() == 0.0) return Transition::oscillatory;
    const double turned = 2.0 * std::numbers::pi * mode.frequency * period();
    return turned < same                      ? Transition::stationary
           : turned > std::numbers::pi - same ? Transition::period_doubling
                                              : Transition::oscillatory;
}

namespace {

class EquilibriumStability final : public MasterStability {
public:
    EquilibriumStability(const HomogeneousField& field, const Vector& parameters,
                         const Vector& equilibrium)
        : at_zero_(field.dimension(), field.dimension()),
          slope_(at_zero_),
          uniform_(field.uniform_lambda()) {
        field.mode_jacobian(equilibrium, parameters, at_zero_, slope_);
    }

    [[nodiscard]] std::vector<Mode> at(const ComplexVector& lambdas, int threads) const override {
        std::vector<Mode> modes(static_cast<std::size_t>(lambdas.size()));
#pragma omp parallel for num_threads(threads) if (threads > 1)
        for (Eigen::Index k = 0; k < lambdas.size(); ++k)
            modes[static_cast<std::size_t>(k)] = mode(lambdas[k]);
        return modes;
    }
    [[nodiscard]] double uniform_lambda() const override {
        return uniform_;
    }

private:
    [[nodiscard]] Mode mode(std::complex<double> lambda) const {
        Mode mode{.lambda = lambda};
        const ComplexMatrix jacobian = at_zero_ + lambda * slope_;
        mode.eigenvalues =
            lambda.imag() == 0.0 ? eigenvalues(Matrix(jacobian.real())) : eigenvalues(jacobian);
        mode.error = std::numeric_limits<double>::epsilon() * jacobian.norm();
        if (mode.eigenvalues.size() == 0) return mode;
        mode.growth = mode.eigenvalues[0].real();
        mode.frequency = std::abs(mode.eigenvalues[0].imag()) / (2.0 * std::numbers::pi);
        mode.unstable = mode.growth > mode.error;
        return mode;
    }

    Matrix at_zero_, slope_;
    double uniform_;
};

}  // namespace

std::unique_ptr<MasterStability> stability_of_equilibrium(
    const std::shared_ptr<const HomogeneousField>& field, const Vector& parameters,
    const Vector& equilibrium) {
    require(equilibrium.size() == field->dimension(),
            "the equilibrium has " + std::to_string(equilibrium.size()) + " states, the field " +
                std::to_string(field->dimension()));
    return std::make_unique<EquilibriumStability>(*field, parameters, equilibrium);
}

}  // namespace cortifold
