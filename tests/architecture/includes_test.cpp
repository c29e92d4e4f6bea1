// What a file may include: layers below its own, and third parties where they have their place.
#include "source_tree.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>

namespace cortifold {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Names with a space between.
struct Names {
    std::string_view list;
    [[nodiscard]] bool contain(std::string_view name) const {
        return (" " + std::string(list) + " ").find(" " + std::string(name) + " ") !=
               std::string::npos;
    }
};

struct LayerRule {
    std::string_view layer;
    Names sees;  ///< besides itself
};
constexpr Names dynamics{"core linalg model network equilibrium ode continuation"};
constexpr Names analyses{
    "core linalg model network equilibrium ode continuation synchrony meanfield spiking signal"};
constexpr Names outputs{
    "core linalg model network equilibrium ode continuation synchrony meanfield spiking signal io"};
/// Low to high; `models` is the folder of that name. The program, `app`, sees all.
constexpr LayerRule layer_rules[]{
    {"core", {""}},
    {"linalg", {"core"}},
    {"model", {"core linalg"}},
    {"models", {"core model"}},
    {"network", {"core linalg model"}},
    {"equilibrium", {"core linalg"}},
    {"ode", {"core linalg equilibrium"}},
    {"continuation", {"core linalg equilibrium ode"}},
    {"synchrony", dynamics},
    {"meanfield", dynamics},
    {"spiking", {"core linalg model"}},
    {"signal", {"core linalg"}},
    {"io", analyses},
    {"report", outputs},
    {"scan", outputs},
    {"compare", outputs},
};

struct HeaderPlace {
    std::string_view start;  ///< of the header's name
    Names layers;            ///< whose sources may include it
};
/// Files, clocks and streams belong to the world outside: they exist from layer 5 on only.
constexpr Names world{"io report scan compare app"};
constexpr HeaderPlace header_places[]{
    {"Random123/", {"core"}},
    {"lapacke.h", {"linalg"}},
    {"Spectra/", {"linalg"}},
    {"unsupported/Eigen/MatrixFunctions", {"continuation"}},
    {"kinsol/", {"equilibrium"}},
    {"cvodes/", {"ode"}},
    {"nvector/", {"equilibrium ode"}},
    {"sundials/", {"equilibrium ode"}},
    {"sunlinsol/", {"equilibrium ode"}},
    {"sunmatrix/", {"equilibrium ode"}},
    {"boost/numeric/odeint", {"ode"}},
    {"boost/math/", {"meanfield signal compare"}},
    {"kissfft/", {"signal"}},
    {"immintrin.h", {"spiking"}},
    {"omp.h", {"spiking"}},
    {"sys/mman.h", {"spiking"}},  // advice on pages, not the world outside
    {"hdf5.h", {"io"}},
    {"bzlib.h", {"io"}},
    {"matio.h", {"io"}},
    {"mpi.h", {"scan spiking"}},
    {"nlohmann/", {"io"}},
    {"pugixml.hpp", {"io"}},
    {"toml++/", {"io"}},
    {"yaml-cpp/", {"io"}},
    {"zip.h", {"io"}},
    {"gnuplot-iostream.h", {"report"}},
    {"kainjow/", {"report"}},
    {"CLI/", {"app"}},
    {"chrono", world},
    {"csignal", world},
    {"ctime", world},
    {"fcntl.h", world},
    {"filesystem", world},
    {"fstream", world},
    {"iostream", world},
    {"sys/", world},
    {"unistd.h", world},
};

struct Include {
    int line = 0;
    bool quoted = false;
    std::string header;
    [[nodiscard]] bool is_ours() const { return quoted || header.starts_with("cortifold/"); }
    [[nodiscard]] bool is_standard() const {
        return header.find_first_of("./") == std::string::npos;
    }
};

std::vector<Include> includes_of(const Source& source) {
    static const std::regex pattern(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
    std::vector<Include> includes;
    for (const Line& line : lines_of(source)) {
        std::match_results<std::string_view::const_iterator> match;
        if (std::regex_search(line.text.begin(), line.text.end(), match, pattern))
            includes.push_back({line.number, match.str(1) == "\"", match.str(2)});
    }
    return includes;
}

bool is_public(const Source& source) {
    return source.path.starts_with("include/");
}

/// "core" of src/core/error.cpp and of include/cortifold/core/error.hpp.
std::string layer_of(std::string path) {
    for (const std::string_view root : {"include/", "src/", "cortifold/"})
        if (path.starts_with(root)) path.erase(0, root.size());
    return path.substr(0, path.find('/'));
}

bool may_see(const std::string& layer, const std::string& other) {
    const auto* rule = std::ranges::find(layer_rules, layer, &LayerRule::layer);
    return layer == other || layer == "app" ||
           (rule != std::end(layer_rules) && rule->sees.contain(other));
}

/// The layer a header belongs to; a header in quotes without folder lies beside its source.
std::string layer_of(const Include& include, const Source& from) {
    const bool beside = include.quoted && include.header.find('/') == std::string::npos;
    return layer_of(beside ? from.path : include.header);
}

Findings upward_includes(const Source& source) {
    const std::string layer = layer_of(source.path);
    Findings findings;
    for (const Include& include : includes_of(source))
        if (include.is_ours() && !may_see(layer, layer_of(include, source)))
            findings.push_back(finding(
                source, include.line,
                layer + " may not see " + include.header + ": src/README.md orders the layers"));
    return findings;
}

Findings misplaced_headers(const Source& source) {
    Findings findings;
    for (const Include& include : includes_of(source)) {
        if (include.is_ours() || include.header.starts_with("Eigen/")) continue;
        const auto* place = std::ranges::find_if(header_places, [&](const HeaderPlace& candidate) {
            return include.header.starts_with(candidate.start);
        });
        const bool placed = place != std::end(header_places);
        if (is_public(source) && !include.is_standard())
            findings.push_back(finding(source, include.line,
                                       "<" + include.header +
                                           "> in a public header, which shows "
                                           "only the standard library and Eigen"));
        else if (placed ? !place->layers.contain(layer_of(source.path)) : !include.is_standard())
            findings.push_back(finding(source, include.line,
                                       "<" + include.header + "> has its place in: " +
                                           (placed ? std::string(place->layers.list)
                                                   : "no layer yet (header_places in this test)")));
    }
    return findings;
}

/// A public header is <cortifold/layer/unit.hpp>; a private one "unit.hpp" beside its source, and
/// "layer/unit.hpp" from another layer.
Findings relative_includes(const Source& source) {
    Findings findings;
    for (const Include& include : includes_of(source))
        if (include.quoted && (is_public(source) || include.header.starts_with('.')))
            findings.push_back(finding(source, include.line,
                                       "\"" + include.header + "\" is not written from the root"));
    return findings;
}

std::vector<Source> code() {
    return sources_below({"include", "src", "models"});
}

TEST(Includes, PointOnlyDownwards) {
    EXPECT_EQ(findings_in(code(), upward_includes), "");
}

TEST(Includes, OfThirdPartiesStayInTheirLayer) {
    EXPECT_EQ(findings_in(code(), misplaced_headers), "");
}

TEST(Includes, AreWrittenFromTheRoot) {
    EXPECT_EQ(findings_in(code(), relative_includes), "");
}

TEST(IncludeRules, FindAnUpwardEdgeAndNameItsLine) {
    EXPECT_THAT(upward_includes({"src/core/rng.cpp",
                                 "#include <cmath>\n#include <cortifold/ode/integrate.hpp>\n"}),
                ElementsAre(HasSubstr("src/core/rng.cpp:2: core may not see")));
}

TEST(IncludeRules, KnowTheOrderInsideTheLayersOfAnalysesAndOutputs) {
    EXPECT_THAT(upward_includes({"include/cortifold/equilibrium/newton.hpp",
                                 "#include <cortifold/ode/integrate.hpp>\n"}),
                ElementsAre(HasSubstr("equilibrium may not see")));
    EXPECT_THAT(
        upward_includes({"src/ode/cvode.cpp", "#include <cortifold/network/network.hpp>\n"}),
        ElementsAre(HasSubstr("ode may not see")));
    EXPECT_THAT(upward_includes({"src/io/config.cpp", "#include <cortifold/report/report.hpp>\n"}),
                ElementsAre(HasSubstr("io may not see")));
    EXPECT_THAT(upward_includes({"src/scan/grid.cpp", "#include <cortifold/report/report.hpp>\n"}),
                ElementsAre(HasSubstr("scan may not see")));
    EXPECT_THAT(upward_includes({"models/wilson_cowan/wilson_cowan.hpp",
                                 "#include <cortifold/network/network.hpp>\n"}),
                ElementsAre(HasSubstr("models may not see")));
}

TEST(IncludeRules, HoldForPrivateHeadersOfOtherLayers) {
    EXPECT_THAT(upward_includes({"src/ode/cvode.cpp", "#include \"equilibrium/solver.hpp\"\n"}),
                IsEmpty());
    EXPECT_THAT(upward_includes({"src/equilibrium/kinsol.cpp", "#include \"ode/stepper.hpp\"\n"}),
                ElementsAre(HasSubstr("equilibrium may not see ode/stepper.hpp")));
}

TEST(IncludeRules, RefuseALayerThatHasNoRuleYet) {
    EXPECT_THAT(
        upward_includes({"src/plasticity/rule.cpp", "#include <cortifold/core/status.hpp>\n"}),
        ElementsAre(HasSubstr("plasticity may not see")));
}

TEST(IncludeRules, AllowWhatLiesBelow) {
    EXPECT_THAT(upward_includes({"src/report/report.cpp",
                                 "#include <cortifold/io/table.hpp>\n"
                                 "#include <cortifold/report/figure.hpp>\n"}),
                IsEmpty());
    EXPECT_THAT(upward_includes({"src/app/main.cpp", "#include <cortifold/report/figure.hpp>\n"}),
                IsEmpty());
}

TEST(IncludeRules, FindAThirdPartyOutOfItsLayer) {
    EXPECT_THAT(misplaced_headers({"src/network/network.cpp", "#include <cvodes/cvodes.h>\n"}),
                ElementsAre(HasSubstr("has its place in: ode")));
    EXPECT_THAT(misplaced_headers({"src/ode/cvode.cpp", "#  include <cvodes/cvodes.h>\n"}),
                IsEmpty());
    EXPECT_THAT(misplaced_headers({"src/ode/cvode.cpp", "#include <armadillo.h>\n"}),
                ElementsAre(HasSubstr("no layer yet")));
}

TEST(IncludeRules, FindTheWorldOutsideBelowTheOutputs) {
    EXPECT_THAT(misplaced_headers({"src/core/rng.cpp", "#include <chrono>\n"}),
                ElementsAre(HasSubstr("<chrono>")));
    EXPECT_THAT(misplaced_headers({"include/cortifold/io/table.hpp", "#include <filesystem>\n"}),
                IsEmpty());
}

TEST(IncludeRules, FindAThirdPartyInAPublicHeader) {
    EXPECT_THAT(misplaced_headers({"include/cortifold/io/table.hpp", "#include <hdf5.h>\n"}),
                ElementsAre(HasSubstr("in a public header")));
    EXPECT_THAT(misplaced_headers({"include/cortifold/core/matrix.hpp", "#include <Eigen/Core>\n"}),
                IsEmpty());
}

TEST(IncludeRules, FindARelativePath) {
    EXPECT_THAT(relative_includes({"include/cortifold/core/rng.hpp", "#include \"status.hpp\"\n"}),
                ElementsAre(HasSubstr("not written from the root")));
    EXPECT_THAT(relative_includes({"src/core/rng.cpp", "#include \"../ode/cvode.hpp\"\n"}),
                ElementsAre(HasSubstr("not written from the root")));
    EXPECT_THAT(relative_includes({"src/network/woodbury.cpp", "#include \"woodbury.hpp\"\n"}),
                IsEmpty());
}

}  // namespace
}  // namespace cortifold
