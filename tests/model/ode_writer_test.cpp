#include <cortifold/model/equation_model.hpp>
#include <cortifold/model/registry.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

using namespace cortifold;
using testing::HasSubstr;

namespace {

std::string no_file(const std::string& name, const SourceLine& where) {
    throw ConfigError("no file \"" + name + "\"", where);
}

EquationDefinition parse(const std::string& text) {
    return parse_ode(text, "model.ode", no_file);
}

}  // namespace

TEST(OdeWriter, WritesWhatReadsBackAsTheSame) {
    const std::string text =
        "# a model of everything\n"
        "# time [ms]\n"
        "# input I [pA]: current\n"
        "# output rate [Hz] = f(x): firing\n"
        "# a [mV] in [-1, inf]: level\n"
        "par a=0.1\n"
        "par I=0\n"
        "number k=3\n"
        "table g % 5 0 4 t^2\n"
        "f(u,v)=u*v\n"
        "wiener w\n"
        "q=a+k\n"
        "# x [mV]: potential\n"
        "x'=-x+q+w+I+g(x)\n"
        "x(0)=2*a\n"
        "y'=x\n"
        "aux z=x^2\n"
        "global 1 {x-1} {x=0;a=a+1;}\n"
        "global -1 {y} {arret=1;}\n"
        "@ total=40\n"
        "@ dt=0.1\n"
        "@ meth=euler\n"
        "@ nout=2\n"
        "done\n";
    EXPECT_EQ(write_ode(parse(text)), text);
}

TEST(OdeWriter, WritesEveryBuiltInModelSoThatItReadsBackAsTheSame) {
    for (const ModelEntry& entry : registered_models()) {
        const EquationDefinition model = entry.make()->equations();
        const std::string text = write_ode(model);
        EXPECT_EQ(write_ode(parse_ode(text, model.name + ".ode", no_file)), text) << entry.name;
        EXPECT_EQ(model.states.size(), entry.make()->states().size());
        EXPECT_EQ(model.outputs.size(), entry.make()->outputs().size());
    }
}

TEST(OdeWriter, TellsNamesApartThatDifferInCaseAlone) {
    const EquationDefinition model = find_model("jansen_rit").make()->equations();
    EXPECT_EQ(model.parameters[0].name, "A");
    EXPECT_EQ(model.parameters[1].name, "a2");
    EXPECT_EQ(model.parameters[1].unit, "1/s");
}

TEST(OdeWriter, MakesAQuantityOfWhatFormulasShare) {
    const EquationDefinition model = find_model("ng_ping").make()->equations();
    ASSERT_FALSE(model.quantities.empty());
    EXPECT_EQ(model.states[2].rhs.text, "(r_e-s_e)/tau_se");
}

TEST(OdeWriter, ShortensNamesThatXppautWouldCutOff) {
    EquationDefinition model = parse("x'=-potential*x\npar potential=2\ndone");
    model.parameters[0].name = "potential_of_rest";
    model.states[0].rhs.text = "-Potential_Of_Rest*x";
    const std::string text = write_ode(model);
    EXPECT_THAT(text, HasSubstr("# potentia2 stands for potential_of_rest\npar potentia2=2\n"));
    EXPECT_THAT(text, HasSubstr("x'=-potentia2*x\n"));
}

TEST(OdeWriter, SetsAStateAfterAllThatReadIt) {
    EquationDefinition model = parse("x'=1\ny'=1\nglobal 1 {x-1} {y=x;x=0}\ndone");
    auto& assignments = model.events[0].assignments;
    std::swap(assignments[0], assignments[1]);  // both of the state before, in whatever order
    EXPECT_THAT(write_ode(model), HasSubstr("{y=x;x=0;}"));
    assignments[0].expression.text = "y";
    EXPECT_THROW((void)write_ode(model), ConfigError);
}

TEST(OdeWriter, LeavesTheValuesOfATableToAFile) {
    const std::string file = "i3\n-1\n1\n5\n6\n7\n";
    const EquationDefinition model =
        parse_ode("table g values.tab\nx'=g(x)\ndone", "m.ode",
                  [&](const std::string&, const SourceLine&) { return file; });
    EXPECT_THAT(write_ode(model), HasSubstr("table g g.tab\n"));
    const std::vector<OdeTableFile> files = write_ode_tables(model);
    ASSERT_EQ(files.size(), 1U);
    EXPECT_EQ(files[0].name, "g.tab");
    EXPECT_EQ(files[0].text, file);
}

TEST(OdeWriter, RefusesAUnitThatAnEndOfItsCommentStandsIn) {
    EquationDefinition model = parse("x'=a\npar a=2\ndone");
    for (const std::string unit : {"mV]", "mV\nx'=1", "mV\r"}) {
        model.parameters[0].unit = unit;
        EXPECT_THROW((void)write_ode(model), ConfigError) << unit;
    }
}
