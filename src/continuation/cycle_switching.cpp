#include "cycle_critical.hpp"

namespace cortifold {

std::vector<CurveStart> cycles_at(const std::shared_ptr<const VectorField>& field,
                                  const Vector& parameters, std::size_t free,
                                  const SpecialPoint& at, const CycleOptions& options) {
    (void)field, (void)parameters, (void)free, (void)at, (void)options;
    return {};
}

std::vector<CurveStart> cycle_curves_through(const std::shared_ptr<const VectorField>& field,
                                             const Vector& parameters,
                                             const std::array<std::size_t, 2>& free,
                                             const SpecialPoint& at, const CycleOptions& options) {
    (void)field, (void)parameters, (void)free, (void)at, (void)options;
    return {};
}

}  // namespace cortifold
