#pragma once

#include <cortifold/core/matrix.hpp>

namespace cortifold {

/// A = Q R with orthonormal columns Q in place of A, by blocked Householder reflections; returns
/// the diagonal of R, which is not negative. Throws UsageError where A has more columns than rows.
[[nodiscard]] Vector orthonormalize(Matrix& columns);

}  // namespace cortifold
