#pragma once

#include "step.hpp"
#include <cortifold/scan/checkpoint.hpp>

#include <mutex>
#include <string>
#include <vector>

namespace cortifold {

/// A step that is run in every cell of a scan.
struct ScannedStep {
    std::string name;
    const StepKind* kind;
    Record table;                       ///< its keys
    std::vector<std::string> recorded;  ///< keys of its summary that are asked for
    bool is_read = false;               ///< by a later step of the cell
};

/// A value of a summary, as in `msf.modes[0].growth` the growth of the first mode.
struct RecordedValue {
    std::string path;
    std::size_t step;     ///< whose
    std::string in_step;  ///< the path in its summary
};

/// What every cell of a scan does.
struct CellWork {
    Study study;       ///< the scan's, with the steps of the cell in place of its own
    std::string path;  ///< of the key that lists them
    std::vector<std::string> parameters;  ///< of the axes
    std::vector<SourceLine> where;        ///< of the axes
    std::vector<ScannedStep> steps;
    std::vector<RecordedValue> record;
};

/// The step with the parameters of a cell among its own.
[[nodiscard]] Record with_parameters(const CellWork& work, const ScannedStep& step,
                                     const std::vector<double>& values);

/// The value behind a path of keys parted by dots; [k] is the k-th of a list, counted from 0, and a
/// label or name the one in a list that has it. None: there is none.
[[nodiscard]] const Record* find_value(const Record& record, std::string_view path);

/// Runs the steps of cells, by any thread. Of a step that fails nothing is recorded, and later ones
/// may not find what they ask for. Of what the first cell lacks that has no such step it tells,
/// since a key may be misspelt: no cell will have it.
class CellRunner {
public:
    CellRunner(const CellWork& work, const StepContext& at) : work_(work), at_(at) {}
    /// `memory`: what each step left in the cell before.
    [[nodiscard]] CellResult run(const std::vector<double>& values,
                                 const std::vector<Vector>& memory, int threads) const;

private:
    void tell_what_is_missing(const std::vector<StepResult>& results) const;

    const CellWork& work_;
    const StepContext& at_;
    mutable std::once_flag told_{};
};

}  // namespace cortifold
