#pragma once

#include <cortifold/synchrony/master_stability.hpp>

#include <functional>

namespace cortifold::test {

/// A master stability function by its growth over lambda alone.
class GrowthCurve final : public MasterStability {
public:
    explicit GrowthCurve(std::function<double(std::complex<double>)> growth)
        : growth_(std::move(growth)) {}
    [[nodiscard]] std::vector<Mode> at(const ComplexVector& lambdas, int) const override {
        std::vector<Mode> modes;
        for (const std::complex<double> lambda : lambdas) {
            const double growth = growth_(lambda);
            modes.push_back({.lambda = lambda,
                             .growth = growth,
                             .unstable = growth > 0.0,
                             .eigenvalues = ComplexVector::Constant(1, growth)});
        }
        return modes;
    }
    [[nodiscard]] double uniform_lambda() const override { return 0.0; }

private:
    std::function<double(std::complex<double>)> growth_;
};

}  // namespace cortifold::test
