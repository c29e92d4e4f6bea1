#pragma once

#include <cortifold/meanfield/delay_roots.hpp>
#include <cortifold/meanfield/rate_network.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace cortifold {

/// How the density of connections falls with distance.
enum class KernelShape {
    boxcar,       ///< constant up to the width: an interval, or a disc
    gaussian,     ///< the width is its standard deviation along each axis
    exponential,  ///< as exp(-distance / width)
};
[[nodiscard]] std::string_view to_string(KernelShape shape);

/// A density of connections over distance, whose integral is 1, on a line or a plane.
struct SpatialKernel {
    KernelShape shape = KernelShape::boxcar;
    double width_mm = 0.0;  ///< 0: all connections are local
    int dimensions = 1;
    void validate() const;  ///< throws UsageError
};
/// Its Fourier transform at a wave number, in radians per mm: 1 at 0.
[[nodiscard]] double kernel_factor(const SpatialKernel& kernel, double wavenumber_per_mm);

/// The feedback on perturbations exp(lambda t + i k x): of each wave number in 1/mm.
using SpatialFeedback = std::function<LinearFeedback(double wavenumber_per_mm)>;

/// Of networks whose projections have a kernel each, in their order; external drives have none.
/// Throws UsageError where numbers do not fit.
[[nodiscard]] SpatialFeedback spatial_feedback(const LifNetwork& network, const WorkingPoint& point,
                                               const std::vector<SpatialKernel>& kernels,
                                               const TransferOptions& options = {});
[[nodiscard]] SpatialFeedback spatial_feedback(const RateNetwork& network,
                                               const std::vector<SpatialKernel>& kernels);

/// What grows from the uniform state (Cross & Hohenberg 1993, Rev. Mod. Phys. 65:851).
enum class SpatialInstability {
    none,
    uniform,  ///< a real root at wave number 0: another state of the same kind
    hopf,     ///< a complex one: oscillations in unison
    turing,   ///< a real root at another wave number: a standing pattern
    wave      ///< a complex one
};
[[nodiscard]] std::string_view to_string(SpatialInstability instability);

struct SpatialMode {
    double wavenumber_per_mm = 0.0;
    CharacteristicRoot root{};  ///< the one with the largest real part in the region
};

struct SpatialDispersion {
    Status status = Status::iteration_limit;
    std::string message = "find_dispersion was not called";
    std::vector<SpatialMode> modes{};  ///< of each wave number that has a root in the region
    SpatialMode leading{};  ///< of all wave numbers, between those given, too; none without modes
    SpatialInstability instability = SpatialInstability::none;  ///< of the leading one
};

/// Leading roots over ascending wave numbers, 0 or more, and the maximum of growth, which is
/// refined between its neighbours. Without a root in a region that holds all that grows there is no
/// instability; no_theory where the region begins above 0 or could not be searched.
[[nodiscard]] SpatialDispersion find_dispersion(const SpatialFeedback& feedback,
                                                ConstVectorRef wavenumbers_per_mm,
                                                const RootRegion& region);

}  // namespace cortifold
