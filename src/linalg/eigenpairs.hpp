#pragma once

#include <cortifold/core/matrix.hpp>

#include <complex>
#include <functional>
#include <vector>

namespace cortifold {

/// conjugate: each value with Im > 0 is followed by its conjugate, as LAPACK and Eigen give those
/// of a real matrix; the two move together.
enum class Pairs { conjugate, none };

/// The order that dense_spectrum.hpp promises.
[[nodiscard]] std::vector<Eigen::Index> order_of(const ComplexVector& values, Pairs pairs);

/// Where the `count` values of the highest rank stand, ascending; conjugates stand and are chosen
/// together, so there may be one more.
[[nodiscard]] std::vector<Eigen::Index> highest_ranked(
    const ComplexVector& values, Eigen::Index count,
    const std::function<double(std::complex<double>)>& rank);

/// Unit norm; the first of the largest components real and positive.
void normalize_columns(ComplexMatrix& vectors);

}  // namespace cortifold
