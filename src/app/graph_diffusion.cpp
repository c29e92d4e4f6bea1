#include "graph_diffusion.hpp"

#include "synchronous_state.hpp"
#include <cortifold/io/table.hpp>
#include <cortifold/linalg/sparse_spectrum.hpp>
#include <cortifold/network/diffusion.hpp>
#include <cortifold/network/spectral_gap.hpp>

#include <algorithm>
#include <cmath>

namespace cortifold {

namespace {

using Eigen::Index;

constexpr Export formats[] = {Export::none, Export::npy};
constexpr Index largest_tabled_matrix = 500;  // regions; larger ones are in HDF5 alone

/// Kernels and distances as they come, a row a region.
class DiffusionFiles {
public:
    DiffusionFiles(const std::filesystem::path& folder, Index n, Export format) {
        std::vector<Column> columns{{"t", ""}, {"row", ""}};
        for (Index j = 0; j < n; ++j) columns.push_back({"column" + std::to_string(j), ""});
        for (const char* name : {"heat_kernel", "diffusion_distance"})
            files_.push_back({{folder / (std::string(name) + ".h5"), name, columns}, {}});
        if (n <= largest_tabled_matrix)
            table_.emplace(
                folder / "diffusion.csv",
                std::vector<Column>{
                    {"t", ""}, {"row", ""}, {"column", ""}, {"heat_kernel", ""}, {"distance", ""}});
        const auto size = static_cast<std::size_t>(n);
        if (format == Export::npy) {
            files_[0].array.emplace(folder / "heat_kernel.npy", std::vector{size, size});
            files_[1].array.emplace(folder / "diffusion_distance.npy", std::vector{size, size});
        }
    }

    void add(double t, const Matrix& kernel, const Matrix& distance) {
        add(files_[0], t, kernel);
        if (distance.size() > 0) add(files_[1], t, distance);
        if (!table_) return;
        for (Index i = 0; i < kernel.rows(); ++i)
            for (Index j = 0; j < kernel.cols(); ++j)
                table_->write_row(std::initializer_list<Cell>{
                    t, std::int64_t{i}, std::int64_t{j}, kernel(i, j),
                    distance.size() > 0 ? Cell(distance(i, j)) : Cell(std::string())});
    }

    void close() {
        for (Pair& file : files_) {
            file.stored.close();
            if (file.array) file.array->close();
        }
        if (table_) table_->close();
    }

private:
    struct Pair {
        Hdf5Writer stored;
        std::optional<NpyWriter> array;
    };

    static void add(Pair& to, double t, const Matrix& values) {
        std::vector<double> row(static_cast<std::size_t>(values.cols()) + 2);
        for (Index i = 0; i < values.rows(); ++i) {
            row[0] = t;
            row[1] = static_cast<double>(i);
            for (Index j = 0; j < values.cols(); ++j)
                row[static_cast<std::size_t>(j) + 2] = values(i, j);
            to.stored.write_row(row);
        }
        const Matrix by_row = values.transpose();
        if (to.array) to.array->write_row({by_row.data(), static_cast<std::size_t>(by_row.size())});
    }

    std::vector<Pair> files_;
    std::optional<CsvWriter> table_;
};

double read_time(const Record& item) {
    if (!item.is_finite_number() || item.number() <= 0.0)
        throw ConfigError(
            "times must be a list of positive numbers, one is " +
                (item.is_finite_number() ? show(item.number()) : std::string(item.type_name())),
            item.where);
    return item.number();
}

/// Where growth is negative at real lambda < 0, as products s l of strength and eigenvalue, which
/// are -lambda times the strength of the step.
struct StableProducts {
    std::pair<double, double> products;
    bool reaches_end = false;  ///< the upper end is only that of the search
};
std::vector<StableProducts> stable_products(const Record& msf) {
    std::vector<StableProducts> found;
    const Record *ranges = msf.find("stable_ranges"), *strength = msf.find("strength");
    if (ranges == nullptr || strength == nullptr || strength->number() <= 0.0) return found;
    for (const Record& range : ranges->as<Record::List>()) {
        const Record* error = range.find("high_error");
        const double low = range.find("low")->number(), end = range.find("high")->number();
        // what cannot be told from the uniform mode of a cycle, at 0, is it
        const bool at_zero = end > 0.0 || (error != nullptr && -end <= error->number());
        const double high = at_zero ? 0.0 : end;
        if (low < high)
            found.push_back({{std::abs(high) * strength->number(), -low * strength->number()},
                             range.find("low_error") == nullptr});
    }
    return found;
}

}  // namespace

DiffusionChoice read_diffusion(ConfigReader& options, GraphMatrix kind,
                               const SparseMatrix& matrix) {
    DiffusionChoice choice;
    const Record* list = options.any("times");
    if (list == nullptr) return choice;
    if (!list->is<Record::List>() || list->as<Record::List>().empty())
        throw ConfigError("times must be a list of positive numbers, is " +
                              (list->is<Record::List>() ? "empty" : std::string(list->type_name())),
                          list->where);
    std::ranges::transform(list->as<Record::List>(), std::back_inserter(choice.times), read_time);
    choice.format = options.choice<Export>("export", Export::none, formats);
    if (kind != GraphMatrix::laplacian && kind != GraphMatrix::laplacian_random_walk)
        throw ConfigError(
            "times asks for heat kernels of matrix = \"laplacian\" or "
            "\"laplacian_random_walk\", not of \"" +
                std::string(to_string(kind)) + "\"",
            options.where("times"));
    if (matrix.rows() > largest_dense)
        throw ConfigError("times asks for heat kernels of at most " +
                              std::to_string(largest_dense) + " regions, this connectome has " +
                              std::to_string(matrix.rows()),
                          options.where("times"));
    for (Index i = 0; i < matrix.outerSize(); ++i)
        for (SparseMatrix::InnerIterator entry(matrix, i); entry; ++entry)
            if (entry.col() != i && entry.value() > 0.0)
                throw ConfigError(
                    "times asks for heat kernels, which need weights that are not "
                    "negative: that onto region " +
                        std::to_string(i) + " from region " + std::to_string(entry.col()) + " is",
                    options.where("times"));
    return choice;
}

void add_diffusion(const StepContext& at, const DiffusionChoice& choice,
                   const SparseMatrix& laplacian, const ComplexVector& eigenvalues,
                   StepResult& result) {
    if (choice.times.empty()) return;
    const std::optional<Vector> stationary = stationary_density(laplacian);
    DiffusionFiles files(at.folder, laplacian.rows(), choice.format);
    Record kernels = Record::List{};
    at.progress.start("heat kernels");
    for (const double t : choice.times) {
        at.progress.update(static_cast<double>(kernels.as<Record::List>().size()) /
                           static_cast<double>(choice.times.size()));
        if (interrupted()) {
            result.status = Status::interrupted;
            break;
        }
        const Matrix kernel = heat_kernel(laplacian, t);
        const Matrix distance = stationary ? diffusion_distance(kernel, *stationary) : Matrix();
        files.add(t, kernel, distance);
        Record entry = Record::Table{
            {"t", t}, {"row_sum_error", (kernel.rowwise().sum().array() - 1.0).abs().maxCoeff()}};
        if (eigenvalues.size() == laplacian.rows())
            entry["trace_error"] =
                std::abs(kernel.trace() - (-t * eigenvalues.array()).exp().sum().real());
        entry["smallest"] = kernel.minCoeff();
        if (stationary) entry["largest_distance"] = distance.maxCoeff();
        kernels.push_back(std::move(entry));
    }
    at.progress.finish();
    files.close();
    result.summary["heat_kernels"] = kernels;
    if (!stationary)
        result.message +=
            "; no diffusion distances: the walk does not come from everywhere to "
            "everywhere";
}

std::optional<std::string> read_stable_range(ConfigReader& options, const Study& study,
                                             GraphMatrix kind) {
    const bool asked = options.has("of");
    const std::string name = asked ? options.text("of") : "";
    const SourceLine where = options.where("of");
    const bool couples =
        kind == GraphMatrix::laplacian || kind == GraphMatrix::laplacian_random_walk;
    if (asked && !couples)
        throw ConfigError(
            "of names an msf step that a coupling by this matrix is to be stable by: "
            "it needs matrix = \"laplacian\" or \"laplacian_random_walk\"",
            where);
    if (asked && !is_diffusive(study.network))
        throw ConfigError(
            "of asks for strengths of a diffusive coupling: under an additive one "
            "the synchronous state itself changes with the strength",
            where);
    std::vector<std::string> known;
    for (const Record& step : study.steps.as<Record::List>()) {
        const std::string& earlier = step.find("name")->as<std::string>();
        if (earlier == options.record().find("name")->as<std::string>()) break;
        if (step.find("do")->as<std::string>() == "msf") known.push_back(earlier);
    }
    if (asked && std::ranges::find(known, name) == known.end())
        throw ConfigError(unknown_name("earlier msf step", name, known), where);
    if (asked) return name;
    if (!couples || !is_diffusive(study.network) || known.empty()) return std::nullopt;
    return known.back();
}

void add_gap(const StepContext& at, GraphMatrix kind, const SparseMatrix& laplacian,
             const ComplexVector& eigenvalues, const std::optional<std::string>& msf,
             StepResult& result) {
    constexpr double rounding = 1e-9;  // imaginary parts, in parts of the largest eigenvalue
    const SpectralGap gap = spectral_gap(eigenvalues);
    Record& summary = result.summary;
    summary["gap"] = gap.gap;
    summary["largest"] = gap.largest;
    summary["largest_imaginary"] = gap.largest_imaginary;
    summary["eigenratio"] = gap.eigenratio ? Record(*gap.eigenratio) : Record();
    if (kind != GraphMatrix::laplacian_symmetric)
        if (const auto connectivity = algebraic_connectivity(Matrix(laplacian)))
            summary["algebraic_connectivity"] = *connectivity;
    if (!msf) return;
    const auto step = std::ranges::find(at.earlier, *msf, &EarlierStep::name);
    if (step == at.earlier.end() || step->summary.find("stable_ranges") == nullptr) {
        result.message += "; the step " + *msf + " left no stable ranges";
        return;
    }
    if (gap.largest_imaginary > rounding * gap.largest) {
        result.message +=
            "; some eigenvalues are complex, for which the real line does not "
            "decide: the key strengths of " +
            *msf + " does";
        return;
    }
    Record strengths = Record::List{};
    for (const StableProducts& range : stable_products(step->summary)) {
        const auto found = synchronizing_strengths(gap, range.products);
        if (!found) continue;
        const auto [low, high] = range.products;
        Record entry = Record::Table{{"low", found->first}, {"high", found->second}};
        if (low > 0.0) entry["range_ratio"] = high / low;
        entry["reaches_end"] = range.reaches_end;
        strengths.push_back(std::move(entry));
    }
    summary["msf"] = *msf;
    summary["stable_strengths"] = strengths;
}

}  // namespace cortifold
