// What every models/<model>/presets.toml must satisfy: models/README.md has the format.

#include "models/registered_model.hpp"
#include <cortifold/core/vector_field.hpp>
#include <cortifold/io/record.hpp>

#include <Eigen/LU>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

using namespace cortifold;

namespace {

constexpr std::array<std::string_view, 4> preset_keys{"description", "parameters",
                                                      "has_equilibrium", "equilibrium"};

/// The defaults of a table, with the values that a preset gives; each must be known and in range.
Vector values_of(std::span<const Quantity> table, const Record* given) {
    Vector values = default_values(table);
    if (given == nullptr) return values;
    for (const auto& [name, value] : given->as<Record::Table>()) {
        const std::size_t k = index_of(table, name, "name in a preset");
        EXPECT_TRUE(value.is_number()) << name << " is " << value.type_name();
        EXPECT_GE(value.number(), table[k].low) << name;
        EXPECT_LE(value.number(), table[k].high) << name;
        values[static_cast<Eigen::Index>(k)] = value.number();
    }
    return values;
}

/// The last step of Newton's method without input, relative to the state; x is the guess and then
/// the equilibrium.
double polish(const Node& node, const Vector& p, Vector& x) {
    constexpr int iterations = 50;
    const Vector u = Vector::Zero(static_cast<Eigen::Index>(node.inputs().size()));
    Linearization at;
    Vector correction;
    for (int k = 0; k < iterations; ++k) {
        node.linearize({x, u, p}, {}, at);
        correction = at.f_x.fullPivLu().solve(at.f);
        x -= correction;
    }
    return correction.norm() / (1.0 + x.norm());
}

class Presets : public RegisteredModel {
protected:
    const Record::Table presets =
        parse_toml(GetParam().presets, std::string(GetParam().name)).as<Record::Table>();
};

}  // namespace

TEST_P(Presets, ThereIsOneAtLeast) {
    EXPECT_FALSE(presets.empty());
}

TEST_P(Presets, SayWhereTheyComeFromAndNothingUnknown) {
    for (const auto& [name, preset] : presets) {
        for (const auto& entry : preset.as<Record::Table>())
            EXPECT_THAT(preset_keys, testing::Contains(entry.first)) << name;
        ASSERT_NE(preset.find("description"), nullptr) << name;
        EXPECT_THAT(preset.find("description")->as<std::string>(),
                    testing::ContainsRegex("doi:10\\.|arXiv:"))
            << name;
        ASSERT_NE(preset.find("has_equilibrium"), nullptr) << name;
    }
}

TEST_P(Presets, HaveTheEquilibriaTheyClaimInsideTheRangesOfTheStates) {
    constexpr double roundoff = 1e-12;
    for (const auto& [name, preset] : presets) {
        const Vector p = values_of(node->parameters(), preset.find("parameters"));
        Vector x = values_of(node->states(), preset.find("equilibrium"));
        if (!preset.find("has_equilibrium")->as<bool>()) continue;
        EXPECT_LT(polish(*node, p, x), roundoff) << name;
        for (std::size_t k = 0; k < node->states().size(); ++k) {
            EXPECT_GE(x[static_cast<Eigen::Index>(k)], node->states()[k].low) << name;
            EXPECT_LE(x[static_cast<Eigen::Index>(k)], node->states()[k].high) << name;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Registry, Presets, every_model(), model_name);
