#include <cortifold/core/error.hpp>
#include <cortifold/signal/time_series.hpp>

#include <cmath>
#include <sstream>

namespace cortifold {

namespace {

constexpr double step_tolerance = 1e-6;       // of a step
constexpr double rounding_of_states = 1e-12;  // of their largest magnitude

}  // namespace

void require_band(const Band& band, double step) {
    if (band.low > 0.0 && band.low < band.high && band.high <= 0.5 / step) return;
    std::ostringstream message;
    message << "the band [" << band.low << ", " << band.high
            << "] must have 0 < low < high <= " << 0.5 / step
            << ", the Nyquist frequency of samples " << step << " apart";
    require(false, message.str());
}

std::optional<double> uniform_step(ConstVectorRef times) {
    const Eigen::Index steps = times.size() - 1;
    if (steps < 1) return std::nullopt;
    const double step = (times[steps] - times[0]) / static_cast<double>(steps);
    if (!(step > 0.0)) return std::nullopt;
    const Vector even = Vector::LinSpaced(times.size(), times[0], times[steps]);
    if (!((times - even).cwiseAbs().maxCoeff() <= step_tolerance * step)) return std::nullopt;
    return step;
}

bool is_constant(ConstVectorRef signal) {
    return signal.maxCoeff() - signal.minCoeff() <=
           rounding_of_states * signal.cwiseAbs().maxCoeff();
}

Matrix without_spatial_mean(ConstMatrixRef values) {
    return values.colwise() - values.rowwise().mean();
}

}  // namespace cortifold
