#include "graph_diffusion.hpp"
#include "step.hpp"
#include "synchronous_state.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/io/table.hpp>
#include <cortifold/linalg/sparse_spectrum.hpp>
#include <cortifold/network/laplacian.hpp>

#include <string>
#include <vector>

namespace cortifold {

namespace {

using Eigen::Index;

constexpr GraphMatrix matrices[] = {GraphMatrix::weights, GraphMatrix::laplacian,
                                    GraphMatrix::laplacian_random_walk,
                                    GraphMatrix::laplacian_symmetric};
constexpr Normalization normalizations[] = {Normalization::none, Normalization::rows,
                                            Normalization::spectral_radius, Normalization::maximum,
                                            Normalization::mean_strength};
constexpr SpectrumEnd ends[] = {SpectrumEnd::largest, SpectrumEnd::smallest,
                                SpectrumEnd::largest_magnitude, SpectrumEnd::nearest};
constexpr SpectrumRoute routes[] = {SpectrumRoute::automatic, SpectrumRoute::dense,
                                    SpectrumRoute::shift_invert, SpectrumRoute::matrix_free};

/// What is kept of modes and kernels besides eigenvalues.
struct Extras {
    Index modes = 0;
    DiffusionChoice diffusion;
    std::optional<std::string> msf;
};

bool is_real(std::complex<double> value) {
    return value.imag() == 0.0;
}

class Spectrum final : public Step {
public:
    Spectrum(GraphMatrix kind, Normalization normalization, Index edges, SparseMatrix matrix,
             const SparseSpectrumOptions& options, Extras extras)
        : kind_(kind),
          normalization_(normalization),
          edges_(edges),
          matrix_(std::move(matrix)),
          options_(options),
          extras_(std::move(extras)) {}

    [[nodiscard]] StepResult run(const StepContext& at) const override {
        SparseSpectrumOptions options = options_;
        options.seed = at.context.seed;
        const SparseModes modes = sparse_modes(matrix_, options);
        write_values(at, modes);
        if (options.count < matrix_.rows() && modes.values.size() > 0) write_vectors(at, modes);
        write_patterns(at, shown(modes), modes.vectors);
        StepResult result = summarize(modes);
        const bool all = modes.values.size() == matrix_.rows();
        if (all && kind_ != GraphMatrix::weights && matrix_.rows() > 1)
            add_gap(at, kind_, matrix_, modes.values, extras_.msf, result);
        add_diffusion(at, extras_.diffusion, matrix_, modes.values, result);
        return result;
    }

private:
    static void write_values(const StepContext& at, const SparseModes& modes) {
        CsvWriter table(at.folder / "eigenvalues.csv",
                        {{"index", ""}, {"re", ""}, {"im", ""}, {"residual", ""}});
        for (Index k = 0; k < modes.values.size(); ++k)
            table.write_row(std::initializer_list<Cell>{std::int64_t{k + 1}, modes.values[k].real(),
                                                        modes.values[k].imag(),
                                                        modes.residuals[k]});
        table.close();
    }

    /// A row a region; of a real mode no column of zeros.
    static void write_vectors(const StepContext& at, const SparseModes& modes) {
        std::vector<Column> columns;
        for (Index k = 0; k < modes.values.size(); ++k) {
            const std::string mode = "mode" + std::to_string(k + 1);
            columns.push_back({mode + "_re", ""});
            if (!is_real(modes.values[k])) columns.push_back({mode + "_im", ""});
        }
        Hdf5Writer table(at.folder / "data.h5", "vectors", columns);
        std::vector<double> row;
        for (Index region = 0; region < modes.vectors.rows(); ++region) {
            row.clear();
            for (Index k = 0; k < modes.values.size(); ++k) {
                row.push_back(modes.vectors(region, k).real());
                if (!is_real(modes.values[k])) row.push_back(modes.vectors(region, k).imag());
            }
            table.write_row(row);
        }
        table.close();
    }

    /// The indices of the first modes from the end asked for, one of a pair, without the uniform
    /// one.
    [[nodiscard]] std::vector<Index> shown(const SparseModes& modes) const {
        constexpr double rounding = 1e-8;
        std::vector<Index> chosen;
        const Index count = modes.values.size();
        for (Index k = 0; k < count; ++k) {
            const Index mode = options_.end == SpectrumEnd::smallest ? count - 1 - k : k;
            const ComplexVector vector = modes.vectors.col(mode);
            const bool uniform = (vector.array() - vector.mean()).matrix().norm() <= rounding;
            if (uniform || modes.values[mode].imag() < 0.0) continue;
            if (static_cast<Index>(chosen.size()) < extras_.modes) chosen.push_back(mode + 1);
        }
        return chosen;
    }

    [[nodiscard]] StepResult summarize(const SparseModes& modes) const {
        const bool all = options_.count == matrix_.rows();
        const std::string which = all ? "" : ", " + std::string(to_string(options_.end));
        StepResult result{modes.status,
                          std::string(to_string(kind_)) + which + ": " + modes.message,
                          Record::Table{}};
        Record residuals = Record::List{};
        for (const double residual : modes.residuals) residuals.push_back(residual);
        result.summary["matrix"] = to_string(kind_);
        result.summary["normalize"] = to_string(normalization_);
        result.summary["end"] = to_string(options_.end);
        result.summary["route"] = to_string(modes.route);
        result.summary["count_check"] = to_string(modes.count_check);
        result.summary["eigenvalues"] = complex_list(modes.values);
        result.summary["residuals"] = residuals;
        result.summary["nodes"] = static_cast<std::int64_t>(matrix_.rows());
        result.summary["edges"] = static_cast<std::int64_t>(edges_);
        return result;
    }

    GraphMatrix kind_;
    Normalization normalization_;
    Index edges_;
    SparseMatrix matrix_;
    SparseSpectrumOptions options_;
    Extras extras_;
};

/// All eigenvalues where that is cheap, else some; of a Laplacian the slowest modes.
SparseSpectrumOptions read_options(ConfigReader& table, GraphMatrix kind, Index nodes) {
    SparseSpectrumOptions options;
    const Index usual = nodes <= largest_dense ? nodes : options.count;
    options.count = table.integer("count", usual, {1.0, static_cast<double>(nodes)});
    options.end = table.choice<SpectrumEnd>(
        "end", kind == GraphMatrix::weights ? SpectrumEnd::largest : SpectrumEnd::smallest, ends);
    if (table.has("shift") && options.end != SpectrumEnd::nearest)
        throw ConfigError("shift needs end = \"nearest\"", table.where("shift"));
    options.shift = table.number("shift", options.shift);
    options.tolerance = table.number("tolerance", options.tolerance, {1e-13, 1.0});
    options.route = table.choice<SpectrumRoute>("route", options.route, routes);
    try {
        options.validate();
    } catch (const UsageError& error) {
        throw ConfigError(error.what(), table.record().where);
    }
    return options;
}

}  // namespace

std::unique_ptr<Step> read_spectrum(ConfigReader& options, const Study& study) {
    if (study.network.connectomes.empty())
        throw ConfigError("a spectrum needs network.connectome", options.record().where);
    const auto kind = options.choice<GraphMatrix>("matrix", GraphMatrix::weights, matrices);
    const auto normalization =
        options.choice<Normalization>("normalize", study.normalization, normalizations);
    Connectome connectome = study.connectome;
    if (options.flag("symmetrize", false)) connectome = symmetrized(std::move(connectome));
    const SparseSpectrumOptions asked = read_options(options, kind, connectome.size());
    const Index edges = connectome.weights.nonZeros();
    SparseMatrix matrix = graph_matrix(normalized(std::move(connectome), normalization), kind);
    Extras extras;
    constexpr Index usual_modes = 6;  // of more regions than are solved densely none: too many dots
    extras.modes =
        options.integer("modes", matrix.rows() <= largest_dense ? usual_modes : 0, {0.0, 100.0});
    extras.diffusion = read_diffusion(options, kind, matrix);
    extras.msf = read_stable_range(options, study, kind);
    return std::make_unique<Spectrum>(kind, normalization, edges, std::move(matrix), asked,
                                      std::move(extras));
}

}  // namespace cortifold
