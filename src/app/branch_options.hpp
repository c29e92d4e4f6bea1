#pragma once

#include "system.hpp"
#include <cortifold/continuation/continuation.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cortifold {

/// A parameter that branches are followed in, and between which values.
struct FreeParameter {
    std::size_t number = 0;  ///< among those of the field
    std::string name;        ///< as tables have it
    ContinuationOptions::Bound range;
};

/// [low, high], ascending within the limits of the parameter. Throws ConfigError.
[[nodiscard]] ContinuationOptions::Bound read_bound(const Record& range, const Quantity& parameter);

/// The names of one or two of them and their ranges, as a study gives them.
struct AskedParameters {
    Record::List names, ranges;
};
/// The keys `parameter` and `range`, or `parameters2` and `ranges` for both, or the former for the
/// first and the latter for the second.
[[nodiscard]] AskedParameters read_asked_parameters(ConfigReader& options);
[[nodiscard]] std::vector<FreeParameter> free_parameters(const AskedParameters& asked,
                                                         const Study& study,
                                                         const VectorField& field);

/// Throws ConfigError where a start lies outside the range of a parameter.
void check_inside(const FreeParameter& parameter, const Vector& parameters,
                  const SourceLine& where);

/// The type of special points with that name; none where there is no such type.
[[nodiscard]] std::optional<PointType> find_point_type(std::string_view name);

/// The step control of a branch: all options but direction, bounds, tests and observer.
[[nodiscard]] ContinuationOptions read_continuation_options(ConfigReader& options);

}  // namespace cortifold
