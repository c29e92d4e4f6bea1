#pragma once

#include <cortifold/core/matrix.hpp>

#include <optional>

namespace cortifold {

/// An exponential phase of a positive signal: s ~ exp(rate t) for t in [from, to].
struct Growth {
    double rate = 0.0;  ///< in 1/T
    double spread =
        0.0;  ///< half the difference of the rates of the window's halves: an error estimate
    double from = 0.0, to = 0.0;
};

/// Least squares of log s over the longest rise of s (or fall, where it only falls), leaving out
/// the decay of other modes at its beginning and the saturation at its end. Nothing where s covers
/// less than three decades, or where the spread exceeds the rate.
[[nodiscard]] std::optional<Growth> fit_growth(ConstVectorRef t, ConstVectorRef s);

}  // namespace cortifold
