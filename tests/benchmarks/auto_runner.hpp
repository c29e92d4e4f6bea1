#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cortifold::benchmarks {

/// AUTO computes eigenvalues at every point, and its IID says what it prints of them: nothing, the
/// eigenvalues, or also the iterations, which is its default and what its manual recommends. To
/// print takes it longer than to compute.
enum class AutoOutput { branch = 0, eigenvalues = 1, regular = 2 };

/// A curve for AUTO-07p to follow.
struct AutoCase {
    std::string equations;  ///< auto/<equations>.f90
    std::string constants;  ///< AUTO's, as in its c. files, but NMX and IID
    int max_points = 0;     ///< NMX
    AutoOutput output = AutoOutput::regular;
    std::string input{};    ///< what its equations read from input.txt, if anything
    std::string restart{};  ///< solutions of another run, of which IRS names one
    int repetitions = 7;    ///< the shortest counts
    int threads = 1;        ///< which AUTO eliminates with on a mesh; elsewhere it has one
    bool whole = false;     ///< timed with what comes before the first step: else it is left out
};

/// A point with a label.
struct AutoPoint {
    /// AUTO's: EP, LP, HB, BP, BT, CP, GH, ZH, UZ, or MX where it gave up; of cycles LPC, BPC, PD,
    /// TR
    std::string type;
    int label = 0;                         ///< what IRS is to name
    std::map<std::string, double> values;  ///< by AUTO's names: PAR(1), L2-NORM, U(1), PERIOD, ...
};

struct AutoRun {
    double seconds = 0.0;  ///< processor time from the first point to the last, of all threads
    double elapsed = 0.0;  ///< the same by the clock, which other programs disturb
    int points = 0;        ///< with the first
    std::vector<AutoPoint> labelled;
    std::string solutions;  ///< an s. file of the labelled points

    [[nodiscard]] double seconds_per_point() const { return seconds / (points - 1); }
};

/// Compiles the equations once and runs AUTO without its Python part. Nothing, and a
/// line on stderr that says why, where AUTO or a Fortran compiler is absent, where the equations do
/// not compile, or where AUTO takes too long or follows nothing.
[[nodiscard]] std::optional<AutoRun> run_auto(const AutoCase& task);

}  // namespace cortifold::benchmarks
