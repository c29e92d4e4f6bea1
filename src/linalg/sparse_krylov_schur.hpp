#pragma once

#include <cortifold/core/matrix.hpp>

#include <complex>
#include <cstdint>
#include <functional>
#include <optional>

namespace cortifold {

/// A real operator of size n, and which of its eigenvalues are wanted: those of the highest rank.
/// Conjugates have equal ranks.
struct KrylovProblem {
    std::function<void(ConstVectorRef x, VectorRef y)> apply;
    std::function<double(std::complex<double>)> rank;
    Eigen::Index size = 0;
    Eigen::Index count = 1;  ///< one more where a conjugate pair would be split
    double tolerance = 0.0;  ///< of a residual, relative to the largest |eigenvalue|
    std::uint64_t seed = 0;
};

struct RitzPairs {
    ComplexVector values{};
    ComplexMatrix vectors{};  ///< unit columns; conjugates adjacent, the one with Im > 0 first
    Matrix basis{};  ///< orthonormal, of the space they span, where all that were wanted converged
};

/// Krylov-Schur iteration (Stewart 2001) in real arithmetic. Pairs that have not converged when the
/// restarts are used up are left out; those that have converged are what the operator said, to be
/// judged by the matrix itself.
[[nodiscard]] RitzPairs krylov_schur(const KrylovProblem& problem);

struct SearchedPairs {
    RitzPairs pairs{};
    std::optional<std::complex<double>>
        next{};                 ///< the first eigenvalue that a search beside finds
    bool none_missing = false;  ///< next ranks no higher than any of the pairs
};

/// Krylov-Schur, and again on the complement of the space that was found, where the operator has
/// its other eigenvalues (Wielandt's deflation with Schur vectors: Saad 2011, section 4.2.3), until
/// no eigenvalue ranks higher by more than `width` than one of those found. `last` is a number that
/// no eigenvalue ranks below. Of a defective eigenvalue the vectors depend on each other.
[[nodiscard]] SearchedPairs krylov_search(const KrylovProblem& problem, double last, double width);

}  // namespace cortifold
