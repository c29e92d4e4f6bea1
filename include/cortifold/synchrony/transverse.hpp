#pragma once

#include <cortifold/continuation/cycle.hpp>
#include <cortifold/network/network.hpp>
#include <cortifold/synchrony/master_stability.hpp>

#include <array>

namespace cortifold {

/// Modes whose loss of stability is looked for on the synchronous states of a network: one, or all
/// transverse ones.
struct ModeSet {
    std::shared_ptr<const HomogeneousField> field;
    Network network;        ///< of which the field is made; its weights are not looked at
    ComplexVector lambdas;  ///< coupling eigenvalues
    int first_index = 0;    ///< of the first lambda in its network, the others follow; 0: of none
};

/// An eigenvalue or Floquet exponent of a mode that is on the imaginary axis.
struct CriticalValue {
    Eigen::Index place = 0;      ///< of the mode among the lambdas
    std::complex<double> value;  ///< Im >= 0 where lambda is real
    Transition transition = Transition::stationary;
};

/// Largest growth of the modes: zero, at points of type `transverse`, where the first of them
/// begins or the last one ceases to grow. For runs along equilibria or cycles of the field in one
/// parameter (`ContinuationOptions::tests`); `parameters` are those that stay. Normal forms have
/// `lambda`, where it is not real `lambda_im`, and `mode`, its index in the network; the scenario
/// names the transition.
[[nodiscard]] std::shared_ptr<const TestFunction> transverse_test(ModeSet modes, Vector parameters,
                                                                  std::size_t free);

/// What is critical at an equilibrium or cycle, within the accuracy of eigenvalues there, the
/// nearest to the axis first; of modes with equal lambda the first one. Empty: nothing is.
[[nodiscard]] std::vector<CriticalValue> critical_values(const ModeSet& modes,
                                                         const Vector& parameters,
                                                         const BranchPoint& at);

struct TransverseCurveProblem {
    ModeSet modes;
    Vector parameters;                ///< of the field
    std::array<std::size_t, 2> free;  ///< by number among them
    BranchPoint start;     ///< an equilibrium, or a cycle of collocation, where a mode is critical
    CycleOptions cycle{};  ///< of a cycle
};

/// A piece of the curve in two parameters along which one value of one mode is critical and no
/// other mode of the set grows.
struct TransverseCurve {
    Branch branch;            ///< of kind `transverse` or `transverse_of_cycles`
    CriticalValue critical;   ///< where it starts
    ComplexVector pattern{};  ///< there: see `critical_pattern`
};

/// Where the growth of the modes is zero in two parameters, through a start in both directions
/// (`options.direction` is not asked), piece after piece: where another value becomes critical, at
/// a point of type `transverse`, or the frequency of a pair vanishes (`bogdanov_takens`,
/// `resonance_1_1`, `resonance_1_2`), it goes on with that one. The defining systems are those of
/// folds, Hopf points, period doublings and torus points with the linearization of the mode (Pecora
/// & Carroll 1998) in place of the field's own: minimally augmented (Govaerts 2000), with exact
/// derivatives. Empty: nothing is critical at the start.
[[nodiscard]] std::vector<TransverseCurve> follow_transverse(const TransverseCurveProblem& problem,
                                                             const ContinuationOptions& options);

/// Whether one of the pieces passes through the start of a problem.
[[nodiscard]] bool passes_through(const TransverseCurveProblem& problem,
                                  std::span<const TransverseCurve> pieces,
                                  const ContinuationOptions& options);

/// The pattern of the node's states that grows at the start, of unit length and with its largest
/// component real: an eigenvector of A(lambda), or of a cycle one of its monodromy matrix, at the
/// first moment of the profile.
[[nodiscard]] ComplexVector critical_pattern(const TransverseCurveProblem& problem,
                                             const CriticalValue& critical);

}  // namespace cortifold
