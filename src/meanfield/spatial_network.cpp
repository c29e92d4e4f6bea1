#include <cortifold/core/error.hpp>
#include <cortifold/meanfield/spatial_network.hpp>

#include <algorithm>
#include <cmath>

namespace cortifold {

namespace {

using Complex = std::complex<double>;

constexpr double golden = 0.381966011250105152;
/// Of an interval of wave numbers: growth is flat at its maximum, and more is rounding.
constexpr double finest = 1e-8;

std::optional<CharacteristicRoot> leading_root(const CharacteristicRoots& found) {
    if (found.roots.empty() || found.status == Status::singular_jacobian) return std::nullopt;
    return found.roots.front();
}

void require_kernels(std::size_t projections, const std::vector<SpatialKernel>& kernels) {
    require(kernels.size() == projections, "a kernel for each of " + std::to_string(projections) +
                                               " projections is needed, there are " +
                                               std::to_string(kernels.size()));
    for (const SpatialKernel& kernel : kernels) kernel.validate();
}

SpatialInstability kind_of(const SpatialMode& mode) {
    if (!(mode.root.lambda_per_ms.real() > 0.0)) return SpatialInstability::none;
    const bool real = mode.root.lambda_per_ms.imag() == 0.0;
    if (mode.wavenumber_per_mm == 0.0)
        return real ? SpatialInstability::uniform : SpatialInstability::hopf;
    return real ? SpatialInstability::turing : SpatialInstability::wave;
}

}  // namespace

std::string_view to_string(KernelShape shape) {
    switch (shape) {
        case KernelShape::boxcar: return "boxcar";
        case KernelShape::gaussian: return "gaussian";
        case KernelShape::exponential: break;
    }
    return "exponential";
}

std::string_view to_string(SpatialInstability instability) {
    switch (instability) {
        case SpatialInstability::none: return "none";
        case SpatialInstability::uniform: return "uniform";
        case SpatialInstability::hopf: return "hopf";
        case SpatialInstability::turing: return "turing";
        case SpatialInstability::wave: break;
    }
    return "wave";
}

void SpatialKernel::validate() const {
    require(width_mm >= 0.0 && std::isfinite(width_mm),
            "width_mm = " + std::to_string(width_mm) + " must be 0 or more");
    require(dimensions == 1 || dimensions == 2,
            "dimensions = " + std::to_string(dimensions) + " must be 1 or 2");
}

double kernel_factor(const SpatialKernel& kernel, double wavenumber_per_mm) {
    const double x = std::abs(wavenumber_per_mm * kernel.width_mm);
    const bool line = kernel.dimensions == 1;
    switch (kernel.shape) {
        case KernelShape::boxcar:
            if (x == 0.0) return 1.0;
            return line ? std::sin(x) / x : 2.0 * std::cyl_bessel_j(1.0, x) / x;
        case KernelShape::gaussian: return std::exp(-0.5 * x * x);
        case KernelShape::exponential: break;
    }
    return line ? 1.0 / (1.0 + x * x) : std::pow(1.0 + x * x, -1.5);
}

SpatialFeedback spatial_feedback(const LifNetwork& network, const WorkingPoint& point,
                                 const std::vector<SpatialKernel>& kernels,
                                 const TransferOptions& options) {
    require_kernels(network.projections.size(), kernels);
    return [=](double wavenumber) {
        LifNetwork at = network;
        for (std::size_t k = 0; k < kernels.size(); ++k)
            at.projections[k].weight_mV *= kernel_factor(kernels[k], wavenumber);
        return feedback_of(at, point, options);
    };
}

SpatialFeedback spatial_feedback(const RateNetwork& network,
                                 const std::vector<SpatialKernel>& kernels) {
    require_kernels(network.projections.size(), kernels);
    return [=](double wavenumber) {
        RateNetwork at = network;
        for (std::size_t k = 0; k < kernels.size(); ++k)
            at.projections[k].weight *= kernel_factor(kernels[k], wavenumber);
        return feedback_of(at);
    };
}

SpatialDispersion find_dispersion(const SpatialFeedback& feedback,
                                  ConstVectorRef wavenumbers_per_mm, const RootRegion& region) {
    region.validate();
    require(wavenumbers_per_mm.size() > 0 && wavenumbers_per_mm[0] >= 0.0 &&
                wavenumbers_per_mm.allFinite() &&
                std::ranges::adjacent_find(wavenumbers_per_mm, std::greater_equal{}) ==
                    wavenumbers_per_mm.end(),
            "wave numbers must ascend from 0 or more");
    SpatialDispersion result;
    bool all_searched = true;
    const auto at = [&](double wavenumber) {
        const CharacteristicRoots found = find_characteristic_roots(feedback(wavenumber), region);
        all_searched = all_searched && succeeded(found.status);
        return leading_root(found);
    };
    for (const double wavenumber : wavenumbers_per_mm)
        if (const auto root = at(wavenumber)) result.modes.push_back({wavenumber, *root});
    if (result.modes.empty()) {
        const bool decays = all_searched && region.low <= 0.0;
        result.status = decays ? Status::converged : Status::no_theory;
        result.message = std::string("no wave number has a root in the region") +
                         (decays ? ": nothing grows there" : "");
        return result;
    }
    const auto growth = [](const SpatialMode& mode) { return mode.root.lambda_per_ms.real(); };
    const auto top = std::ranges::max_element(result.modes, {}, growth);
    result.leading = *top;
    if (top != result.modes.begin() && top + 1 != result.modes.end()) {
        double low = (top - 1)->wavenumber_per_mm, high = (top + 1)->wavenumber_per_mm;
        const double least = finest * (high - low);
        SpatialMode middle = *top;
        while (high - low > least) {  // golden section
            const bool right = high - middle.wavenumber_per_mm > middle.wavenumber_per_mm - low;
            const double next = middle.wavenumber_per_mm +
                                golden * ((right ? high : low) - middle.wavenumber_per_mm);
            const auto root = at(next);
            if (root && root->lambda_per_ms.real() > growth(middle)) {
                (right ? low : high) = middle.wavenumber_per_mm;
                middle = {next, *root};
            } else {
                (right ? high : low) = next;
            }
        }
        result.leading = middle;
    }
    result.instability = kind_of(result.leading);
    result.status = Status::converged;
    result.message = std::to_string(result.modes.size()) + " wave numbers, the leading one " +
                     std::to_string(result.leading.wavenumber_per_mm) +
                     " 1/mm: " + std::string(to_string(result.instability));
    return result;
}

}  // namespace cortifold
