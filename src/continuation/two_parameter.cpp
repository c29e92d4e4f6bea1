#include "branch_point_system.hpp"
#include "defining_systems.hpp"
#include <cortifold/continuation/two_parameter.hpp>
#include <cortifold/core/error.hpp>

#include <algorithm>

namespace cortifold {

namespace {

constexpr double offset = 1e-3;  ///< of a start from a Bogdanov-Takens point, scaled

using Field = std::shared_ptr<const VectorField>;
using Pair = std::array<std::size_t, 2>;

template <class System, class... Arguments>
CurveStart start_on(const Field& field, const Bifurcation& at, const Pair& free, double added,
                    Arguments... arguments) {
    auto system = std::make_shared<System>(field, at.parameters,
                                           std::vector(free.begin(), free.end()), arguments...);
    BranchPoint point{.z = Vector(system->unknowns())};
    const Eigen::Index n = at.state.size();
    point.z.head(n) = at.state;
    for (const Eigen::Index k : {0, 1})
        point.z[n + k] =
            at.parameters[static_cast<Eigen::Index>(free[static_cast<std::size_t>(k)])];
    point.z.tail(point.z.size() - n - 2).setConstant(added);
    return {std::move(system), std::move(point)};
}

/// How many eigenvalues are zero at a branch point.
int multiplicity(const VectorField& field, const Bifurcation& at) {
    BranchPoint point;
    add_spectrum({field, at.state, at.parameters, jacobian(field, at.state, at.parameters)}, point);
    return std::max(1, count_equal(point.spectrum, 0.0));
}

/// From a Bogdanov-Takens point the Hopf points lie where kappa grows; the other way are neutral
/// saddles.
void point_to_growing_kappa(CurveStart& start) {
    ZeroProblem& system = *start.problem;
    const Eigen::Index last = system.unknowns() - 1;
    Vector row = Vector::Zero(system.unknowns());
    row[last] = 1.0;
    system.prepare(start.point);
    const Vector scales = system.scales_at(start.point.z);
    Vector tangent = row;
    system.linearize(start.point.z, row, scales).bordered->solve(tangent);
    if (!tangent.allFinite()) return;
    start.point.tangent = tangent;
    // At the point itself kappa is zero, which is where the curve ends.
    start.point.z += offset / tangent.cwiseQuotient(scales).norm() * tangent;
    start.way = Direction::along;
}

}  // namespace

std::vector<CurveStart> curves_through(const Field& field, const Bifurcation& at,
                                       const Pair& free) {
    require(at.state.size() == field->dimension(),
            "a curve of bifurcations: the state has " + std::to_string(at.state.size()) +
                " components, the field " + std::to_string(field->dimension()));
    require(at.parameters.size() == static_cast<Eigen::Index>(field->parameters().size()),
            "a curve of bifurcations: " + std::to_string(at.parameters.size()) +
                " parameters were given, the field has " +
                std::to_string(field->parameters().size()));
    require(free[0] != free[1], "a curve of bifurcations needs two parameters, not one twice");
    const auto fold = [&] { return start_on<FoldSystem>(field, at, free, 0.0); };
    const auto hopf = [&](double omega) {
        return start_on<HopfSystem>(field, at, free, omega * omega);
    };
    std::vector<CurveStart> starts;
    switch (at.type) {
        case PointType::fold:
        case PointType::cusp: starts.push_back(fold()); break;
        case PointType::hopf:
        case PointType::generalized_hopf: starts.push_back(hopf(at.omega)); break;
        case PointType::branch_point:
            starts.push_back(
                start_on<BranchPointSystem>(field, at, free, 0.0, multiplicity(*field, at)));
            break;
        case PointType::bogdanov_takens:
            starts.push_back(fold());
            starts.push_back(hopf(0.0));
            point_to_growing_kappa(starts.back());
            break;
        case PointType::fold_hopf:
            starts.push_back(fold());
            starts.push_back(hopf(at.omega));
            break;
        case PointType::hopf_hopf:
            starts.push_back(hopf(at.omega));
            starts.push_back(hopf(at.second_omega));
            break;
        default: break;
    }
    return starts;
}

}  // namespace cortifold
