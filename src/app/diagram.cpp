#include "branch_record.hpp"
#include "cycle_options.hpp"
#include "step.hpp"
#include <cortifold/continuation/diagram.hpp>

namespace cortifold {

namespace {

/// Where a study does not ask for cycles they are followed in systems up to this size.
constexpr Eigen::Index most_states_with_cycles = 40;

class DiagramStep final : public Step {
public:
    DiagramStep(BranchSetting setting, StateBox box, DiagramOptions options)
        : setting_(std::move(setting)), box_(std::move(box)), options_(std::move(options)) {}

    [[nodiscard]] StepResult run(const StepContext& at) const override {
        const System& system = setting_.system;
        BranchRecord record(at, setting_);
        at.progress.start("diagram");
        DiagramOptions options = options_;
        options.context = at.context;
        if (options.cycles) options.cycles->options.threads = at.context.threads;
        options.continuation.tests = setting_.functions.tests(system.parameters, setting_.free);
        options.continuation.observer = [&](const BranchPoint& point) {
            return record.grow(point);
        };
        options.observer = [&](const Branch& branch) {
            record.add({branch, system.parameters, {}});
            return interrupted() ? Flow::stop : Flow::proceed;
        };
        const Diagram diagram = complete_diagram(problem(at), options);
        at.progress.finish();
        StepResult result{interrupted() ? Status::interrupted : diagram.status,
                          describe_branches(record.branches()) + note(diagram), Record::Table{}};
        record.close(result.summary);
        Record graph = Record::List{};
        for (const DiagramLink& link : diagram.graph)
            graph.push_back(Record::Table{{"from", static_cast<std::int64_t>(link.from) + 1},
                                          {"label", link.label},
                                          {"to", static_cast<std::int64_t>(link.to) + 1}});
        result.summary["graph"] = graph;
        result.summary["search"] = search(diagram);
        return result;
    }

private:
    [[nodiscard]] std::string note(const Diagram& diagram) const {
        std::string text;
        for (const std::string& note : diagram.notes) text += "; " + note;
        if (!succeeded(diagram.status) && text.find(diagram.message) == std::string::npos)
            text += "; " + diagram.message;
        return text + (setting_.system.note.empty() ? "" : "; " + setting_.system.note);
    }

    /// In which box, and where along the parameter, equilibria were looked for.
    [[nodiscard]] Record search(const Diagram& diagram) const {
        Record box = Record::Table{}, slices = Record::List{};
        const auto states = setting_.system.network.kinds.front()->states();
        const Eigen::Index regions = box_.low.size() / std::ssize(states);
        for (std::size_t k = 0; k < states.size(); ++k) {
            const Eigen::Index first = static_cast<Eigen::Index>(k) * regions;
            box[states[k].name] = Record::List{box_.low[first], box_.high[first]};
        }
        for (const DiagramSlice& slice : diagram.slices)
            slices.push_back(
                Record::Table{{setting_.free.front().name, slice.parameter},
                              {"solves", slice.solves},
                              {"equilibria", static_cast<std::int64_t>(slice.equilibria)}});
        return Record::Table{{"box", box}, {"slices", slices}};
    }

    [[nodiscard]] DiagramProblem problem(const StepContext& at) const {
        const System& system = setting_.system;
        const FreeParameter& first = setting_.free.front();
        DiagramProblem problem{threaded_field(system, at.context),
                               system.parameters,
                               first.number,
                               first.range,
                               box_.low,
                               box_.high,
                               {system.field->initial(system.parameters)},
                               {}};
        if (setting_.free.size() > 1)
            problem.second = {setting_.free[1].number, setting_.free[1].range};
        return problem;
    }

    BranchSetting setting_;
    StateBox box_;
    DiagramOptions options_;
};

DiagramCycles read_cycles(ConfigReader& options, const Study& study, const System& system) {
    const CycleSetting setting = read_cycle_setting(options, study, system);
    DiagramCycles cycles{setting.options, setting.max_period};
    cycles.doublings =
        static_cast<int>(options.integer("doublings", cycles.doublings, {0.0, 10.0}));
    return cycles;
}

}  // namespace

std::unique_ptr<Step> read_diagram(ConfigReader& options, const Study& study) {
    System system = read_system(options, study, Manifold::homogeneous, Unequal::take_full);
    require_autonomous(system, options);
    auto free = free_parameters(read_asked_parameters(options), study, *system.field);
    StateBox box = read_state_box(options, system, study);
    BranchSetting setting = read_branch_setting(options, study, std::move(system), std::move(free));
    DiagramOptions diagram;
    diagram.continuation = read_continuation_options(options);
    diagram.slices = static_cast<int>(options.integer("slices", diagram.slices, {1.0, 1e4}));
    diagram.max_branches =
        static_cast<int>(options.integer("max_branches", diagram.max_branches, {1.0, 1e4}));
    const bool few = setting.system.field->dimension() <= most_states_with_cycles;
    if ((setting.cycles = options.flag("cycles", few)))
        diagram.cycles = read_cycles(options, study, setting.system);
    return std::make_unique<DiagramStep>(std::move(setting), std::move(box), std::move(diagram));
}

}  // namespace cortifold
