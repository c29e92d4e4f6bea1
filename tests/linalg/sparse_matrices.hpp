#pragma once

// Matrices and graphs whose spectra are known.
#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/linalg/sparse_spectrum.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>
#include <tuple>
#include <utility>
#include <vector>

namespace cortifold {

using Eigen::Index;
using Triplets = std::vector<Eigen::Triplet<double>>;

inline constexpr double accuracy = 1e-10;  // of eigenvalues, relative to the norm
inline constexpr SpectrumRoute krylov_routes[] = {SpectrumRoute::shift_invert,
                                                  SpectrumRoute::matrix_free};

inline SparseMatrix assembled(Index n, const Triplets& entries) {
    SparseMatrix a(n, n);
    a.setFromTriplets(entries.begin(), entries.end());
    return a;
}

using Edge = std::pair<Index, Index>;

inline SparseMatrix laplacian(Index n, const std::vector<Edge>& edges) {
    Triplets entries;
    for (const auto& [i, j] : edges)
        for (const auto& [row, column, value] :
             {std::tuple{i, j, -1.0}, {j, i, -1.0}, {i, i, 1.0}, {j, j, 1.0}})
            entries.emplace_back(static_cast<int>(row), static_cast<int>(column), value);
    return assembled(n, entries);
}

inline SparseMatrix rings(Index count, Index length) {
    std::vector<Edge> edges;
    for (Index k = 0; k < count; ++k)
        for (Index i = 0; i < length; ++i)
            edges.emplace_back(k * length + i, k * length + (i + 1) % length);
    return laplacian(count * length, edges);
}

/// Nodes of a cubic lattice that closes upon itself.
inline SparseMatrix torus(Index side) {
    std::vector<Edge> edges;
    const auto node = [&](Index x, Index y, Index z) {
        return (x % side * side + y % side) * side + z % side;
    };
    for (Index x = 0; x < side; ++x)
        for (Index y = 0; y < side; ++y)
            for (Index z = 0; z < side; ++z)
                for (const Index to : {node(x + 1, y, z), node(x, y + 1, z), node(x, y, z + 1)})
                    edges.emplace_back(node(x, y, z), to);
    return laplacian(side * side * side, edges);
}

inline double ring_eigenvalue(Index k, Index length) {
    return 2.0 - 2.0 * std::cos(2.0 * std::numbers::pi * static_cast<double>(k) /
                                static_cast<double>(length));
}

inline std::vector<double> torus_eigenvalues(Index side) {
    std::vector<double> values;
    for (Index x = 0; x < side; ++x)
        for (Index y = 0; y < side; ++y)
            for (Index z = 0; z < side; ++z)
                values.push_back(ring_eigenvalue(x, side) + ring_eigenvalue(y, side) +
                                 ring_eigenvalue(z, side));
    std::ranges::sort(values);
    return values;
}

enum class Symmetry { symmetric, none };

/// About `degree` entries in a row, of either sign.
inline SparseMatrix random_sparse(Index n, Index degree, Symmetry symmetry, unsigned seed) {
    std::mt19937_64 bits(seed);
    std::uniform_real_distribution<double> value(-1.0, 1.0);
    std::uniform_int_distribution<int> node(0, static_cast<int>(n) - 1);
    Triplets entries;
    for (Index k = 0; k < n * degree; ++k) {
        const int i = node(bits), j = node(bits);
        const double w = value(bits);
        entries.emplace_back(i, j, w);
        if (symmetry == Symmetry::symmetric) entries.emplace_back(j, i, w);
    }
    return assembled(n, entries);
}

/// Diagonal -0.1 - 0.01 i and 2, -2 beside it, cyclic: far from normal, and every eigenvalue has a
/// real part of at most -0.1, the largest eigenvalue of its symmetric part.
inline SparseMatrix cyclic(Index n) {
    Triplets entries;
    for (int i = 0; i < n; ++i) {
        const int next = (i + 1) % static_cast<int>(n);
        entries.emplace_back(i, i, -0.1 - 0.01 * i);
        entries.emplace_back(i, next, 2.0);
        entries.emplace_back(next, i, -2.0);
    }
    return assembled(n, entries);
}

/// The eigenvalues of the dense matrix that are wanted, in order.
inline ComplexVector expected(const SparseMatrix& a, SparseSpectrumOptions options) {
    options.route = SpectrumRoute::dense;
    return sparse_modes(a, options).values;
}

inline void expect_sound(const SparseMatrix& a, const SparseModes& modes) {
    EXPECT_EQ(modes.status, Status::converged) << modes.message;
    EXPECT_LT(relative_residuals(a, modes.values, modes.vectors).maxCoeff(), accuracy);
    EXPECT_LT((modes.vectors.colwise().norm().array() - 1.0).abs().maxCoeff(), 1e-12);
}

}  // namespace cortifold
