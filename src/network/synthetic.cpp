#include <cortifold/core/error.hpp>
#include <cortifold/core/rng.hpp>
#include <cortifold/network/connectome.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <functional>
#include <numbers>
#include <string>
#include <vector>

namespace cortifold {

namespace {

using Eigen::Index, Eigen::Vector3d;

// An ellipsoid of the size of a human brain in MNI space; the right half of it starts at the gap.
const Vector3d centre_mm{0.0, -18.0, 10.0}, semi_axes_mm{68.0, 88.0, 60.0};
constexpr double medial_gap_mm = 4.0;
/// Regions lie between this fraction of the way out and the surface.
constexpr double innermost = 0.6;
constexpr int most_regions = 20000;
/// Positions and lengths have one digit after the point, weights six significant ones: short files,
/// and equal ones where the exponential of the C library differs in its last place.
constexpr double steps_per_mm = 10.0;
constexpr int weight_digits = 6;

double round_length(double mm) {
    return std::round(mm * steps_per_mm) / steps_per_mm;
}

double round_weight(double weight) {
    std::array<char, 32> text;
    const auto end =
        std::to_chars(text.begin(), text.end(), weight, std::chars_format::general, weight_digits);
    std::from_chars(text.begin(), end.ptr, weight);
    return weight;
}

/// Draws of the pair (i, j), i < j; those of region i are under the pair (i, i).
CounterRng random_of(const SyntheticOptions& options, Index i, Index j) {
    return CounterRng({options.seed, StreamPurpose::connectome,
                       static_cast<std::uint64_t>(i) * static_cast<std::uint64_t>(options.regions) +
                           static_cast<std::uint64_t>(j)});
}

/// Region k of the right hemisphere: golden-angle points, equally dense on a half sphere since
/// heights are uniform (Archimedes), drawn inwards at random and stretched to the ellipsoid.
Vector3d right_position(const SyntheticOptions& options, Index k) {
    constexpr double golden_angle = 2.0 * std::numbers::pi * (2.0 - std::numbers::phi);
    const double height = (static_cast<double>(k) + 0.5) / (0.5 * options.regions);
    const double angle = golden_angle * static_cast<double>(k);
    const double ring = std::sqrt(1.0 - height * height);
    const Vector3d direction{height, ring * std::cos(angle), ring * std::sin(angle)};
    const double depth = random_of(options, k, k).uniform(0);
    const double out = innermost + (1.0 - innermost) * depth;
    const Vector3d offset = out * semi_axes_mm.cwiseProduct(direction);
    return (centre_mm + offset + Vector3d(medial_gap_mm, 0.0, 0.0)).unaryExpr(&round_length);
}

std::string label(char side, Index number, Index largest) {
    const std::string digits = std::to_string(number);
    return side + std::string(std::to_string(largest).size() - digits.size(), '0') + digits;
}

/// Left, then right in the same order, the left the mirror image of the right.
std::vector<Region> make_regions(const SyntheticOptions& options) {
    const Index half = options.regions / 2;
    std::vector<Region> left, right;
    for (Index k = 0; k < half; ++k) {
        const Vector3d position = right_position(options, k);
        const Vector3d mirrored = position.cwiseProduct(Vector3d(-1.0, 1.0, 1.0));
        left.push_back({label('L', k + 1, half), mirrored, Hemisphere::left});
        right.push_back({label('R', k + 1, half), position, Hemisphere::right});
    }
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

Matrix distances(const std::vector<Region>& regions) {
    const auto n = static_cast<Index>(regions.size());
    return Matrix::NullaryExpr(n, n, [&](Index i, Index j) {
        return round_length((regions[static_cast<std::size_t>(i)].position_mm -
                             regions[static_cast<std::size_t>(j)].position_mm)
                                .norm());
    });
}

/// The weight of a pair before spread.
double mean_weight(const SyntheticOptions& options, Index i, Index j, double length_mm) {
    const Index half = options.regions / 2;
    if (j == i + half) return options.homotopic_weight;
    const double decayed = std::exp(-length_mm / options.decay_length_mm);
    return i < half && j >= half ? options.callosal_fraction * decayed : decayed;
}

struct Pair {
    Index i, j;
    double weight;
};

/// All pairs i < j, the strongest first.
std::vector<Pair> weigh_pairs(const SyntheticOptions& options, const Matrix& lengths_mm) {
    std::vector<Pair> pairs;
    for (Index i = 0; i < options.regions; ++i)
        for (Index j = i + 1; j < options.regions; ++j) {
            const double factor = std::exp(options.spread * random_of(options, i, j).normal(0));
            const double mean = mean_weight(options, i, j, lengths_mm(i, j));
            pairs.push_back({i, j, round_weight(mean * factor)});
        }
    std::ranges::stable_sort(pairs, std::greater{}, &Pair::weight);
    return pairs;
}

SparseMatrix symmetric_matrix(Index n, const std::vector<Pair>& pairs) {
    std::vector<Eigen::Triplet<double>> entries;
    for (const Pair& pair : pairs) {
        entries.emplace_back(pair.i, pair.j, pair.weight);
        entries.emplace_back(pair.j, pair.i, pair.weight);
    }
    SparseMatrix weights(n, n);
    weights.setFromTriplets(entries.begin(), entries.end());
    return weights;
}

void require_between(double value, double low, double high, const char* name) {
    require(value >= low && value <= high,
            std::string("synthetic connectome: ") + name + " = " + std::to_string(value) +
                " must be between " + std::to_string(low) + " and " + std::to_string(high));
}

}  // namespace

void SyntheticOptions::validate() const {
    require(regions >= 2 && regions <= most_regions && regions % 2 == 0,
            "synthetic connectome: regions = " + std::to_string(regions) +
                " must be even, at least 2 and at most " + std::to_string(most_regions));
    require_between(decay_length_mm, 1.0, 1000.0, "decay_length_mm");
    require_between(spread, 0.0, 5.0, "spread");
    require_between(homotopic_weight, 0.0, 100.0, "homotopic_weight");
    require_between(callosal_fraction, 0.0, 100.0, "callosal_fraction");
    require_between(density, 0.0, 1.0, "density");
}

Connectome generate_connectome(const SyntheticOptions& options) {
    options.validate();
    Connectome connectome;
    connectome.regions = make_regions(options);
    connectome.has_positions = true;
    connectome.lengths_mm = distances(connectome.regions);
    std::vector<Pair> pairs = weigh_pairs(options, connectome.lengths_mm);
    pairs.resize(static_cast<std::size_t>(options.density * static_cast<double>(pairs.size())));
    connectome.weights = symmetric_matrix(options.regions, pairs);
    connectome.source = "synthetic connectome of " + std::to_string(options.regions) +
                        " regions, seed " + std::to_string(options.seed);
    return connectome;
}

}  // namespace cortifold
