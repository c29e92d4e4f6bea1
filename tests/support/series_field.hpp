#pragma once

#include "support/formula_field.hpp"
#include <cortifold/core/taylor.hpp>

namespace cortifold::testing {

/// A FormulaField with Taylor coefficients, up to an order.
template <std::size_t N, std::size_t P, class Formula>
class SeriesField final : public FormulaField<N, P, Formula> {
    static constexpr std::size_t highest = 5;
    using Series = Taylor<double, highest>;

public:
    explicit SeriesField(Formula formula, int order = highest)
        : FormulaField<N, P, Formula>(formula), formula_(formula), order_(order) {}

    [[nodiscard]] int taylor_order() const override { return order_; }
    void taylor(ConstMatrixRef x, ConstMatrixRef p, MatrixRef f) const override {
        const auto y = formula_(series<N>(x), series<P>(p));
        for (Eigen::Index i = 0; i < f.rows(); ++i)
            for (Eigen::Index k = 0; k < f.cols(); ++k)
                f(i, k) = y[static_cast<std::size_t>(i)].c[static_cast<std::size_t>(k)];
    }

private:
    template <std::size_t Size>
    static std::array<Series, Size> series(ConstMatrixRef x) {
        std::array<Series, Size> y;
        for (Eigen::Index i = 0; i < x.rows(); ++i)
            for (Eigen::Index k = 0; k < x.cols(); ++k)
                y[static_cast<std::size_t>(i)].c[static_cast<std::size_t>(k)] = x(i, k);
        return y;
    }

    Formula formula_;
    int order_;
};

/// make_series_field<2, 1>([](const auto& x, const auto& p) { return std::array{x[1], p[0] * x[0]};
/// })
template <std::size_t N, std::size_t P, class Formula>
std::shared_ptr<const VectorField> make_series_field(Formula formula, int order = 5) {
    return std::make_shared<SeriesField<N, P, Formula>>(formula, order);
}

}  // namespace cortifold::testing
