#pragma once

#include <cortifold/continuation/branch.hpp>
#include <cortifold/core/vector_field.hpp>

#include <filesystem>
#include <span>
#include <string>

namespace cortifold {

/// Branches of equilibria and cycles and of their bifurcations, as AUTO-07p has them.
struct AutoBranches {
    const VectorField& field;
    /// One a branch, in their order: the values of all parameters, of which the free ones are not
    /// read.
    std::span<const Vector> parameters;
    std::span<const Branch> branches;
};

/// Writes `b.NAME` and `s.NAME`, which AUTO-07p's `loadbd` opens. States are U(1), U(2), ... in the
/// order of the field, parameters PAR(1), ..., PAR(10), PAR(12), ...: PAR(11) is the period, at
/// Hopf points 2 pi / omega. Labels are those of AUTO: both ends and the special points, counted
/// over all branches. Points where the equilibrium or the cycle is stable have a negative number.
/// Cycles are on our mesh, at AUTO's places in it. Errors as of `write_file`.
void write_auto_files(const std::filesystem::path& folder, const std::string& name,
                      const AutoBranches& all);

}  // namespace cortifold
