#pragma once

#include "cycle_options.hpp"
#include "initial_state.hpp"

namespace cortifold {

/// What a branch of cycles starts from, of a system with these parameters.
struct CycleOrigin {
    const System& system;
    std::shared_ptr<const VectorField> field;  ///< of the system, with threads
    std::size_t free;                          ///< the parameter that changes
};

/// Where cycles start; where there is no start a status says why.
struct CycleStarts {
    std::vector<CurveStart> curves;
    Status status = Status::converged;
    std::string message;
};

/// A file with one orbit: a heading `t, E, I`, as of a table that `simulate` writes, then a row a
/// time over one period. Further columns are passed over. Throws ConfigError.
[[nodiscard]] Orbit read_orbit(const std::filesystem::path& file, const VectorField& field);

/// The cycle through an orbit that nearly closes, with the states of one node or of the system.
[[nodiscard]] CycleStarts cycles_of_orbit(const CycleOrigin& origin, const Orbit& orbit,
                                          const CycleOptions& options);
/// The cycle that a simulation settles on.
[[nodiscard]] CycleStarts cycles_of_simulation(const CycleOrigin& origin, const Vector& initial,
                                               const CycleOptions& options);

/// Whether cycles are born at a point: it is a Hopf point of equilibria.
[[nodiscard]] bool is_hopf_point(const LabelledPoint& point);

/// The branch through a cycle or from a Hopf point; `switched`: what leaves it there.
[[nodiscard]] std::vector<CurveStart> cycles_of_label(const CycleOrigin& origin,
                                                      const LabelledPoint& point, bool switched,
                                                      const CycleOptions& options);
/// Curves of bifurcations of cycles through a point, in two parameters.
[[nodiscard]] std::vector<CurveStart> cycle_curves_of_label(const CycleOrigin& origin,
                                                            std::size_t second,
                                                            const LabelledPoint& point,
                                                            const CycleOptions& options);

}  // namespace cortifold
