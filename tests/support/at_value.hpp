#pragma once

#include <cortifold/continuation/zero_problem.hpp>

namespace cortifold {

/// Zero where a free parameter has a value, the first unless its number is given.
class AtValue final : public TestFunction {
public:
    explicit AtValue(double value, std::size_t parameter = 0)
        : value_(value), parameter_(parameter) {}
    [[nodiscard]] std::string_view name() const override { return "at"; }
    [[nodiscard]] bool needs_description() const override { return false; }
    [[nodiscard]] double value(const BranchPoint& point, const CurveLinearization&) const override {
        return point.parameters[parameter_] - value_;
    }

private:
    double value_;
    std::size_t parameter_;
};

}  // namespace cortifold
