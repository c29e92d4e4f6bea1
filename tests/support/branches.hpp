#pragma once

#include "support/series_field.hpp"
#include <cortifold/continuation/equilibrium_curve.hpp>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace cortifold::testing {

/// The branch of equilibria through or near a state, in the first parameter.
inline Branch follow(const std::shared_ptr<const VectorField>& field, const Vector& state,
                     const Vector& parameters, const ContinuationOptions& options = {}) {
    return continue_branch(equilibrium_curve(field, parameters, 0),
                           equilibrium_start(state, parameters[0]), options);
}

inline std::vector<PointType> types(const Branch& branch) {
    std::vector<PointType> list;
    std::ranges::transform(branch.special, std::back_inserter(list), &SpecialPoint::type);
    return list;
}

/// The first parameter at the special points.
inline std::vector<double> places(const Branch& branch) {
    std::vector<double> list;
    std::ranges::transform(branch.special, std::back_inserter(list),
                           [](const SpecialPoint& point) { return point.at.parameters[0]; });
    return list;
}

}  // namespace cortifold::testing
