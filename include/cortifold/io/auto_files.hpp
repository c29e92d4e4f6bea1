#pragma once

#include <cortifold/continuation/branch.hpp>
#include <cortifold/core/vector_field.hpp>

#include <filesystem>
#include <span>
#include <string>

namespace cortifold {

/// Branches of equilibria and of their bifurcations, as AUTO-07p has them.
struct AutoBranches {
    const VectorField& field;
    /// One a branch, in their order: the values of all parameters, of which the free ones are not
    /// read.
    std::span<const Vector> parameters;
    std::span<const Branch> branches;
};

/// Writes `b.NAME` and `s.NAME`, which AUTO-07p's `loadbd` opens. States are U(1), U(2), ... in the
/// order of the field, parameters PAR(1), ..., PAR(10), PAR(12), ...: PAR(11) is the period 2 pi /
/// omega at Hopf points. Labels are those of AUTO: both ends and the special points, counted over
/// all branches. Points where the equilibrium is stable have a negative number. Errors as of
/// `write_file`.
void write_auto_files(const std::filesystem::path& folder, const std::string& name,
                      const AutoBranches& all);

}  // namespace cortifold
