#pragma once

#include <cortifold/core/matrix.hpp>
#include <cortifold/core/status.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cortifold {

enum class PointType {
    fold,
    hopf,
    neutral_saddle,
    branch_point,
    fold_of_cycles,
    period_doubling,
    torus,
    branch_point_of_cycles,
    snic,        ///< a saddle-node of equilibria on the cycle
    homoclinic,  ///< a saddle on it
    cusp,
    bogdanov_takens,
    generalized_hopf,
    fold_hopf,
    hopf_hopf,
    cusp_of_cycles,
    generalized_period_doubling,
    chenciner,
    resonance_1_1,  ///< the multipliers of a torus point are a root of 1: the first, ...
    resonance_1_2,
    resonance_1_3,
    resonance_1_4,
    fold_flip,
    fold_torus,
    flip_torus,
    double_torus,
    transverse,  ///< a mode of a network begins or ceases to grow on a synchronous state
    user,        ///< a function of the user is zero
    unresolved   ///< something changes here, and it is not known what
};
[[nodiscard]] std::string_view to_string(PointType type);
/// Of equilibria or of cycles.
[[nodiscard]] constexpr bool is_fold(PointType type) {
    return type == PointType::fold || type == PointType::fold_of_cycles;
}
[[nodiscard]] constexpr bool is_branch_point(PointType type) {
    return type == PointType::branch_point || type == PointType::branch_point_of_cycles;
}

/// What is followed: equilibria or cycles in one parameter, or bifurcations of them in two, or
/// where a mode of a network that is on them begins to grow.
enum class CurveKind {
    equilibrium,
    cycle,
    fold,
    hopf,
    branch_point,
    fold_of_cycles,
    period_doubling,
    torus,
    homoclinic,
    transverse,
    transverse_of_cycles
};
[[nodiscard]] std::string_view to_string(CurveKind kind);

/// A point on a curve: z alone restarts it, the tangent says which way.
struct BranchPoint {
    Vector z{};        ///< the unknowns: states first, then what the problem adds
    Vector frame{};    ///< of a cycle: the mesh of its profile, from 0 to 1
    Vector tangent{};  ///< of unit length in the metric of the run; empty: not known
    std::vector<double> parameters{};  ///< the free ones
    ComplexVector spectrum{};  ///< eigenvalues, decreasing real part; on a curve of bifurcations
                               ///< without the critical ones
    std::optional<int> n_unstable{};  ///< of `spectrum`; none for a fixed_point_map
    Vector tests{};                   ///< a value a test function
    double period = 0.0;              ///< of a cycle
    Vector minimum{}, maximum{};      ///< of each state over a cycle
    Vector spectrum_errors{};         ///< of Floquet exponents, one each, as far as known
    Vector mesh{};                    ///< of `profile`
    Matrix profile{};        ///< of a cycle whose z is none: polynomials as those of collocation
    double arclength = 0.0;  ///< scaled, from the start of the run, growing with the points
    double residual = 0.0;   ///< scaled
    int newton_iterations = 0;
};

struct SpecialPoint {
    PointType type = PointType::unresolved;
    std::string label;     ///< by Labels: type and number; before, of a user's function its name
    BranchPoint at;        ///< z as on the branch
    double error = 0.0;    ///< estimated, in each parameter
    double frequency = 0;  ///< omega / (2 pi), where there is one
    double second_frequency = 0;  ///< of a Hopf-Hopf point
    int multiplicity = 1;         ///< dimension of the critical eigenspace, a pair counted once
    std::map<std::string, double> normal_form;
    std::string scenario;   ///< what the normal form says
    std::string note;       ///< why it is unresolved, or what else is worth knowing
    std::size_t after = 0;  ///< it lies between the points with this number and the next
};

struct Branch {
    CurveKind kind = CurveKind::equilibrium;
    Status status = Status::iteration_limit;
    std::string message;                  ///< a branch that stops early keeps what it has
    std::vector<std::string> parameters;  ///< names of the free ones
    Eigen::Index states = 0;              ///< how many of z, from the first on
    std::vector<BranchPoint> points;
    std::vector<SpecialPoint> special;  ///< in the order of the points
};

/// Turns the branch round: last point first.
void reverse(Branch& branch);

/// Turns it so that it starts at its end with the lower first parameter; of ends with equal
/// parameters at the one with the lower first state. A closed one starts at its lowest parameter
/// value and goes first towards lower first states.
void orient(Branch& branch);

/// Names special points by type and number, in their order, over several branches. A point that an
/// earlier branch passes through, too, keeps its label.
class Labels {
public:
    void name(Branch& branch);

private:
    struct Named {
        PointType type;
        Vector state, sizes;
        std::vector<double> parameters;
        std::string label;
    };
    [[nodiscard]] const Named* find(const SpecialPoint& special, const Vector& sizes) const;

    std::map<std::string, int> counts_;
    std::vector<Named> named_;
};

}  // namespace cortifold
