#include <cortifold/core/error.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/linalg/sparse_spectrum.hpp>
#include <cortifold/network/connectome.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <sstream>

namespace cortifold {

namespace {

using Eigen::Index;
using Severity = ConnectomeFinding::Severity;

/// Weights and lengths that differ by less, relative to the largest, count as symmetric.
constexpr double symmetry_tolerance = 1e-12;
/// How many regions or edges a finding names; the others it counts.
constexpr int named_at_most = 5;

/// What a finding is about: `<what> (<how many>): <the first few>`.
class Offenders {
public:
    void add(const auto& name) {
        if (count_ < named_at_most) names_ += (count_ == 0 ? "" : ", ") + name();
        ++count_;
    }
    [[nodiscard]] bool any() const { return count_ > 0; }
    void report(ConnectomeReport& to, Severity severity, const std::string& what) const {
        if (!any()) return;
        to.findings.push_back({severity, what + " (" + std::to_string(count_) + "): " + names_ +
                                             (count_ > named_at_most ? ", ..." : "")});
    }

private:
    Index count_ = 0;
    std::string names_;
};

void for_each_edge(const SparseMatrix& weights, const auto& visit) {
    for (Index i = 0; i < weights.outerSize(); ++i)
        for (SparseMatrix::InnerIterator edge(weights, i); edge; ++edge)
            if (edge.value() != 0.0) visit(i, Index{edge.col()}, edge.value());
}

std::string edge_name(const Connectome& c, Index onto, Index from) {
    return "onto " + c.describe_region(onto) + " from " + c.describe_region(from);
}

Vector row_sums(const SparseMatrix& weights) {
    return weights * Vector::Ones(weights.cols());
}

std::string size_of(const auto& matrix) {
    return std::to_string(matrix.rows()) + " x " + std::to_string(matrix.cols());
}

bool has_valid_shape(const Connectome& c, ConnectomeReport& report) {
    const auto refuse = [&](bool wrong, const std::string& message) {
        if (wrong) report.findings.push_back({Severity::error, message});
    };
    refuse(c.weights.rows() != c.weights.cols(),
           "the weights are " + size_of(c.weights) + "; a connectome is square");
    refuse(c.size() == 0, "there are no regions");
    const auto n = static_cast<std::size_t>(c.size());
    refuse(!c.regions.empty() && c.regions.size() != n,
           std::to_string(c.regions.size()) + " regions are described, the weights have " +
               std::to_string(n));
    refuse(c.has_positions && c.regions.empty(), "positions are promised, but there are none");
    refuse(c.lengths_mm.size() > 0 &&
               (c.lengths_mm.rows() != c.size() || c.lengths_mm.cols() != c.size()),
           "the lengths are " + size_of(c.lengths_mm) + ", the weights " + size_of(c.weights));
    return report.usable();
}

void check_values(const Connectome& c, ConnectomeReport& report) {
    Offenders infinite, negative, loops;
    for_each_edge(c.weights, [&](Index i, Index j, double w) {
        const auto name = [&] { return edge_name(c, i, j); };
        if (!std::isfinite(w)) infinite.add(name);
        if (w < 0.0) negative.add(name);
        if (i == j) loops.add([&] { return c.describe_region(i); });
    });
    infinite.report(report, Severity::error, "weights that are not finite");
    negative.report(report, Severity::warning, "negative weights");
    loops.report(report, Severity::warning, "regions connected to themselves");
}

void measure(const SparseMatrix& w, ConnectomeReport& report) {
    Index between_regions = 0;
    for_each_edge(w, [&](Index i, Index j, double) {
        ++report.edges;
        if (i != j) ++between_regions;
    });
    const auto n = static_cast<double>(w.rows());
    if (w.rows() > 1) report.density = static_cast<double>(between_regions) / (n * (n - 1.0));
    const Vector sums = row_sums(w);
    report.smallest_row_sum = sums.minCoeff();
    report.largest_row_sum = sums.maxCoeff();
    report.mean_row_sum = sums.mean();
}

/// Calls visit(j, a(i, j), b(i, j)) wherever one of two matrices has an entry in row i.
void for_each_pair(const SparseMatrix& a, const SparseMatrix& b, Index i, const auto& visit) {
    SparseMatrix::InnerIterator left(a, i), right(b, i);
    while (left || right) {
        const Index from_left = left ? left.col() : b.cols(),
                    from_right = right ? right.col() : b.cols();
        const Index j = std::min(from_left, from_right);
        visit(j, from_left == j ? left.value() : 0.0, from_right == j ? right.value() : 0.0);
        if (from_left == j) ++left;
        if (from_right == j) ++right;
    }
}

void check_symmetry(const Connectome& c, ConnectomeReport& report) {
    const SparseMatrix transposed = c.weights.transpose();
    Index onto = 0, from = 0;
    double largest_weight = 0.0;
    for (Index i = 0; i < c.size(); ++i)
        for_each_pair(c.weights, transposed, i, [&](Index j, double w, double way_back) {
            largest_weight = std::max(largest_weight, std::abs(w));
            if (std::abs(w - way_back) <= report.asymmetry) return;
            report.asymmetry = std::abs(w - way_back);
            onto = i;
            from = j;
        });
    if (report.asymmetry <= symmetry_tolerance * largest_weight) return;
    std::ostringstream message;
    message << "the weights are not symmetric: max |W - W^T| = " << report.asymmetry << ", "
            << edge_name(c, onto, from);
    report.findings.push_back({Severity::warning, message.str()});
}

/// Sizes of the weakly connected components, largest first, by union-find with path halving.
std::vector<Index> component_sizes(const SparseMatrix& weights) {
    std::vector<Index> parent(static_cast<std::size_t>(weights.rows()));
    std::iota(parent.begin(), parent.end(), Index{0});
    const auto root = [&](Index i) {
        auto k = static_cast<std::size_t>(i);
        for (; parent[k] != static_cast<Index>(k); k = static_cast<std::size_t>(parent[k]))
            parent[k] = parent[static_cast<std::size_t>(parent[k])];
        return static_cast<Index>(k);
    };
    for_each_edge(weights, [&](Index i, Index j, double) {
        parent[static_cast<std::size_t>(root(i))] = root(j);
    });
    std::map<Index, Index> members;
    for (Index i = 0; i < weights.rows(); ++i) ++members[root(i)];
    std::vector<Index> sizes;
    for (const auto& [_, count] : members) sizes.push_back(count);
    std::ranges::sort(sizes, std::greater{});
    return sizes;
}

void check_connections(const Connectome& c, ConnectomeReport& report) {
    std::vector<char> receives(static_cast<std::size_t>(c.size())), sends = receives;
    for_each_edge(c.weights, [&](Index i, Index j, double) {
        if (i == j) return;
        receives[static_cast<std::size_t>(i)] = sends[static_cast<std::size_t>(j)] = 1;
    });
    Offenders isolated, deaf;
    for (Index i = 0; i < c.size(); ++i) {
        const auto k = static_cast<std::size_t>(i);
        if (receives[k]) continue;
        (sends[k] ? deaf : isolated).add([&] { return c.describe_region(i); });
    }
    isolated.report(report, Severity::warning, "regions without any connection");
    deaf.report(report, Severity::warning, "regions that send but receive nothing (zero rows)");

    const std::vector<Index> sizes = component_sizes(c.weights);
    report.components = static_cast<int>(sizes.size());
    if (sizes.size() <= 1) return;
    Offenders components;
    for (const Index size : sizes) components.add([&] { return std::to_string(size); });
    components.report(report, Severity::warning, "unconnected parts, by number of regions");
}

void check_labels(const Connectome& c, ConnectomeReport& report) {
    Offenders repeated;
    std::map<std::string, Index> first_with;
    for (std::size_t k = 0; k < c.regions.size(); ++k) {
        const Region& region = c.regions[k];
        const auto name = [&] { return c.describe_region(static_cast<Index>(k)); };
        if (!region.label.empty() && !first_with.emplace(region.label, k).second)
            repeated.add(name);
    }
    repeated.report(report, Severity::warning, "labels used before");
}

void check_hemispheres(const Connectome& c, ConnectomeReport& report) {
    Offenders unknown;
    for (std::size_t k = 0; k < c.regions.size(); ++k) {
        const Hemisphere side = c.regions[k].hemisphere;
        report.left += side == Hemisphere::left;
        report.right += side == Hemisphere::right;
        if (side == Hemisphere::unknown)
            unknown.add([&] { return c.describe_region(static_cast<Index>(k)); });
    }
    if (report.left + report.right > 0)  // else nobody said anything
        unknown.report(report, Severity::warning, "regions of no known hemisphere");
}

void measure_extent(const Connectome& c, ConnectomeReport& report) {
    constexpr double smallest_brain_mm = 1.0;
    Eigen::Vector3d low = c.regions.front().position_mm, high = low;
    bool whole = true;
    for (const Region& region : c.regions) {
        const Eigen::Vector3d& x = region.position_mm;
        low = low.cwiseMin(x);
        high = high.cwiseMax(x);
        whole = whole && (x.array() == x.array().floor()).all();
    }
    report.extent_mm = high - low;
    const auto warn = [&](bool applies, const char* message) {
        if (applies) report.findings.push_back({Severity::warning, message});
    };
    const double largest = report.extent_mm.maxCoeff();
    warn(c.size() > 1 && largest < smallest_brain_mm,
         "the positions extend over less than 1 mm: are they in metres?");
    warn(c.size() > 1 && largest > 0.0 && whole && low.minCoeff() >= 0.0,
         "the positions are whole and none is negative: are they indices of voxels?");
}

void check_positions(const Connectome& c, ConnectomeReport& report) {
    if (!c.has_positions) return;
    Offenders nowhere, repeated;
    std::map<std::array<double, 3>, std::size_t> first_at;
    for (std::size_t k = 0; k < c.regions.size(); ++k) {
        const Eigen::Vector3d& x = c.regions[k].position_mm;
        const auto name = [&] { return c.describe_region(static_cast<Index>(k)); };
        if (!x.allFinite())
            nowhere.add(name);
        else if (!first_at.emplace(std::array{x.x(), x.y(), x.z()}, k).second)
            repeated.add(name);
    }
    nowhere.report(report, Severity::error, "positions that are not finite");
    repeated.report(report, Severity::warning, "positions where another region is");
    if (!nowhere.any()) measure_extent(c, report);
}

/// Of connections, without those of regions to themselves.
void measure_lengths(const Connectome& c, ConnectomeReport& report) {
    Offenders zero;
    double sum = 0.0;
    Index count = 0;
    for_each_edge(c.weights, [&](Index i, Index j, double) {
        if (i == j) return;
        const double length = c.lengths_mm(i, j);
        if (length == 0.0) zero.add([&] { return edge_name(c, i, j); });
        report.largest_length_mm = std::max(report.largest_length_mm, length);
        sum += length;
        ++count;
    });
    if (count > 0) report.mean_length_mm = sum / static_cast<double>(count);
    zero.report(report, Severity::warning, "connections of length 0");
}

void check_lengths(const Connectome& c, ConnectomeReport& report) {
    const Matrix& lengths = c.lengths_mm;
    if (lengths.size() == 0) return;
    Offenders impossible, asymmetric;
    const double tolerance = symmetry_tolerance * lengths.cwiseAbs().maxCoeff();
    for (Index j = 0; j < c.size(); ++j) {
        for (Index i = 0; i < c.size(); ++i) {
            const auto name = [&] { return edge_name(c, i, j); };
            const bool possible = std::isfinite(lengths(i, j)) && lengths(i, j) >= 0.0;
            if (!possible) impossible.add(name);
            if (i < j && possible && std::abs(lengths(i, j) - lengths(j, i)) > tolerance)
                asymmetric.add(name);
        }
    }
    impossible.report(report, Severity::error, "lengths that are negative or not finite");
    asymmetric.report(report, Severity::warning, "lengths that differ from those of the way back");
    if (!impossible.any()) measure_lengths(c, report);
}

double spectral_radius(const SparseMatrix& w) {
    if (w.rows() <= largest_dense) {
        const ComplexVector values = eigenvalues(Matrix(w));
        return values.size() > 0 ? values.cwiseAbs().maxCoeff() : 0.0;
    }
    const SparseModes first = sparse_modes(w, {.count = 1, .end = SpectrumEnd::largest_magnitude});
    require(succeeded(first.status), "the spectral radius was not found: " + first.message);
    return std::abs(first.values[0]);
}

double divisor_of(const SparseMatrix& w, Normalization normalization) {
    switch (normalization) {
        case Normalization::spectral_radius: return spectral_radius(w);
        case Normalization::maximum: {
            double largest = 0.0;
            for_each_edge(w, [&](Index, Index, double value) {
                largest = std::max(largest, std::abs(value));
            });
            return largest;
        }
        case Normalization::mean_strength: return row_sums(w).mean();
        case Normalization::none:
        case Normalization::rows: break;
    }
    return 1.0;
}

bool divides(double divisor) {
    return std::isfinite(divisor) && divisor != 0.0;
}

void normalize_rows(Connectome& c) {
    const Vector sums = row_sums(c.weights);
    for (Index i = 0; i < c.size(); ++i)
        require(divides(sums[i]), "rows cannot be normalized: the weights onto " +
                                      c.describe_region(i) + " sum to " + std::to_string(sums[i]));
    c.weights = sums.cwiseInverse().asDiagonal() * c.weights;
}

}  // namespace

std::string Connectome::describe_region(Index i) const {
    const auto k = static_cast<std::size_t>(i);
    const std::string name = "region " + std::to_string(i);
    if (k >= regions.size() || regions[k].label.empty()) return name;
    return name + " \"" + regions[k].label + "\"";
}

bool ConnectomeReport::usable() const {
    return std::ranges::none_of(
        findings, [](const auto& finding) { return finding.severity == Severity::error; });
}

ConnectomeReport validate_connectome(const Connectome& connectome) {
    ConnectomeReport report;
    report.nodes = connectome.size();
    for (const std::string& note : connectome.notes)
        report.findings.push_back({Severity::warning, note});
    if (!has_valid_shape(connectome, report)) return report;
    check_values(connectome, report);
    if (report.usable()) {
        measure(connectome.weights, report);
        check_symmetry(connectome, report);
        check_connections(connectome, report);
    }
    check_labels(connectome, report);
    check_hemispheres(connectome, report);
    check_positions(connectome, report);
    check_lengths(connectome, report);
    return report;
}

std::string_view to_string(Normalization normalization) {
    switch (normalization) {
        case Normalization::none: return "none";
        case Normalization::rows: return "rows";
        case Normalization::spectral_radius: return "spectral_radius";
        case Normalization::maximum: return "maximum";
        case Normalization::mean_strength: return "mean_strength";
    }
    return "";
}

Connectome normalized(Connectome connectome, Normalization normalization) {
    if (normalization == Normalization::rows) {
        normalize_rows(connectome);
        return connectome;
    }
    const double divisor = divisor_of(connectome.weights, normalization);
    require(divides(divisor), "the weights cannot be divided by their " +
                                  std::string(to_string(normalization)) + ", which is " +
                                  std::to_string(divisor));
    connectome.weights /= divisor;
    return connectome;
}

Connectome symmetrized(Connectome connectome) {
    const SparseMatrix transposed = connectome.weights.transpose();
    connectome.weights = 0.5 * (connectome.weights + transposed);
    return connectome;
}

}  // namespace cortifold
