#pragma once

#include <cortifold/core/vector_field.hpp>
#include <cortifold/io/record.hpp>
#include <cortifold/io/table.hpp>

#include <filesystem>
#include <vector>

namespace cortifold {

/// One member of an ensemble, sampled at the output times: a column a sample.
struct MemberRun {
    std::vector<double> times;
    std::vector<Vector> states;
};

/// Writes an ensemble member by member: every sample to data.h5 (`trajectory`, with the member in
/// its first column); at the end ensemble.csv, mean and standard deviation of each state over
/// members and regions at each time.
class EnsembleRecord {
public:
    EnsembleRecord(const std::filesystem::path& folder, const VectorField& field,
                   std::span<const Quantity> node_states, Eigen::Index regions);
    void add(std::uint32_t member, const MemberRun& run);
    /// Closes the tables and adds `final` (the mean over members) and `states` to the summary.
    void close(Record& summary);

private:
    std::filesystem::path folder_;
    const VectorField& field_;
    std::span<const Quantity> node_states_;
    Eigen::Index regions_;
    Hdf5Writer trajectory_;
    std::vector<double> times_;
    std::vector<Vector> sums_, squares_;  ///< a time: over members, of each state of the field
    Vector minimum_, maximum_;
    double members_ = 0.0;
};

}  // namespace cortifold
