#pragma once

#include <cortifold/continuation/branch.hpp>
#include <cortifold/core/vector_field.hpp>

#include <memory>
#include <string_view>
#include <vector>

namespace cortifold {

/// The linear fate of one pattern: exp(growth t) cos(2 pi frequency t).
struct Mode {
    int index = 0;  ///< 1 is the uniform mode, then by decreasing real part of lambda; 0: not of
                    ///< the network
    std::complex<double> lambda;  ///< coupling eigenvalue
    double growth = 0.0;          ///< in 1/T, T the model's time unit
    double frequency = 0.0;       ///< |Im| / (2 pi), in 1/T
    bool unstable = false;
    ComplexVector eigenvalues{};  ///< of A(lambda), by decreasing real part; of a cycle: exponents;
                                  ///< empty where they could not be computed
    double error = 0.0;           ///< of the growth, in 1/T; about an equilibrium that of rounding
                                  ///< A(lambda) to its last digit
};

/// What a mode does where it begins to grow.
enum class Transition {
    stationary,      ///< the pattern itself grows, on a cycle in step with it
    oscillatory,     ///< it turns, with a frequency of its own
    period_doubling  ///< it changes sign from turn to turn of the cycle
};
[[nodiscard]] std::string_view to_string(Transition transition);

/// The master stability function of one synchronous state (Pecora & Carroll 1998, Phys. Rev. Lett.
/// 80:2109): how perturbations v' = A(lambda, t) v grow whose pattern is an eigenvector of the
/// coupling matrix with eigenvalue lambda, A(lambda, t) = f_x + s lambda f_u K h_x along the state.
class MasterStability {
public:
    MasterStability() = default;
    MasterStability(const MasterStability&) = delete;
    MasterStability& operator=(const MasterStability&) = delete;
    virtual ~MasterStability() = default;

    /// A mode for each lambda, in their order, with index 0; the same for any number of threads.
    [[nodiscard]] virtual std::vector<Mode> at(const ComplexVector& lambdas,
                                               int threads = 1) const = 0;
    /// The lambda of the uniform mode, whose fate is that of the node itself.
    [[nodiscard]] virtual double uniform_lambda() const = 0;
    /// Of a cycle; 0: an equilibrium.
    [[nodiscard]] virtual double period() const { return 0.0; }
    /// Of a cycle: what the exponent of its phase, which is 0, came out as.
    [[nodiscard]] virtual double trivial_exponent() const { return 0.0; }

    /// Of a mode whose growth is about zero.
    [[nodiscard]] Transition transition(const Mode& mode) const;
};

/// Growth is the largest real part of the eigenvalues of A(lambda), and a mode unstable where that
/// is more than its error. Throws UsageError where the equilibrium has not as many states as the
/// field.
[[nodiscard]] std::unique_ptr<MasterStability> stability_of_equilibrium(
    const std::shared_ptr<const HomogeneousField>& field, const Vector& parameters,
    const Vector& equilibrium);

/// Growth is the largest real part of the exponents log mu / T of one period, exact but for the
/// cycle and for rounding; nothing is averaged. Not known where lambda is so large that an interval
/// of the cycle's mesh would take more than some hundred steps. A mode counts as unstable where it
/// grows by more than its error and the trivial exponent; the uniform mode where another of its
/// exponents does. The cycle is one of `field`, by any method. Throws UsageError where the point
/// holds none or the field is driven.
[[nodiscard]] std::unique_ptr<MasterStability> stability_of_cycle(
    const std::shared_ptr<const HomogeneousField>& field, const Vector& parameters,
    const BranchPoint& cycle);

}  // namespace cortifold
