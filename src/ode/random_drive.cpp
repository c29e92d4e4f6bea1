#include "random_drive.hpp"

#include <cortifold/core/error.hpp>

#include <cmath>

namespace cortifold {

namespace {

/// Where the number of the noise stands in the entity of its stream; the member stands below.
constexpr int member_bits = 32, number_bits = 16;

StreamKey stream(std::size_t number, const NoiseOptions& options) {
    constexpr std::size_t bound = std::size_t{1} << number_bits;
    require(number < bound, "integrate: there may be at most " + std::to_string(bound) +
                                " noises, of field and drives together");
    return {options.seed, StreamPurpose::noise,
            std::uint64_t{number} << member_bits | options.member};
}

}  // namespace

RandomDrive::RandomDrive(const Drive& drive, std::size_t number, const NoiseOptions& options)
    : drive_(drive), rng_(stream(number, options)), refinement_(options.refinement) {
    if (const auto* wave = std::get_if<OrnsteinUhlenbeck>(&drive_.wave))
        begin_ = end_ = wave->mean + wave->sd * rng_.normal(0);
}

void RandomDrive::draw(long step, double width) {
    const double fine = width / refinement_;
    auto draw = static_cast<std::uint64_t>(step) * static_cast<std::uint64_t>(refinement_);
    if (const auto* white = std::get_if<WhiteNoise>(&drive_.wave)) {
        double sum = 0.0;
        for (int k = 0; k < refinement_; ++k) sum += rng_.normal(++draw);
        begin_ = end_ = white->intensity * std::sqrt(fine) * sum / width;
        return;
    }
    // Exact: Gillespie 1996, eq. 3.1
    const auto& wave = std::get<OrnsteinUhlenbeck>(drive_.wave);
    const double memory = std::exp(-fine / wave.tau);
    const double spread = wave.sd * std::sqrt(-std::expm1(-2.0 * fine / wave.tau));
    begin_ = end_;
    for (int k = 0; k < refinement_; ++k)
        end_ = wave.mean + memory * (end_ - wave.mean) + spread * rng_.normal(++draw);
}

}  // namespace cortifold
