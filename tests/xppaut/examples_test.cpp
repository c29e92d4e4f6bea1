// The examples of XPPAUT, read unchanged, against XPPAUT itself.

#include "xppaut/comparison.hpp"
#include "xppaut/program.hpp"
#include "xppaut/simulation.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/model/registry.hpp>

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
    random,
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
                                {Reason::random, "random numbers come from a noise"},
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
                                            {"julia.ode", Reason::random},
                                            {"junk.ode", Reason::special},
                                            {"junk2.ode", Reason::random},
                                            {"kepler.ode", Reason::markov},
                                            {"koho.ode", Reason::dynamic_library},
                                            {"kohox.ode", Reason::random},
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

/// XPPAUT's options with half its fixed step, or a thousandth of its tolerance, `times` over. It
/// finds events on the line between two steps, so that with events the step counts in any method.
std::string refined_options(const EquationDefinition& model, double step, int times) {
    constexpr double tolerance = 1e-3;  // XPPAUT's default
    const char method = model.run.method.value_or("r").front();
    const bool is_fixed = std::string_view("remay").find(method) != std::string_view::npos;
    std::ostringstream options;
    options << "maxstor=1000000";
    if (is_fixed || !model.events.empty()) options << ",dt=" << step / std::pow(2.0, times);
    if (!is_fixed) {
        const double finer = tolerance * std::pow(1e-3, times);
        options << ",toler=" << finer << ",atoler=" << finer;
    }
    return options.str();
}

/// White noise has another path in every program, so both run without. XPPAUT is to print every
/// column, and to run with the values of the equations, not with each of the sets beside them.
std::string comparable(const std::string& text) {
    static const std::regex wiener(R"((^|\n)wiener )"), of_output(R"((^|\n)(only|set) )");
    return std::regex_replace(std::regex_replace(text, wiener, "$1par "), of_output, "$1# $2 ");
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

std::string shown(const Agreement& agreement) {
    std::ostringstream text;
    text << agreement.rows << " rows to t = " << agreement.until << " differ by "
         << agreement.difference << " of allowed " << agreement.allowed
         << (agreement.holds ? "" : "; " + agreement.where);
    return text.str();
}

/// Against XPPAUT as the file says, then, where its method is another, made finer: once and twice.
Outcome outcome_of(const std::string& name, const std::string& unchanged) {
    const std::string text = comparable(unchanged);
    EquationDefinition model;
    try {
        model = read_model(text, name);
        (void)make_equation_node(model);
    } catch (const ConfigError& error) {
        return {Outcome::Kind::refusal, error.what()};
    }
    std::vector<Columns> xppaut{run_xppaut(text, examples)};
    if (xppaut[0].t.size() == 0) return {Outcome::Kind::not_run_by_xppaut, xppaut[0].message};
    const Simulation simulation(model);
    for (int times = 1; times <= 2 && !simulation.is_same_method(); ++times)
        xppaut.push_back(run_xppaut(
            with_options(text, refined_options(model, simulation.step(), times)), examples));
    const Vector apart = last_digits(xppaut[0], simulation.states());
    const Columns ours = simulation.run(Vector::Zero(simulation.states())),
                  perturbed = simulation.run(apart);
    Outcome outcome;
    for (std::size_t k = 0; k < std::max<std::size_t>(xppaut.size() - 1, 1); ++k) {
        const Agreement agreement =
            compare({xppaut[k], k + 1 < xppaut.size() ? &xppaut[k + 1] : nullptr, ours, perturbed,
                     [&](double a, double b, Eigen::Index column) {
                         return distance(model, a, b, column);
                     }});
        if (!agreement.holds) outcome.kind = Outcome::Kind::disagreement;
        outcome.detail += (k == 0 ? "" : "; finer: ") + shown(agreement);
    }
    return outcome;
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
        const Outcome outcome = outcome_of(name, read_text(examples / name));
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

TEST(Xppaut, RunsEveryBuiltInModelAsExportedWithOurResults) {
    if (!fs::exists(examples) || !has_xppaut())
        GTEST_SKIP() << "xppaut or its examples in " << examples << " are not installed";
    for (const ModelEntry& entry : registered_models()) {
        EquationDefinition model = entry.make()->equations();
        model.run.step = model.time_unit == "s" ? 1e-4 : 1e-2;
        model.run.duration = 1000.0 * *model.run.step;
        model.run.bound = 1e6;
        const Outcome outcome = outcome_of(model.name, write_ode(model));
        EXPECT_EQ(outcome.kind, Outcome::Kind::agreement) << model.name << ": " << outcome.detail;
    }
}
