// What expressions mean. The values are those of XPPAUT 6.11 as Debian ships it, read from its
// output.dat.
#include "model/formula.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cmath>

using namespace cortifold;

using testing::HasSubstr;

namespace {

std::string refusal_of(const std::string& formula) {
    return refusal(formula_model(formula));
}

}  // namespace

TEST(Expression, SignsPowersAndProductsBindAsInXppaut) {
    EXPECT_EQ(value_of("-2^2"), -4.0);
    EXPECT_EQ(value_of("-x^2"), -4.0);
    EXPECT_EQ(value_of("(-x)^3"), -8.0);
    EXPECT_EQ(value_of("(-x)^n"), -8.0);
    EXPECT_EQ(value_of("2^3^2"), 64.0);
    EXPECT_EQ(value_of("2**3"), 8.0);
    EXPECT_EQ(value_of("2-3-4"), -5.0);
    EXPECT_EQ(value_of("2/4/4"), 0.125);
    EXPECT_EQ(value_of("-a*2"), -6.0);
    EXPECT_EQ(value_of("1-(-2)"), 3.0);
}

TEST(Expression, ComparisonsBindTighterThanSumsAndProductsAsInXppaut) {
    EXPECT_EQ(value_of("1+2>2"), 1.0);
    EXPECT_EQ(value_of("3-1>1"), 3.0);
    EXPECT_EQ(value_of("2*3>5"), 0.0);
    EXPECT_EQ(value_of("4>a^2"), 1.0);
    EXPECT_EQ(value_of("-a>2"), -1.0);
    EXPECT_EQ(value_of("1+2==3"), 1.0);
    EXPECT_EQ(value_of("a>2&a<4"), 1.0);
    EXPECT_EQ(value_of("1|0+1"), 2.0);
    EXPECT_EQ(value_of("not(0)+5"), 6.0);
    EXPECT_EQ(value_of("not b+1"), 2.0);
    EXPECT_EQ(value_of("1+not(b)"), 2.0);
    EXPECT_EQ(value_of("a!=1"), 1.0);
    EXPECT_EQ(value_of("x>=2"), 1.0);
    EXPECT_EQ(value_of("x<=1"), 0.0);
}

TEST(Expression, NumbersMayLackADigitOnOneSideOfThePoint) {
    EXPECT_EQ(value_of(".5+1e-1"), 0.6);
    EXPECT_EQ(value_of("1.e1+2"), 12.0);
    EXPECT_EQ(value_of("2.5E+1"), 25.0);
}

TEST(Expression, FunctionsAreThoseOfXppaut) {
    EXPECT_EQ(value_of("mod(-1,3)"), 2.0);
    EXPECT_EQ(value_of("mod(-1,-3)"), -4.0);
    EXPECT_EQ(value_of("flr(-1.5)"), -2.0);
    EXPECT_EQ(value_of("heav(0)"), 1.0);
    EXPECT_EQ(value_of("sign(0)"), 0.0);
    EXPECT_EQ(value_of("max(1,x)-min(1,x)"), 1.0);
    EXPECT_NEAR(value_of("besselj(1,2)"), 0.57672480775687339, 1e-15);
    EXPECT_NEAR(value_of("besseli(1,x)"), 1.5906368546373291, 1e-15);
    EXPECT_NEAR(value_of("lgamma(5)"), std::log(24.0), 1e-15);
    EXPECT_EQ(value_of("log(10)"), std::log(10.0));
    EXPECT_EQ(value_of("log10(100)"), 2.0);
    EXPECT_EQ(value_of("atan2(1,-1)"), std::atan2(1.0, -1.0));
    EXPECT_EQ(value_of("Pi*A"), 3.0 * std::acos(-1.0));
}

TEST(Expression, ConditionsAndSumsAreWrittenWithWords) {
    EXPECT_EQ(value_of("if(a>2)then(5)else(6)"), 5.0);
    EXPECT_EQ(value_of("IF(a<2) THEN (5) ELSE (6)+1"), 7.0);
    EXPECT_EQ(value_of("sum(1,3)of(i'^2)"), 14.0);
    EXPECT_EQ(value_of("sum(1,2)of(i'*sum(0,1)of(x+i'))"), 15.0);
    EXPECT_EQ(value_of("1+sum(3,1)of(x)"), 1.0);
}

TEST(Expression, WhatWasFoundAndWhatWasExpectedIsSaidWithItsPlace) {
    EXPECT_EQ(refusal_of("x*)"),
              "expected a number, a name or '(' after '*', found ')' (model.ode:3:3)");
    EXPECT_EQ(refusal_of("(x+1"), "expected ')' after '1', found the end (model.ode:3:5)");
    EXPECT_EQ(refusal_of("x 2"),
              "expected an operator or the end after 'x', found '2' "
              "(model.ode:3:3)");
    EXPECT_EQ(refusal_of("max(1;2)"),
              "expected a number, a name or an operator, found ';' (model.ode:3:6)");
    EXPECT_THAT(refusal_of(""), HasSubstr("found the end (model.ode:3:1)"));
    EXPECT_THAT(refusal_of("1e999"), HasSubstr("expected a number that a double holds"));
    EXPECT_THAT(refusal_of("if(x)then(1)"), HasSubstr("expected 'else' after ')'"));
    EXPECT_THAT(refusal_of("a=3"), HasSubstr("found '='"));
}

TEST(Expression, ASignAfterAnOperatorNeedsBracketsAsInXppaut) {
    for (const std::string formula : {"2*-3", "2^-1", "x>-1", "+x", "not -x", "-a--a"})
        EXPECT_THAT(refusal_of(formula), HasSubstr("expected a number, a name or '('")) << formula;
}

TEST(Expression, ANegationThatXppautMisreadsIsRefused) {
    for (const std::string formula : {"2*not(b)", "a&not(b)", "-not(b)"})
        EXPECT_THAT(refusal_of(formula), HasSubstr("which XPPAUT misreads here")) << formula;
    EXPECT_EQ(value_of("2*(not(b))"), 2.0);
}

TEST(Expression, NamesThatNobodyDefinedAreRefusedWithTheNearest) {
    EXPECT_THAT(refusal_of("x+aa"), HasSubstr("unknown name \"aa\"; did you mean \"a\"?"));
    EXPECT_THAT(refusal_of("cosinus(x)"), HasSubstr("unknown function \"cosinus\""));
    EXPECT_THAT(refusal_of("x+tann(x)"), HasSubstr("did you mean \"tan\"?"));
    EXPECT_THAT(refusal_of("2+x(1)"), HasSubstr("x is no function"));
    EXPECT_THAT(refusal_of("2+exp"), HasSubstr("unknown name \"exp\""));
    EXPECT_THAT(refusal_of("exp(x,1)"), HasSubstr("exp takes 1 value, found 2"));
    EXPECT_THAT(refusal_of("i'"), HasSubstr("inside of sum"));
}

TEST(Expression, WhatXppautHasAndThisHasNotIsRefusedByName) {
    for (const std::string name : {"delay", "del_shft", "shift", "ishift", "hom_bcs", "set", "ran",
                                   "normal", "poisson", "int"})
        EXPECT_THAT(refusal_of("1+" + name + "(x,1)"),
                    HasSubstr("XPPAUT's " + name + " is not supported"));
    EXPECT_THAT(refusal_of("sum(1,n)of(i')"), HasSubstr("must be constants"));
}

TEST(Expression, NoTextExhaustsStackOrMemory) {
    const std::size_t many = 100'000;
    EXPECT_THAT(refusal_of(std::string(many, '(')), HasSubstr("inside one another"));
    std::string chain = "x";
    for (std::size_t k = 0; k < many; ++k) chain += "+1";
    EXPECT_EQ(value_of(chain), 2.0 + many);
    EXPECT_THAT(refusal_of("sum(1,2000)of(sum(1,2000)of(i'))"), HasSubstr("more than 2000000"));
}

TEST(Expression, FunctionsThatMultiplyOneAnotherAreBounded) {
    EquationDefinition model = formula_model("f40(x)");
    model.functions.push_back({"f0", {"z"}, text("z+1")});
    for (int k = 1; k <= 40; ++k) {
        const std::string below = "f" + std::to_string(k - 1) + "(z)";
        model.functions.push_back({"f" + std::to_string(k), {"z"}, text(below + "*" + below)});
    }
    EXPECT_THAT(refusal(model), HasSubstr("more than 2000000"));
}

namespace {

/// A random formula of x, written with all brackets, and its value.
struct Sample {
    std::string written;
    double value = 0.0;
};

Sample sample(double x, int depth) {
    const int kind = depth == 0 ? *rc::gen::inRange(0, 2) : *rc::gen::inRange(0, 10);
    if (kind == 0) return {"x", x};
    if (kind == 1) {
        const int number = *rc::gen::inRange(1, 20);
        return {std::to_string(number) + "/8", number / 8.0};
    }
    const Sample a = sample(x, depth - 1);
    const auto wrapped = [&](const std::string& name) { return name + "(" + a.written + ")"; };
    if (kind == 2) return {wrapped("sin"), std::sin(a.value)};
    if (kind == 3) return {wrapped("tanh"), std::tanh(a.value)};
    if (kind == 4) return {"(-" + wrapped("") + ")", -a.value};
    const Sample b = sample(x, depth - 1);
    const auto joined = [&](const std::string& sign) {
        return "((" + a.written + ")" + sign + "(" + b.written + "))";
    };
    if (kind == 5) return {joined("+"), a.value + b.value};
    if (kind == 6) return {joined("-"), a.value - b.value};
    if (kind == 7) return {joined("*"), a.value * b.value};
    if (kind == 8) return {joined("/(2+sin") + ")", a.value / (2.0 + std::sin(b.value))};
    const Sample c = sample(x, depth - 1);
    return {"if(" + a.written + ")then(" + b.written + ")else(" + c.written + ")",
            a.value != 0.0 ? b.value : c.value};
}

}  // namespace

RC_GTEST_PROP(Expression, WhatIsWrittenWithAllBracketsHasItsValueAndSlope, ()) {
    constexpr double step = 1e-3, relative = 1e-6;
    const double x = *rc::gen::inRange(-300, 300) / 128.0;
    const Sample s = sample(x, 4);
    const EquationDefinition model = formula_model(s.written);
    const auto found = derivatives_at(model, x);
    const auto value = [&](double at) { return derivatives_at(model, at).value; };
    RC_ASSERT(std::abs(found.value - s.value) <= 1e-13 * (1.0 + std::abs(s.value)));
    const auto difference = [&](double h) { return (value(x + h) - value(x - h)) / (2.0 * h); };
    const double slope = (4.0 * difference(step) - difference(2.0 * step)) / 3.0;
    const double curvature =
        std::abs(difference(2.0 * step) - difference(step)) + std::abs(found.second);
    RC_PRE(curvature < 1e3);  // else a jump lies near, or the difference says nothing
    RC_ASSERT(std::abs(found.slope - slope) <= relative * (1.0 + std::abs(slope) + curvature));
}
