#pragma once

#include <cortifold/signal/time_series.hpp>

namespace cortifold {

/// How many samples at either end a filter's band leaves out, as the circle that the Fourier
/// transform closes reaches into them: the time over which the filter's response dies out, 1 over
/// the width of its flanks.
[[nodiscard]] Eigen::Index filter_margin(const Band& band, double step);

/// Signals in a band, without shift of phase, with their Hilbert transforms as imaginary parts: the
/// magnitude is the envelope, the argument the phase (Gabor 1946). The gain is 1 in the band and
/// falls to 0 beyond either end over a quarter of its width (but not beyond zero and the Nyquist
/// frequency), along half a period of a cosine. The first and last `filter_margin` rows of the
/// series are left out. Throws UsageError for an impossible band, and where the margins leave
/// nothing.
[[nodiscard]] ComplexMatrix analytic_signal(const TimeSeries& series, const Band& band);

}  // namespace cortifold
