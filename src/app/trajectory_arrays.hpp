#pragma once

#include "ensemble_record.hpp"
#include <cortifold/core/vector_field.hpp>
#include <cortifold/io/record.hpp>
#include <cortifold/io/table.hpp>

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

namespace cortifold {

/// What a simulation writes beside its tables and data.h5.
enum class Export { none, npy };
[[nodiscard]] std::string_view to_string(Export what);

/// A simulation as files for numpy.load: times.npy; states.npy, sample x variable x region; where
/// the field has auxiliary quantities auxiliaries.npy, sample x quantity. Of an ensemble there are
/// no auxiliaries, and members.npy tells whose each sample is. Errors as of NpyWriter.
class TrajectoryArrays {
public:
    TrajectoryArrays(std::filesystem::path folder, const VectorField& field,
                     std::span<const Quantity> node_states);
    /// One sample of a single run; `auxiliaries` are the field's at the same time.
    void add(double t, ConstVectorRef x, ConstVectorRef auxiliaries);
    void add(std::uint32_t member, const MemberRun& run);
    /// Closes the files and adds `arrays` to the summary: the axes of each file, and the names
    /// along them.
    void close(Record& summary);

private:
    [[nodiscard]] NpyWriter open(const std::string& name, std::vector<std::string> axes,
                                 std::vector<std::size_t> row_shape);

    std::filesystem::path folder_;
    std::vector<std::string> variables_, auxiliaries_;
    Record description_ = Record::Table{};
    NpyWriter times_file_, states_file_;
    std::optional<NpyWriter> members_file_, auxiliaries_file_;
};

}  // namespace cortifold
