// Connectome files against plain loops over the same text or bytes.
#include "comparison.hpp"
#include "ping_network.hpp"
#include <cortifold/core/rng.hpp>
#include <cortifold/io/connectome_reader.hpp>
#include <cortifold/io/table.hpp>

#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>

namespace cortifold::benchmarks {

namespace {

namespace fs = std::filesystem;
using Eigen::Index;
using Triplets = std::vector<Eigen::Triplet<double>>;

constexpr int nodes = 20000, regions = 2000;
constexpr int neighbours = 50;
constexpr double rounding = 1e-12;

/// A file for as long as the program runs.
class File {
public:
    File(const std::string& name, const std::function<void(const fs::path&)>& write)
        : path_(fs::temp_directory_path() / ("cortifold_" + std::to_string(getpid()) + name)) {
        write(path_);
    }
    ~File() { fs::remove(path_); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    [[nodiscard]] const fs::path& path() const { return path_; }

private:
    fs::path path_;
};
using FilePtr = std::shared_ptr<const File>;

SparseMatrix from_edges(const Triplets& edges) {
    SparseMatrix weights(nodes, nodes);
    weights.setFromTriplets(edges.begin(), edges.end());
    return weights;
}

/// Each node receives from `neighbours` others here and there.
SparseMatrix scattered_edges() {
    const CounterRng rng({.purpose = StreamPurpose::connectome});
    Triplets edges;
    for (int onto = 0; onto < nodes; ++onto)
        for (int k = 1; k <= neighbours; ++k)
            edges.emplace_back(onto, (onto + 7 * k * k) % nodes, rng.uniform(edges.size()));
    return from_edges(edges);
}

double sum(const SparseMatrix& weights) {
    return weights.sum();
}

/// Lines `onto from weight`; `first` is 0 or 1, after `skipped` lines.
SparseMatrix edges_by_stream(const fs::path& path, int skipped, int first) {
    std::ifstream file(path);
    std::string line;
    for (int k = 0; k < skipped; ++k) std::getline(file, line);
    Triplets edges;
    int onto = 0, from = 0;
    double weight = 0.0;
    while (file >> onto >> from >> weight) edges.emplace_back(onto - first, from - first, weight);
    return from_edges(edges);
}

SparseMatrix matrix_by_stream(const fs::path& path) {
    std::ifstream file(path);
    Matrix weights(regions, regions);
    for (Index i = 0; i < regions; ++i)
        for (Index j = 0; j < regions; ++j) file >> weights(i, j);
    return weights.sparseView();
}

/// No lines, no checks: what the digits alone take.
SparseMatrix matrix_by_from_chars(const fs::path& path) {
    const std::string text = read_file(path);
    const char* at = text.data();
    const char* const end = at + text.size();
    Matrix weights(regions, regions);
    for (Index i = 0; i < regions; ++i)
        for (Index j = 0; j < regions; ++j) at = std::from_chars(at, end, weights(i, j)).ptr + 1;
    return weights.sparseView();
}

SparseMatrix matrix_by_bytes(const fs::path& path) {
    constexpr std::streamsize bytes = std::streamsize{regions} * regions * sizeof(double);
    Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> weights(regions,
                                                                                   regions);
    std::ifstream file(path, std::ios::binary);
    file.seekg(-bytes, std::ios::end);
    file.read(reinterpret_cast<char*>(weights.data()), bytes);
    return weights.sparseView();
}

struct Rival {
    std::string name;
    std::function<SparseMatrix(const fs::path&)> read;
};

void compare_file(const std::string& title, const FilePtr& file, const std::vector<Rival>& rivals) {
    const double expected = sum(read_connectome(file->path()).weights);
    const auto bytes = static_cast<double>(fs::file_size(file->path()));
    std::vector<Variant> variants{{"read_connectome, with checks and checksum",
                                   [=] { keep(sum(read_connectome(file->path()).weights)); },
                                   bytes}};
    for (const Rival& rival : rivals) {
        expect_equal(std::abs(sum(rival.read(file->path())) / expected - 1.0), rounding, title);
        variants.push_back({rival.name, [=] { keep(sum(rival.read(file->path()))); }, bytes});
    }
    compare({title, variants, "", Length::long_run});
}

FilePtr converted(const SparseMatrix& weights, const std::string& name) {
    Connectome connectome;
    connectome.weights = weights;
    return std::make_shared<File>(
        name, [&](const fs::path& path) { (void)write_connectome(connectome, path); });
}

FilePtr edge_list(const SparseMatrix& weights) {
    return std::make_shared<File>(".edges", [&](const fs::path& path) {
        std::ofstream file(path);
        file.precision(std::numeric_limits<double>::max_digits10);
        file << nodes << '\n';
        for (Index i = 0; i < nodes; ++i)
            for (SparseMatrix::InnerIterator edge(weights, i); edge; ++edge)
                file << i << ' ' << edge.col() << ' ' << edge.value() << '\n';
    });
}

FilePtr text_matrix(const Matrix& weights) {
    return std::make_shared<File>(".txt", [&](const fs::path& path) {
        std::ofstream(path) << weights.format(
            Eigen::IOFormat(Eigen::FullPrecision, Eigen::DontAlignCols));
    });
}

}  // namespace

void compare_readers() {
    const SparseMatrix sparse = scattered_edges();
    const SparseMatrix dense = random_weights(regions, 1.0);
    compare_file("edge list, 1e6 edges", edge_list(sparse),
                 {{"loop of >>", [](const auto& path) { return edges_by_stream(path, 1, 0); }}});
    compare_file("MatrixMarket, 1e6 entries", converted(sparse, ".mtx"),
                 {{"loop of >>", [](const auto& path) { return edges_by_stream(path, 3, 1); }}});
    compare_file("text matrix, 2000 x 2000", text_matrix(dense),
                 {{"loop of >>", matrix_by_stream}, {"loop of from_chars", matrix_by_from_chars}});
    compare_file("NPY, 2000 x 2000", converted(dense, ".npy"),
                 {{"bytes into a matrix", matrix_by_bytes}});
}

}  // namespace cortifold::benchmarks
