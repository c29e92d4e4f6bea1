#pragma once

#include "system.hpp"

namespace cortifold {

/// One state's initial value: a number, or a distribution that is drawn for each region.
struct InitialValue {
    enum class Kind { constant, normal, uniform } kind = Kind::constant;
    double a = 0.0, b = 0.0;  ///< value; mean and standard deviation; low and high
};

/// Where a run starts: the keys `initial`, `noise`, `mode` and `amplitude`.
struct InitialState {
    std::string from;  ///< "default", "rest", of a branch of cycles "cycle", or a label
    SourceLine where;
    std::vector<std::pair<std::size_t, InitialValue>> values;  ///< by number of the node's state
    double noise = 0.0;       ///< half-width of a uniform distribution that is added to every state
    std::optional<int> mode;  ///< the coupling mode whose pattern is added; 0: the transverse one
                              ///< that grows fastest
    double amplitude = 0.0;   ///< of that pattern where it is largest, relative to each state or
                              ///< its floor
    std::filesystem::path orbit{};  ///< the file of one, in place of all else
};
[[nodiscard]] InitialState read_initial_state(ConfigReader& options, const Study& study);
/// One start of a branch: "rest", "initial" (the default), a label or a table of states; of cycles
/// "cycle", a simulation from the default state, or `{ file = "orbit.csv" }` instead of the former
/// two.
[[nodiscard]] InitialState read_start(const Record& given, const System& system, const Study& study,
                                      bool of_cycles);
/// One start or several: the key `from`.
[[nodiscard]] std::vector<InitialState> read_starts(ConfigReader& options, const System& system,
                                                    const Study& study, bool of_cycles);
[[nodiscard]] bool is_label(const InitialState& initial);
/// What the study calls a start.
[[nodiscard]] std::string name_of(const InitialState& from);

struct Start {
    Status status = Status::converged;
    std::string message;       ///< why there is none
    Vector state, parameters;  ///< those of the system, or of the point that `initial` names
    std::optional<int> mode;   ///< index of the mode that was excited
};
/// In a cell of a scan that has a state of the cell before, this stands for the origin.
[[nodiscard]] Start make_start(const InitialState& initial, const System& system,
                               const StepContext& at);

}  // namespace cortifold
