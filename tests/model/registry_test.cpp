#include <cortifold/core/error.hpp>
#include <cortifold/model/registry.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

using namespace cortifold;
using testing::HasSubstr;

TEST(Registry, ListsEveryModelOnceInAscendingOrder) {
    const auto models = registered_models();
    EXPECT_FALSE(models.empty());
    EXPECT_EQ(std::ranges::adjacent_find(models, std::ranges::greater_equal{}, &ModelEntry::name),
              models.end());
}

TEST(Registry, FindsAModelThatMakesANodeOfItsName) {
    EXPECT_EQ(find_model("wilson_cowan").make()->name(), "wilson_cowan");
}

TEST(Registry, CarriesTheTextsOfTheModelsFolder) {
    EXPECT_THAT(std::string(find_model("jansen_rit").readme), testing::StartsWith("# jansen_rit"));
    EXPECT_THAT(std::string(find_model("jansen_rit").presets), HasSubstr("[jansen_rit_1995]"));
}

TEST(Registry, AnUnknownModelIsRefusedWithTheNearestName) {
    try {
        (void)find_model("wilson_covan");
        FAIL() << "no exception";
    } catch (const UsageError& error) {
        EXPECT_THAT(error.what(), HasSubstr("did you mean \"wilson_cowan\"?"));
        EXPECT_THAT(error.what(), HasSubstr("jansen_rit"));
    }
}
