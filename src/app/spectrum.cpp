#include "step.hpp"
#include "system.hpp"
#include <cortifold/io/table.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/network/laplacian.hpp>

namespace cortifold {

namespace {

constexpr GraphMatrix matrices[] = {GraphMatrix::weights, GraphMatrix::laplacian,
                                    GraphMatrix::laplacian_random_walk,
                                    GraphMatrix::laplacian_symmetric};
constexpr Normalization normalizations[] = {Normalization::none, Normalization::rows,
                                            Normalization::spectral_radius, Normalization::maximum,
                                            Normalization::mean_strength};

class Spectrum final : public Step {
public:
    Spectrum(GraphMatrix kind, Normalization normalization, Connectome connectome)
        : kind_(kind),
          normalization_(normalization),
          connectome_(std::move(connectome)),
          matrix_(graph_matrix(connectome_, kind)) {}

    [[nodiscard]] StepResult run(const StepContext& at) const override {
        const bool symmetric = matrix_ == matrix_.transpose();
        const DenseSpectrum spectrum =
            symmetric ? symmetric_spectrum(matrix_) : general_spectrum(matrix_);
        const Eigen::Index n = spectrum.values.size();
        CsvWriter table(at.folder / "eigenvalues.csv",
                        {{"index", ""}, {"re", ""}, {"im", ""}, {"residual", ""}});
        Record residuals = Record::List{};
        for (Eigen::Index k = 0; k < n; ++k) {
            table.write_row(
                std::initializer_list<Cell>{std::int64_t{k + 1}, spectrum.values[k].real(),
                                            spectrum.values[k].imag(), spectrum.residuals[k]});
            residuals.push_back(spectrum.residuals[k]);
        }
        table.close();
        StepResult result{spectrum.status,
                          std::to_string(n) + " eigenvalues of " + std::string(to_string(kind_)) +
                              (symmetric ? " (symmetric)" : ""),
                          Record::Table{}};
        result.summary["matrix"] = to_string(kind_);
        result.summary["normalize"] = to_string(normalization_);
        result.summary["eigenvalues"] = complex_list(spectrum.values);
        result.summary["residuals"] = residuals;
        result.summary["nodes"] = static_cast<std::int64_t>(connectome_.size());
        result.summary["edges"] = static_cast<std::int64_t>(connectome_.weights.nonZeros());
        return result;
    }

private:
    GraphMatrix kind_;
    Normalization normalization_;
    Connectome connectome_;
    Matrix matrix_;
};

}  // namespace

std::unique_ptr<Step> read_spectrum(ConfigReader& options, const Study& study) {
    if (study.network.connectomes.empty())
        throw ConfigError("a spectrum needs network.connectome", options.record().where);
    const auto kind = options.choice<GraphMatrix>("matrix", GraphMatrix::weights, matrices);
    const auto normalization =
        options.choice<Normalization>("normalize", study.normalization, normalizations);
    Connectome connectome = study.connectome;
    if (options.flag("symmetrize", false)) connectome = symmetrized(std::move(connectome));
    return std::make_unique<Spectrum>(kind, normalization,
                                      normalized(std::move(connectome), normalization));
}

}  // namespace cortifold
