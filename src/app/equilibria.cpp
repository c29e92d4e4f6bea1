#include "step.hpp"
#include "system.hpp"
#include <cortifold/equilibrium/deflation.hpp>
#include <cortifold/io/table.hpp>

namespace cortifold {

namespace {

constexpr NewtonMethod methods[] = {NewtonMethod::newton, NewtonMethod::kinsol};

class Equilibria final : public Step {
public:
    Equilibria(System system, StateBox box, SearchOptions options)
        : system_(std::move(system)), box_(std::move(box)), options_(options) {}

    [[nodiscard]] StepResult run(const StepContext& at) const override {
        SearchOptions options = options_;
        options.context = at.context;
        const auto field = threaded_field(system_, at.context);
        const SearchResult found = find_all_equilibria(
            {field, system_.parameters, box_.low, box_.high, starts(at)}, options);
        if (at.cell != nullptr) at.cell->memory = remember(found);
        write_tables(at, found);
        StepResult result{found.status,
                          found.message + (system_.note.empty() ? "" : "; " + system_.note),
                          Record::Table{}};
        result.summary["manifold"] = to_string(system_.manifold);
        result.summary["parameters"] = parameter_record(*field, system_.parameters);
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
    /// The default state, and the equilibria of the cell before.
    [[nodiscard]] std::vector<Vector> starts(const StepContext& at) const {
        std::vector<Vector> starts{system_.field->initial(system_.parameters)};
        const Eigen::Index n = starts.front().size();
        if (at.cell != nullptr)
            for (Eigen::Index k = 0; k < at.cell->memory.size(); k += n)
                starts.emplace_back(at.cell->memory.segment(k, n));
        return starts;
    }

    [[nodiscard]] Vector remember(const SearchResult& found) const {
        const Eigen::Index n = system_.field->dimension();
        Vector memory(n * std::ssize(found.equilibria));
        for (std::size_t k = 0; k < found.equilibria.size(); ++k)
            memory.segment(static_cast<Eigen::Index>(k) * n, n) = found.equilibria[k].state;
        return memory;
    }

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
    StateBox box_;
    SearchOptions options_;
};

}  // namespace

std::unique_ptr<Step> read_equilibria(ConfigReader& options, const Study& study) {
    System system = read_system(options, study, Manifold::homogeneous, Unequal::take_full);
    require_autonomous(system, options);
    StateBox box = read_state_box(options, system, study);
    SearchOptions search;
    search.starts = static_cast<int>(options.integer("starts", search.starts, {0.0, 1e6}));
    search.newton.method = options.choice<NewtonMethod>("method", search.newton.method, methods);
    return std::make_unique<Equilibria>(std::move(system), std::move(box), search);
}

}  // namespace cortifold
