#pragma once

#include <cortifold/io/record.hpp>
#include <cortifold/io/table.hpp>
#include <cortifold/meanfield/linear_response.hpp>

#include <filesystem>
#include <string>

namespace cortifold {

/// Where each trajectory of eigenvalues of the effective connectivity comes nearest to 1, the
/// nearest first: `frequency` in Hz, `re`, `im`, `distance`, and its `number` in loops.csv.
[[nodiscard]] Record nearest_approaches(ConstVectorRef frequencies_hz,
                                        const EigenvalueTrajectories& loops);

/// How the eigenvalue nearest to 1 at given frequencies rests on each connection, in
/// sensitivity.csv.
class SensitivityRecord {
public:
    SensitivityRecord(const std::filesystem::path& folder, Vector frequencies_hz);
    /// For the summary: of each frequency the eigenvalue and the connections that count most.
    [[nodiscard]] Record add(const LifNetwork& network, const WorkingPoint& point,
                             const std::string& state, const TransferOptions& options);
    void close() { table_.close(); }

private:
    Vector frequencies_hz_;
    CsvWriter table_;
};

}  // namespace cortifold
