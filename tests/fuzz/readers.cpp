#include "fuzz/readers.hpp"

#include "app/stimulus.hpp"
#include "report/stored_run.hpp"
#include <cortifold/io/connectome_reader.hpp>
#include <cortifold/io/equation_reader.hpp>
#include <cortifold/io/nnmt_reader.hpp>
#include <cortifold/io/population_reader.hpp>
#include <cortifold/io/table.hpp>
#include <cortifold/model/registry.hpp>

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace cortifold {

namespace {

namespace fs = std::filesystem;

/// Larger connectomes are not written back: an edge list may well have 200000 nodes.
constexpr Eigen::Index largest_written = 64;
/// Larger models are not evaluated: second derivatives take time and memory of the third power.
constexpr std::size_t largest_evaluated = 32;

void demand(bool holds, std::string_view what) {
    if (holds) return;
    std::cerr << "broken promise: " << what << '\n';
    std::abort();
}

/// In memory where the system has a folder there: on a disk the files take longer than the readers.
class ScratchFolder {
public:
    ScratchFolder()
        : path_((fs::is_directory(memory) ? fs::path(memory) : fs::temp_directory_path()) /
                ("cortifold_fuzz_" + std::to_string(getpid()))) {
        fs::create_directories(path_);
    }
    ~ScratchFolder() { fs::remove_all(path_); }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    [[nodiscard]] fs::path operator/(std::string_view name) const { return path_ / name; }

private:
    static constexpr const char* memory = "/dev/shm";
    fs::path path_;
};

/// A connectome that is read is usable, and can be written and read again.
void read_whole(const fs::path& path) {
    const Connectome connectome = read_connectome(path);
    demand(validate_connectome(connectome).usable(), "a connectome that is read is usable");
    const bool broken = std::ranges::any_of(connectome.regions, [](const Region& region) {
        return region.label.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos;
    });
    if (connectome.size() > largest_written || broken) return;
    const fs::path copy = (fs::is_directory(path) ? path : path.parent_path()) / "copy";
    write_connectome(connectome, copy);
    const Connectome again = read_connectome(copy);
    demand(Matrix(again.weights) == Matrix(connectome.weights), "weights are read back");
    demand(again.lengths_mm == connectome.lengths_mm, "lengths are read back");
    for (std::size_t i = 0; i < connectome.regions.size(); ++i)
        demand(again.regions[i].label == connectome.regions[i].label, "labels are read back");
}

/// One file of a folder, with good weights beside it.
void read_part(const fs::path& file) {
    write_file(file.parent_path() / "weights.csv", "a,b\n0,1\n1,0\n");
    read_whole(file.parent_path());
}

void read_relmat_sidecar(const fs::path& file) {
    const fs::path matrix = file.parent_path() / "sub-01_relmat.dense.tsv";
    write_file(matrix, "0 1\n1 0\n");
    write_file(file.parent_path() / "nodes_nodeindices.tsv", "matrix_index\tlabel\n0\ta\n1\tb\n");
    read_whole(matrix);
}

void read_relmat_nodes(const fs::path& file) {
    const fs::path matrix = file.parent_path() / "sub-01_relmat.dense.tsv";
    write_file(matrix, "0 1\n1 0\n");
    read_whole(matrix);
}

/// Both infinite or no number, as at a pole, or equal up to rounding.
bool agree(const Vector& a, const Vector& b) {
    constexpr double rounding = 1e-9;
    for (Eigen::Index i = 0; i < a.size(); ++i)
        if (std::isfinite(a[i]) && std::isfinite(b[i]) &&
            std::abs(a[i] - b[i]) > rounding * (std::abs(a[i]) + std::abs(b[i])))
            return false;
    return true;
}

/// Value, first and second derivatives at the initial state.
void evaluate(const Node& node) {
    const Vector p = default_values(node.parameters()), x = node.initial(p),
                 u = default_values(node.inputs());
    const std::vector<std::size_t> free{0};
    const std::span<const std::size_t> some = std::span(free).first(p.size() > 0 ? 1 : 0);
    Linearization at;
    node.linearize({x, u, p}, some, at);
    Matrix dx(1, x.size());
    node.rhs_batch(x.transpose(), u.transpose(), p.transpose(), dx);
    demand(agree(at.f, dx.row(0).transpose()), "a right-hand side has one value");
    node.directional({x, u, p}, {x, u, p}, some, at);
    if (const NodeEvents* events = node.events()) {
        Vector values(static_cast<Eigen::Index>(events->jumps().size())), moved = x, changed = p;
        events->values({x, u, p}, values);
        for (std::size_t k = 0; k < events->jumps().size(); ++k)
            (void)events->apply(k, {x, u, p}, moved, changed);
    }
}

/// A model that is read can be evaluated.
void read_model(const fs::path& file) {
    const EquationDefinition model = read_equation_model(file);
    const std::shared_ptr<const Node> node = make_equation_node(model);
    if (model.states.size() + model.parameters.size() > largest_evaluated) return;
    evaluate(*node);
}

/// Table files have a model that names them.
void read_model_table(const fs::path& file) {
    write_file(file.parent_path() / "model.ode", "table f values.tab\nx'=f(x)\n");
    read_model(file.parent_path() / "model.ode");
}

void read_event_list(const fs::path& file) {
    const Record table = read_toml(file.string());
    const Record* list = table.find("event");
    if (list == nullptr) return;
    const auto node = find_model("fitzhugh_nagumo").make();
    (void)make_node_events(read_events(*list, "event"), *node);
}

/// A study, and of each step on a model what drives it.
void read_whole_study(const fs::path& file) {
    const Study study = read_study(file, {}, {});
    demand(!to_json(nested(study.resolved)).empty(), "what a study resolved to has a JSON form");
    if (study.network.kinds.empty()) return;
    for (const Record& step : study.steps.as<Record::List>()) {
        std::vector<ResolvedKey> resolved;
        ConfigReader options(step, "step", resolved);
        (void)read_stimuli(options, study);
    }
}

void read_samples(const fs::path& file) {
    const fs::path study = file.parent_path() / "study.toml";
    write_file(study,
               "schema = 1\n[model]\nname = \"fitzhugh_nagumo\"\n[[step]]\ndo = \"simulate\"\n"
               "stimulus = [{ to = \"I\", kind = \"file\", file = \"samples.csv\" }]\n");
    read_whole_study(study);
}

/// What a report takes from each step of a run.
void read_run(const fs::path& folder) {
    const StoredRun run = read_stored_run(folder);
    for (const StepRecord& step : run.steps)
        if (step.summary) {
            (void)leading_mode(step);
            (void)predicted_mode(run, step);
        }
}

void read_manifest(const fs::path& file) {
    fs::create_directories(file.parent_path() / "dispersion");
    write_file(file.parent_path() / "dispersion" / "summary.json", R"({"modes": []})");
    read_run(file.parent_path());
}

void read_summary(const fs::path& file) {
    const fs::path run = file.parent_path();
    fs::create_directories(run / "a");
    fs::create_directories(run / "b");
    for (const char* step : {"a", "b"}) write_file(run / step / "summary.json", read_file(file));
    write_file(run / "manifest.json",
               R"({"steps": [{"name": "a", "do": "dispersion", "status": "converged"},)"
               R"({"name": "b", "do": "simulate", "status": "converged"}]})");
    read_run(run);
}

/// A network that is read is sound, or refused as the tables that it makes would be.
void read_nnmt(const fs::path& file) {
    std::vector<ResolvedKey> resolved;
    (void)read_populations(read_nnmt_network(file), resolved);
}

void read_heading(const fs::path& file) {
    StoredRun run;
    run.path = file.parent_path();
    const TableHeading heading(run, file.filename().string());
    for (const Column& column : heading.columns()) (void)label(column);
}

void read_rows(const fs::path& file) {
    const NumericTable table = read_hdf5(file, "rows");
    demand(table.values.cols() == static_cast<Eigen::Index>(table.columns.size()),
           "every column has a name");
}

constexpr FuzzedReader all[] = {
    {"matrix", "weights.csv", read_whole},
    {"edges", "edges.dat", read_whole},
    {"lengths", "lengths.csv", read_part},
    {"centres", "centres.csv", read_part},
    {"hemispheres", "hemispheres.csv", read_part},
    {"zip", "connectivity.zip", read_whole},
    {"npy", "weights.npy", read_whole},
    {"npz", "weights.npz", read_whole},
    {"mat", "weights.mat", read_whole},
    {"hdf5", "weights.h5", read_whole},
    {"graphml", "weights.graphml", read_whole},
    {"matrix_market", "weights.mtx", read_whole},
    {"relmat", "sub-01_relmat.dense.tsv", read_whole},
    {"relmat_sidecar", "sub-01_relmat.json", read_relmat_sidecar},
    {"relmat_nodes", "sub-01_nodeindices.tsv", read_relmat_nodes},
    {"ode", "model.ode", read_model},
    {"ode_table", "values.tab", read_model_table},
    {"equations", "model.toml", read_model},
    {"events", "events.toml", read_event_list},
    {"study", "study.toml", read_whole_study},
    {"samples", "samples.csv", read_samples},
    {"manifest", "manifest.json", read_manifest},
    {"summary", "summary.json", read_summary},
    {"nnmt", "network.yaml", read_nnmt},
    {"heading", "table.csv", read_heading},
    {"rows", "data.h5", read_rows},
};

}  // namespace

std::span<const FuzzedReader> fuzzed_readers() {
    return all;
}

const FuzzedReader* find_fuzzed_reader(std::string_view name) {
    const auto* found = std::ranges::find(all, name, &FuzzedReader::name);
    return found == std::end(all) ? nullptr : found;
}

void feed(const FuzzedReader& reader, std::string_view bytes) {
    const ScratchFolder folder;
    write_file(folder / reader.file, bytes);
    try {
        reader.read(folder / reader.file);
    } catch (const ConfigError& error) {
        const bool in_text =
            std::string_view(error.what()).find(reader.file) != std::string_view::npos;
        demand(in_text || !error.where().file.empty(), "a refusal names the file");
    }
}

}  // namespace cortifold
