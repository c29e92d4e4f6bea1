// 90 Lyapunov exponents of 540: split Jacobians on blocks of vectors, orthogonalized by growth,
// against dense products and a dense QR at every millisecond, as published programs have it.
#include "comparison.hpp"
#include "ping_network.hpp"
#include <cortifold/core/rng.hpp>
#include <cortifold/linalg/orthonormal.hpp>
#include <cortifold/synchrony/lyapunov.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

namespace cortifold::benchmarks {

namespace {

constexpr Eigen::Index exponents = 90;
constexpr double step_ms = 0.1, duration_ms = 200.0;
constexpr long steps_between = 10;  ///< orthogonalizations of the plain program

LyapunovResult ours(const FieldPoint& at) {
    LyapunovOptions options;
    options.method = OdeMethod::runge_kutta4;
    options.step = step_ms;
    return lyapunov_spectrum({.field = at.field,
                              .parameters = at.parameters,
                              .initial = at.state,
                              .count = exponents,
                              .duration = duration_ms},
                             options);
}

/// The vectors that ours starts from.
Matrix first_vectors(Eigen::Index states) {
    Matrix vectors(states, exponents);
    for (Eigen::Index j = 0; j < exponents; ++j) {
        const CounterRng rng(
            {.purpose = StreamPurpose::tangent_vectors, .entity = static_cast<std::uint64_t>(j)});
        for (Eigen::Index i = 0; i < states; ++i)
            vectors(i, j) = rng.normal(static_cast<std::uint64_t>(i));
    }
    (void)orthonormalize(vectors);
    return vectors;
}

/// One step of the classical method for the state and its vectors, with dense Jacobians.
void plain_step(const FieldPoint& at, Vector& x, Matrix& vectors) {
    constexpr std::array parts{0.0, 0.5, 0.5, 1.0}, weights{1.0, 2.0, 2.0, 1.0};
    const Eigen::Index n = x.size();
    static thread_local Matrix f_x, f_p, slope, sum;
    f_x.resize(n, n);
    f_p.resize(n, 0);
    Vector f = Vector::Zero(n), f_sum = Vector::Zero(n);
    slope.setZero(n, vectors.cols());
    sum.setZero(n, vectors.cols());
    for (std::size_t k = 0; k < parts.size(); ++k) {
        const Vector stage = x + parts[k] * step_ms * f;
        at.field->linearize(stage, at.parameters, {}, f, f_x, f_p);
        slope = f_x * (vectors + parts[k] * step_ms * slope);
        f_sum += weights[k] * f;
        sum += weights[k] * slope;
    }
    x += step_ms / 6.0 * f_sum;
    vectors += step_ms / 6.0 * sum;
}

Vector plain(const FieldPoint& at) {
    Vector x = at.state, growth = Vector::Zero(exponents);
    Matrix vectors = first_vectors(x.size());
    for (long k = 1; k <= std::lround(duration_ms / step_ms); ++k) {
        plain_step(at, x, vectors);
        if (k % steps_between == 0) growth += orthonormalize(vectors).array().log().matrix();
    }
    return growth / duration_ms;
}

}  // namespace

void compare_lyapunov() {
    const FieldPoint at = oscillating_network(90, Weights::dense);
    const auto found = std::make_shared<Vector>(ours(at).exponents);
    constexpr double tolerance = 1e-7;
    compare({"90 Lyapunov exponents of 540 over 200 ms by Runge-Kutta at 0.1 ms",
             {{"ours", [=] { keep(ours(at).exponents.data()); }},
              {"dense Jacobians, dense QR each ms",
               [=] {
                   Vector expected = plain(at);
                   std::ranges::sort(expected, std::greater{});
                   expect_equal((expected - *found).cwiseAbs().maxCoeff(), tolerance,
                                "Lyapunov exponents");
               }}},
             "",
             Length::long_run});
}

}  // namespace cortifold::benchmarks
