#pragma once

#include "formula_field.hpp"

#include <functional>
#include <utility>

namespace cortifold::testing {

struct TestJump {
    Jump jump;
    std::function<double(ConstVectorRef x, ConstVectorRef p)> value;
    std::function<Flow(VectorRef x, VectorRef p)> make;
};

/// What makes a formula more than a smooth flow.
struct Extras {
    std::optional<std::size_t> time{};
    std::vector<std::size_t> noises{};
    std::vector<TestJump> jumps{};
};

template <std::size_t N, std::size_t P, class Formula>
class HybridField final : public FormulaField<N, P, Formula> {
public:
    HybridField(Formula formula, Extras extras)
        : FormulaField<N, P, Formula>(formula), extras_(std::move(extras)) {
        for (const TestJump& jump : extras_.jumps) jumps_.push_back(jump.jump);
    }

    [[nodiscard]] std::optional<std::size_t> time() const override { return extras_.time; }
    [[nodiscard]] std::span<const std::size_t> noises() const override { return extras_.noises; }
    [[nodiscard]] std::span<const Jump> jumps() const override { return jumps_; }
    void jump_values(ConstVectorRef x, ConstVectorRef p, VectorRef values) const override {
        for (std::size_t k = 0; k < jumps_.size(); ++k)
            values[static_cast<Eigen::Index>(k)] = extras_.jumps[k].value(x, p);
    }
    [[nodiscard]] Flow jump(std::size_t which, VectorRef x, VectorRef p) const override {
        return extras_.jumps[which].make(x, p);
    }

private:
    Extras extras_;
    std::vector<Jump> jumps_;
};

template <std::size_t N, std::size_t P, class Formula>
std::shared_ptr<const VectorField> make_field(Formula formula, Extras extras) {
    return std::make_shared<HybridField<N, P, Formula>>(formula, std::move(extras));
}

}  // namespace cortifold::testing
