#pragma once

#include <cortifold/continuation/continuation.hpp>
#include <cortifold/meanfield/spatial_network.hpp>

#include <array>
#include <functional>
#include <string>
#include <vector>

namespace cortifold {

/// The feedback at values of two quantities of a spatial network. An empty one where there is no
/// state.
using SpatialPlane = std::function<SpatialFeedback(const std::array<double, 2>& values)>;

/// Where the largest growth of all wave numbers is zero: det(1 - M(i omega, k)) = 0 with
/// Re dlambda/dk = 0 unless k = 0.
struct SpatialOnset {
    Status status = Status::iteration_limit;
    std::string message = "find_spatial_onsets was not called";
    SpatialInstability kind = SpatialInstability::none;
    std::array<double, 2> values{};
    double wavenumber_per_mm = 0.0, frequency_hz = 0.0;
    double residual = 0.0;  ///< |mu - 1| of the eigenvalue mu of M, and of k dlambda/dk in 1/ms
};

/// Values of one of the two quantities, ascending, at a value of the other.
struct PlaneLine {
    Vector values{};
    std::size_t along = 0;  ///< 0 or 1
    double other = 0.0;
};
/// Between neighbours on a line of which the leading modes grow at one and decay at the other; of
/// several onsets between them one is found; a value without roots in the region is passed over.
/// Those that Newton's method does not reach have another status. Throws UsageError where values do
/// not ascend.
[[nodiscard]] std::vector<SpatialOnset> find_spatial_onsets(const SpatialPlane& plane,
                                                            const PlaneLine& line,
                                                            ConstVectorRef wavenumbers_per_mm,
                                                            const RootRegion& region);

/// The curve of such onsets through one of them, for continue_branch: unknowns are k in 1/mm and
/// omega in 1/ms, each unless it is 0 by the kind, and both quantities. A curve is of an extremum
/// of growth over k: another wave number may have come to grow before.
[[nodiscard]] CurveStart spatial_onset_curve(const SpatialPlane& plane, const SpatialOnset& onset,
                                             const std::array<Quantity, 2>& quantities);

/// What a point of such a curve says.
[[nodiscard]] SpatialOnset onset_at(SpatialInstability kind, ConstVectorRef z);

}  // namespace cortifold
