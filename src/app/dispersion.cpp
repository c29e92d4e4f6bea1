#include "step.hpp"
#include "system.hpp"
#include <cortifold/continuation/cycle_profile.hpp>
#include <cortifold/io/table.hpp>
#include <cortifold/ode/rest.hpp>
#include <cortifold/synchrony/dispersion.hpp>

#include <algorithm>

namespace cortifold {

namespace {

constexpr std::size_t pattern_count = 6;
constexpr double margin = 0.1;  // of the lambda range beyond the modes

/// An equilibrium, or a cycle.
struct Synchronous {
    Status status = Status::iteration_limit;
    std::string message;
    Vector state, parameters;
    BranchPoint cycle{};
};

std::complex<double> read_lambda(const Record& item) {
    if (item.is_finite_number()) return item.number();
    if (item.is<Record::List>() && item.as<Record::List>().size() == 2) {
        const auto& parts = item.as<Record::List>();
        if (parts[0].is_finite_number() && parts[1].is_finite_number())
            return {parts[0].number(), parts[1].number()};
    }
    throw ConfigError("lambda is a list of finite numbers and pairs [re, im]", item.where);
}

ComplexVector read_lambdas(ConfigReader& options) {
    const Record* list = options.any("lambda");
    if (list == nullptr) return {};
    if (!list->is<Record::List>())
        throw ConfigError("lambda is a list of finite numbers and pairs [re, im]", list->where);
    ComplexVector lambdas(static_cast<Eigen::Index>(list->as<Record::List>().size()));
    std::ranges::transform(list->as<Record::List>(), lambdas.begin(), read_lambda);
    return lambdas;
}

class Dispersion final : public Step {
public:
    Dispersion(System system, std::string from, SourceLine from_where, ComplexVector further,
               std::optional<std::pair<double, double>> range, Eigen::Index points)
        : system_(std::move(system)),
          from_(std::move(from)),
          from_where_(std::move(from_where)),
          further_(std::move(further)),
          range_(range),
          points_(points) {}

    [[nodiscard]] StepResult run(const StepContext& at) const override {
        const Synchronous found = find_state(at);
        if (!succeeded(found.status))
            return {found.status, "no equilibrium to linearize at: " + found.message,
                    Record::Table{}};
        DenseSpectrum spectrum{.status = Status::converged};
        if (!at.study.network.connectomes.empty() && !at.study.network.links.empty())
            spectrum = coupling_modes(at.study.network);
        if (!succeeded(spectrum.status))
            return {spectrum.status, "the coupling matrix has no spectrum", Record::Table{}};
        const DispersionResult result = relation(at, found, spectrum.values, further_);
        write_curve(at, found, spectrum.values);
        write_modes(at, result);
        if (spectrum.values.size() > 1) write_patterns(at, result, spectrum);
        return summarize(found, result);
    }

private:
    [[nodiscard]] Synchronous find_state(const StepContext& at) const {
        const Vector defaults = system_.field->initial(system_.parameters);
        if (from_ == "equilibrium" || from_ == "rest") {
            const RestResult rest = find_rest({system_.field, system_.parameters, defaults});
            return {rest.equilibrium.status, "equilibrium: " + rest.message, rest.equilibrium.state,
                    system_.parameters};
        }
        const LabelledPoint point = labelled_point(at, system_, from_, from_where_);
        if (is_cycle(point.special.at))
            return {Status::converged, from_ + ": a cycle", {}, point.parameters, point.special.at};
        const EquilibriumResult found =
            cortifold::find_equilibrium({system_.field, point.parameters, point.state});
        return {found.status, from_ + ": " + found.message, found.state, point.parameters};
    }

    [[nodiscard]] DispersionResult relation(const StepContext& at, const Synchronous& state,
                                            const ComplexVector& lambdas,
                                            const ComplexVector& further) const {
        if (is_cycle(state.cycle))
            return cycle_dispersion(CycleDispersionProblem{system_.homogeneous, state.parameters,
                                                           state.cycle, lambdas, further,
                                                           at.context.threads});
        return dispersion_relation(
            {system_.homogeneous, state.parameters, state.state, lambdas, further});
    }

    [[nodiscard]] std::pair<double, double> curve_range(const ComplexVector& lambdas) const {
        if (range_) return *range_;
        double low = -1.0, high = 1.0;
        if (lambdas.size() > 0) {
            low = lambdas.real().minCoeff();
            high = lambdas.real().maxCoeff();
        }
        const double width = high > low ? high - low : 1.0;
        return {low - margin * width, high + margin * width};
    }

    void write_curve(const StepContext& at, const Synchronous& state,
                     const ComplexVector& lambdas) const {
        const auto [low, high] = curve_range(lambdas);
        const ComplexVector grid =
            Vector::LinSpaced(points_, low, high).cast<std::complex<double>>();
        const DispersionResult curve = relation(at, state, {}, grid);
        const std::string rate = rate_unit(*system_.field);
        CsvWriter table(at.folder / "curve.csv",
                        {{"lambda", ""}, {"growth", rate}, {"frequency", rate}});
        for (const Mode& mode : curve.modes)
            table.write_row(
                std::initializer_list<double>{mode.lambda.real(), mode.growth, mode.frequency});
        table.close();
    }

    void write_modes(const StepContext& at, const DispersionResult& result) const {
        const std::string rate = rate_unit(*system_.field);
        CsvWriter table(at.folder / "modes.csv", {{"index", ""},
                                                  {"lambda_re", ""},
                                                  {"lambda_im", ""},
                                                  {"growth", rate},
                                                  {"frequency", rate},
                                                  {"unstable", ""}});
        for (const Mode& mode : result.modes)
            table.write_row(std::initializer_list<Cell>{
                std::int64_t{mode.index}, mode.lambda.real(), mode.lambda.imag(), mode.growth,
                mode.frequency, std::int64_t{mode.unstable ? 1 : 0}});
        table.close();
    }

    /// The eigenvectors of the transverse modes that grow fastest, or decay slowest.
    static void write_patterns(const StepContext& at, const DispersionResult& result,
                               const DenseSpectrum& spectrum) {
        std::vector<Mode> modes;
        std::ranges::copy_if(result.modes, std::back_inserter(modes),
                             [](const Mode& mode) { return mode.index > 1; });
        std::ranges::stable_sort(modes, std::greater{}, &Mode::growth);
        if (modes.size() > pattern_count) modes.resize(pattern_count);
        std::vector<Column> columns{{"region", ""}};
        for (const Mode& mode : modes)
            for (const char* part : {"_re", "_im"})
                columns.push_back({"mode" + std::to_string(mode.index) + part, ""});
        CsvWriter table(at.folder / "patterns.csv", columns);
        for (Eigen::Index region = 0; region < spectrum.vectors.rows(); ++region) {
            std::vector<Cell> row{std::int64_t{region}};
            for (const Mode& mode : modes) {
                const std::complex<double> component = spectrum.vectors(region, mode.index - 1);
                row.emplace_back(component.real());
                row.emplace_back(component.imag());
            }
            table.write_row(row);
        }
        table.close();
    }

    [[nodiscard]] StepResult summarize(const Synchronous& state,
                                       const DispersionResult& found) const {
        const auto transverse =
            std::ranges::count_if(found.modes, [](const Mode& mode) { return mode.index > 1; });
        StepResult result{found.status,
                          std::to_string(found.unstable_modes) + " of " +
                              std::to_string(transverse) + " transverse modes grow; " +
                              state.message,
                          Record::Table{}};
        result.summary["unstable_modes"] = found.unstable_modes;
        if (is_cycle(state.cycle)) {
            result.summary["period"] = state.cycle.period;
            result.summary["trivial_exponent"] = found.trivial;
        } else {
            result.summary["state"] = state_record(*system_.field, state.state);
        }
        Record modes = Record::List{};
        for (const Mode& mode : found.modes)
            modes.push_back(Record::Table{{"index", mode.index},
                                          {"lambda", complex_record(mode.lambda)},
                                          {"growth", mode.growth},
                                          {"frequency", mode.frequency},
                                          {"unstable", mode.unstable}});
        result.summary["modes"] = modes;
        return result;
    }

    System system_;
    std::string from_;
    SourceLine from_where_;
    ComplexVector further_;
    std::optional<std::pair<double, double>> range_;
    Eigen::Index points_;
};

}  // namespace

std::unique_ptr<Step> read_dispersion(ConfigReader& options, const Study& study) {
    if (!study.has_network)
        throw ConfigError("a dispersion relation needs a [network]", options.record().where);
    System system = read_system(options, study, Manifold::homogeneous, Unequal::refuse);
    require_autonomous(system, options);
    if (system.manifold != Manifold::homogeneous)
        throw ConfigError("a dispersion relation lives on the homogeneous manifold",
                          options.where("manifold"));
    std::string from = options.text("at", "equilibrium");
    ComplexVector further = read_lambdas(options);
    const auto range = options.range("range");
    const auto points = static_cast<Eigen::Index>(options.integer("points", 401, {2.0, 1e6}));
    return std::make_unique<Dispersion>(std::move(system), std::move(from), options.where("at"),
                                        std::move(further), range, points);
}

}  // namespace cortifold
