#include "step.hpp"

#include <algorithm>
#include <array>
#include <iomanip>
#include <sstream>

namespace cortifold {

std::string_view to_string(Manifold manifold) {
    return manifold == Manifold::homogeneous ? "homogeneous" : "full";
}

std::span<const StepKind> step_kinds() {
    static constexpr std::array of_run{ReadStep{"of", "simulate"}};
    static constexpr std::array of_msf{ReadStep{"of", "msf"}};
    static constexpr std::array compared{ReadStep{"theory", "meanfield"}, ReadStep{"run", "spike"},
                                         ReadStep{"runs", "spike"}};
    static constexpr std::array kinds{
        StepKind{"compare",
                 "what a mean field predicts against what a run of spiking neurons shows",
                 read_compare, false, compared, false, false},
        StepKind{"continue",
                 "a branch of equilibria or cycles, or a curve of their bifurcations",
                 read_continue,
                 true,
                 {},
                 false,
                 true,
                 true},
        StepKind{"diagram",
                 "all equilibria and cycles over a range, their bifurcations and curves of them",
                 read_diagram, true},
        StepKind{"dispersion",
                 "growth and frequency of every mode of a synchronous state",
                 read_dispersion,
                 false,
                 {},
                 true},
        StepKind{"equilibria", "all equilibria in a box, with eigenvalues", read_equilibria, true},
        StepKind{"hubs",
                 "what an instability rests on: the effect of removing regions or connections",
                 read_hubs},
        StepKind{"lyapunov", "Lyapunov exponents, and what attractor they tell of", read_lyapunov},
        StepKind{"meanfield",
                 "self-consistent states of a network of spiking neurons, their roots and spectra",
                 read_meanfield,
                 false,
                 {},
                 false,
                 false},
        StepKind{"msf",
                 "master stability: growth over lambda, where it is zero, ranges of coupling",
                 read_msf,
                 false,
                 {},
                 true},
        StepKind{"scan",
                 "results of other steps over one to three parameters",
                 read_scan,
                 false,
                 {},
                 false,
                 false},
        StepKind{"signal", "spectra, rhythms, correlations and patterns of a run", read_signal,
                 false, of_run},
        StepKind{"simulate", "a run in time", read_simulate},
        StepKind{"spectrum", "eigenvalues of the weights or a Laplacian", read_spectrum, false,
                 of_msf, false, false},
        StepKind{"spatial",
                 "waves and patterns of a network of spiking neurons in space",
                 read_spatial,
                 false,
                 {},
                 false,
                 false},
        StepKind{
            "spike", "a run of a network of spiking neurons", read_spike, false, {}, false, false}};
    return kinds;
}

void require_model(const StepKind& kind, const Study& study, const SourceLine& where) {
    if (!kind.needs_model || !study.network.kinds.empty()) return;
    if (kind.takes_populations && !study.populations.is_null()) return;
    throw ConfigError("a step \"" + std::string(kind.name) + "\" needs a [model] of one region" +
                          (kind.takes_populations ? " or [[population]] tables" : "") +
                          ", and there is none",
                      where);
}

std::vector<PreparedStep> prepare_steps(Study& study) {
    std::vector<std::string> known;
    for (const StepKind& kind : step_kinds()) known.emplace_back(kind.name);
    std::vector<PreparedStep> steps;
    for (const Record& table : study.steps.as<Record::List>()) {
        const std::string& name = table.find("name")->as<std::string>();
        const std::string& action = table.find("do")->as<std::string>();
        const auto kind = std::ranges::find(step_kinds(), action, &StepKind::name);
        if (kind == step_kinds().end())
            throw ConfigError(unknown_name("step", action, known), table.find("do")->where);
        require_model(*kind, study, table.where);
        ConfigReader options(table, "step." + name, study.resolved);
        (void)options.text("name");
        (void)options.text("do");
        try {
            steps.push_back({name, action, kind->read(options, study)});
        } catch (const UsageError& error) {
            throw ConfigError("step \"" + name + "\": " + error.what(), table.where);
        }
        options.finish();
    }
    return steps;
}

std::string brief(double value) {
    std::ostringstream text;
    text << std::setprecision(4) << value;
    return text.str();
}

}  // namespace cortifold
