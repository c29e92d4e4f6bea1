#pragma once

#include <cortifold/core/elementary.hpp>
#include <cortifold/model/equation_definition.hpp>

#include <vector>

namespace cortifold {

/// A function given at equally spaced points, read as XPPAUT reads it: between the points by a
/// line, a cubic through the four nearest, or the value to the left; where the cubic lacks points
/// and beyond the ends by the nearest line.
class LookupTable {
public:
    using Interpolation = EquationDefinition::Table::Interpolation;

    LookupTable(double first, double last, std::vector<double> values, Interpolation interpolation)
        : first_(first),
          spacing_((last - first) / static_cast<double>(values.size() - 1)),
          values_(std::move(values)),
          interpolation_(interpolation) {}

    /// Slopes at a point are those to its right.
    template <class T>
    [[nodiscard]] T operator()(const T& x) const {
        const double left = interval(primal(x));
        const auto k = static_cast<std::size_t>(left);
        const T part = (x - first_) / spacing_ - left;  // of the interval
        if (interpolation_ == Interpolation::piecewise_constant && within(primal(x)))
            return T(values_[k]);
        if (interpolation_ == Interpolation::cubic_spline && k > 0 && k + 2 < values_.size())
            return cubic(&values_[k - 1], part);
        return values_[k] + (values_[k + 1] - values_[k]) * part;
    }
    [[nodiscard]] Pack operator()(const Pack& x) const {
        return x.unaryExpr([this](double lane) { return (*this)(lane); });
    }

private:
    /// The interval of x, or the nearest one, counted from 0.
    [[nodiscard]] double interval(double x) const;
    [[nodiscard]] bool within(double x) const;

    /// Lagrange's polynomial through four points at -1, 0, 1, 2.
    template <class T>
    static T cubic(const double* y, const T& at) {
        const double second = 0.5 * (y[2] + y[0] - 2.0 * y[1]);
        const double third = (3.0 * (y[1] - y[2]) + y[3] - y[0]) / 6.0;
        const double slope = y[2] - y[1] - second - third;
        return y[1] + at * (slope + at * (second + at * third));
    }

    double first_, spacing_;
    std::vector<double> values_;
    Interpolation interpolation_;
};

}  // namespace cortifold
