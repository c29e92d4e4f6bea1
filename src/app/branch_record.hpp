#pragma once

#include "branch_functions.hpp"
#include "branch_summary.hpp"
#include <cortifold/io/branch_entries.hpp>
#include <cortifold/io/table.hpp>

#include <optional>

namespace cortifold {

/// What is written beside the tables of branches.
enum class BranchExport { none, auto07p };
[[nodiscard]] std::string_view to_string(BranchExport what);

/// What branches are of, and what is tabled of them.
struct BranchSetting {
    System system;
    std::vector<FreeParameter> free;
    BranchFunctions functions;
    BranchExport also = BranchExport::none;
    Record plot;          ///< the axes that the study names; null: none
    bool cycles = false;  ///< whether there are cycles among them
    double (*frequency_hz)(const BranchPoint&) = nullptr;  ///< of points that have one
};
/// Reads the keys `functions`, `export` and `plot`.
[[nodiscard]] BranchSetting read_branch_setting(ConfigReader& options, const Study& study,
                                                System system, std::vector<FreeParameter> free);

/// A branch that has not begun, and why.
[[nodiscard]] Branch no_branch(CurveKind kind, Status status, std::string message,
                               const BranchSetting& setting);

/// Writes branches: points as they come to growing.csv, in the order they are found and for as long
/// as the step runs; each branch when it is complete to branches.csv, special.csv,
/// normal_forms.csv, of a full network patterns.csv, and with all unknowns, tangents and
/// eigenvalues to data.h5 (`branch1`, ...). Where there are cycles, tables have the least and the
/// largest value of each state over the period, and orbits.csv some cycles in time.
class BranchRecord {
public:
    BranchRecord(const StepContext& at, const BranchSetting& setting);
    /// Heeds interrupts, and tells the progress: what an observer of points does.
    [[nodiscard]] Flow grow(const BranchPoint& point);
    void add(KnownBranch known);
    [[nodiscard]] std::span<const KnownBranch> branches() const { return branches_; }
    /// Closes the tables and adds `branches` and what they are of to the summary.
    void close(Record& summary);

private:
    [[nodiscard]] std::vector<Column> point_columns() const;
    [[nodiscard]] std::vector<Column> special_columns() const;
    [[nodiscard]] std::vector<Column> state_columns() const;
    [[nodiscard]] std::vector<Column> listed_columns() const;
    [[nodiscard]] std::vector<Column> free_columns(const Branch& branch) const;
    [[nodiscard]] Matrix listed(const Matrix& states) const;
    [[nodiscard]] std::vector<Column> parameter_columns() const;
    [[nodiscard]] Column period_column() const {
        return {"period", std::string(field_.time_unit())};
    }
    void append_parameters(const KnownBranch& known, const BranchPoint& point,
                           std::vector<Cell>& row) const;
    void append_states(const BranchPoint& point, std::vector<Cell>& row) const;
    void append_exponents(const BranchPoint& point, std::vector<Cell>& row) const;
    void write_points(const KnownBranch& known);
    void write_special(const KnownBranch& known);
    void write_patterns(const KnownBranch& known);
    void write_pattern(const std::string& label, const BranchPoint& point);
    Hdf5Writer& begin(const std::string& dataset, std::vector<Column> columns);
    void write_unknowns(const Branch& branch);
    void write_orbits(const Branch& branch);
    void write_orbit(const BranchEntry& entry, std::int64_t number);
    void write_auto() const;

    const StepContext& at_;
    const BranchSetting& setting_;
    const VectorField& field_;
    Eigen::Index regions_;
    std::string number_;  ///< of the branch that is being written
    CsvWriter growing_, points_, special_, forms_;
    std::optional<CsvWriter> patterns_, orbits_;
    std::optional<Hdf5Writer> unknowns_;
    std::vector<KnownBranch> branches_;
};

}  // namespace cortifold
