#pragma once

#include "branch_options.hpp"
#include <cortifold/model/node.hpp>

namespace cortifold {

/// Functions of states and parameters that branches are watched for and tabled with: the key
/// `functions`.
class BranchFunctions {
public:
    /// By name an expression in the node's states (of a full network in their means over regions,
    /// of a cycle in those over its period) and parameters, whose zeros are looked for;
    /// `{ growth = VALUE }`: where the largest real part of the eigenvalues, or Floquet exponents,
    /// is that; or `{ period = VALUE }`. Throws ConfigError.
    BranchFunctions(ConfigReader& options, const System& system, const Study& study);

    [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
    /// One a name; NaN where it is not defined. `parameters` are those of the field at the point.
    [[nodiscard]] Vector values(const BranchPoint& point, const Vector& parameters) const;
    /// Functions that look for the zeros, for as long as this lives; the `free` ones among the
    /// parameters of the field are taken from the points.
    [[nodiscard]] std::vector<std::shared_ptr<const TestFunction>> tests(
        const Vector& parameters, const std::vector<FreeParameter>& free) const;

private:
    class Zero;
    [[nodiscard]] double value(std::size_t number, const BranchPoint& point,
                               const Vector& parameters) const;

    std::shared_ptr<const Node> node_;
    std::shared_ptr<const VectorField> field_;
    Eigen::Index regions_;
    std::vector<std::string> names_;  ///< expressions first
    std::vector<std::unique_ptr<const NodeEvents>> expressions_;
    struct Level {
        enum class Of { growth, period } of;
        double value;
    };
    std::vector<Level> levels_;
};

/// All parameters of a field at a point of a branch; the period of a cycle is none of them.
[[nodiscard]] Vector parameters_at(const BranchPoint& point, Vector parameters,
                                   std::span<const FreeParameter> free);

}  // namespace cortifold
