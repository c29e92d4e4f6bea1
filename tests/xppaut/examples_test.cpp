// The examples of XPPAUT, read unchanged, against XPPAUT itself.

#include "xppaut/comparison.hpp"
#include "xppaut/program.hpp"
#include "xppaut/simulation.hpp"
#include <cortifold/core/error.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <map>
#include <regex>
#include <set>

using namespace cortifold;

namespace {

namespace fs = std::filesystem;

const fs::path examples = "/usr/share/doc/xppaut/examples/ode";

/// What a file has that is not supported, or that XPPAUT itself refuses.
enum class Reason {
    delay,
    map,
    volterra,
    algebraic,
    markov,
    special,
    shift,
    dynamic_library,
    chemistry,
    unclosed_bracket
};

struct Refusal {
    Reason reason;
    std::string_view message;  ///< of the reader, in part
};
constexpr Refusal refusals[] = {{Reason::delay, "delays are not supported"},
                                {Reason::map, "maps ("},
                                {Reason::volterra, "\"volt\" is not supported"},
                                {Reason::volterra, "integral equations are not supported"},
                                {Reason::algebraic, "algebraic equations (0 = ...)"},
                                {Reason::markov, "\"markov\" is not supported"},
                                {Reason::special, "\"special\" is not supported"},
                                {Reason::shift, "shift is not supported"},
                                {Reason::dynamic_library, "\"export\" is not supported"},
                                {Reason::chemistry, "unknown statement \"mksol\""},
                                {Reason::unclosed_bracket, "this bracket is not closed"}};

const std::map<std::string, Reason> refused{{"amari.ode", Reason::special},
                                            {"amari2.ode", Reason::special},
                                            {"amarig.ode", Reason::special},
                                            {"angela.ode", Reason::volterra},
                                            {"chemotax.ode", Reason::shift},
                                            {"clustor.ode", Reason::unclosed_bracket},
                                            {"cobweb2.ode", Reason::map},
                                            {"cuplamdif.ode", Reason::volterra},
                                            {"dae.ode", Reason::algebraic},
                                            {"dae_ex1.ode", Reason::algebraic},
                                            {"dae_ex2.ode", Reason::algebraic},
                                            {"dae_ex3.ode", Reason::algebraic},
                                            {"dde.ode", Reason::delay},
                                            {"del_log.ode", Reason::map},
                                            {"delay.ode", Reason::delay},
                                            {"fr.ode", Reason::volterra},
                                            {"gill_bruss.ode", Reason::special},
                                            {"julia.ode", Reason::map},
                                            {"junk.ode", Reason::special},
                                            {"junk2.ode", Reason::special},
                                            {"kepler.ode", Reason::markov},
                                            {"koho.ode", Reason::dynamic_library},
                                            {"kohox.ode", Reason::map},
                                            {"lamvolt.ode", Reason::volterra},
                                            {"minode.ode", Reason::dynamic_library},
                                            {"myret.ode", Reason::delay},
                                            {"nnet2.ode", Reason::special},
                                            {"nochaos.ode", Reason::map},
                                            {"nthet.ode", Reason::shift},
                                            {"pHtools_ml.ode", Reason::chemistry},
                                            {"pHtools_sillen.ode", Reason::chemistry},
                                            {"pHtools_simple.ode", Reason::chemistry},
                                            {"testdll.ode", Reason::dynamic_library},
                                            {"tstar.ode", Reason::unclosed_bracket},
                                            {"tstdll.ode", Reason::dynamic_library},
                                            {"tstvol2.ode", Reason::volterra},
                                            {"voltex1.ode", Reason::volterra},
                                            {"voltex2.ode", Reason::volterra},
                                            {"vtst.ode", Reason::volterra},
                                            {"waterwheel.ode", Reason::shift},
                                            {"wcring.ode", Reason::shift}};

EquationDefinition read_model(const std::string& text, const std::string& name) {
    return parse_ode(text, name, [](const std::string& file, const SourceLine&) {
        return read_text(examples / file);
    });
}

/// The text with an option line put before `done`; of an option given twice XPPAUT takes the last.
std::string with_options(const std::string& text, const std::string& options) {
    static const std::regex done(R"((^|\n)[ \t]*d(one)?[ \t\r]*(?=\n|$))", std::regex::icase);
    std::smatch found;
    const auto end = std::regex_search(text, found, done)
                         ? found.position(0)
                         : static_cast<std::ptrdiff_t>(text.size());
    return text.substr(0, static_cast<std::size_t>(end)) + "\n@ " + options +
           text.substr(static_cast<std::size_t>(end)) + "\n";
}

/// XPPAUT with half the fixed step, or a thousandth of the tolerance.
std::string refined_options(const EquationDefinition& model, double step) {
    const char method = model.run.method.value_or("r").front();
    if (std::string_view("remay").find(method) == std::string_view::npos)
        return "toler=1e-9,atoler=1e-9";
    return "dt=" + std::to_string(step / 2.0) +
           ",nout=" + std::to_string(2 * model.run.output_every.value_or(1)) + ",maxstor=1000000";
}

/// White noise has another path in every program: both run without.
std::string without_noise(const std::string& text) {
    static const std::regex wiener(R"((^|\n)wiener )");
    return std::regex_replace(text, wiener, "$1par ");
}

/// A column that option `fold` wraps is an angle, of option `tor_per`.
double distance(const EquationDefinition& model, double a, double b, Eigen::Index column) {
    const auto has = [&](const std::string& note) {
        return std::ranges::any_of(model.ignored,
                                   [&](const auto& ignored) { return ignored.text == note; });
    };
    const auto k = static_cast<std::size_t>(column);
    if (k >= model.states.size() || !has("@ fold=" + model.states[k].name)) return std::abs(a - b);
    constexpr double period = 6.28318531;
    return std::abs(std::remainder(a - b, period));
}

struct Outcome {
    enum class Kind { agreement, refusal, disagreement, not_run_by_xppaut } kind = Kind::agreement;
    std::string detail;
};

Outcome outcome_of(const std::string& name) {
    const std::string text = without_noise(read_text(examples / name));
    EquationDefinition model;
    try {
        model = read_model(text, name);
        (void)make_equation_node(model);
    } catch (const ConfigError& error) {
        return {Outcome::Kind::refusal, error.what()};
    }
    Runs runs;
    runs.xppaut = run_xppaut(text, examples);
    if (runs.xppaut.t.size() == 0) return {Outcome::Kind::not_run_by_xppaut, runs.xppaut.message};
    const Simulation simulation(model);
    if (!simulation.is_same_method())
        runs.refined =
            run_xppaut(with_options(text, refined_options(model, simulation.step())), examples);
    const Vector apart = last_digits(runs.xppaut, simulation.states());
    runs.ours = simulation.run(Vector::Zero(simulation.states()));
    runs.perturbed = simulation.run(apart);
    runs.step = simulation.step();
    runs.distance = [&](double a, double b, Eigen::Index c) { return distance(model, a, b, c); };
    const Agreement agreement = compare(runs);
    std::ostringstream detail;
    detail << agreement.rows << " of " << runs.xppaut.t.size()
           << " rows, to t = " << agreement.until << ", differ by " << agreement.difference
           << " of allowed " << agreement.allowed
           << (agreement.holds ? "" : "; " + agreement.where);
    return {agreement.holds ? Outcome::Kind::agreement : Outcome::Kind::disagreement, detail.str()};
}

std::set<std::string> example_names() {
    std::set<std::string> names;
    if (fs::exists(examples))
        for (const auto& entry : fs::directory_iterator(examples))
            if (entry.path().extension() == ".ode") names.insert(entry.path().filename().string());
    return names;
}

}  // namespace

TEST(Xppaut, EveryExampleAgreesOrIsRefusedForItsReason) {
    const std::set<std::string> names = example_names();
    if (names.empty() || !has_xppaut())
        GTEST_SKIP() << "xppaut or its examples in " << examples << " are not installed";
    static constexpr const char* kinds[] = {"agrees", "refused", "DISAGREES", "xppaut fails"};
    std::map<Outcome::Kind, int> count;
    for (const std::string& name : names) {
        const Outcome outcome = outcome_of(name);
        ++count[outcome.kind];
        std::cout << name << ": " << kinds[static_cast<int>(outcome.kind)] << ": " << outcome.detail
                  << "\n";
        EXPECT_NE(outcome.kind, Outcome::Kind::disagreement) << name << ": " << outcome.detail;
        const auto expected = refused.find(name);
        EXPECT_EQ(outcome.kind == Outcome::Kind::refusal, expected != refused.end())
            << name << ": " << outcome.detail;
        if (expected == refused.end() || outcome.kind != Outcome::Kind::refusal) continue;
        EXPECT_TRUE(std::ranges::any_of(refusals,
                                        [&](const Refusal& refusal) {
                                            return refusal.reason == expected->second &&
                                                   outcome.detail.find(refusal.message) !=
                                                       std::string::npos;
                                        }))
            << name << ": " << outcome.detail;
    }
    for (const auto& [kind, n] : count)
        std::cout << kinds[static_cast<int>(kind)] << ": " << n << "\n";
}
