#include <cortifold/core/error.hpp>
#include <cortifold/core/status.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <vector>

using namespace cortifold;
using testing::HasSubstr;
using testing::Not;

namespace {

const std::vector<std::string> known{"tau_e", "tau_i", "Delta_e"};

}  // namespace

TEST(UnknownName, ProposesTheNearestKnownNameAndListsAll) {
    EXPECT_EQ(
        unknown_name("parameter", "tau_r", known),
        "unknown parameter \"tau_r\"; did you mean \"tau_e\"? Allowed: tau_e, tau_i, Delta_e");
    EXPECT_THAT(unknown_name("parameter", "Delta", known), HasSubstr("did you mean \"Delta_e\"?"));
}

TEST(UnknownName, ProposesNothingWhereNothingIsNear) {
    const std::string text = unknown_name("parameter", "conductance", known);
    EXPECT_THAT(text, Not(HasSubstr("did you mean")));
    EXPECT_THAT(text, HasSubstr("; allowed: tau_e, tau_i, Delta_e"));
}

TEST(UnknownName, SaysWhereNoNameIsAllowed) {
    EXPECT_EQ(unknown_name("input", "drive", {}), "unknown input \"drive\"; there is none");
}

TEST(ConfigError, EndsWithFileAndLine) {
    EXPECT_STREQ(ConfigError("bad key").what(), "bad key");
    EXPECT_STREQ(ConfigError("bad key", {"a.toml", 14}).what(), "bad key (a.toml:14)");
    EXPECT_STREQ(ConfigError("bad key", {"a.toml"}).what(), "bad key (a.toml)");
    EXPECT_EQ(ConfigError("bad key", {"a.toml", 14}).where().line, 14);
}

TEST(Require, ThrowsItsMessageUnlessTheConditionHolds) {
    EXPECT_NO_THROW(require(true, "never said"));
    try {
        require(false, "max_step = 0 must be positive");
        FAIL() << "no exception";
    } catch (const UsageError& error) {
        EXPECT_STREQ(error.what(), "max_step = 0 must be positive");
    }
}

TEST(Status, EndsWellUpToInterruptedAndBadlyFromThere) {
    for (const Status fine :
         {Status::converged, Status::reached_end, Status::stopped_by_observer, Status::interrupted})
        EXPECT_TRUE(succeeded(fine)) << to_string(fine);
    for (const Status bad : {Status::iteration_limit, Status::step_too_small,
                             Status::singular_jacobian, Status::non_finite, Status::no_theory})
        EXPECT_FALSE(succeeded(bad)) << to_string(bad);
}
