#include "step.hpp"
#include "system.hpp"
#include <cortifold/equilibrium/deflation.hpp>
#include <cortifold/io/table.hpp>

#include <cmath>

namespace cortifold {

namespace {

constexpr NewtonMethod methods[] = {NewtonMethod::newton, NewtonMethod::kinsol};

struct Box {
    Vector low, high;
};

/// The limits of the model's states, or those of the key `box` for the states it names.
Box read_box(ConfigReader& options, const VectorField& field, Eigen::Index regions) {
    const auto states = field.states();
    const auto n = static_cast<Eigen::Index>(states.size());
    Box box{Vector(n), Vector(n)};
    for (Eigen::Index k = 0; k < n; ++k) {
        box.low[k] = states[static_cast<std::size_t>(k)].low;
        box.high[k] = states[static_cast<std::size_t>(k)].high;
    }
    const bool given = options.has("box");
    ConfigReader table = options.table("box");
    if (given)
        for (Eigen::Index k = 0; k < n; ++k) {
            const std::string name(states[static_cast<std::size_t>(k)].name);
            const auto range = table.range(regions > 1 ? name.substr(0, name.find('[')) : name);
            if (range) std::tie(box.low[k], box.high[k]) = *range;
        }
    table.finish();
    for (Eigen::Index k = 0; k < n; ++k)
        if (!std::isfinite(box.low[k]) || !std::isfinite(box.high[k]))
            throw ConfigError(
                "equilibria are looked for in a box, and the model sets no limits to "
                "its states; give box = { " +
                    std::string(states[static_cast<std::size_t>(k)].name) + " = [low, high], ... }",
                options.where("box"));
    return box;
}

class Equilibria final : public Step {
public:
    Equilibria(System system, Box box, SearchOptions options)
        : system_(std::move(system)), box_(std::move(box)), options_(options) {}

    [[nodiscard]] StepResult run(const StepContext& at) const override {
        SearchOptions options = options_;
        options.context = at.context;
        const auto field = threaded_field(system_, at.context);
        const SearchResult found = find_all_equilibria(
            {field, system_.parameters, box_.low, box_.high, {field->initial(system_.parameters)}},
            options);
        write_tables(at, found);
        StepResult result{found.status,
                          found.message + (system_.note.empty() ? "" : "; " + system_.note),
                          Record::Table{}};
        result.summary["manifold"] = to_string(system_.manifold);
        Record list = Record::List{};
        for (std::size_t k = 0; k < found.equilibria.size(); ++k) {
            const EquilibriumResult& equilibrium = found.equilibria[k];
            list.push_back(Record::Table{{"label", label(k)},
                                         {"state", state_record(*field, equilibrium.state)},
                                         {"eigenvalues", complex_list(equilibrium.eigenvalues)},
                                         {"unstable", equilibrium.n_unstable},
                                         {"residual", equilibrium.residual}});
        }
        result.summary["equilibria"] = list;
        return result;
    }

private:
    static std::string label(std::size_t k) { return "eq" + std::to_string(k + 1); }

    void write_tables(const StepContext& at, const SearchResult& found) const {
        const std::string rate = rate_unit(*system_.field);
        std::vector<Column> columns{{"label", ""}};
        for (const Quantity& state : system_.field->states())
            columns.push_back({std::string(state.name), std::string(state.unit)});
        columns.insert(columns.end(), {{"unstable", ""}, {"residual", ""}});
        CsvWriter states(at.folder / "equilibria.csv", columns);
        CsvWriter eigenvalues(at.folder / "eigenvalues.csv",
                              {{"label", ""}, {"index", ""}, {"re", rate}, {"im", rate}});
        for (std::size_t k = 0; k < found.equilibria.size(); ++k) {
            const EquilibriumResult& equilibrium = found.equilibria[k];
            std::vector<Cell> row{label(k)};
            for (const double value : equilibrium.state) row.emplace_back(value);
            row.emplace_back(std::int64_t{equilibrium.n_unstable});
            row.emplace_back(equilibrium.residual);
            states.write_row(row);
            for (Eigen::Index j = 0; j < equilibrium.eigenvalues.size(); ++j)
                eigenvalues.write_row(std::initializer_list<Cell>{
                    label(k), std::int64_t{j + 1}, equilibrium.eigenvalues[j].real(),
                    equilibrium.eigenvalues[j].imag()});
        }
        states.close();
        eigenvalues.close();
    }

    System system_;
    Box box_;
    SearchOptions options_;
};

}  // namespace

std::unique_ptr<Step> read_equilibria(ConfigReader& options, const Study& study) {
    System system = read_system(options, study, Manifold::homogeneous, Unequal::take_full);
    require_autonomous(system, options);
    Box box = read_box(options, *system.field, system.regions(study));
    SearchOptions search;
    search.starts = static_cast<int>(options.integer("starts", search.starts, {0.0, 1e6}));
    search.newton.method = options.choice<NewtonMethod>("method", search.newton.method, methods);
    return std::make_unique<Equilibria>(std::move(system), std::move(box), search);
}

}  // namespace cortifold
