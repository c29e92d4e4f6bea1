// What becomes of formulas: derivatives at special points, powers, logistic functions, tables.
#include "model/formula.hpp"
#include <cortifold/core/elementary.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

using namespace cortifold;

namespace {

Derivatives at(const std::string& formula, double x) {
    return derivatives_at(formula_model(formula), x);
}

void expect(const Derivatives& found, double value, double slope, double second) {
    constexpr double roundoff = 1e-14;
    EXPECT_NEAR(found.value, value, roundoff * (1.0 + std::abs(value)));
    EXPECT_NEAR(found.slope, slope, roundoff * (1.0 + std::abs(slope)));
    EXPECT_NEAR(found.second, second, roundoff * (1.0 + std::abs(second)));
}

EquationDefinition with_table(const std::string& rhs, EquationDefinition::Table table) {
    EquationDefinition model = formula_model(rhs);
    table.name = "w";
    model.tables.push_back(std::move(table));
    return model;
}

using Interpolation = EquationDefinition::Table::Interpolation;

/// t^2 at 0, 1, 2, 3, 4.
EquationDefinition squares(Interpolation interpolation) {
    EquationDefinition::Table table;
    table.last = 4.0;
    table.values = {0.0, 1.0, 4.0, 9.0, 16.0};
    table.interpolation = interpolation;
    return with_table("w(x)", table);
}

}  // namespace

TEST(Tape, SlopesAtBendsAreThoseOfOneSide) {
    expect(at("abs(x)", 0.0), 0.0, 1.0, 0.0);
    expect(at("abs(x)", -2.0), 2.0, -1.0, 0.0);
    expect(at("max(x,1)", 1.0), 1.0, 0.0, 0.0);
    expect(at("min(x,x^2)", 1.0), 1.0, 2.0, 2.0);
    expect(at("mod(3*x,2)", 1.5), 0.5, 3.0, 0.0);
}

TEST(Tape, WhatJumpsHasNoSlope) {
    for (const std::string name : {"heav", "sign", "flr", "not"})
        for (const double x : {-1.0, 0.0, 0.5}) EXPECT_EQ(at(name + "(x)", x).slope, 0.0) << name;
    expect(at("x*(x>1)", 2.0), 2.0, 1.0, 0.0);
}

TEST(Tape, NothingOfTheBranchThatIsNotTakenIsSeen) {
    expect(at("if(x>0)then(sqrt(x))else(-x)", -4.0), 4.0, -1.0, 0.0);
    expect(at("if(x>0)then(ln(x))else(0)", 0.0), 0.0, 0.0, 0.0);
    expect(at("max(x,x^(0.5+b))", 4.0), 4.0, 1.0, 0.0);
}

TEST(Tape, WholePowersHaveDerivativesForEveryBase) {
    expect(at("x^3", -2.0), -8.0, 12.0, -12.0);
    expect(at("x^n", -2.0), -8.0, 12.0, -12.0);
    expect(at("x^2", 0.0), 0.0, 0.0, 2.0);
    expect(at("x^(2*n/3)", 0.0), 0.0, 0.0, 2.0);
    expect(at("x^(-2)", 2.0), 0.25, -0.25, 0.375);
    expect(at("x^0", 0.0), 1.0, 0.0, 0.0);
    expect(at("x^12", 2.0), 4096.0, 12 * 2048.0, 132 * 1024.0);
    expect(at("x^0.5", 4.0), 2.0, 0.25, -1.0 / 32.0);
    expect(at("a^x", 2.0), 9.0, 9.0 * std::log(3.0), 9.0 * std::pow(std::log(3.0), 2));
    expect(at("x^x", 2.0), 4.0, 4.0 * (1.0 + std::log(2.0)),
           4.0 * (std::pow(1.0 + std::log(2.0), 2) + 0.5));
}

TEST(Tape, ALogisticFunctionHasFiniteSlopesWhereItsExponentialOverflows) {
    for (const double x : {-2000.0, 2000.0}) {
        expect(at("1/(1+exp(-x))", x), x > 0.0 ? 1.0 : 0.0, 0.0, 0.0);
        expect(at("a/(exp(2*(b-x))+1)", x), x > 0.0 ? 3.0 : 0.0, 0.0, 0.0);
        expect(at("exp(x)/(1+exp(x))", x), x > 0.0 ? 1.0 : 0.0, 0.0, 0.0);
        expect(at("(1+exp(-x))^(-1)", x), x > 0.0 ? 1.0 : 0.0, 0.0, 0.0);
    }
    const double s = 1.0 / (1.0 + std::exp(-0.3)), slope = s * (1.0 - s);
    expect(at("1/(1+exp(-x))", 0.3), s, slope, slope * (1.0 - 2.0 * s));
}

// s/(1 - exp(-s)) = 1 + s/2 + s^2/12 + ..., the rate of a gate as Hodgkin and Huxley write it.
TEST(Tape, ARateThatIsNothingOverNothingHasItsLimitAndItsSlopesThere) {
    expect(at("x/(1-exp(-x))", 0.0), 1.0, 0.5, 1.0 / 6.0);
    expect(at("x/(exp(x)-1)", 0.0), 1.0, -0.5, 1.0 / 6.0);
    expect(at("0.1*(x+40)/(1-exp(-(x+40)/10))", -40.0), 1.0, 0.05, 1.0 / 600.0);
    expect(at("0.01*(10-x)/(exp((10-x)/10)-1)", 10.0), 0.1, 0.005, 1.0 / 6000.0);
    expect(at("-0.1*(x+23)/(exp(-0.1*(23+x))-1)", -23.0), 1.0, 0.05, 1.0 / 600.0);
}

TEST(Tape, ARateIsTheQuotientThatItsFormulaSaysAwayFromItsLimit) {
    for (const double x : {-900.0, -3.0, 0.4, 5.0, 900.0}) {
        const double q = x < 0.0 ? -x * std::exp(x) / (1.0 - std::exp(x)) : x / -std::expm1(-x);
        EXPECT_NEAR(at("x/(1-exp(-x))", x).value, q, 1e-15 * q);
        EXPECT_NEAR(at("6*x/(exp(-x/2)-1)", x).value, -12.0 * bernoulli(-x / 2.0),
                    1e-14 * std::abs(x));
    }
}

TEST(Tape, TablesGoOnAlongTheirLastLines) {
    const EquationDefinition lines = squares(Interpolation::linear);
    expect(derivatives_at(lines, 2.5), 6.5, 5.0, 0.0);
    expect(derivatives_at(lines, 3.0), 9.0, 7.0, 0.0);
    expect(derivatives_at(lines, -2.0), -2.0, 1.0, 0.0);
    expect(derivatives_at(lines, 6.0), 30.0, 7.0, 0.0);
}

TEST(Tape, CubicTablesFollowACubicWhereFourPointsLieAround) {
    const EquationDefinition cubic = squares(Interpolation::cubic_spline);
    expect(derivatives_at(cubic, 1.5), 2.25, 3.0, 2.0);
    expect(derivatives_at(cubic, 0.5), 0.5, 1.0, 0.0);
    expect(derivatives_at(cubic, 5.0), 23.0, 7.0, 0.0);
}

TEST(Tape, TablesOfStepsTakeTheValueToTheLeft) {
    const EquationDefinition steps = squares(Interpolation::piecewise_constant);
    expect(derivatives_at(steps, 2.9), 4.0, 0.0, 0.0);
    expect(derivatives_at(steps, 5.0), 23.0, 7.0, 0.0);
}

TEST(Tape, TablesMayBeSampledFromAFormulaOfTimeAndConstantsButNotOfWhatMayChange) {
    EquationDefinition::Table table;
    table.first = -1.0;
    table.last = 1.0;
    table.points = 3;
    table.formula = text("c*t^2");
    EquationDefinition model = with_table("w(x)", table);
    model.constants = {model.parameters.front()};
    model.constants.front().name = "c";
    expect(derivatives_at(model, 0.5), 1.5, 3.0, 0.0);
    for (const std::string name : {"a", "x"}) {
        table.formula = text(name + "*t");
        EXPECT_NE(refusal(with_table("w(x)", table)).find("the table w reads " + name),
                  std::string::npos);
    }
}

TEST(Tape, BlocksOfEverySizeGiveEveryRowTheSame) {
    const auto node = make_equation_node(
        formula_model("exp(-x^2)*cos(a*x) + tanh(x)/(1+exp(n*x)) + a^n + besselj(1,x) + ln(a)"));
    constexpr Eigen::Index rows = 400;
    const Matrix x = Vector::LinSpaced(rows, -3.0, 3.0), u(rows, 0);
    const Matrix p = default_values(node->parameters()).transpose();
    Matrix all(rows, 1);
    node->rhs_batch(x, u, p, all);
    for (Eigen::Index row = 0; row < rows; row += 7) {
        Matrix one(1, 1);
        node->rhs_batch(x.row(row), u.topRows(1), p, one);
        EXPECT_EQ(one(0, 0), all(row, 0));
    }
    Matrix own(rows, 1);
    node->rhs_batch(x, u, p.replicate(rows, 1), own);
    EXPECT_EQ(own, all);
}
