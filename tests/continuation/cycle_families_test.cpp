// Families of cycles of whole models against verified ones, with default options where nothing else
// is said.

#include "cycle_family.hpp"
#include "floquet.hpp"
#include <cortifold/continuation/two_parameter.hpp>

#include <gtest/gtest.h>

#include <cmath>

using namespace cortifold;

namespace {

/// Masses in unison.
Family coupled(const std::string& model, const std::string& parameter,
               ContinuationOptions::Bound range, double strength) {
    Network network;
    network.kinds = {model_named(model)};
    network.links = default_links(*network.kinds.front());
    Family family(make_homogeneous_field(network), parameter, range);
    family.set("coupling.strength", strength);
    return family;
}

TEST(Cycles, EndAtTheHopfPointWhereTheyVanish) {
    Family family("jansen_rit", "p", {-100.0, 400.0});
    const Branch branch = family.cycles(1);
    EXPECT_EQ(branch.status, Status::ended_at_hopf) << branch.message;
    ASSERT_EQ(branch.special.size(), 1U);
    EXPECT_EQ(branch.special[0].type, PointType::hopf);
    EXPECT_NEAR(branch.special[0].at.parameters[0], 315.69642806882, 1e-9);
    expect_near(branch.special[0].at.period, 0.0895770730871436);
}

TEST(Cycles, OfJansenAndRitGrowTheirPeriodWithoutBoundAtTheSaddleNode) {
    Family family("jansen_rit", "p", {-100.0, 400.0});
    const Branch branch = family.cycles(0, 100.0, {120.0});
    EXPECT_EQ(branch.status, Status::ended_at_snic) << branch.message;
    EXPECT_DOUBLE_EQ(branch.points.back().period, 100.0);
    const auto snics = of_type(branch, PointType::snic);
    ASSERT_EQ(snics.size(), 1U);
    EXPECT_NEAR(snics[0].at.parameters[0], 113.58627321279882, 1e-9);
    const auto folds = of_type(branch, PointType::fold_of_cycles);
    ASSERT_EQ(folds.size(), 1U);
    EXPECT_NEAR(folds[0].at.parameters[0], 137.3792672, 1e-5);
    const auto at_120 = of_type(branch, PointType::user);
    ASSERT_EQ(at_120.size(), 2U);
    expect_near(at_120[1].at.period, 0.41936348485690633);
    expect_near(at_120[1].at.spectrum[0].real() * at_120[1].at.period,
                std::log(0.0008136744264166433));
}

/// Rinzel & Miller 1980: two branches of unstable cycles, with period doublings between folds.
TEST(Cycles, OfHodgkinAndHuxleyHaveTheVerifiedFolds) {
    Family family("hodgkin_huxley", "I", {0.0, 200.0});
    const Branch branch = family.cycles(0, 1e9, {10.0});
    EXPECT_EQ(branch.status, Status::ended_at_hopf) << branch.message;
    const auto folds = of_type(branch, PointType::fold_of_cycles);
    ASSERT_EQ(folds.size(), 3U);
    expect_near(folds[0].at.parameters[0], 7.8462471201907675);
    expect_near(folds[0].at.period, 16.713796714408012);
    expect_near(folds[2].at.parameters[0], 6.264221274514092);
    expect_near(folds[2].at.period, 19.895240712441996);
    EXPECT_EQ(of_type(branch, PointType::period_doubling).size(), 2U);
    const auto at_10 = of_type(branch, PointType::user);
    ASSERT_EQ(at_10.size(), 1U);
    expect_near(at_10[0].at.period, 14.638324788661901);
    expect_near(at_10[0].at.spectrum[0].real() * at_10[0].at.period, std::log(0.07404829133404231));
    for (const SpecialPoint& point : branch.special) EXPECT_LT(point.error, 1e-7) << point.label;
}

TEST(Cycles, OfTheEnzymeHaveTheVerifiedFolds) {
    Family family("enzyme", "rho", {0.0, 20.0});
    const Branch branch = family.cycles(0);
    const auto folds = of_type(branch, PointType::fold_of_cycles);
    ASSERT_EQ(folds.size(), 2U);
    expect_near(folds[0].at.parameters[0], 2.759687455499458);
    expect_near(folds[0].at.period, 10.006393028723355);
    expect_near(folds[1].at.parameters[0], 5.007839760761145);
    expect_near(folds[1].at.period, 5.676578596251878);
}

TEST(Cycles, OfCoupledJansenAndRitMassesEndAtTheSaddleNode) {
    Family family = coupled("jansen_rit", "p", {-100.0, 400.0}, 50.0);
    const Branch branch = family.cycles(0);
    EXPECT_EQ(branch.status, Status::ended_at_snic) << branch.message;
    const auto snics = of_type(branch, PointType::snic);
    ASSERT_EQ(snics.size(), 1U);
    EXPECT_NEAR(snics[0].at.parameters[0], 84.6841204929, 1e-9);
}

/// The folds of reference/neural_masses.json have ten digits, of which the last may be off.
TEST(Cycles, OfNextGenerationMassesHaveFourFoldsAtStrongCoupling) {
    Family family = coupled("ng_ping", "I_ext_E", {-10.0, 40.0}, 15.0);
    const Branch branch = family.cycles(0);
    EXPECT_EQ(branch.status, Status::ended_at_hopf) << branch.message;
    const auto folds = of_type(branch, PointType::fold_of_cycles);
    ASSERT_EQ(folds.size(), 4U);
    const double expected[] = {8.037665876, 8.03525765, 10.09852355, 9.804483358};
    for (std::size_t k = 0; k < 4; ++k) expect_near(folds[k].at.parameters[0], expected[k]);
}

/// Periods by shooting.
TEST(Cycles, OfNextGenerationMassesHaveTheVerifiedPeriods) {
    struct Expected {
        double drive, strength, period;
    };
    for (const auto& [drive, strength, period] :
         {Expected{13.0, 5.0, 14.179589658932}, Expected{9.5, 9.0, 17.69528231976},
          Expected{9.0, 15.0, 30.160887835118}}) {
        Family family = coupled("ng_ping", "I_ext_E", {-10.0, 40.0}, strength);
        const Branch branch = family.cycles(0, 1e9, {drive});
        const auto at = of_type(branch, PointType::user);
        ASSERT_FALSE(at.empty()) << strength;
        double nearest = 0.0;
        for (const SpecialPoint& point : at)
            if (std::abs(point.at.period - period) < std::abs(nearest - period))
                nearest = point.at.period;
        expect_near(nearest, period);
    }
}

/// Between a generalized Hopf point and a cusp of cycles.
TEST(FoldOfCycles, OfJansenAndRitEndsWhereItsHopfPointsDegenerate) {
    Family family("jansen_rit", "p", {-100.0, 400.0});
    const Branch branch = family.cycles(0, 0.3);
    const auto folds = of_type(branch, PointType::fold_of_cycles);
    ASSERT_EQ(folds.size(), 1U);
    const auto starts =
        cycle_curves_through(family.field, family.parameters,
                             {family.free, index_of(family.field->parameters(), "C")}, folds[0]);
    ASSERT_EQ(starts.size(), 1U);
    const Branch curve = continue_branch(starts[0].problem, starts[0].point,
                                         {.bounds = {{-100.0, 400.0}, {-50.0, 300.0}, {0.0, 0.5}}});
    const auto ends = of_type(curve, PointType::generalized_hopf);
    ASSERT_EQ(ends.size(), 1U) << curve.message;
    EXPECT_NEAR(ends[0].at.parameters[0], 42.8804984332483, 1e-9);
    EXPECT_NEAR(ends[0].at.parameters[1], 137.153287557507, 1e-9);
    EXPECT_EQ(of_type(curve, PointType::cusp_of_cycles).size(), 1U);
}

/// In a canard explosion the parameter stands still to ten digits while the cycle grows.
TEST(CanardExplosion, OfFitzHughAndNagumoHasOneFoldAndNothingElse) {
    Family family("fitzhugh_nagumo", "I", {0.0, 2.0});
    const Branch branch = family.cycles(0);
    EXPECT_EQ(branch.status, Status::ended_at_hopf) << branch.message;
    ASSERT_EQ(branch.special.size(), 3U);  // one on each side, and the end
    expect_near(branch.special[0].at.parameters[0], 0.3241785225);
    expect_near(branch.special[1].at.parameters[0], 1.4258214775);
    EXPECT_EQ(branch.special[2].type, PointType::hopf);
}

TEST(CanardExplosion, OfTheAutocatalatorHasNoFold) {
    Family family("autocatalator", "mu", {0.0, 0.3});
    const Branch branch = family.cycles(0);
    EXPECT_EQ(branch.status, Status::ended_at_hopf) << branch.message;
    EXPECT_TRUE(of_type(branch, PointType::fold_of_cycles).empty());
    EXPECT_TRUE(of_type(branch, PointType::unresolved).empty());
    const auto doublings = of_type(branch, PointType::period_doubling);
    ASSERT_EQ(doublings.size(), 2U);
    expect_near(doublings[0].at.parameters[0], 0.14295657566);
    expect_near(doublings[1].at.parameters[0], 0.15645314513);
}

TEST(Cycles, GoOnNextToAHomoclinicOrbit) {
    Family family("morris_lecar", "I", {-50.0, 250.0});
    const CurveStart start = family.start(0, {.tolerance = 1e-8});
    const Branch branch = family.follow(start, 3000.0);
    EXPECT_EQ(branch.status, Status::ended_at_homoclinic) << branch.message;
    const BranchPoint& last = branch.points.back();
    EXPECT_DOUBLE_EQ(last.period, 3000.0);
    const auto& curve = dynamic_cast<const CycleCurve&>(*start.problem);
    const CurveLinearization at =
        curve.linearize(last.z, Vector::Zero(last.z.size()), curve.scales_at(last.z));
    EXPECT_LT(std::abs(floquet_exponents(curve, last.z, *at.cycle).trivial) * last.period, 1e-8);
    ASSERT_EQ(branch.special.size(), 2U);
    EXPECT_EQ(branch.special[1].type, PointType::homoclinic);
    EXPECT_NEAR(branch.special[1].at.parameters[0], 35.006734198, 1e-8);
    EXPECT_LT(branch.special[1].error, 1e-7);
    expect_near(branch.special[0].at.parameters[0], 40.59335195836524);
    expect_near(branch.special[0].at.period, 21.110055160085835);
}

/// Next-generation masses in unison with a coupling strength of 12.
TEST(PeriodDoubling, StartsACascadeThatEndsWhereItBegan) {
    Family family = coupled("ng_ping", "I_ext_E", {-10.0, 40.0}, 12.0);
    const Branch branch = family.cycles(0);
    const auto doublings = of_type(branch, PointType::period_doubling);
    ASSERT_EQ(doublings.size(), 2U);
    expect_near(doublings[0].at.parameters[0], 9.1786602);
    expect_near(doublings[1].at.parameters[0], 11.528919404);
    EXPECT_EQ(doublings[0].scenario, "supercritical");
    const auto starts = cycles_at(family.field, family.parameters, family.free, doublings[0]);
    ASSERT_EQ(starts.size(), 1U);
    const Branch doubled = family.follow(starts[0]);
    EXPECT_EQ(doubled.status, Status::reached_end) << doubled.message;
    const auto further = of_type(doubled, PointType::period_doubling);
    ASSERT_EQ(further.size(), 3U);
    EXPECT_LT(further[0].at.parameters[0], further[1].at.parameters[0]);
    expect_near(further[2].at.parameters[0], doublings[1].at.parameters[0]);
    expect_near(further[2].at.period, 2.0 * doublings[1].at.period);
}

}  // namespace
