#include <cortifold/model/equation_model.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

using namespace cortifold;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

std::string no_file(const std::string& name, const SourceLine& where) {
    throw ConfigError("no file \"" + name + "\"", where);
}

EquationDefinition parse(const std::string& text) {
    return parse_ode(text, "model.ode", no_file);
}

std::vector<std::string> names_of(const auto& list) {
    std::vector<std::string> names;
    for (const auto& item : list) names.push_back(item.name);
    return names;
}

void expect_refusal(const std::string& text, int line, int column, const std::string& message) {
    try {
        (void)parse(text);
        FAIL() << "no exception for: " << text;
    } catch (const ConfigError& error) {
        EXPECT_THAT(error.what(), HasSubstr(message));
        EXPECT_EQ(error.where().file, "model.ode") << error.what();
        EXPECT_EQ(error.where().line, line) << error.what();
        EXPECT_EQ(error.where().column, column) << error.what();
    }
}

}  // namespace

TEST(OdeParser, ReadsTheSameEquationInEveryNotation) {
    for (const std::string head : {"x'=", "dx/dt=", "DX/DT = ", "dx / dt =", "x' ="}) {
        const EquationDefinition model = parse(head + "-x\ndone\n");
        ASSERT_EQ(model.states.size(), 1U) << head;
        EXPECT_EQ(model.states[0].rhs.text, "-x") << head;
        EXPECT_EQ(model.name, "model");
    }
}

TEST(OdeParser, KnowsAStatementByItsFirstLettersAsXppautDoes) {
    for (const std::string word : {"p", "par", "param", "PARAMETERS"}) {
        const EquationDefinition model = parse(word + " a=1.5, b=-2  c,d = +.5e1\nx'=a\nd");
        ASSERT_THAT(names_of(model.parameters), ElementsAre("a", "b", "c", "d")) << word;
        EXPECT_EQ(model.parameters[0].value, 1.5);
        EXPECT_EQ(model.parameters[1].value, -2.0);
        EXPECT_EQ(model.parameters[2].value, 0.0);
        EXPECT_EQ(model.parameters[3].value, 5.0);
    }
}

TEST(OdeParser, ReadsInitialValuesAsNumbersAndAsFormulas) {
    const EquationDefinition model =
        parse("par a=2\nX'=0\ny'=0\nz'=0\ninit x=1.5,y\nz(0)=2*a\ndone");
    EXPECT_EQ(model.states[0].name, "X");
    EXPECT_EQ(model.states[0].initial.text, "1.5");
    EXPECT_EQ(model.states[1].initial.text, "0");
    EXPECT_EQ(model.states[2].initial.text, "2*a");
}

TEST(OdeParser, EvaluatesDerivedParametersBeforeQuantities) {
    const EquationDefinition model = parse("q=b+x\n!b=2*a\n!c=b\npar a=1\nnum k=3\nx'=q\ndone");
    EXPECT_THAT(names_of(model.quantities), ElementsAre("b", "c", "q"));
    EXPECT_THAT(names_of(model.constants), ElementsAre("k"));
}

TEST(OdeParser, RefusesADerivedParameterThatFollowsTheState) {
    const std::string follows = "which is no parameter";
    expect_refusal("par a=1\n!b=2*x\nx'=b\ndone", 2, 4, follows);
    expect_refusal("!b=cos(T)\nx'=b\ndone", 1, 4, follows);
    expect_refusal("!b=w\nwiener w\nx'=b\ndone", 1, 4, follows);
    expect_refusal("!b=q\nq=1+x\nx'=b\ndone", 1, 4, follows);
    expect_refusal("g(y)=1+f(y)\nf(y)=X*y\n!b=g(1)\nx'=b\ndone", 3, 4, "reads g");
    EXPECT_EQ(parse("f(x)=2*x\npar a=1\n!b=f(a)\n!c=2*b\nx'=c\ndone").quantities.size(), 2U);
}

TEST(OdeParser, WritesArraysOut) {
    const EquationDefinition model = parse(
        "x0'=0\nx[1..3]'=x[j-1]+[j]*x[2]-x[j*0]\ninit x[1..2]=[j]\nx[3](0)=9\naux s=x[3]\ndone");
    ASSERT_THAT(names_of(model.states), ElementsAre("x0", "x1", "x2", "x3"));
    EXPECT_EQ(model.states[3].rhs.text, "x2+3*x2-x0");
    EXPECT_EQ(model.states[2].initial.text, "2");
    EXPECT_EQ(model.states[3].initial.text, "9");
    EXPECT_EQ(model.auxiliaries[0].expression.text, "x3");
}

TEST(OdeParser, WritesABlockOutElementByElement) {
    const EquationDefinition model = parse("%[2..1]\nu[j]'=v[j]\nv[j]'=-u[j]\n%\ndone");
    EXPECT_THAT(names_of(model.states), ElementsAre("u2", "v2", "u1", "v1"));
}

TEST(OdeParser, ToleratesEveryLineEndTabsAndAByteOrderMark) {
    const EquationDefinition model =
        parse("\xEF\xBB\xBF# about\r\npar\ta=1\rx'=a+\\\r\n  x\ny'=1\r\ndone\nnot read");
    EXPECT_THAT(names_of(model.states), ElementsAre("x", "y"));
    EXPECT_EQ(model.states[0].rhs.text, "a+  x");
    EXPECT_EQ(model.about, "about");
}

TEST(OdeParser, ReadsFunctionsNoisesAndAuxiliaries) {
    const EquationDefinition model =
        parse("f(u, v)=u*v\ns(t)=sin(t)\nwiener w[1..2]\nx'=f(x,1)+w1\naux P.E.=x^2\ndone");
    EXPECT_THAT(names_of(model.functions), ElementsAre("f", "s"));
    EXPECT_THAT(model.functions[0].arguments, ElementsAre("u", "v"));
    EXPECT_THAT(model.noises, ElementsAre("w1", "w2"));
    EXPECT_EQ(model.auxiliaries[0].name, "P.E.");
}

TEST(OdeParser, ReadsAnEventWithAndWithoutBracesAroundItsCondition) {
    const EquationDefinition model = parse(
        "x'=1\npar a=0\nglobal 1 {x-1} {x=0;a=a+1}\nglobal -1 x {arret=1}\nglobal 0 x-2 "
        "{X=a}\ndone");
    ASSERT_EQ(model.events.size(), 3U);
    EXPECT_EQ(model.events[0].crossing, Crossing::rising);
    EXPECT_EQ(model.events[0].condition.text, "x-1");
    EXPECT_THAT(names_of(model.events[0].assignments), ElementsAre("x", "a"));
    EXPECT_EQ(model.events[1].crossing, Crossing::falling);
    EXPECT_EQ(model.events[1].then, Flow::stop);
    EXPECT_TRUE(model.events[1].assignments.empty());
    EXPECT_EQ(model.events[2].crossing, Crossing::either);
}

TEST(OdeParser, LetsLaterValuesOfAnEventSeeTheStatesThatEarlierOnesSet) {
    const EquationDefinition model =
        parse("x'=1\ny'=0\npar a=0\nglobal 1 {x-1} {x=y+1;a=5;y=x+a}\ndone");
    EXPECT_EQ(model.events[0].assignments[2].expression.text, "(y+1)+a");
}

TEST(OdeParser, ReadsTablesOfFormulasAndOfFiles) {
    const auto load = [](const std::string& name, const SourceLine&) {
        return name == "v.tab" ? "s3\n-1\n1\n5\n6\n7\n" : std::string();
    };
    const EquationDefinition model =
        parse_ode("table f % 5 0 4 t^2+1\ntable g v.tab\nx'=f(x)+g(x)\ndone", "m.ode", load);
    EXPECT_EQ(model.tables[0].points, 5U);
    EXPECT_EQ(model.tables[0].last, 4.0);
    EXPECT_EQ(model.tables[0].formula.text, "t^2+1");
    EXPECT_THAT(model.tables[1].values, ElementsAre(5.0, 6.0, 7.0));
    EXPECT_EQ(model.tables[1].first, -1.0);
    EXPECT_EQ(model.tables[1].interpolation,
              EquationDefinition::Table::Interpolation::cubic_spline);
}

TEST(OdeParser, HonoursOptionsByTheirFirstLettersAndNotesOthers) {
    const EquationDefinition model = parse(
        "x'=1\n@ TOTAL=40 dt = .1,T0=-1,transient=5 method=euler,bounds=1e4,nout=2\n"
        "@ dtmin=1e-12,xp=x\nb x-x'\nset a {x=1}\nonly x\ndone");
    EXPECT_EQ(model.run.duration, 40.0);
    EXPECT_EQ(model.run.step, 0.1);
    EXPECT_EQ(model.run.t0, -1.0);
    EXPECT_EQ(model.run.transient, 5.0);
    EXPECT_EQ(model.run.method, "euler");
    EXPECT_EQ(model.run.bound, 1e4);
    EXPECT_EQ(model.run.output_every, 2U);
    ASSERT_EQ(model.ignored.size(), 5U);
    EXPECT_EQ(model.ignored[0].text, "@ dtmin=1e-12");
    EXPECT_EQ(model.ignored[2].where.line, 4);
}

TEST(OdeParser, PutsIncludedFilesInAndEndsThemAtTheirDone) {
    const auto load = [](const std::string& name, const SourceLine&) {
        return name == "a.inc" ? "par a=1\ndone\nrubbish here" : "#include b.inc\n";
    };
    const EquationDefinition model = parse_ode("#include a.inc\nx'=a\ndone", "m.ode", load);
    EXPECT_EQ(model.parameters[0].where.file, "a.inc");
    EXPECT_THROW((void)parse_ode("#include b.inc\nx'=1\n", "m.ode", load), ConfigError);
}

TEST(OdeParser, RefusesWhatXppautHasAndThisHasNotByNameAndLine) {
    expect_refusal("x'=delay(x,1)\ndone", 1, 4, "delay");
    expect_refusal("x(t+1)=x\ndone", 1, 1, "maps");
    expect_refusal("x'=x\n@ meth=discrete\ndone", 2, 8, "maps");
    expect_refusal("x'=y\n0=x+y\ndone", 2, 1, "algebraic");
    expect_refusal("x'=x\nsolve y=1\ndone", 2, 1, "\"solve\" is not supported");
    expect_refusal("x'=x\nmarkov z 2\n{0} {1}\n{1} {0}\ndone", 2, 1, "\"markov\"");
    expect_refusal("special k=conv(even,3,1,w,x)\nx'=x\ndone", 1, 1, "\"special\"");
    expect_refusal("export {x} {y}\nx'=x\ndone", 1, 1, "\"export\"");
    expect_refusal("volt u=int{t#u}\ndone", 1, 1, "\"volt\"");
    expect_refusal("u(t)=t+int{t#u}\ndone", 1, 8, "integral equations");
    expect_refusal("x'=shift(x,1)\ndone", 1, 4, "shift");
    expect_refusal("2\nv x=1,y=2\no y\no -x\ndone", 1, 1, "old format");
    expect_refusal("table f @ g.tab\nx'=x\ndone", 1, 9, "two arguments");
}

TEST(OdeParser, NotesWholeWordsOnlySinceOthersMayBeMisspelled) {
    for (const std::string word : {"b", "bdry", "BNDRY", "o", "option", "options", "only", "set"})
        EXPECT_EQ(parse("x'=1\n" + word + " x\ndone").ignored.size(), 1U) << word;
    for (const std::string word : {"beta", "bogus", "omega", "onyl", "settle"})
        expect_refusal("x'=1\n" + word + " 3\ndone", 2, 1, "unknown statement \"" + word + "\"");
}

TEST(OdeParser, SaysLineColumnAndWhatWasExpected) {
    expect_refusal("x'=1\npar a=1/2\ndone", 2, 7, "a must be a finite number, found \"1/2\"");
    expect_refusal("x'=1\npar a=2 x=3", 2, 9, "\"x\" is defined twice, first in line 1");
    expect_refusal("x'=1\nX'=2", 2, 1, "\"X\" is defined twice, first in line 1");
    expect_refusal("par t=1\nx'=1", 1, 5, "\"t\" is a word of XPPAUT");
    expect_refusal("x'=1\ninit y=1", 2, 6, "unknown state \"y\"");
    expect_refusal("x'=1\nglobal 1 {x-1} {y=1}", 2, 17, "unknown state or parameter \"y\"");
    expect_refusal("x'=1\nglobal 2 {x-1} {x=1}", 2, 8, "-1, 0 or 1");
    expect_refusal("x'=1\nfoo bar", 2, 1, "unknown statement \"foo\"");
    expect_refusal("x'=1\nf(a,A)=a", 2, 5, "the argument \"A\" stands twice");
    expect_refusal("x' 1", 1, 4, "expected '='");
    expect_refusal("x'=", 1, 4, "the expression of x is missing");
    expect_refusal("x[1..3'=1", 1, 4, "\"..\" belongs between brackets");
    expect_refusal("x'=1\n%[1..3]\ny[j]'=1", 2, 1, "not closed");
    expect_refusal("x'=y[j]", 1, 6, "[j] stands only");
    expect_refusal("x[0..1]'=x[j-1]", 1, 11, "negative");
    expect_refusal("par a=1", 0, 0, "no differential equation");
    expect_refusal("x'=1\n@ dt=-1", 2, 6, "dt must be positive");
}

TEST(OdeParser, KeepsTheMemoryOfHostileArraysBounded) {
    expect_refusal("x'=1\npar a[1..900000]=1", 2, 1, "200000 statements");
    expect_refusal("x'=1\npar a[1..9000000]=1", 2, 10, "at most 1000000");
    expect_refusal("x'=1\npar a[1..99999999999]=1", 2, 10, "whole number");
}
