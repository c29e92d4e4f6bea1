#pragma once

#include <complex>
#include <string_view>

namespace cortifold {

/// How delays d of connections are distributed.
enum class DelayKind {
    none,
    fixed,
    gaussian,            ///< cut nowhere: part of its mass is at d < 0
    truncated_gaussian,  ///< cut below, at 0 or later
    log_normal
};
[[nodiscard]] std::string_view to_string(DelayKind kind);

/// Mean and standard deviation are those of the delay itself; of a truncated Gaussian, of the
/// Gaussian before it is cut.
struct DelayLaw {
    DelayKind kind = DelayKind::none;
    double mean_ms = 0.0, sd_ms = 0.0;  ///< none reads neither, fixed only the mean
    double low_ms = 0.0;                ///< where a truncated Gaussian is cut
    void validate() const;              ///< throws UsageError
};

/// The probability of d < 0, which makes `gaussian` a law of no delay: 0 of the other kinds.
[[nodiscard]] double negative_mass(const DelayLaw& law);

/// What a delay makes of a perturbation exp(lambda t): the mean of exp(-lambda d), of every kind
/// with this sign. Throws UsageError for `log_normal` at Re lambda < 0, where there is none.
[[nodiscard]] std::complex<double> delay_factor(const DelayLaw& law,
                                                std::complex<double> lambda_per_ms);

}  // namespace cortifold
