#pragma once

#include <cortifold/core/matrix.hpp>
#include <cortifold/core/status.hpp>

#include <complex>
#include <functional>
#include <optional>
#include <vector>

namespace cortifold {

/// An analytic function at many points.
using AnalyticFunction = std::function<ComplexVector(const ComplexVector& at)>;

/// Values along a straight line, so close that the function is nearly linear between neighbours:
/// its argument is known without doubt about turns.
struct TracedLine {
    std::vector<std::complex<double>> points{}, values{};
    [[nodiscard]] double turn() const;  ///< change of the argument from the first to the last
};
/// `pieces` at least. None where the function comes too near to zero, or is no number.
[[nodiscard]] std::optional<TracedLine> trace_line(const AnalyticFunction& function,
                                                   std::complex<double> from,
                                                   std::complex<double> to, int pieces);

/// With sides along the axes; `low` has the least real and imaginary parts.
struct Rectangle {
    std::complex<double> low, high;
    [[nodiscard]] bool contains(std::complex<double> z) const;
    [[nodiscard]] double size() const { return std::abs(high - low); }
};

struct AnalyticZero {
    std::complex<double> at;
    double error = 0.0;
    int multiplicity = 1;  ///< above 1: so many that are nearer to each other than `error`
};

struct AnalyticZeros {
    Status status = Status::iteration_limit;
    int count = 0;  ///< zeros less poles, by the principle of the argument along the border
    std::vector<AnalyticZero> zeros{};
};

/// All zeros inside: rectangles are divided until each has one, by the principle of the argument
/// (Kravanja & Van Barel 2000), which then the secant method makes exact. `singular_jacobian`: one
/// lies on the border; `iteration_limit`: the search did not find as many as there are.
[[nodiscard]] AnalyticZeros find_zeros(const AnalyticFunction& function, const Rectangle& inside,
                                       int pieces);

}  // namespace cortifold
