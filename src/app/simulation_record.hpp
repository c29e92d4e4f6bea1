#pragma once

#include <cortifold/core/vector_field.hpp>
#include <cortifold/io/record.hpp>
#include <cortifold/io/table.hpp>

#include <deque>
#include <filesystem>
#include <memory>
#include <optional>

namespace cortifold {

/// Writes a simulation as it goes and keeps what its summary says. Every state of every sample goes
/// to data.h5 (`trajectory`). Of one node also trajectory.csv; of several mean.csv (spatial mean
/// and standard deviation of each state, and the deviation from the homogeneous state: the root
/// mean square over states of their standard deviation relative to their mean at the start) and, of
/// the last samples, space_time.csv (the first state of every region). Auxiliary quantities of the
/// field follow the states in data.h5 and trajectory.csv.
class SimulationRecord {
public:
    SimulationRecord(const std::filesystem::path& folder, const VectorField& field,
                     std::span<const Quantity> node_states, Eigen::Index regions);
    /// `auxiliaries` are the values of the field's at the same time.
    void add(double t, ConstVectorRef x, ConstVectorRef auxiliaries);
    /// All samples are kept from here on as well, for who reads them where there are no files.
    void keep_samples() { kept_.emplace(); }
    /// What data.h5 has; none where they were not kept.
    [[nodiscard]] std::shared_ptr<const NumericTable> samples() const;
    /// Closes the tables and adds `states`, `deviation` and `undefined` to the summary.
    void close(Record& summary);

private:
    void add_spatial(double t, const Eigen::Map<const Matrix>& x);
    void write_space_time();
    [[nodiscard]] Record deviation_record() const;

    std::filesystem::path folder_;
    std::span<const Quantity> node_states_;
    std::vector<Column> columns_;
    Eigen::Index regions_;
    std::string time_unit_;
    Hdf5Writer trajectory_;
    CsvWriter table_;
    std::optional<std::vector<double>> kept_;  ///< a row a sample
    std::int64_t samples_ = 0;
    Vector mean_, minimum_, maximum_, scale_;
    std::vector<std::int64_t> undefined_;  ///< samples at which an auxiliary quantity has no value
    std::vector<double> times_, deviations_;
    std::deque<Vector> recent_;  ///< t and the first state of every region
};

}  // namespace cortifold
