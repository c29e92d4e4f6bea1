#pragma once

#include <cortifold/core/matrix.hpp>

#include <cstdint>
#include <functional>

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
};

/// Krylov-Schur iteration (Stewart 2001) in real arithmetic. Pairs that have not converged when the
/// restarts are used up are left out; those that have converged are what the operator said, to be
/// judged by the matrix itself.
[[nodiscard]] RitzPairs krylov_schur(const KrylovProblem& problem);

}  // namespace cortifold
