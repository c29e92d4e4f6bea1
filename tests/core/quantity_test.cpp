#include <cortifold/core/error.hpp>
#include <cortifold/core/quantity.hpp>
#include <cortifold/core/vector_field.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

using namespace cortifold;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

constexpr std::array<Quantity, 2> table{{{"a", "1/s", 100.0, 1.0, 1e3, "inverse time constant"},
                                         {"v0", "mV", 6.0, -100.0, 100.0, "threshold"}}};

}  // namespace

TEST(Quantity, IsFoundByItsName) {
    EXPECT_EQ(find_index(table, "v0"), 1u);
    EXPECT_EQ(find_index(table, "V0"), std::nullopt);
    EXPECT_EQ(index_of(table, "a"), 0u);
}

TEST(Quantity, AnUnknownNameIsRefusedWithTheKnownOnes) {
    try {
        (void)index_of(table, "v1", "parameter");
        FAIL() << "no exception";
    } catch (const UsageError& error) {
        EXPECT_THAT(error.what(), HasSubstr("unknown parameter \"v1\"; did you mean \"v0\"?"));
    }
}

TEST(Quantity, TablesListNamesAndDefaultsInTheirOrder) {
    EXPECT_THAT(names_of(table), ElementsAre("a", "v0"));
    EXPECT_EQ(default_values(table), (Vector(2) << 100.0, 6.0).finished());
}
