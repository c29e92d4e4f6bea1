#include "simulation_record.hpp"
#include "step.hpp"
#include "system.hpp"
#include <cortifold/core/rng.hpp>
#include <cortifold/ode/integrate.hpp>
#include <cortifold/ode/rest.hpp>

#include <algorithm>

namespace cortifold {

namespace {

constexpr OdeMethod methods[] = {OdeMethod::dormand_prince, OdeMethod::cvode,
                                 OdeMethod::runge_kutta4};
constexpr double outputs_by_default = 2000.0;

/// One state's initial value: a number, or a distribution that is drawn for each region.
struct InitialValue {
    enum class Kind { constant, normal, uniform } kind = Kind::constant;
    double a = 0.0, b = 0.0;  ///< value; mean and standard deviation; low and high
};

struct InitialOptions {
    std::string from;  ///< "default", "rest" or a label
    SourceLine where;
    std::vector<std::pair<std::size_t, InitialValue>> values;  ///< by number of the node's state
    double noise = 0.0;  ///< half-width of a uniform distribution that is added to every state
};

InitialValue read_initial_value(const std::string& name, const Record& value) {
    if (value.is_number()) return {InitialValue::Kind::constant, value.number(), 0.0};
    for (const auto& [kind, key] : {std::pair{InitialValue::Kind::normal, "normal"},
                                    std::pair{InitialValue::Kind::uniform, "uniform"}}) {
        const Record* pair = value.find(key);
        if (pair == nullptr || !pair->is<Record::List>() || pair->as<Record::List>().size() != 2 ||
            value.as<Record::Table>().size() != 1)
            continue;
        const auto& numbers = pair->as<Record::List>();
        if (numbers[0].is_number() && numbers[1].is_number())
            return {kind, numbers[0].number(), numbers[1].number()};
    }
    throw ConfigError("initial." + name +
                          " must be a number, { normal = [mean, sd] } or { uniform = [low, high] }",
                      value.where);
}

InitialOptions read_initial(ConfigReader& options, const Node& node) {
    InitialOptions initial{"default", options.where("initial"), {}, 0.0};
    initial.noise = options.number("noise", 0.0, {0.0, 1e300});
    const Record* given = options.any("initial");
    if (given == nullptr) return initial;
    if (given->is<std::string>()) {
        initial.from = given->as<std::string>();
    } else if (given->is<Record::Table>()) {
        for (const auto& [name, value] : given->as<Record::Table>()) {
            const auto state = find_index(node.states(), name);
            if (!state)
                throw ConfigError(unknown_name("state", name, names_of(node.states())),
                                  value.where);
            initial.values.emplace_back(*state, read_initial_value(name, value));
        }
    } else {
        throw ConfigError("initial must be \"default\", \"rest\", a label or a table of states",
                          given->where);
    }
    return initial;
}

class Simulate final : public Step {
public:
    Simulate(System system, InitialOptions initial, OdeOptions options, double transient,
             double duration)
        : system_(std::move(system)),
          initial_(std::move(initial)),
          options_(options),
          transient_(transient),
          duration_(duration) {}

    [[nodiscard]] StepResult run(const StepContext& at) const override {
        const auto field = threaded_field(system_, at);
        Vector x;
        if (const auto failed = start(at, x)) return *failed;
        at.progress.start("simulate");
        const double total = transient_ + duration_;
        OdeResult settled{Status::reached_end, {}, 0.0, x, 0, 0, 0};
        if (transient_ > 0.0)
            settled = integrate({field, system_.parameters, x, 0.0, transient_}, with_steps(0.0),
                                [&](double t, ConstVectorRef) {
                                    at.progress.update(t / total);
                                    return interrupted() ? Flow::stop : Flow::proceed;
                                });
        if (settled.status != Status::reached_end)
            return {end_status(settled), "in the transient: " + settled.message, Record::Table{}};

        SimulationRecord record(at.folder, *field, at.study.network.kinds.front()->states(),
                                system_.regions(at.study));
        const OdeResult end =
            integrate({field, system_.parameters, settled.state, transient_, total}, options_,
                      [&](double t, ConstVectorRef state) {
                          record.add(t, state);
                          at.progress.update(t / total);
                          return interrupted() ? Flow::stop : Flow::proceed;
                      });
        at.progress.finish();
        StepResult result{end_status(end), end.message, Record::Table{}};
        result.summary["duration"] = end.t - transient_;
        result.summary["final"] = state_record(*field, end.state);
        record.close(result.summary);
        result.summary["steps"] = static_cast<std::int64_t>(settled.steps + end.steps);
        result.summary["evaluations"] =
            static_cast<std::int64_t>(settled.evaluations + end.evaluations);
        return result;
    }

private:
    static Status end_status(const OdeResult& end) {
        return end.status == Status::stopped_by_observer ? Status::interrupted : end.status;
    }

    [[nodiscard]] OdeOptions with_steps(double output_step) const {
        OdeOptions options = options_;
        options.output_step = output_step;
        return options;
    }

    /// Sets the initial state; a result only where there is none.
    [[nodiscard]] std::optional<StepResult> start(const StepContext& at, Vector& x) const {
        x = default_values(system_.field->states());
        if (initial_.from == "rest") {
            const System node = rest_system(at.study);
            const RestResult rest =
                find_rest({node.field, node.parameters, default_values(node.field->states())});
            if (!succeeded(rest.equilibrium.status))
                return StepResult{rest.equilibrium.status, "no rest to start from: " + rest.message,
                                  Record::Table{}};
            x = rest.equilibrium.state.size() == x.size()
                    ? rest.equilibrium.state
                    : spread(system_, at.study, rest.equilibrium.state);
        } else if (initial_.from != "default") {
            x = labelled_state(at, system_, initial_.from, initial_.where);
        }
        draw(at, x);
        return std::nullopt;
    }

    /// Rest is looked for on the homogeneous manifold where there is one: there it is a state of
    /// one node.
    [[nodiscard]] System rest_system(const Study& study) const {
        if (system_.manifold == Manifold::homogeneous || obstacle_to_homogeneity(study.network))
            return system_;
        const auto node = make_homogeneous_field(study.network);
        return {Manifold::homogeneous, node, node, system_.parameters, {}};
    }

    void draw(const StepContext& at, Vector& x) const {
        const Eigen::Index regions = system_.regions(at.study), states = x.size() / regions;
        for (Eigen::Index region = 0; region < regions; ++region) {
            const CounterRng rng({at.context.seed, StreamPurpose::initial_state,
                                  static_cast<std::uint64_t>(region)});
            for (const auto& [state, value] : initial_.values) {
                const auto draw = static_cast<std::uint64_t>(state);
                double& target = x[static_cast<Eigen::Index>(state) * regions + region];
                switch (value.kind) {
                    case InitialValue::Kind::constant: target = value.a; break;
                    case InitialValue::Kind::normal:
                        target = value.a + value.b * rng.normal(draw);
                        break;
                    case InitialValue::Kind::uniform:
                        target = value.a + (value.b - value.a) * rng.uniform(draw);
                        break;
                }
            }
            if (initial_.noise > 0.0)
                for (Eigen::Index state = 0; state < states;
                     ++state)  // draws of its own, behind those of the values
                    x[state * regions + region] +=
                        initial_.noise *
                        (2.0 * rng.uniform(static_cast<std::uint64_t>(states + state)) - 1.0);
        }
    }

    System system_;
    InitialOptions initial_;
    OdeOptions options_;
    double transient_, duration_;
};

}  // namespace

std::unique_ptr<Step> read_simulate(ConfigReader& options, const Study& study) {
    System system = read_system(options, study, Manifold::full, Unequal::refuse);
    InitialOptions initial = read_initial(options, *study.network.kinds.front());
    const double duration = options.number("duration", {}, positive);
    const double transient = options.number("transient", 0.0, {0.0, 1e300});
    OdeOptions ode;
    ode.method = options.choice<OdeMethod>("method", ode.method, methods);
    ode.relative_tolerance =
        options.number("relative_tolerance", ode.relative_tolerance, {1e-14, 1e-1});
    ode.absolute_tolerance = options.number("absolute_tolerance", ode.absolute_tolerance, positive);
    if (ode.method == OdeMethod::runge_kutta4) ode.step = options.number("step", {}, positive);
    ode.output_step = options.number("output_step", duration / outputs_by_default, positive);
    return std::make_unique<Simulate>(std::move(system), std::move(initial), ode, transient,
                                      duration);
}

}  // namespace cortifold
