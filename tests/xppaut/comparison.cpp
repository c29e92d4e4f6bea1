#include "xppaut/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace cortifold {

namespace {

// XPPAUT stores and prints single precision: 24 bits.
constexpr double printed = 6e-8;
constexpr double rounding = 4.0 * printed;  // of a value, besides what grows from it
constexpr double meaningless = 1e-2;        // a difference of this size no longer tells runs apart

/// The size of each column; one that vanishes but for rounding has that of all.
Eigen::RowVectorXd scales(const Matrix& values) {
    const Eigen::RowVectorXd sizes = values.cwiseAbs().colwise().maxCoeff();
    return sizes.cwiseMax(1e-9 * sizes.maxCoeff()).cwiseMax(1e-30);
}

/// The row of a time, if there is one.
std::optional<Eigen::Index> row_at(const Columns& run, double t) {
    const double near = 1e-5 * (1.0 + std::abs(t));  // times are printed in single precision
    const double* const end = run.t.data() + run.t.size();
    const double* const found = std::lower_bound(run.t.data(), end, t - near);
    if (found == end || *found > t + near) return std::nullopt;
    return found - run.t.data();
}

}  // namespace

Agreement compare(const Runs& runs) {
    const Columns& xppaut = runs.xppaut;
    const Eigen::RowVectorXd scale = scales(xppaut.values);
    const auto apart = [&](const Matrix& a, Eigen::Index i, const Matrix& b, Eigen::Index k,
                           Eigen::Index& column) {
        double largest = 0.0;
        for (Eigen::Index c = 0; c < scale.size(); ++c) {
            const double d = runs.distance(a(i, c), b(k, c), c) / scale[c];
            if (d > largest) column = c;
            largest = std::max(largest, d);
        }
        return largest;
    };
    Agreement result;
    double grown = 0.0, inaccurate = 0.0;
    for (Eigen::Index row = 0; row < xppaut.t.size(); ++row) {
        // XPPAUT's gear stops beside the times it was asked for, now and then
        const double t = xppaut.t[row];
        const auto k = row_at(runs.ours, t), other = row_at(runs.perturbed, t);
        const auto finer = runs.refined == nullptr ? std::optional(row) : row_at(*runs.refined, t);
        if (!k || !other || !finer) continue;
        Eigen::Index column = 0;
        grown = std::max(grown, apart(runs.perturbed.values, *other, runs.ours.values, *k, column));
        if (runs.refined != nullptr)
            inaccurate = std::max(inaccurate,
                                  apart(xppaut.values, row, runs.refined->values, *finer, column));
        const double allowed = rounding + grown + 2.0 * inaccurate;
        if (!(allowed < meaningless)) break;
        const double difference = apart(xppaut.values, row, runs.ours.values, *k, column);
        if (difference > result.difference) {
            result.difference = difference;
            result.allowed = allowed;
        }
        ++result.rows;
        result.until = t;
        if (!(difference <= allowed) && result.holds) {
            result.holds = false;
            result.where = "column " + std::to_string(column + 1) + " at t = " + std::to_string(t) +
                           ": " + std::to_string(xppaut.values(row, column)) + " and ours " +
                           std::to_string(runs.ours.values(*k, column));
        }
    }
    result.holds = result.holds && result.rows > 0;
    return result;
}

Vector last_digits(const Columns& run, Eigen::Index states) {
    const Eigen::RowVectorXd scale = scales(run.values);
    Vector digits(states);
    for (Eigen::Index k = 0; k < states; ++k)
        digits[k] = (k % 2 == 0 ? 1.0 : -1.0) * printed * scale[k];
    return digits;
}

}  // namespace cortifold
