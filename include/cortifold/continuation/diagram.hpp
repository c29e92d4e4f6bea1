#pragma once

#include <cortifold/continuation/continuation.hpp>
#include <cortifold/continuation/cycle.hpp>
#include <cortifold/core/context.hpp>

#include <optional>

namespace cortifold {

/// Everything that equilibria and cycles do over a range of one parameter, and how their
/// bifurcations move with a second one.
struct DiagramProblem {
    std::shared_ptr<const VectorField> field;
    Vector parameters;
    std::size_t parameter = 0;
    ContinuationOptions::Bound range;
    Vector low, high;            ///< the box of states in which equilibria are searched for
    std::vector<Vector> starts;  ///< states that are tried first
    struct Second {
        std::size_t parameter = 0;
        ContinuationOptions::Bound range;
    };
    std::optional<Second> second;  ///< none: no curves in two parameters
};

/// How a diagram follows cycles; curves of their bifurcations by collocation, whatever the method.
struct DiagramCycles {
    CycleOptions options{};
    std::optional<double> max_period{};  ///< none: `period_limit`
    int doublings = 2;  ///< of the period, one after the other, that are followed from a family
};

struct DiagramOptions {
    ContinuationOptions continuation{};  ///< its bounds are those of the problem
    int slices = 5;  ///< parameter values at which equilibria are searched for, ends included
    int max_branches = 64;                          ///< of one kind
    std::optional<DiagramCycles> cycles{};          ///< none: equilibria alone
    std::function<Flow(const Branch&)> observer{};  ///< of each branch when it is complete
    Context context{};
    void validate() const;
};

/// The branch `to` starts or passes at a labelled point of the branch `from`; both by number.
struct DiagramLink {
    std::size_t from = 0;
    std::string label;
    std::size_t to = 0;
};

/// Where equilibria were searched for in the box, and what came of it.
struct DiagramSlice {
    double parameter = 0.0;
    int solves = 0;              ///< of Newton's method, plain and deflated
    std::size_t equilibria = 0;  ///< in the box
};

struct Diagram {
    Status status = Status::iteration_limit;  ///< converged: every branch ended well
    std::string message;
    std::vector<Branch> branches;      ///< each once
    std::vector<DiagramLink> graph;    ///< which point leads to which branch
    std::vector<DiagramSlice> slices;  ///< by ascending parameter
    std::vector<std::string> notes;    ///< what was left out, and why
};

/// Equilibria by deflated search on slices of the range, all branches through them, those that
/// leave their branch points, and so on; the cycles of each Hopf point, and those that leave them;
/// then the curves in two parameters through each special point. A branch that is met again is not
/// followed twice. Labels count over all branches in their order. Of branches that no slice, no
/// branch point and no Hopf point touches nothing is known.
[[nodiscard]] Diagram complete_diagram(const DiagramProblem& problem,
                                       const DiagramOptions& options = {});

/// How long cycles may get, in parts of the period that their branch starts with.
inline constexpr double longest_period = 100.0;

/// The period up to which a start is followed where nobody says: homoclinic orbits, of which a
/// piece is followed, know no bound.
[[nodiscard]] double period_limit(const CurveStart& start);

/// As `find_branch_through`, of cycles and their bifurcations, whatever their meshes and phases:
/// one that passes by the parameters, the period and the means of the start; of homoclinic orbits
/// by the parameters and the saddle.
[[nodiscard]] std::optional<std::size_t> find_cycles_through(
    const CurveStart& start, std::span<const Branch* const> branches,
    const ContinuationOptions& options = {});

/// Why a curve of branch points does not leave the point where it starts: the second parameter
/// unfolds that one, as in an imperfect pitchfork. Empty for all other curves.
[[nodiscard]] std::string unfolding_of(const Branch& curve);

}  // namespace cortifold
