#include "model/equation_models.hpp"
#include "model/formula.hpp"
#include "models/node_argument.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

using namespace cortifold;

using testing::ElementsAre;
using testing::HasSubstr;

namespace {

class Written : public testing::TestWithParam<WrittenModel> {
protected:
    const std::shared_ptr<const Node> compiled = find_model(GetParam().name).make();
    const std::shared_ptr<const Node> node = make_equation_node(GetParam().definition());
    const NodeArgument by_compiler{*compiled}, by_text{*node};
    const Vector z = by_compiler.near_defaults(1), v = by_compiler.near_defaults(2);

    static void expect_equal(const Matrix& found, const Matrix& expected) {
        constexpr double relative = 1e-13;
        EXPECT_LE((found - expected).cwiseAbs().maxCoeff(),
                  relative * expected.cwiseAbs().maxCoeff());
    }
};

EquationDefinition::Formula formula(const std::string& name, const std::string& expression) {
    EquationDefinition::Formula made;
    made.name = name;
    made.expression = text(expression);
    return made;
}

EquationDefinition::Event event(const std::string& condition,
                                std::vector<EquationDefinition::Formula> assignments) {
    EquationDefinition::Event made;
    made.name = "event";
    made.crossing = Crossing::rising;
    made.condition = text(condition);
    made.assignments = std::move(assignments);
    return made;
}

double rhs_of(const Node& node, const Vector& x, const Vector& u) {
    Linearization at;
    node.linearize({x, u, default_values(node.parameters())}, {}, at);
    return at.f[0];
}

const Vector two{{2.0}};

}  // namespace

TEST_P(Written, EqualsTheCompiledModelInValueAndAllDerivatives) {
    expect_equal(by_text.value(z), by_compiler.value(z));
    expect_equal(by_text.jacobian(z), by_compiler.jacobian(z));
    expect_equal(by_text.jacobian_slope(z, v), by_compiler.jacobian_slope(z, v));
    Matrix curve(z.size(), Node::taylor_order + 1);
    for (Eigen::Index k = 0; k < curve.cols(); ++k)
        curve.col(k) = by_compiler.near_defaults(static_cast<std::uint64_t>(k));
    expect_equal(by_text.taylor(curve), by_compiler.taylor(curve));
}

TEST_P(Written, EqualsTheCompiledModelInBatches) {
    constexpr Eigen::Index rows = 90;
    Matrix all(z.size(), rows);
    for (Eigen::Index k = 0; k < rows; ++k)
        all.col(k) = by_compiler.near_defaults(static_cast<std::uint64_t>(k));
    const Matrix x = by_compiler.x(all).transpose(), u = by_compiler.u(all).transpose(),
                 p = by_compiler.p(all).transpose();
    Matrix found(rows, x.cols()), expected(rows, x.cols());
    node->rhs_batch(x, u, p, found);
    compiled->rhs_batch(x, u, p, expected);
    expect_equal(found, expected);
}

INSTANTIATE_TEST_SUITE_P(Models, Written,
                         testing::Values(written_fitzhugh_nagumo(), written_jansen_rit(),
                                         written_ng_ping()),
                         [](const auto& model) { return model.param.name; });

TEST(EquationNode, AnInputIsAddedToItsParameterEverywhere) {
    EquationDefinition model = formula_model("a*x + q");
    model.quantities.push_back(formula("q", "a^2"));
    const auto node = make_equation_node(model, {{}, {"A"}});
    EXPECT_THAT(names_of(node->inputs()), ElementsAre("a"));
    EXPECT_EQ(rhs_of(*node, two, Vector{{1.0}}), 4.0 * 2.0 + 16.0);
}

TEST(EquationNode, AnInputOfItsOwnNameIsReadByIt) {
    EquationDefinition model = formula_model("a*drive");
    model.inputs.push_back(formula("drive", ""));
    EXPECT_EQ(rhs_of(*make_equation_node(model), two, Vector{{5.0}}), 15.0);
}

TEST(EquationNode, TimeIsTheLastInputWhereItIsRead) {
    EquationDefinition model = formula_model("noisy + T*x");
    model.noises = {"noisy"};
    const auto node = make_equation_node(model, {{}, {"b"}});
    EXPECT_THAT(names_of(node->inputs()), ElementsAre("b", "noisy", "t"));
    EXPECT_EQ(node->time_input(), 2);
    EXPECT_THAT(node->noise_inputs(), ElementsAre(1));
    EXPECT_EQ(rhs_of(*node, two, Vector{{0.0, 0.5, 3.0}}), 6.5);
    EXPECT_EQ(make_equation_node(formula_model("x"))->time_input(), std::nullopt);
}

TEST(EquationNode, TheRightHandSideMustBeAffineInItsNoises) {
    EquationDefinition model = formula_model("");
    model.noises = {"w1", "w2"};
    for (const std::string rhs : {"w1", "x*w1-w2/a", "if(x>0)then(w1*a)else(w2)", "-(w1+w2)*x^2"}) {
        model.states[0].rhs = text(rhs);
        EXPECT_EQ(make_equation_node(model)->noise_inputs().size(), 2) << rhs;
    }
    for (const std::string rhs : {"w1*w2", "w1^2", "x/w1", "abs(w1)", "if(w1>0)then(1)else(2)"}) {
        model.states[0].rhs = text(rhs);
        EXPECT_THAT(refusal(model), HasSubstr("must be a sum of noises")) << rhs;
    }
}

TEST(EquationNode, StatesQuantitiesAndAuxiliariesMayBeSent) {
    EquationDefinition model = formula_model("x");
    model.quantities.push_back(formula("Rate", "x^2"));
    model.auxiliaries.push_back(formula("aux1", "Rate+1"));
    const auto node = make_equation_node(model, {{"X", "rate", "aux1"}, {}});
    EXPECT_THAT(names_of(node->outputs()), ElementsAre("x", "Rate", "aux1"));
    Matrix h(1, 3), auxiliaries(1, 1);
    const Matrix x{{2.0}}, u(1, 0), p = default_values(node->parameters()).transpose();
    node->output_batch(x, p, h);
    node->auxiliary_batch(x, u, p, auxiliaries);
    EXPECT_EQ(h, (Matrix{{2.0, 4.0, 5.0}}));
    EXPECT_EQ(auxiliaries(0, 0), 5.0);
    EXPECT_THAT(refusal(model, {{"speed"}, {}}), HasSubstr("unknown name to send \"speed\""));
    EXPECT_THAT(refusal(model, {{}, {"x"}}), HasSubstr("unknown parameter to receive \"x\""));
}

TEST(EquationNode, AnOutputMayNotReadAnInput) {
    EquationDefinition model = formula_model("x");
    model.quantities.push_back(formula("rate", "x+a"));
    EXPECT_THAT(refusal(model, {{"rate"}, {"a"}}), HasSubstr("the output rate reads the input a"));
}

TEST(EquationNode, InitialValuesFollowParameters) {
    EquationDefinition model = formula_model("x");
    model.quantities.push_back(formula("half", "a/2"));
    model.states[0].initial = text("half+t");
    model.run.t0 = 1.0;
    const auto node = make_equation_node(model);
    EXPECT_EQ(node->states()[0].value, 2.5);
    EXPECT_EQ(node->initial(Vector{{8.0, 0.0, 0.0}})[0], 5.0);
    model.states[0].initial = text("x+1");
    EXPECT_THAT(refusal(model), HasSubstr("parameters and constants alone"));
    model.states[0].initial = text("1/b");
    EXPECT_THAT(refusal(model), HasSubstr("the initial value of x is not finite"));
}

TEST(EquationNode, FunctionsMayReferToWhatStandsBelowAndQuantitiesMayNot) {
    EquationDefinition model = formula_model("f(x)+first");
    model.functions = {{"f", {"z"}, text("g(z)+second")}, {"g", {"Z"}, text("2*z")}};
    model.quantities = {formula("first", "a"), formula("second", "first+1")};
    EXPECT_EQ(rhs_of(*make_equation_node(model), two, Vector()), 4.0 + 4.0 + 3.0);
    model.quantities = {formula("first", "f(1)"), formula("second", "a")};
    EXPECT_THAT(refusal(model), HasSubstr("second is used above its definition"));
    model.functions[1].body = text("f(z)");
    EXPECT_THAT(refusal(model), HasSubstr("calls itself"));
}

TEST(EquationNode, NamesThatDifferInCaseAloneAreTaken) {
    EquationDefinition model = formula_model("x");
    for (const std::string name : {"X", "A", "Exp", "pi", "T"}) {
        model.quantities = {formula(name, "1")};
        EXPECT_THAT(refusal(model), HasSubstr("the name \"" + name + "\" is taken"));
    }
}

TEST(EquationNode, EventsAssignStatesAndParametersFromTheStateBefore) {
    EquationDefinition model = formula_model("x");
    model.quantities.push_back(formula("level", "a-1"));
    model.events = {event("x-level", {formula("x", "a"), formula("A", "x")})};
    const auto node = make_equation_node(model);
    const NodeEvents& events = *node->events();
    EXPECT_EQ(events.jumps()[0].crossing, Crossing::rising);
    EXPECT_TRUE(events.moves_parameters(0));
    Vector x = two, p = default_values(node->parameters()), value(1);
    const Vector u;
    events.values({x, u, p}, value);
    EXPECT_EQ(value[0], 0.0);
    EXPECT_EQ(events.apply(0, {x, u, p}, x, p), Flow::proceed);
    EXPECT_EQ(x[0], 3.0);
    EXPECT_EQ(p[0], 2.0);
}

TEST(EquationNode, AnEventEndsTheRunWhereArretIsPositive) {
    EquationDefinition model = formula_model("x");
    model.events = {event("x-1", {formula("arret", "x>1")})};
    const auto node = make_equation_node(model);
    Vector p = default_values(node->parameters());
    for (const double at : {0.5, 2.0}) {
        Vector x{{at}};
        EXPECT_EQ(node->events()->apply(0, {x, Vector(), p}, x, p),
                  at > 1.0 ? Flow::stop : Flow::proceed);
        EXPECT_EQ(x[0], at);
    }
    model.events = {event("x-1", {formula("level", "1")})};
    EXPECT_THAT(refusal(model), HasSubstr("unknown state or parameter \"level\""));
}

TEST(EquationNode, EventsOfABuiltInModelTellItsNamesByCaseWhereTheyMust) {
    const auto node = find_model("jansen_rit").make();
    const std::vector events{event("Y0 - a + drive", {formula("A", "a+A")})};
    const auto made = make_node_events(events, *node);
    Vector x = default_values(node->states()), p = default_values(node->parameters()), value(1);
    const Vector u{{2.0}};
    made->values({x, u, p}, value);
    EXPECT_EQ(value[0], x[0] - 100.0 + 2.0);
    static_cast<void>(made->apply(0, {x, u, p}, x, p));
    EXPECT_EQ(p[0], 103.25);
    EXPECT_EQ(p[1], 100.0);
}

TEST(EquationNode, KnowsWhatItIsAffineInByItsFormulas) {
    using Names = std::vector<std::string>;
    EquationDefinition model = formula_model("a*b*abs(x)+b+n^2");
    const auto node = make_equation_node(model, {.send = {}, .receive = {"a"}});
    for (const Names& affine : {Names{}, Names{"a"}, Names{"b"}})
        EXPECT_TRUE(is_affine_in(*node, affine));
    for (const Names& curved : {Names{"n"}, Names{"a", "b"}})
        EXPECT_FALSE(is_affine_in(*node, curved));
    EXPECT_THROW((void)is_affine_in(*node, Names{"c"}), UsageError);
    model.quantities = {formula("sent", "b*x")};  // comes back through a, beside b
    EXPECT_FALSE(
        is_affine_in(*make_equation_node(model, {.send = {"sent"}, .receive = {"a"}}), Names{"b"}));
}

TEST(EquationNode, BuiltInModelsAreAffineInTheirDrives) {
    for (const char* name : {"jansen_rit", "fitzhugh_nagumo"})
        EXPECT_TRUE(is_affine_in(*find_model(name).make(), std::vector<std::string>{"drive"}))
            << name;
    EXPECT_FALSE(is_affine_in(*find_model("jansen_rit").make(), std::vector<std::string>{"r"}));
    EXPECT_FALSE(
        is_affine_in(*find_model("wilson_cowan").make(), std::vector<std::string>{"drive"}));
}

TEST(EquationNode, EventsSeeAParameterWithWhatArrivesAtIt) {
    const auto node = make_equation_node(formula_model("-x+a"), {.send = {}, .receive = {"a"}});
    const auto events = make_node_events(std::vector{event("x-a", {})}, *node);
    Vector value(1);
    const Vector input{{0.5}}, p{{3.0, 0.0, 3.0}};
    events->values({two, input, p}, value);
    EXPECT_EQ(value[0], 2.0 - (3.0 + 0.5));
}

TEST(EquationNode, EventsReadTheTimeWhereTheModelDoes) {
    const auto node = make_equation_node(formula_model("-x+cos(t)"));
    const auto events = make_node_events(std::vector{event("T-1", {})}, *node);
    Vector value(1);
    const Vector time{{5.0}}, p{{3.0, 0.0, 3.0}};
    events->values({two, time, p}, value);
    EXPECT_EQ(value[0], 4.0);
    try {
        (void)make_node_events(std::vector{event("x+t", {})},
                               *make_equation_node(formula_model("-x")));
        FAIL();
    } catch (const ConfigError& error) {
        EXPECT_THAT(error.what(), HasSubstr("does not read the time t"));
        EXPECT_EQ(error.where().column, 3);
    }
}

TEST(EquationNode, NamesAreWordsAndArgumentsDiffer) {
    EquationDefinition model = formula_model("-x");
    for (const std::string name : {"a.b", "2a", "a b", ""}) {
        model.parameters.front().name = name;
        EXPECT_THAT(refusal(model), HasSubstr("found \"" + name + "\""));
    }
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"y", "Y"}, {"y", "z w"}, {""}}) {
        model = formula_model("-x");
        model.functions = {{"f", arguments, text("1")}};
        EXPECT_THAT(refusal(model), HasSubstr("must be names that differ"));
    }
}
