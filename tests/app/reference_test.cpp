// Published and independently computed numbers, reproduced from the command line.
#include "app/program.hpp"
#include "support/places.hpp"
#include <cortifold/core/matrix.hpp>
#include <cortifold/io/config.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <numbers>
#include <optional>

namespace cortifold {
namespace {

using namespace cortifold::test;

constexpr double digits = 1e-9;  // to which numbers are compared, relative to their size
/// How far from a fold, relative to the parameter, the two equilibria that meet there are looked
/// for: they are sqrt(beside_a_fold) apart, and their mean is as near to the fold as the parameter.
constexpr double beside_a_fold = 1e-8;
constexpr double digits_at_a_fold = 1e-6;

std::optional<Record> reference(const std::string& file) {
    const std::string path = std::string(reference_numbers) + "/" + file;
    if (!std::filesystem::exists(path)) return std::nullopt;
    return read_json(path);
}

const std::string aal90 = std::string(shared_data) + "/connectomes/aal90/sc2017.dat";

class NeuralMasses : public testing::Test {
protected:
    void SetUp() override {
        if (!file) GTEST_SKIP() << "neural_masses.json is not in the folder of reference numbers";
    }
    const std::optional<Record> file = reference("neural_masses.json");
};

class Aal90 : public NeuralMasses {
protected:
    void SetUp() override {
        NeuralMasses::SetUp();
        if (!std::filesystem::exists(aal90)) GTEST_SKIP() << "the AAL90 connectome is not here";
    }
};

std::complex<double> complex(const Record& pair) {
    const auto& parts = pair.as<Record::List>();
    return {parts[0].number(), parts[1].number()};
}

std::string model(std::string_view name, std::string_view parameter, double value) {
    return "schema = 1\n[model]\nname = \"" + std::string(name) + "\"\nparameters = { " +
           std::string(parameter) + " = " + show(value) + " }\n";
}

/// A network of which only the strength of the coupling matters, or one on a connectome.
std::string network(double strength, const std::string& connectome = "") {
    return "[network]\ncoupling = { normalize = \"rows\", strength = " + show(strength) + " }\n" +
           (connectome.empty() ? "" : "connectome = \"" + connectome + "\"\n");
}

/// A reference value by the name of a state.
using NamedStates = std::vector<std::pair<std::string, double>>;

NamedStates named(const Record& point, std::initializer_list<const char*> names) {
    NamedStates states;
    for (const char* name : names) states.emplace_back(name, number(point, name));
    return states;
}

double distance(const Record& equilibrium, const NamedStates& expected) {
    double worst = 0.0;
    for (const auto& [name, value] : expected)
        worst = std::max(
            worst, std::abs(number(*equilibrium.find("state"), name) - value) / std::abs(value));
    return worst;
}

/// The equilibria of a study by their distance from an expected state.
Record::List equilibria(const std::string& study, const NamedStates& expected) {
    Record::List found = items(summary_of("equilibria", study), "equilibria");
    std::ranges::sort(found, {},
                      [&](const Record& equilibrium) { return distance(equilibrium, expected); });
    return found;
}

/// The equilibrium at the expected state.
Record equilibrium_at(const std::string& study, const NamedStates& expected) {
    const Record::List found = equilibria(study, expected);
    EXPECT_LT(distance(found.at(0), expected), digits);
    return found.at(0);
}

ComplexVector eigenvalues(const Record& equilibrium) {
    const Record::List pairs = items(equilibrium, "eigenvalues");
    ComplexVector values(static_cast<Eigen::Index>(pairs.size()));
    std::ranges::transform(pairs, values.begin(), complex);
    return values;
}

void expect_eigenvalue(const Record& equilibrium, std::complex<double> expected) {
    const ComplexVector found = eigenvalues(equilibrium);
    EXPECT_LT((found.array() - expected).abs().minCoeff(), digits * found.cwiseAbs().maxCoeff())
        << expected;
}

double smallest_eigenvalue(const Record& equilibrium) {
    const ComplexVector found = eigenvalues(equilibrium);
    Eigen::Index smallest = 0;
    found.cwiseAbs().minCoeff(&smallest);
    return found[smallest].real();
}

/// Expects two equilibria to meet at p and vanish: beside it, on one side, they are there, with
/// the expected state between them and an eigenvalue of opposite sign; on the other not.
void expect_fold(const std::function<std::string(double)>& study, double p,
                 const NamedStates& expected) {
    std::string box = "[[step]]\ndo = \"equilibria\"\nbox = { ";
    for (const auto& [name, value] : expected) {
        const auto [low, high] = std::minmax({0.99 * value, 1.01 * value});
        box += name + " = [" + show(low) + ", " + show(high) + "], ";
    }
    box.replace(box.size() - 2, 2, " }\n");
    const double step = beside_a_fold * std::abs(p);
    Record::List two = equilibria(study(p - step) + box, expected),
                 none = equilibria(study(p + step) + box, expected);
    if (two.size() < none.size()) std::swap(two, none);
    ASSERT_EQ(two.size(), 2);
    EXPECT_EQ(none.size(), 0);
    for (const auto& [name, value] : expected) {
        const double mean =
            0.5 * (number(*two[0].find("state"), name) + number(*two[1].find("state"), name));
        EXPECT_NEAR(mean, value, digits_at_a_fold * std::abs(value));
    }
    EXPECT_LT(smallest_eigenvalue(two[0]) * smallest_eigenvalue(two[1]), 0.0);
}

struct SpectrumCase {
    bool symmetrized;
    std::string_view key, matrix, normalize;
};
constexpr SpectrumCase spectrum_cases[]{
    {false, "eig_row_normalised", "weights", "rows"},
    {false, "eig_mean_strength_normalised", "weights", "mean_strength"},
    {false, "eig_laplacian_combinatorial_rowsum", "laplacian", "none"},
    {false, "eig_laplacian_random_walk", "laplacian_random_walk", "none"},
    {true, "eig_row_normalised", "weights", "rows"},
    {true, "eig_laplacian_sym_normalised", "laplacian_symmetric", "none"},
    {true, "eig_laplacian_combinatorial", "laplacian", "none"}};

/// Sorted real eigenvalues of a spectrum step.
std::vector<double> real_spectrum(const SpectrumCase& asked) {
    const Record summary = summary_of(
        "spectrum", model("wilson_cowan", "P", 1.0) + network(0.0, aal90) +
                        "[[step]]\ndo = \"spectrum\"\nmatrix = \"" + std::string(asked.matrix) +
                        "\"\nnormalize = \"" + std::string(asked.normalize) +
                        "\"\nsymmetrize = " + (asked.symmetrized ? "true" : "false") + "\n");
    std::vector<double> values;
    for (const Record& pair : items(summary, "eigenvalues")) {
        EXPECT_LT(std::abs(complex(pair).imag()), digits);
        values.push_back(complex(pair).real());
    }
    std::ranges::sort(values);
    return values;
}

TEST_F(Aal90, HasTheReferenceSpectraOfItsWeightsAndLaplacians) {
    const Record& connectome = *file->find("connectome_AAL90");
    for (const SpectrumCase& asked : spectrum_cases) {
        SCOPED_TRACE(asked.key);
        const Record& group = asked.symmetrized ? *connectome.find("symmetrised") : connectome;
        std::vector<double> expected;
        for (const Record& value : items(group, asked.key)) expected.push_back(value.number());
        std::ranges::sort(expected);
        const std::vector<double> found = real_spectrum(asked);
        ASSERT_EQ(found.size(), expected.size());
        for (std::size_t k = 0; k < found.size(); ++k) EXPECT_NEAR(found[k], expected[k], digits);
    }
}

TEST_F(NeuralMasses, MontbrioPazoRoxinRestsWhereTheReferenceSays) {
    for (const Record& point : items(*file->find("single_MPR"), "fixed_points")) {
        const Record found = equilibrium_at(
            model("montbrio_pazo_roxin", "eta", number(point, "eta")) +
                "[[step]]\ndo = \"equilibria\"\nparameters = { J = " + show(number(point, "J")) +
                ", Delta = " + show(number(point, "Delta")) + " }\n",
            named(point, {"r", "v"}));
        for (const Record& eigenvalue : items(point, "eig"))
            expect_eigenvalue(found, complex(eigenvalue));
    }
}

TEST_F(NeuralMasses, NgPingRestsWhereTheReferenceSaysWithAndWithoutCoupling) {
    for (const Record& point : items(*file->find("NG_PING_equilibria"), "fixed_points")) {
        const double I = number(point, "Iext_e"), eps = number(point, "eps");
        SCOPED_TRACE(show(I) + ", " + show(eps));
        const Record found = equilibrium_at(model("ng_ping", "I_ext_E", I) + network(eps),
                                            named(point, {"r_e", "v_e", "r_i", "v_i"}));
        for (const Record& eigenvalue : items(point, "eig"))
            expect_eigenvalue(found, complex(eigenvalue));
    }
}

/// Expects a mode of the reference: lambda, growth and angular frequency.
void expect_mode(const Record& mode, const Record& expected) {
    const auto& [lambda, growth, omega] =
        std::tie(expected.as<Record::List>()[0], expected.as<Record::List>()[1],
                 expected.as<Record::List>()[2]);
    EXPECT_NEAR(complex(*mode.find("lambda")).real(), lambda.number(), digits);
    EXPECT_NEAR(number(mode, "growth"), growth.number(), digits);
    EXPECT_NEAR(number(mode, "frequency") * 2.0 * std::numbers::pi, omega.number(), digits);
}

TEST_F(Aal90, HasTheReferenceDispersionRelationsOfNgPing) {
    for (const Record& point :
         items(*file->find("NG_PING_equilibria"), "dispersion_at_fixed_points")) {
        const double I = number(point, "Iext_e"), eps = number(point, "eps");
        SCOPED_TRACE(show(I) + ", " + show(eps));
        std::string lambdas;
        for (const Record& pair : items(point, "grid"))
            lambdas += show(pair.as<Record::List>()[0].number()) + ", ";
        const Record summary = summary_of(
            "dispersion", model("ng_ping", "I_ext_E", I) + network(eps, aal90) +
                              "[[step]]\ndo = \"dispersion\"\nlambda = [" + lambdas + "]\n");
        EXPECT_NEAR(number(*summary.find("state"), "r_e"), number(point, "r_e"), digits);
        EXPECT_EQ(number(summary, "unstable_modes"), number(point, "n_transverse_unstable"));

        const Record::List modes = items(summary, "modes"), grid = items(point, "grid");
        ASSERT_EQ(modes.size(), 90 + grid.size());
        expect_mode(modes[0], *point.find("hom_growth"));
        expect_mode(modes[1], *point.find("k2"));
        expect_mode(modes[89], *point.find("k90"));
        expect_mode(*std::max_element(modes.begin() + 1, modes.begin() + 90,
                                      [](const Record& a, const Record& b) {
                                          return number(a, "growth") < number(b, "growth");
                                      }),
                    *point.find("max_transverse"));
        for (std::size_t k = 0; k < grid.size(); ++k) {
            EXPECT_EQ(number(modes[90 + k], "index"), 0.0);
            EXPECT_NEAR(number(modes[90 + k], "growth"), grid[k].as<Record::List>()[1].number(),
                        digits);
        }
    }
}

/// mu(lambda) of the cycle that the node settles on, from reference/neural_masses.json.
void expect_master_stability(const Record& cycle, const std::string& name,
                             const std::string& parameter) {
    SCOPED_TRACE(name + " " + show(number(cycle, "P")) + ", " + show(number(cycle, "eps")));
    std::string lambdas;
    for (const Record& point : items(cycle, "exponents"))
        lambdas += show(number(point, "lambda")) + ", ";
    const Record summary = summary_of(
        "msf", model(name, parameter, number(cycle, "P")) + network(number(cycle, "eps")) +
                   "[[step]]\ndo = \"msf\"\nat = \"cycle\"\npoints = 21\n"
                   "lambda = [" +
                   lambdas + "]\n");
    const double period = number(cycle, "period");
    EXPECT_NEAR(number(summary, "period"), period, digits * period);
    EXPECT_LT(number(summary, "trivial_exponent") * period, 1e-8);
    const Record::List modes = items(summary, "modes"), points = items(cycle, "exponents");
    ASSERT_EQ(modes.size(), points.size());
    for (std::size_t k = 0; k < modes.size(); ++k)
        EXPECT_NEAR(number(modes[k], "growth") * period, number(points[k], "mu") * period, 1e-8)
            << number(points[k], "lambda");
}

TEST_F(NeuralMasses, HaveTheReferenceMasterStabilityFunctionsOfCycles) {
    for (const Record& cycle : items(*file, "NG_PING_cycles_own_shooting"))
        expect_master_stability(cycle, "ng_ping", "I_ext_E");
    for (const Record& cycle : items(*file, "JR_cycles_eps50_lambda_grid"))
        expect_master_stability(cycle, "jansen_rit", "p");
}

/// specs/neural_masses.md, 4.3 and 4.5: how many modes of a cycle grow, and which fastest.
TEST_F(Aal90, HasTheReferenceNumbersOfUnstableModesOfCycles) {
    struct Known {
        const char *model, *parameter;
        double value, eps, unstable, growth, index;
    };
    for (const Known& known : {Known{"ng_ping", "I_ext_E", 13.0, 5.0, 5, 0.00389609830, 2},
                               Known{"ng_ping", "I_ext_E", 9.5, 9.0, 64, 0.00429643600, 13},
                               Known{"ng_ping", "I_ext_E", 9.0, 15.0, 2, 0.00254847836, 2},
                               Known{"jansen_rit", "p", 230.0, 50.0, 4, 0.64628836, 2},
                               Known{"jansen_rit", "p", 200.0, 50.0, 89, 3.22734828, 4},
                               Known{"jansen_rit", "p", 180.0, 50.0, 89, 9.41180812, 5}}) {
        SCOPED_TRACE(known.model + (" " + show(known.value)));
        const Record summary = summary_of(
            "msf", model(known.model, known.parameter, known.value) + network(known.eps, aal90) +
                       "[[step]]\ndo = \"msf\"\nat = \"cycle\"\npoints = 21\n");
        EXPECT_EQ(number(summary, "unstable_modes"), known.unstable);
        const Record::List modes = items(summary, "modes");
        ASSERT_EQ(modes.size(), 90U);
        const auto fastest =
            std::max_element(modes.begin() + 1, modes.end(), [](const Record& a, const Record& b) {
                return number(a, "growth") < number(b, "growth");
            });
        EXPECT_EQ(number(*fastest, "index"), known.index);
        EXPECT_NEAR(number(*fastest, "growth"), known.growth, 1e-8 * std::max(1.0, known.growth));
    }
    const Record stable =
        summary_of("msf", model("jansen_rit", "p", 120.0) + network(50.0, aal90) +
                              "[[step]]\ndo = \"msf\"\nat = \"cycle\"\npoints = 21\n");
    EXPECT_EQ(number(stable, "unstable_modes"), 0.0);
}

TEST_F(NeuralMasses, JansenRitBifurcatesWhereTheReferenceSaysWithAndWithoutCoupling) {
    for (const auto& [eps, points] :
         file->find("JR_equilibria_double_precision")->as<Record::Table>())
        for (const Record& point : points.as<Record::List>()) {
            const auto study = [strength = std::stod(eps)](double p) {
                return model("jansen_rit", "p", p) + network(strength);
            };
            const double p = number(point, "p");
            const NamedStates state = named(point, {"y0", "y1", "y2"});
            const std::string type = text(point, "type");
            SCOPED_TRACE(eps + " " + type + " " + show(p));
            if (type == "LP") {
                expect_fold(study, p, state);
                continue;
            }
            const Record found = equilibrium_at(study(p), state);
            if (type == "HB")
                expect_eigenvalue(found, {0.0, number(point, "omega")});
            else  // a neutral saddle: two real eigenvalues of sum zero
                expect_eigenvalue(found, -eigenvalues(found)[0]);
        }
}

struct ContinuationCase {
    std::string_view id, model, parameter;
    std::vector<std::string> states;
};
const ContinuationCase continuation_cases[]{{"model_wc", "wilson_cowan", "P", {"E", "I"}},
                                            {"model_fn", "fitzhugh_nagumo", "I", {"v", "w"}},
                                            {"model_mpr", "montbrio_pazo_roxin", "eta", {"r", "v"}},
                                            {"model_jr", "jansen_rit", "p", {"y0", "y1", "y2"}}};

/// The numbers of continuation.json are decimal strings of more digits than a double holds.
double decimal(const Record& record) {
    return std::stod(record.as<std::string>());
}

void expect_verified_points(const ContinuationCase& asked, const Record& entry) {
    const auto study = [&](double p) { return model(asked.model, asked.parameter, p); };
    for (const Record& point : items(entry, "verified_equilibrium")) {
        SCOPED_TRACE(std::string(asked.id) + " " + text(point, "type") + " " + text(point, "p"));
        const double p = decimal(*point.find("p"));
        const Record::List u = items(point, "u");
        NamedStates state;
        for (std::size_t k = 0; k < asked.states.size(); ++k)
            state.emplace_back(asked.states[k], decimal(u[k]));
        if (text(point, "type") == "LP")
            expect_fold(study, p, state);
        else
            expect_eigenvalue(equilibrium_at(study(p), state),
                              {0.0, decimal(*point.find("omega"))});
    }
}

TEST(ContinuationCases, HaveTheirVerifiedFoldsAndHopfPoints) {
    const auto file = reference("continuation.json");
    if (!file) GTEST_SKIP() << "continuation.json is not in the folder of reference numbers";
    for (const ContinuationCase& asked : continuation_cases)
        for (const Record& entry : items(*file, "cases"))
            if (text(entry, "id") == asked.id) expect_verified_points(asked, entry);
}

}  // namespace
}  // namespace cortifold
