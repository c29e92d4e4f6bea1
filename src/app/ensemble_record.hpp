#pragma once

#include <cortifold/core/vector_field.hpp>
#include <cortifold/io/record.hpp>
#include <cortifold/io/table.hpp>

#include <filesystem>
#include <vector>

namespace cortifold {

/// Which of the field's jumps, and when.
struct MemberJump {
    std::size_t which;
    double t;
};

/// One member of an ensemble, sampled at the output times.
struct MemberRun {
    std::vector<double> times;
    std::vector<Vector> states;
    std::vector<MemberJump> jumps;
    bool ended_by_event = false;  ///< and the last sample is taken there, at no output time
};

/// Writes an ensemble member by member: every sample to data.h5 (`trajectory`, with the member in
/// its first column); at the end ensemble.csv, mean and standard deviation of each state over
/// those members that came to each time, and regions.
class EnsembleRecord {
public:
    EnsembleRecord(const std::filesystem::path& folder, const VectorField& field,
                   std::span<const Quantity> node_states, Eigen::Index regions);
    void add(std::uint32_t member, const MemberRun& run);
    /// Closes the tables and adds `final` (the mean over members) and `states` to the summary.
    void close(Record& summary);

private:
    /// Over the members that came to a time: of each state of the field.
    struct Sample {
        double t, members = 0.0;
        Vector mean, scatter;
    };
    void count(const MemberRun& run);

    std::filesystem::path folder_;
    const VectorField& field_;
    std::span<const Quantity> node_states_;
    Eigen::Index regions_;
    Hdf5Writer trajectory_;
    std::vector<Sample> samples_;
    Vector minimum_, maximum_;
};

}  // namespace cortifold
