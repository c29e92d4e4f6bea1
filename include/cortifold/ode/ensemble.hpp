#pragma once

#include <cortifold/core/context.hpp>
#include <cortifold/ode/integrate.hpp>

namespace cortifold {

/// Runs that differ by their noise alone.
struct Ensemble {
    std::uint32_t members = 1;  ///< numbered from `noise.member` of the options on
    Context context{};
    /// Told of each jump of a member, counted from 0, from several threads at once.
    std::function<void(std::uint32_t member, std::size_t which, double t)> on_jump{};
    void validate() const;
};

/// Sees (member, t, x), member counted from 0; may stop the run of the member. The calls for one
/// member are in order of time, those for several come from several threads at once.
using EnsembleObserver = std::function<Flow(std::uint32_t member, double t, ConstVectorRef x)>;

/// Integrates every member; its result does not depend on the others or on the threads. `watch` of
/// the options is called from several threads at once too, its `on_jump` is not called.
[[nodiscard]] std::vector<OdeResult> integrate_ensemble(const OdeProblem& problem,
                                                        const OdeOptions& options,
                                                        const Ensemble& ensemble,
                                                        const EnsembleObserver& observer = {});

}  // namespace cortifold
