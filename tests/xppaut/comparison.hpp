#pragma once

#include "xppaut/program.hpp"

#include <functional>
#include <string>

namespace cortifold {

/// Two runs of XPPAUT and two of ours. What each pair differs by says how far the numbers can be
/// trusted: `refined` is XPPAUT itself with a finer step or tolerance (none where it uses the very
/// method of ours), `perturbed` starts apart from `ours` by the last printed digit.
struct Runs {
    const Columns& xppaut;
    const Columns* refined = nullptr;
    const Columns &ours, &perturbed;
    /// |a - b| in a column, which may be an angle.
    std::function<double(double a, double b, Eigen::Index column)> distance;
};

struct Agreement {
    bool holds = true;
    Eigen::Index rows = 0;    ///< compared
    double until = 0.0;       ///< the time up to which
    double difference = 0.0;  ///< the largest, of the size of its column
    double allowed = 0.0;     ///< where it stands
    std::string where;        ///< of the first disagreement
};

/// Row by row of equal time, as long as what may differ is small; nothing is tuned to a model.
[[nodiscard]] Agreement compare(const Runs& runs);

/// By how much the printed digits let each state differ at the start.
[[nodiscard]] Vector last_digits(const Columns& run, Eigen::Index states);

}  // namespace cortifold
