#include "analytic_zeros.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <numbers>
#include <utility>

namespace cortifold {

namespace {

using Complex = std::complex<double>;
constexpr double epsilon = std::numeric_limits<double>::epsilon();

/// Of the least value among three: how far the middle one may be from the mean of the others.
constexpr double nearly_linear = 0.2;
/// And how far the others from each other: less than 60 degrees of turn.
constexpr double nearly_constant = 0.9;
constexpr int most_halvings = 40;
constexpr std::size_t most_points = 20'000;
constexpr int most_rectangles = 20000;
/// Where a rectangle is cut: elsewhere, if a zero is in the way.
constexpr std::array cuts{0.5, 0.43, 0.57, 0.36, 0.64};
/// Zeros closer than this part of their size are counted as one.
constexpr double one_zero = 1e-4;
constexpr int most_secants = 50;
constexpr double first_secant = 1e-3;  ///< of a rectangle

ComplexVector to_vector(const std::vector<Complex>& values) {
    return Eigen::Map<const ComplexVector>(values.data(), std::ssize(values));
}

bool is_resolved(Complex a, Complex middle, Complex b) {
    const double least = std::min({std::abs(a), std::abs(middle), std::abs(b)});
    return std::abs(middle - 0.5 * (a + b)) <= nearly_linear * least &&
           std::abs(b - a) <= nearly_constant * least;
}

struct Border {
    double turns = 0.0;
    Complex moment{};  ///< the sum of all zeros inside
};

/// Counterclockwise.
std::optional<Border> go_around(const AnalyticFunction& function, const Rectangle& at, int pieces) {
    const std::array corners{at.low, Complex(at.high.real(), at.low.imag()), at.high,
                             Complex(at.low.real(), at.high.imag()), at.low};
    Border border;
    for (std::size_t side = 0; side + 1 < corners.size(); ++side) {
        const auto line = trace_line(function, corners[side], corners[side + 1], pieces);
        if (!line) return std::nullopt;
        for (std::size_t k = 0; k + 1 < line->points.size(); ++k) {
            const Complex growth = std::log(line->values[k + 1] / line->values[k]);
            border.turns += growth.imag();
            border.moment += 0.5 * (line->points[k] + line->points[k + 1]) * growth;
        }
    }
    border.turns /= 2.0 * std::numbers::pi;
    border.moment /= Complex(0.0, 2.0 * std::numbers::pi);
    return border;
}

class ZeroSearch {
public:
    ZeroSearch(const AnalyticFunction& function, double scale, int pieces)
        : function_(function), scale_(scale), pieces_(pieces) {}

    AnalyticZeros run(const Rectangle& inside) {
        AnalyticZeros result;
        const auto border = go_around(function_, inside, pieces_);
        if (!border) {
            result.status = Status::singular_jacobian;
            return result;
        }
        result.count = static_cast<int>(std::lround(border->turns));
        std::vector<std::pair<Rectangle, Border>> open{{inside, *border}};
        int looked_at = 0;
        while (!open.empty()) {
            if (++looked_at > most_rectangles) return result;
            const auto [rectangle, known] = open.back();
            open.pop_back();
            const int count = static_cast<int>(std::lround(known.turns));
            if (count <= 0) continue;
            const Complex mean = known.moment / static_cast<double>(count);
            if (count == 1)
                if (const auto zero = polish(rectangle, mean)) {
                    result.zeros.push_back(*zero);
                    continue;
                }
            if (rectangle.size() < one_zero * scale_) {
                result.zeros.push_back({mean, rectangle.size(), count});
                continue;
            }
            if (!divide(rectangle, open)) return result;
        }
        int found = 0;
        for (const AnalyticZero& zero : result.zeros) found += zero.multiplicity;
        if (found == result.count) result.status = Status::converged;
        return result;
    }

private:
    /// Across the longer side.
    bool divide(const Rectangle& at, std::vector<std::pair<Rectangle, Border>>& open) const {
        const Complex size = at.high - at.low;
        const bool across = size.real() > size.imag();
        for (const double cut : cuts) {
            Rectangle first = at, second = at;
            if (across) {
                const double x = at.low.real() + cut * size.real();
                first.high.real(x);
                second.low.real(x);
            } else {
                const double y = at.low.imag() + cut * size.imag();
                first.high.imag(y);
                second.low.imag(y);
            }
            const int half = std::max(2, pieces_ / 2);
            const auto of_first = go_around(function_, first, half);
            const auto of_second = of_first ? go_around(function_, second, half) : std::nullopt;
            if (!of_second) continue;
            open.emplace_back(first, *of_first);
            open.emplace_back(second, *of_second);
            return true;
        }
        return false;
    }

    [[nodiscard]] Complex value(Complex z) const {
        return function_(ComplexVector::Constant(1, z))[0];
    }

    /// None where the secants leave the rectangle or do not end.
    [[nodiscard]] std::optional<AnalyticZero> polish(const Rectangle& inside, Complex guess) const {
        Complex before = guess, at = guess + first_secant * (inside.high - inside.low);
        if (!inside.contains(before) || !inside.contains(at)) return std::nullopt;
        Complex value_before = value(before), value_at = value(at);
        double last = inside.size();
        for (int k = 0; k < most_secants; ++k) {
            if (value_at == 0.0 || value_at == value_before)
                return AnalyticZero{at, std::max(last, epsilon * std::abs(at))};
            const Complex step = -value_at * (at - before) / (value_at - value_before);
            const Complex next = at + step;
            if (!std::isfinite(std::abs(next)) || !inside.contains(next)) return std::nullopt;
            // Steps shrink until rounding is all that is left of them.
            const double length = std::abs(step), rounding = 8.0 * epsilon * std::abs(next);
            if (length <= rounding || (length >= last && length < one_zero * scale_))
                return AnalyticZero{next, std::max(length, rounding)};
            before = std::exchange(at, next);
            value_before = std::exchange(value_at, value(next));
            last = length;
        }
        return std::nullopt;
    }

    const AnalyticFunction& function_;
    double scale_;
    int pieces_;
};

}  // namespace

double TracedLine::turn() const {
    double sum = 0.0;
    for (std::size_t k = 0; k + 1 < values.size(); ++k) sum += std::arg(values[k + 1] / values[k]);
    return sum;
}

std::optional<TracedLine> trace_line(const AnalyticFunction& function, Complex from, Complex to,
                                     int pieces) {
    TracedLine line;
    for (int k = 0; k <= pieces; ++k)
        line.points.push_back(from + (to - from) * (static_cast<double>(k) / pieces));
    const ComplexVector first = function(to_vector(line.points));
    if (!first.allFinite()) return std::nullopt;
    line.values.assign(first.begin(), first.end());
    std::vector<bool> known(static_cast<std::size_t>(pieces), false);  // what is between two points
    for (int halving = 0; halving < most_halvings; ++halving) {
        std::vector<Complex> middles;
        for (std::size_t k = 0; k < known.size(); ++k)
            if (!known[k]) middles.push_back(0.5 * (line.points[k] + line.points[k + 1]));
        if (middles.empty()) return line;
        if (line.points.size() > most_points) return std::nullopt;
        const ComplexVector values = function(to_vector(middles));
        if (!values.allFinite()) return std::nullopt;
        TracedLine finer;
        std::vector<bool> finer_known;
        std::size_t used = 0;
        for (std::size_t k = 0; k < known.size(); ++k) {
            finer.points.push_back(line.points[k]);
            finer.values.push_back(line.values[k]);
            if (known[k]) {
                finer_known.push_back(true);
                continue;
            }
            const Complex middle = values[static_cast<Eigen::Index>(used)];
            const bool resolved = is_resolved(line.values[k], middle, line.values[k + 1]);
            finer.points.push_back(middles[used++]);
            finer.values.push_back(middle);
            finer_known.insert(finer_known.end(), 2, resolved);
        }
        finer.points.push_back(line.points.back());
        finer.values.push_back(line.values.back());
        line = std::move(finer);
        known = std::move(finer_known);
    }
    return std::nullopt;
}

bool Rectangle::contains(Complex z) const {
    return z.real() >= low.real() && z.real() <= high.real() && z.imag() >= low.imag() &&
           z.imag() <= high.imag();
}

AnalyticZeros find_zeros(const AnalyticFunction& function, const Rectangle& inside, int pieces) {
    return ZeroSearch(function, inside.size(), pieces).run(inside);
}

}  // namespace cortifold
