// Branches of the reference models and curves in two parameters through their bifurcations, with
// default options: what was computed in 40 digits is found, and nothing else is.

#include "support/reference_case.hpp"
#include <cortifold/continuation/equilibrium_curve.hpp>
#include <cortifold/continuation/normal_form.hpp>
#include <cortifold/continuation/two_parameter.hpp>
#include <cortifold/equilibrium/newton.hpp>

#include <Eigen/Eigenvalues>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <set>

using namespace cortifold;

namespace {

constexpr double digits = 1e-9;              ///< relative, of parameters, states and frequencies
constexpr double coefficient_digits = 1e-6;  ///< of normal forms

using Bound = ContinuationOptions::Bound;

/// A model alone with the parameters that are varied: the second where there is one.
struct Subject {
    std::shared_ptr<const VectorField> field;
    Vector p;
    std::array<std::size_t, 2> free{};

    Subject(std::shared_ptr<const VectorField> its_field, const std::string& first,
            const std::string& second)
        : field(std::move(its_field)),
          p(default_values(field->parameters())),
          free{index_of(field->parameters(), first), index_of(field->parameters(), second)} {}

    void set(std::size_t k, double value) { p[static_cast<Eigen::Index>(free[k])] = value; }

    /// The branch through the equilibrium that is found at the low end of the range.
    [[nodiscard]] Branch branch(Bound range) {
        set(0, range.low);
        const auto start = find_equilibrium({field, p, default_values(field->states())});
        return continue_branch(equilibrium_curve(field, p, free[0]),
                               equilibrium_start(start.state, range.low), {.bounds = {range}});
    }
    [[nodiscard]] std::vector<Branch> curves(const SpecialPoint& through,
                                             const ContinuationOptions& options) const {
        Bifurcation at{through.type, through.at.z.head(field->dimension()), p,
                       2.0 * std::numbers::pi * through.frequency};
        for (std::size_t k = 0; k < through.at.parameters.size(); ++k)
            at.parameters[static_cast<Eigen::Index>(free[k])] = through.at.parameters[k];
        std::vector<Branch> found;
        for (const CurveStart& start : curves_through(field, at, free)) {
            ContinuationOptions its_options = options;
            its_options.direction = start.way;
            found.push_back(continue_branch(start.problem, start.point, its_options));
        }
        return found;
    }
};

/// Without neutral saddles, which are no bifurcations.
std::vector<SpecialPoint> bifurcations(const std::vector<SpecialPoint>& all) {
    std::vector<SpecialPoint> some;
    std::ranges::copy_if(all, std::back_inserter(some), [](const SpecialPoint& point) {
        return point.type != PointType::neutral_saddle;
    });
    return some;
}

struct Expected {
    PointType type;
    Vector parameters, state;  ///< no state: it is not listed
    double omega = 0.0;
    std::map<std::string, double> normal_form{};
};

void expect_close(double found, double expected, double scale, double tolerance) {
    EXPECT_LE(std::abs(found - expected), tolerance * scale)
        << "found " << testing::PrintToString(found) << ", expected "
        << testing::PrintToString(expected);
}

void expect_point(const SpecialPoint& found, const Expected& expected) {
    EXPECT_EQ(found.type, expected.type) << to_string(found.type);
    for (Eigen::Index k = 0; k < expected.parameters.size(); ++k)
        expect_close(found.at.parameters[static_cast<std::size_t>(k)], expected.parameters[k],
                     std::abs(expected.parameters[k]), digits);
    const double size = expected.state.size() > 0 ? expected.state.cwiseAbs().maxCoeff() : 0.0;
    for (Eigen::Index i = 0; i < expected.state.size(); ++i)
        expect_close(found.at.z[i], expected.state[i], size, digits);
    expect_close(2.0 * std::numbers::pi * found.frequency, expected.omega, expected.omega, digits);
    // a of a fold and both of a Bogdanov-Takens point turn their signs with the eigenvector.
    double turned = 1.0;
    for (const auto& [name, value] : expected.normal_form) {
        const double coefficient = found.normal_form.at(name);
        const bool turns = name == "a" || name == "b";
        if (turns) turned *= std::copysign(1.0, coefficient * value);
        expect_close(turns ? std::abs(coefficient) : coefficient, turns ? std::abs(value) : value,
                     std::abs(value), coefficient_digits);
    }
    EXPECT_TRUE(turned > 0.0 || !expected.normal_form.contains("b"));
    const auto l1 = expected.normal_form.find("l1");
    if (l1 == expected.normal_form.end()) return;
    EXPECT_EQ(found.scenario, l1->second < 0.0 ? "supercritical" : "subcritical");
}

double distance(const SpecialPoint& found, const Expected& expected) {
    const auto n = static_cast<Eigen::Index>(found.at.parameters.size());
    const Vector p = Eigen::Map<const Vector>(found.at.parameters.data(), n);
    return found.type == expected.type ? (p - expected.parameters).norm()
                                       : std::numeric_limits<double>::infinity();
}

const SpecialPoint& nearest(const std::vector<SpecialPoint>& found, const Expected& expected) {
    return *std::ranges::min_element(
        found, {}, [&](const SpecialPoint& point) { return distance(point, expected); });
}

PointType type_of(const std::string& code) {
    static const std::map<std::string, PointType> types{{"LP", PointType::fold},
                                                        {"HB", PointType::hopf},
                                                        {"CP", PointType::cusp},
                                                        {"BT", PointType::bogdanov_takens},
                                                        {"GH", PointType::generalized_hopf}};
    return types.at(code);
}

Expected expected_point(const Record& listed, double rate) {
    const Record* code = listed.find("type");
    if (code == nullptr) code = listed.find("kind");
    Expected point{type_of(code->as<std::string>()), numbers(*listed.find("p")),
                   numbers(*listed.find("u")), 0.0};
    if (const Record* omega = listed.find("omega"); omega != nullptr && !omega->is_null())
        point.omega = rate * numbers(*omega)[0];
    for (const std::string name : {"a", "l1"})
        if (const Record* value = listed.find(name)) point.normal_form[name] = numbers(*value)[0];
    return point;
}

struct Tested {
    std::string model;
    Bound range;                             ///< of the first parameter on branches
    std::vector<Bound> box{};                ///< of curves
    std::vector<Expected> further_points{};  ///< on curves, which the file does not list
};
void PrintTo(const Tested& tested, std::ostream* out) {
    *out << tested.model;
}

// What the file does not list: zeros of the first Lyapunov coefficient in 50 digits.
const std::vector<Tested> tested_models{
    {"hodgkin_huxley",
     {0.0, 200.0},
     {{-50.0, 400.0}, {5.0, 60.0}},
     {{PointType::generalized_hopf,
       Vector{{60.503386517351946, 53.325837583893543}},
       {},
       0.91735175582832},
      {PointType::generalized_hopf,
       Vector{{49.343255810925412, 8.7222237888148089}},
       {},
       1.13309741933505}}},
    {"morris_lecar",
     {-50.0, 250.0},
     {{-100.0, 300.0}, {0.001, 1.0}},
     {// The traces at the two folds vanish at 1/cosh((V - V3) / (2 V4)) times a number.
      {PointType::bogdanov_takens, Vector{{39.96315309274536, 0.011810368049637043}}, {}},
      {PointType::bogdanov_takens, Vector{{-9.9490393226230648, 0.39096195618257734}}, {}},
      {PointType::generalized_hopf,
       Vector{{-6.5477807764997314, 0.37772122976312513}},
       {},
       0.239327888873034}}},
    {"fitzhugh_nagumo", {0.0, 2.0}, {{-2.0, 3.0}, {0.01, 1.2}}},
    {"wilson_cowan", {0.0, 4.0}, {{-4.0, 6.0}, {-8.0, 4.0}}},
    {"jansen_rit", {-50.0, 400.0}, {{-500.0, 1500.0}, {0.0, 600.0}}},
    {"montbrio_pazo_roxin", {-10.0, 2.0}, {{-25.0, 5.0}, {1.0, 30.0}}},
    {"qif_adaptation", {-10.0, 5.0}, {{-15.0, 15.0}, {-1.0, 60.0}}},
    {"brusselator", {1.0, 5.0}, {{0.0, 6.0}, {0.1, 3.0}}}};

class ReferenceBranch : public testing::TestWithParam<Tested> {
protected:
    void SetUp() override {
        const Record file = reference_file("continuation.json");
        if (file.is_null()) GTEST_SKIP() << "continuation.json is not here";
        for (const ReferenceCase& each : reference_cases)
            if (each.model == GetParam().model) collect(find_case(file, each.id), each);
        branch = subject().branch(GetParam().range);
    }
    [[nodiscard]] static Subject subject() {
        const auto its_case =
            std::ranges::find(reference_cases, GetParam().model, &ReferenceCase::model);
        return {field_of(its_case->model), its_case->parameters[0], its_case->parameters[1]};
    }

    std::vector<Expected> points, curve_points = GetParam().further_points;
    Branch branch;

private:
    void collect(const Record& listed, const ReferenceCase& its_case) {
        for (const Record& point : list_of(listed, "verified_equilibrium"))
            points.push_back(expected_point(point, its_case.rate));
        for (const Record& point : list_of(listed, "verified_codim2"))
            curve_points.push_back(expected_point(point, its_case.rate));
        const Record* folds = listed.find("verified_folds_closed_form");
        if (folds == nullptr || listed.find("verified_equilibrium") == nullptr) return;
        // The first is among the equilibria, too.
        const Record& second = folds->find("folds")->as<Record::List>().at(1);
        points.push_back({PointType::fold, numbers(*second.find("p")), {}});
    }
};

}  // namespace

TEST_P(ReferenceBranch, HasTheVerifiedBifurcationsAndNoOthers) {
    EXPECT_EQ(branch.status, Status::reached_end) << branch.message;
    EXPECT_EQ(branch.points.front().parameters[0], GetParam().range.low);
    EXPECT_EQ(branch.points.back().parameters[0], GetParam().range.high);
    const auto found = bifurcations(branch.special);
    ASSERT_EQ(found.size(), points.size());
    for (const Expected& expected : points) expect_point(nearest(found, expected), expected);
}

TEST_P(ReferenceBranch, HasCurvesThroughItsPointsWithTheVerifiedOnesAndNoOthers) {
    if (GetParam().box.empty()) GTEST_SKIP() << "its curves have a test of their own";
    std::set<std::string> labels;
    Labels names;
    std::vector<SpecialPoint> found;
    for (const SpecialPoint& point : bifurcations(branch.special))
        for (Branch& curve : subject().curves(point, {.bounds = GetParam().box})) {
            EXPECT_TRUE(curve.status == Status::reached_end ||
                        curve.status == Status::ended_at_bogdanov_takens)
                << curve.message;
            names.name(curve);
            for (const SpecialPoint& special : curve.special)
                if (labels.insert(special.label).second) found.push_back(special);
        }
    ASSERT_EQ(found.size(), curve_points.size());
    for (const Expected& expected : curve_points) expect_point(nearest(found, expected), expected);
}

INSTANTIATE_TEST_SUITE_P(Continuation, ReferenceBranch, testing::ValuesIn(tested_models),
                         [](const auto& tested) { return tested.param.model; });

// phi moves no equilibrium: the Bogdanov-Takens point has the current of the fold.
TEST(MorrisLecarHopfCurve, EndsWhereTheFoldIs) {
    Subject model(field_of("morris_lecar"), "I", "phi");
    const Branch branch = model.branch({-50.0, 250.0});
    const auto hopf = std::ranges::find(branch.special, PointType::hopf, &SpecialPoint::type);
    ASSERT_NE(hopf, branch.special.end());
    const auto curves = model.curves(*hopf, {.bounds = {{-100.0, 300.0}, {0.001, 1.0}}});
    const std::vector<Expected> expected{
        {PointType::bogdanov_takens, Vector{{-9.9490393226230648, 0.39096195618257734}}, {}},
        {PointType::generalized_hopf,
         Vector{{-6.5477807764997314, 0.37772122976312513}},
         {},
         0.239327888873034}};
    ASSERT_EQ(curves.at(0).special.size(), expected.size());
    for (const Expected& point : expected) expect_point(nearest(curves[0].special, point), point);
}

namespace {

/// Zero where a parameter has a value.
class ParameterValue final : public TestFunction {
public:
    ParameterValue(std::size_t parameter, double value) : parameter_(parameter), value_(value) {}
    [[nodiscard]] std::string_view name() const override { return "value"; }
    [[nodiscard]] double value(const BranchPoint& point, const CurveLinearization&) const override {
        return point.z[static_cast<Eigen::Index>(parameter_)] - value_;
    }

private:
    std::size_t parameter_;  ///< its place among the unknowns
    double value_;
};

}  // namespace

// AUTO-07p ends all three Hopf curves of the Jansen-Rit model in physical units within a few steps.
class JansenRitHopfCurves : public testing::Test {
protected:
    [[nodiscard]] std::vector<Branch> curves(const ContinuationOptions& options) {
        const Branch branch = model.branch({-50.0, 400.0});
        std::vector<Branch> found;
        for (const SpecialPoint& point : branch.special)
            if (point.type == PointType::hopf) found.push_back(model.curves(point, options).at(0));
        return found;
    }
    Subject model{field_of("jansen_rit"), "p", "C"};
};

TEST_F(JansenRitHopfCurves, ReachTheEdgeOfTheBoxInPhysicalUnits) {
    const auto found = curves({.bounds = {{-500.0, 1500.0}, {0.0, 180.0}}});
    ASSERT_EQ(found.size(), 3U);
    for (const Branch& curve : found) {
        const bool forth = curve.points.back().parameters[1] == 180.0;
        EXPECT_TRUE(forth || curve.points.front().parameters[1] == 180.0);
        const BranchPoint& other = forth ? curve.points.front() : curve.points.back();
        expect_close(other.parameters[1], 110.344436652773, 110.344436652773, digits);
    }
}

// The table is of time in units of 1/a and velocities in units of a: omega is a times as large
// here, and l1, for which |q| = 1 in the units of the states, |D q|^2 times as large as there, with
// D dividing velocities by a.
TEST_F(JansenRitHopfCurves, HaveTheVerifiedValuesAtGivenConnectivities) {
    constexpr double listed_digits = 3e-6;  ///< of the l1
    const Record file = reference_file("continuation.json");
    if (file.is_null()) GTEST_SKIP() << "continuation.json is not here";
    const Record::List table =
        list_of(find_case(file, "model_jrs"), "verified_hopf_curve_C_p_omega_l1");
    const double a = model.p[static_cast<Eigen::Index>(index_of(model.field->parameters(), "a"))];
    Vector units = Vector::Ones(6);
    units.tail(3).setConstant(a);
    for (const Record& row : table) {
        const Vector listed = numbers(row);
        SCOPED_TRACE(listed[0]);
        const auto at_value = std::make_shared<ParameterValue>(7, listed[0]);
        const Branch curve =
            curves({.bounds = {{-500.0, 100.0}, {130.0, 140.0}}, .tests = {at_value}}).at(0);
        const Expected expected{PointType::user, Vector{{listed[1], listed[0]}}, {}};
        const SpecialPoint& found = nearest(curve.special, expected);
        expect_point(found, expected);
        Vector p = model.p;
        for (std::size_t k = 0; k < 2; ++k)
            p[static_cast<Eigen::Index>(model.free[k])] = found.at.parameters[k];
        const Vector x = found.at.z.head(6);
        const double omega = std::sqrt(found.at.z[8]);
        expect_close(omega, a * listed[2], omega, 1e-8);  // listed with eight digits
        const Eigen::EigenSolver<Matrix> spectrum(jacobian(*model.field, x, p));
        Eigen::Index critical = 0;
        (spectrum.eigenvalues().array() - std::complex<double>(0.0, omega))
            .abs()
            .minCoeff(&critical);
        const ComplexVector q = spectrum.eigenvectors().col(critical).normalized();
        const double l1 = hopf_normal_form({*model.field, x, p}, omega).coefficients.at("l1") /
                          q.cwiseQuotient(units).squaredNorm();
        expect_close(l1, listed[3], listed[3], listed_digits);
    }
}

// What AUTO-07p gets wrong or misses.
TEST(AutosFailures, WilsonCowanLowerFold) {
    const Branch branch = Subject(field_of("wilson_cowan"), "P", "Q").branch({0.0, 4.0});
    expect_point(nearest(branch.special, {PointType::fold, Vector{{1.08733045617231}}, {}}),
                 {PointType::fold, Vector{{1.08733045617231}}, {}});
}

TEST(AutosFailures, BothJansenRitFolds) {
    const Branch branch = Subject(field_of("jansen_rit"), "p", "C").branch({-50.0, 400.0});
    for (const double p : {113.586273212799, -41.3014104878286}) {
        const Expected fold{PointType::fold, Vector{{p}}, {}};
        expect_point(nearest(branch.special, fold), fold);
    }
}

TEST(AutosFailures, GeneralizedHopfPointsOfFitzHughNagumoAreFractions) {
    Subject model(field_of("fitzhugh_nagumo"), "I", "eps");
    const Branch branch = model.branch({0.0, 2.0});
    ASSERT_EQ(branch.special.size(), 2U);
    const std::array<double, 2> currents{17.0 / 24.0, 25.0 / 24.0};
    for (std::size_t k = 0; k < 2; ++k) {
        const auto curves = model.curves(branch.special[k], {.bounds = {{-2.0, 3.0}, {0.01, 1.2}}});
        ASSERT_EQ(curves.at(0).special.size(), 1U);
        const auto& found = curves[0].special[0].at.parameters;
        EXPECT_NEAR(found[0], currents[k], 1e-13);
        EXPECT_NEAR(found[1], 15.0 / 16.0, 1e-13);
    }
}

// Montbrio, Pazo & Roxin 2015: a tuple is r, v and eta.
TEST(MontbrioPazoRoxin, HasTheFoldsOfAllWeightsInTheReference) {
    const Record file = reference_file("neural_masses.json");
    if (file.is_null()) GTEST_SKIP() << "neural_masses.json is not here";
    Subject model(field_of("montbrio_pazo_roxin"), "eta", "J");
    for (const auto& [weight, folds] :
         file.find("single_MPR")->find("folds")->as<Record::Table>()) {
        SCOPED_TRACE(weight);
        model.set(1, std::stod(weight));
        const Branch branch = model.branch({-20.0, 5.0});
        ASSERT_EQ(branch.special.size(), 2U);
        for (const Record& fold : folds.as<Record::List>()) {
            const Vector listed = numbers(fold);
            const Expected expected{PointType::fold, listed.tail(1), listed.head(2)};
            expect_point(nearest(branch.special, expected), expected);
        }
    }
}

namespace {

/// Self-coupled in both inputs, the strength as second parameter.
Subject ping() {
    Network network;
    network.kinds = {model_named("ng_ping")};
    network.links = default_links(*network.kinds.front());
    return {make_homogeneous_field(network), "I_ext_E", "coupling.strength"};
}

constexpr Bound ping_range{-10.0, 80.0};
const std::vector<Bound> ping_box{{-60.0, 100.0}, {0.0, 150.0}};

/// s_e = r_e and s_i = r_i at equilibria.
Expected expected_ping(const Record& listed) {
    const auto value = [&](std::string_view name) { return listed.find(name)->number(); };
    const double r_e = value("r_e"), r_i = value("r_i");
    const Record* omega = listed.find("omega");
    return {type_of(listed.find("type")->as<std::string>()), Vector{{value("Iext_e")}},
            Vector{{r_e, value("v_e"), r_e, r_i, value("v_i"), r_i}},
            omega != nullptr ? omega->number() : 0.0};
}

void expect_bifurcations(const Branch& branch, const Record::List& listed) {
    const auto found = bifurcations(branch.special);
    ASSERT_EQ(found.size(), listed.size());
    for (const Record& point : listed) {
        const Expected expected = expected_ping(point);
        expect_point(nearest(found, expected), expected);
    }
}

}  // namespace

TEST(NextGenerationPing, HasTheVerifiedHopfPointsAndFoldsAtEveryStrength) {
    const Record file = reference_file("neural_masses.json");
    if (file.is_null()) GTEST_SKIP() << "neural_masses.json is not here";
    Subject model = ping();
    for (const auto& [strength, listed] :
         file.find("NG_PING_equilibria")->find("hopf_fold_by_eps")->as<Record::Table>()) {
        SCOPED_TRACE("strength " + strength);
        model.set(1, std::stod(strength));
        expect_bifurcations(model.branch(ping_range), listed.as<Record::List>());
    }
}

TEST(NextGenerationPing, HasTheVerifiedHopfPointsWithoutRecurrentWeights) {
    const Record file = reference_file("neural_masses.json");
    if (file.is_null()) GTEST_SKIP() << "neural_masses.json is not here";
    Subject model = ping();
    for (const char* weight : {"J_ee", "J_ii"})
        model.p[static_cast<Eigen::Index>(index_of(model.field->parameters(), weight))] = 0.0;
    expect_bifurcations(model.branch(ping_range),
                        list_of(*file.find("NG_PING_equilibria"), "uncoupled_Jee0_Jii0_check"));
}

// Cusp and Bogdanov-Takens point as listed; the zeros of l1 in 40 digits, by the formula of
// Kuznetsov 2023 (5.62). A generalized Hopf point that AUTO reports at (22.877974831, 5.9457463424)
// is none, l1 = 1.1e-5 there, between two that are.
TEST(NextGenerationPing, HasTheVerifiedPointsOfCodimensionTwo) {
    const std::vector<Expected> expected{
        {PointType::cusp, Vector{{4.829413119, 25.43651694}}, {}},
        {PointType::bogdanov_takens, Vector{{-37.09865142, 56.75733853}}, {}},
        {PointType::generalized_hopf, Vector{{21.489983576215854, 6.0104020703093205}}, {}},
        {PointType::generalized_hopf, Vector{{22.990582529694352, 5.9433441826584475}}, {}},
        {PointType::generalized_hopf, Vector{{8.4858102996666848, 22.651138537396811}}, {}},
        {PointType::generalized_hopf, Vector{{-0.048414343150439885, 87.539806864183809}}, {}}};
    Subject model = ping();
    model.set(1, 30.0);
    Labels names;
    std::set<std::string> labels;
    std::vector<SpecialPoint> found;
    for (const SpecialPoint& point : model.branch(ping_range).special)
        for (Branch& curve : model.curves(point, {.bounds = ping_box})) {
            names.name(curve);
            for (const SpecialPoint& special : curve.special)
                if (labels.insert(special.label).second) found.push_back(special);
        }
    ASSERT_EQ(found.size(), expected.size());
    for (Expected point : expected) {
        const SpecialPoint& its = nearest(found, point);
        point.omega = 2.0 * std::numbers::pi * its.frequency;  // not listed
        expect_point(its, point);
    }
}

// Doedel, Aronson & Othmer 1991: pendula at rest at equal angles, sin(phi) = I, as far as the fold
// at I = 1 and back, over the branch point where cos(phi) = -2 gamma.
TEST(CoupledPendula, KeepEqualAngles) {
    Subject model(field_of("coupled_pendula"), "I", "gamma");
    const double gamma = model.p[static_cast<Eigen::Index>(model.free[1])];
    const Branch branch =
        continue_branch(equilibrium_curve(model.field, model.p, model.free[0]),
                        equilibrium_start(Vector::Zero(4), 0.0), {.bounds = {{0.0, 1.1}}});
    EXPECT_EQ(branch.status, Status::reached_end) << branch.message;
    for (const BranchPoint& point : branch.points) {
        expect_close(point.z[0], point.z[1], 1.0, digits);
        expect_close(point.parameters[0], std::sin(point.z[0]), 1.0, digits);
    }
    ASSERT_EQ(branch.special.size(), 2U);
    const std::vector<Expected> expected{
        {PointType::fold, Vector{{1.0}}, {}},
        {PointType::branch_point, Vector{{std::sqrt(1.0 - 4.0 * gamma * gamma)}}, {}}};
    for (std::size_t k = 0; k < expected.size(); ++k) expect_point(branch.special[k], expected[k]);
}
