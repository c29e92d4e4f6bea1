#pragma once

#include <cortifold/continuation/cycle.hpp>

namespace cortifold {

/// For a cycle of about this period, during which a drive may go round several times. Throws
/// UsageError where it is shorter than a turn.
[[nodiscard]] CycleOptions for_period(CycleOptions options, const Vector& parameters,
                                      double period);

}  // namespace cortifold
