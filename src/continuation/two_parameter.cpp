#include "defining_systems.hpp"
#include <cortifold/continuation/two_parameter.hpp>

namespace cortifold {

namespace {

constexpr double offset = 1e-3;  ///< of a start from a Bogdanov-Takens point, scaled

using Fields = std::shared_ptr<const VectorField>;
using Pair = std::array<std::size_t, 2>;

template <class System>
CurveStart start_on(const Fields& field, const Bifurcation& at, const Pair& free, double added) {
    auto system =
        std::make_shared<System>(field, at.parameters, std::vector(free.begin(), free.end()));
    BranchPoint point{.z = Vector(system->unknowns())};
    const Eigen::Index n = at.state.size();
    point.z.head(n) = at.state;
    for (const Eigen::Index k : {0, 1})
        point.z[n + k] =
            at.parameters[static_cast<Eigen::Index>(free[static_cast<std::size_t>(k)])];
    if (point.z.size() > n + 2) point.z[n + 2] = added;
    return {std::move(system), std::move(point)};
}

/// From a Bogdanov-Takens point the Hopf points lie where kappa grows; the other way are neutral
/// saddles.
void point_to_growing_kappa(CurveStart& start) {
    ZeroProblem& system = *start.problem;
    const Eigen::Index last = system.unknowns() - 1;
    Vector row = Vector::Zero(system.unknowns());
    row[last] = 1.0;
    system.prepare(start.point);
    const Vector scales = start.point.z.cwiseAbs().cwiseMax(system.scale_floor());
    Vector tangent = row;
    system.linearize(start.point.z, row, scales).bordered->solve(tangent);
    if (!tangent.allFinite()) return;
    start.point.tangent = tangent;
    // At the point itself kappa is zero, which is where the curve ends.
    start.point.z += offset / tangent.cwiseQuotient(scales).norm() * tangent;
    start.way = Direction::along;
}

}  // namespace

std::vector<CurveStart> curves_through(const Fields& field, const Bifurcation& at,
                                       const Pair& free) {
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
            starts.push_back(start_on<BranchPointSystem>(field, at, free, 0.0));
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
