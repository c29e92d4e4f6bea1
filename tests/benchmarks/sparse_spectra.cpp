// The slowest modes of a large spatial graph, with their count checked, against plain ARPACK.
#include "comparison.hpp"
#include <cortifold/core/rng.hpp>
#include <cortifold/linalg/sparse_spectrum.hpp>

#include <Eigen/SparseCholesky>
#include <arpack/arpack.hpp>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <memory>
#include <numbers>
#include <tuple>
#include <vector>

namespace cortifold::benchmarks {

namespace {

using Eigen::Index;

constexpr Index nodes = 20'000, modes = 100;
constexpr double mean_degree = 10.0;
/// Of eigenvalues, the largest of which is about 25.
constexpr double tolerance = 1e-7;
/// Of ARPACK's shift below the spectrum, relative to the largest degree: as ours.
constexpr double shift_distance = 1e-4;

/// The Laplacian of points at random in a unit cube, connected where they are near.
SparseMatrix spatial_laplacian() {
    const CounterRng random({1, StreamPurpose::starts, 0});
    const Matrix points = Matrix::NullaryExpr(3, nodes, [&](Index axis, Index node) {
        return random.uniform(static_cast<std::uint64_t>(3 * node + axis));
    });
    const double near = std::cbrt(mean_degree / (4.0 / 3.0 * std::numbers::pi * nodes));
    std::vector<Eigen::Triplet<double>> entries;
    for (int i = 0; i < nodes; ++i)
        for (int j = 0; j < i; ++j)
            if ((points.col(i) - points.col(j)).squaredNorm() < near * near)
                for (const auto& [row, column, value] :
                     {std::tuple{i, j, -1.0}, {j, i, -1.0}, {i, i, 1.0}, {j, j, 1.0}})
                    entries.emplace_back(row, column, value);
    SparseMatrix laplacian(nodes, nodes);
    laplacian.setFromTriplets(entries.begin(), entries.end());
    return laplacian;
}

/// What ARPACK's documentation calls a mode, and what it seeks there.
struct Task {
    int mode = 1;
    arpack::which end = arpack::which::smallest_algebraic;
    double shift = 0.0;
};

/// Eigenvalues by ARPACK, called as in its examples. In mode 1 `apply` multiplies with A, in mode 3
/// with (A - shift)^-1.
Vector by_arpack(const Task& task, const auto& apply) {
    constexpr int n = nodes, wanted = modes, space = 2 * wanted + 1;
    constexpr int most_restarts = 300, work_size = space * (space + 8);
    const double accuracy = SparseSpectrumOptions{}.tolerance;
    const auto standard = arpack::bmat::identity;
    Vector residual(n), work(3 * n), small_work(work_size), values(wanted);
    Matrix basis(n, space);
    int parameters[11] = {1, 0, most_restarts, 1, 0, 0, task.mode}, pointers[14] = {};
    int request = 0, info = 0;
    for (;;) {
        arpack::saupd(request, standard, n, task.end, wanted, accuracy, residual.data(), space,
                      basis.data(), n, parameters, pointers, work.data(), small_work.data(),
                      work_size, info);
        if (request != -1 && request != 1) break;  // these ask for a product
        work.segment(pointers[1] - 1, n) = apply(work.segment(pointers[0] - 1, n));
    }
    expect_equal(info, 0.0, "what ARPACK says of its convergence");
    std::vector<int> selected(space);
    arpack::seupd(1, arpack::howmny::ritz_vectors, selected.data(), values.data(), basis.data(), n,
                  task.shift, standard, n, task.end, wanted, accuracy, residual.data(), space,
                  basis.data(), n, parameters, pointers, work.data(), small_work.data(), work_size,
                  info);
    expect_equal(info, 0.0, "what ARPACK says of its vectors");
    std::ranges::sort(values);
    return values;
}

/// How many of some ascending numbers have no partner among others.
Index missing(const Vector& all, const Vector& found) {
    Index partners = 0;
    for (const double value : all)
        if (partners < found.size() && std::abs(found[partners] - value) <= tolerance) ++partners;
    return all.size() - partners;
}

}  // namespace

void compare_sparse_spectra() {
    const auto a = std::make_shared<const SparseMatrix>(spatial_laplacian());
    const auto expected = std::make_shared<Vector>();
    const auto ours = [=] {
        *expected = sparse_modes(*a, {.count = modes, .end = SpectrumEnd::smallest})
                        .values.real()
                        .reverse();
    };
    const auto report = [=](const char* way, const Vector& found) {
        if (expected->size() > 0)
            std::cerr << way << ": " << missing(*expected, found) << " modes are missing\n";
    };
    const auto shift_invert = [=] {
        const double shift = -shift_distance * a->diagonal().maxCoeff();
        Eigen::SimplicialLDLT<Eigen::SparseMatrix<double>> factor;
        factor.setShift(-shift);
        factor.compute(*a);
        report("ARPACK, shift-invert",
               by_arpack({3, arpack::which::largest_magnitude, shift},
                         [&](const auto& x) { return Vector(factor.solve(x)); }));
    };
    const auto products = [=] {
        report("ARPACK, products", by_arpack({}, [&](const auto& x) { return Vector(*a * x); }));
    };
    compare({.title = "100 slowest modes of a spatial graph of 20000 nodes",
             .variants = {{"ours, count checked", ours},
                          {"ARPACK, shift-invert by Eigen's LDLT", shift_invert},
                          {"ARPACK, products alone (misses some)", products}},
             .length = Length::long_run});
}

}  // namespace cortifold::benchmarks
