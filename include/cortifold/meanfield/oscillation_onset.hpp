#pragma once

#include <cortifold/continuation/continuation.hpp>
#include <cortifold/meanfield/delay_roots.hpp>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace cortifold {

/// Where self-consistent rates of a LIF network begin to oscillate together: a pair of roots of
/// det(1 - M) at lambda = +-i omega.
struct OscillationOnset {
    Status status = Status::iteration_limit;
    std::string message = "find_oscillation_onset was not called";
    double value = 0.0;  ///< of the parameter
    double frequency_hz = 0.0;
    Vector rates_hz{};
    double residual = 0.0;   ///< |mu - 1| of the eigenvalue mu of M, and of the rates, relative
    int unstable_roots = 0;  ///< on the side of `high`
};

struct ParameterRange {
    double low = 0.0, high = 0.0;
};

/// Between two values of a parameter of the network's field (see make_mean_field), which have
/// different numbers of unstable roots: of several onsets one is found. The theory of the rates is
/// that of the options. no_theory where both ends have equally many, or where a real root crosses:
/// that is a fold of the rates, and `make_mean_field` has it. Throws UsageError for an unknown
/// parameter or a bad range.
[[nodiscard]] OscillationOnset find_oscillation_onset(const LifNetwork& network,
                                                      std::string_view parameter,
                                                      const ParameterRange& range,
                                                      const TransferOptions& options = {});

/// All onsets that counts of unstable roots tell apart at the ends of as many equal intervals, by
/// ascending parameter. Throws UsageError as above.
[[nodiscard]] std::vector<OscillationOnset> find_oscillation_onsets(
    const LifNetwork& network, std::string_view parameter, const ParameterRange& range,
    int intervals, const TransferOptions& options = {});

/// The curve of onsets in two parameters through one that was found along the first, for
/// continue_branch: unknowns are rates in Hz, both parameters, and omega in 1/ms. It ends at a
/// special point of type bogdanov_takens where omega vanishes, on a fold of the rates. The steps of
/// the corrector have differences for derivatives of M, so that only their rate of convergence
/// rests on these.
[[nodiscard]] CurveStart oscillation_onset_curve(const LifNetwork& network,
                                                 const OscillationOnset& onset,
                                                 const std::array<std::string_view, 2>& parameters,
                                                 const TransferOptions& options = {});
/// With what frequency rates oscillate at a point of that curve.
[[nodiscard]] double onset_frequency_hz(const BranchPoint& point);

}  // namespace cortifold
