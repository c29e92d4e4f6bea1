#include "spike_trains.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cortifold {

namespace {

/// Standard deviation of the sample of intervals over their mean.
double variation(const SpikeTrain& train) {
    const auto intervals = static_cast<double>(train.count - 1);
    const double mean = static_cast<double>(train.last - train.first) / intervals;
    const double squares = static_cast<double>(train.squares) - intervals * mean * mean;
    return std::sqrt(std::max(0.0, squares / (intervals - 1.0))) / mean;
}

}  // namespace

void TrainStatistics::add(std::span<const SpikeTrain> trains) {
    for (const SpikeTrain& train : trains) {
        ++neurons_;
        spikes_ += train.count;
        squared_counts_ += train.count * train.count;
        if (train.count == 0) ++silent_;
        if (train.count >= least_spikes_) cvs_.push_back(variation(train));
    }
}

void TrainStatistics::finish(double seconds, PopulationActivity& activity) const {
    activity.spikes = spikes_;
    activity.silent = silent_;
    if (seconds > 0.0 && neurons_ > 0) {
        const auto neurons = static_cast<double>(neurons_);
        const double mean = static_cast<double>(spikes_) / neurons;
        const double variance = static_cast<double>(squared_counts_) / neurons - mean * mean;
        activity.rate_hz = mean / seconds;
        activity.rate_sd_hz = std::sqrt(std::max(0.0, variance)) / seconds;
    }
    if (!cvs_.empty())
        activity.cv_isi =
            std::accumulate(cvs_.begin(), cvs_.end(), 0.0) / static_cast<double>(cvs_.size());
}

}  // namespace cortifold
