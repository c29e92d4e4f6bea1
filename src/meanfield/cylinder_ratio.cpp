#include "cylinder_ratio.hpp"

#include "complex_pack.hpp"

#include <algorithm>
#include <cmath>

namespace cortifold {

namespace {

using Complex = std::complex<double>;

/// A path through the saddle of its integrand: on log t it is
///
///     log t = centre + r + i (climb(r) - climb(0)),   r = width stretch sinh(v / stretch),
///
/// where climb, (q + sqrt(q^2 + 4)) / 2 of a falling q, leaves the saddle in the direction of
/// steepest descent, ends on the real axis for t -> infinity, and goes around the origin for
/// t -> 0, which makes t^s small there. Along v the integrand falls doubly exponentially on either
/// side, and the trapezoidal rule converges exponentially.
class SaddlePath {
public:
    /// Of t^s exp(-t^2 / 2 + x t) dt / t, Im s >= 0.
    SaddlePath(Complex s, double x) {
        const Complex root = std::sqrt(x * x + 4.0 * s),
                      t = x > 0.0 ? 0.5 * (x + root) : 2.0 * s / (root - x),
                      curvature = t * (2.0 * t - x);  // minus the second derivative
        centre_ = std::log(t);
        width_ = 1.0 / std::sqrt(std::abs(curvature));
        const double slope = std::tan(0.5 * std::arg(curvature)), angle = centre_.imag();
        if (angle <= 0.0 || slope <= 0.0) return;
        factor_ = angle / (0.5 * (offset + root_at_saddle));
        steepness_ = 2.0 * slope / (factor_ * (1.0 + offset / root_at_saddle));
    }

    /// log t at v, and its derivative.
    struct Points {
        ComplexPack log_t, slope;
    };
    [[nodiscard]] Points at(const Pack& v) const {
        const Pack e = (v / stretch).exp(), inverse = 1.0 / e,
                   r = 0.5 * width_ * stretch * (e - inverse), speed = 0.5 * width_ * (e + inverse),
                   q = offset - steepness_ * r, root = (q * q + 4.0).sqrt();
        return {{centre_.real() + r, 0.5 * factor_ * (q + root)},
                {speed, -0.5 * factor_ * steepness_ * speed * (1.0 + q / root)}};
    }

    /// log t of the saddle.
    [[nodiscard]] Complex centre() const { return centre_; }

private:
    static constexpr double stretch = 3.0;
    static constexpr double offset = 1.0;                         ///< q at the saddle
    static constexpr double root_at_saddle = 2.2360679774997897;  ///< sqrt(offset^2 + 4)

    Complex centre_;
    double width_ = 1.0, steepness_ = 0.0, factor_ = 0.0;
};

/// Terms this small, in parts of the largest, end a sum.
constexpr double negligible = 1e-15;
/// Steps along v; the first is halved until the sums satisfy their recurrence.
constexpr double first_step = 0.3, recurrence_tolerance = 1e-11;
constexpr int most_halvings = 4;

/// The trapezoidal rule from the middle outwards. `add` adds what belongs to eight points, the last
/// of them the outermost, and returns the magnitudes of their terms.
template <class Add>
void sum_along(double step, const Add& add) {
    constexpr int most_packs = 500, size = 8;
    const Pack places = Pack::LinSpaced(0.0, size - 1.0);
    double largest = 0.0;
    for (const double start : {0.0, -1.0})  // the middle and to the right, then to the left of it
        for (int k = 0; k < most_packs; ++k) {
            const Pack distance = places + static_cast<double>(size * k),
                       terms = add(Pack(step * (start < 0.0 ? start - distance : distance)));
            largest = std::max(largest, terms.maxCoeff());
            if (terms[size - 1] < negligible * largest) break;
        }
}

/// |Im s| to which the difference of both boundaries is integrated along the real line, where
/// nothing cancels for s -> 0; beyond it each has a path of its own.
constexpr double real_line_limit = 2.0;
/// Re s below which integrals converge slowly at t = 0: there they come from those of s + 1.
constexpr double slow_limit = -0.5;

/// Integrals along the real line of t^(s + n - 1) exp(-t^2 / 2) times what the names say.
struct Differences {
    Complex zeroth, first, second;      ///< exp(x_th t) - exp(x_r t), n = 0, 1, 2
    Complex first_reset, second_reset;  ///< exp(x_r t), n = 1, 2
};

/// 1 - exp(-z) for z >= 0.
Pack saturation(const Pack& z) {
    constexpr double small = 0.05;
    constexpr int terms = 9;
    Pack series = Pack::Ones();
    for (int n = terms; n > 1; --n) series = 1.0 - z / n * series;
    return (z < small).select(z * series, 1.0 - (-z).exp());
}

Differences integrate_differences(Complex s, const CylinderBoundaries& at, double step) {
    const double x = at.threshold, gap = at.threshold - at.reset;
    const SaddlePath path(1.0 + std::max(s.real(), 0.0), x);
    const double middle = std::exp(path.centre().real()),
                 scale = -0.5 * middle * middle + x * middle + s.real() * std::log(middle);
    Differences sums;
    sum_along(step, [&](const Pack& v) {
        const auto [log_t, speed] = path.at(v);
        const Pack t = log_t.re.exp(),
                   size = speed.re * (s.real() * log_t.re - t * (0.5 * t - x) - scale).exp(),
                   difference = saturation(gap * t), back = 1.0 - difference;
        const ComplexPack power = polar(size, s.imag() * log_t.re);
        sums.zeroth += sum(power * difference);
        sums.first += sum(power * Pack(difference * t));
        sums.second += sum(power * Pack(difference * t * t));
        sums.first_reset += sum(power * Pack(back * t));
        sums.second_reset += sum(power * Pack(back * t * t));
        return Pack(size * t.max(difference));
    });
    return sums;
}

/// By parts: s M_0 = M_2 - x M_1, for each boundary.
double defect(Complex s, const CylinderBoundaries& at, const Differences& d) {
    const double gap = at.threshold - at.reset;
    const Complex rest = s * d.zeroth - d.second + at.threshold * d.first + gap * d.first_reset;
    return std::abs(rest) /
           (std::abs(d.second) + std::abs(at.threshold * d.first) + std::abs(gap * d.first_reset));
}

/// (1 - exp(-s rest)) / s.
Complex rest_factor(Complex s, double rest) {
    constexpr double small = 1e-4;
    const Complex z = s * rest;
    if (std::abs(z) > small) return (1.0 - std::exp(-z)) / s;
    return rest * (1.0 - z / 2.0 * (1.0 - z / 3.0 * (1.0 - z / 4.0)));
}

/// Of Psi' and Psi, and their derivatives as both boundaries move.
CylinderRatio quotient(Complex top, Complex top_slope, Complex bottom, Complex bottom_slope) {
    const Complex first = top / bottom;
    return {first, (top_slope - first * bottom_slope) / bottom, top_slope / bottom};
}

CylinderRatio ratio_on_real_line(Complex s, const CylinderBoundaries& at) {
    Differences d;
    double step = first_step;
    for (int halving = 0; halving <= most_halvings; ++halving, step /= 2.0) {
        d = integrate_differences(s, at, step);
        if (defect(s, at, d) < recurrence_tolerance) break;
    }
    const Complex rest = rest_factor(s, at.rest);
    return quotient(d.first, d.second,
                    d.zeroth + rest * (d.second_reset - at.reset * d.first_reset),
                    d.first + rest * s * d.first_reset);
}

CylinderRatio ratio_by_moments(Complex s, const CylinderBoundaries& at) {
    const CylinderMoments th = cylinder_moments(s, at.threshold), r = cylinder_moments(s, at.reset);
    const Complex reset = std::exp(r.log_scale - th.log_scale),
                  rested = reset * std::exp(-s * at.rest),
                  bottom = (th.second - at.threshold * th.first -
                            rested * (r.second - at.reset * r.first)) /
                           s;
    return quotient(th.first - reset * r.first, th.second - reset * r.second, bottom,
                    th.first - rested * r.first);
}

}  // namespace

CylinderMoments cylinder_moments(Complex s, double x) {
    if (s.imag() < 0.0) {
        const CylinderMoments m = cylinder_moments(std::conj(s), x);
        return {std::conj(m.log_scale), std::conj(m.first), std::conj(m.second)};
    }
    const Complex power = s + 1.0;
    if (s.real() < slow_limit) {
        const CylinderMoments next = cylinder_moments(power, x);
        return {next.log_scale, (next.second - x * next.first) / power, next.first};
    }
    const SaddlePath path(power, x);
    const Complex middle = std::exp(path.centre());
    CylinderMoments m;
    m.log_scale = power * path.centre() - middle * (0.5 * middle - x);
    double step = first_step;
    for (int halving = 0; halving <= most_halvings; ++halving, step /= 2.0) {
        Complex third = m.first = m.second = 0.0;
        sum_along(step, [&](const Pack& v) {
            const auto [log_t, slope] = path.at(v);
            const ComplexPack t = exp(log_t), half = {0.5 * t.re - x, 0.5 * t.im},
                              term = exp(log_t * power - t * half - m.log_scale) * slope,
                              next = term * t;
            m.first += step * sum(term);
            m.second += step * sum(next);
            third += step * sum(next * t);
            return Pack(term.re.abs() + term.im.abs());
        });
        const Complex rest = third - x * m.second - power * m.first;
        if (std::abs(rest) < recurrence_tolerance * std::abs(power * m.first)) break;
    }
    return m;
}

CylinderRatio cylinder_ratio(Complex s, const CylinderBoundaries& at) {
    const bool on_real_line = std::abs(s.imag()) < real_line_limit && s.real() >= slow_limit;
    return on_real_line ? ratio_on_real_line(s, at) : ratio_by_moments(s, at);
}

}  // namespace cortifold
