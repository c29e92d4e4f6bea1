#include "step.hpp"
#include "synchronous_state.hpp"

namespace cortifold {

namespace {

class Dispersion final : public Step {
public:
    Dispersion(ModeStep step, ComplexVector further, std::optional<std::pair<double, double>> range,
               Eigen::Index points)
        : step_(std::move(step)), further_(std::move(further)), range_(range), points_(points) {}

    [[nodiscard]] StepResult run(const StepContext& at) const override {
        const SynchronousState found = find_synchronous_state(step_, at);
        if (!found.stability || !succeeded(found.status)) return without_modes(found);
        const CouplingModes& coupling = found.coupling;
        const int threads = at.context.threads;
        const DispersionResult result =
            dispersion_relation(*found.stability, coupling.values, further_, threads);
        write_modes(at, *step_.system.field, result.modes);
        write_patterns(at, result.modes, coupling);
        StepResult summary = summarize_modes(step_, found, result, coupling.note);
        if (at.cell == nullptr) add_curve(at, *found.stability, coupling.values, summary);
        return summary;
    }

private:
    void add_curve(const StepContext& at, const MasterStability& stability,
                   const ComplexVector& lambdas, StepResult& result) const {
        const auto [low, high] = lambda_range(range_, lambdas);
        const ComplexVector grid =
            Vector::LinSpaced(points_, low, high).cast<std::complex<double>>();
        const DispersionResult curve = dispersion_relation(stability, {}, grid, at.context.threads);
        write_curve(at, *step_.system.field, curve.modes);
        tell_gaps("curve.csv", curve, result);
    }

    ModeStep step_;
    ComplexVector further_;
    std::optional<std::pair<double, double>> range_;
    Eigen::Index points_;
};

}  // namespace

std::unique_ptr<Step> read_dispersion(ConfigReader& options, const Study& study) {
    ModeStep step = read_mode_step(options, study);
    ComplexVector further = read_lambdas(options);
    const auto range = options.range("range");
    const auto points = static_cast<Eigen::Index>(options.integer("points", 401, {2.0, 1e6}));
    return std::make_unique<Dispersion>(std::move(step), std::move(further), range, points);
}

}  // namespace cortifold
