#pragma once

#include "segment.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace cortifold {

/// A function whose zeros are looked for: a test function of the run, or the real part of the
/// eigenvalue at a place of the spectrum.
struct Watched {
    const TestFunction* test = nullptr;
    std::unique_ptr<TestFunction> own{};
    Eigen::Index number = 0;  ///< of the test, or place in the spectrum
    bool in_spectrum = false;

    [[nodiscard]] double at(const BranchPoint& point) const {
        return in_spectrum ? point.spectrum[number].real() : point.tests[number];
    }
    [[nodiscard]] double noise(const BranchPoint& a, const BranchPoint& b) const;
};

[[nodiscard]] Watched watch_test(const CurveSolver& curve, std::size_t number);
[[nodiscard]] Watched watch_crossing(const CurveSolver& curve, Eigen::Index place);

/// What became of the zeros of a step: parts of it that are looked at again find them again.
struct Resolved {
    bool in_spectrum = false;
    Eigen::Index number = 0;
    bool oscillates = false;  ///< the eigenvalue, where it is one
    Vector zero;
    double within = 0.0;  ///< what its bracket left open, in the metric
    SpecialPoint special;
};

/// Looks for zeros of watched functions between two points of a run, and keeps what they are.
class ZeroFinder {
public:
    /// `resolved`: what parts of the same step have in common; null: nothing.
    ZeroFinder(const CurveSolver& curve, const BranchPoint& a, const BranchPoint& b,
               std::vector<Resolved>* resolved = nullptr);

    /// Looks between two positions of the step; a status where points there cannot be had.
    Status look(const Watched& watched, const Segment::Bracket& bracket);
    /// Whether the only point that was found is a fold or a branch point with as many real
    /// eigenvalues as change sides; then no other does.
    [[nodiscard]] bool explains(Eigen::Index crossings) const;
    /// What was found, along the step.
    [[nodiscard]] std::vector<SpecialPoint> points() &&;
    [[nodiscard]] const Segment& segment() const { return segment_; }

private:
    struct Found {
        double theta = 0.0;
        SpecialPoint special;
    };

    /// The point found is described, trials only where their value needs it.
    [[nodiscard]] Segment::Zero find_zero(const Watched& watched, const Segment::Bracket& bracket,
                                          double tolerance) const;
    [[nodiscard]] std::optional<SpecialPoint> resolve(const Watched& watched,
                                                      const Segment::Zero& zero,
                                                      const Segment::Bracket& bracket);
    [[nodiscard]] std::optional<SpecialPoint> resolve_anew(const Watched& watched,
                                                           const Segment::Zero& zero,
                                                           const Segment::Bracket& bracket) const;
    /// What the bracket and rounding leave open.
    [[nodiscard]] double parameter_error(const Segment::Zero& zero) const;
    /// How far the parameter may be off for an eigenvalue that is not quite zero, by its slope.
    [[nodiscard]] double spectrum_error(const Watched& watched, const Segment::Zero& zero,
                                        const Segment::Bracket& bracket) const;
    /// A real eigenvalue passes through zero at folds and branch points, and where a branch that
    /// bends back at a pitchfork looks like a fold there is a branch point: others found them.
    [[nodiscard]] bool is_explained(const Watched& watched, const Segment::Zero& zero);
    [[nodiscard]] bool is_known(const SpecialPoint& special) const;

    const CurveSolver& curve_;
    Segment segment_;
    HermiteCurve hermite_;
    std::vector<Resolved>* resolved_;
    std::vector<Found> found_;
    std::vector<double> explained_;  ///< where eigenvalues cross at the points found
};

/// Whether a point is one that is known: of the same type at the same place, or what a branch point
/// looks like to functions that are singular or touch zero there.
[[nodiscard]] bool is_same_event(const Metric& metric, const SpecialPoint& known,
                                 const SpecialPoint& found);

}  // namespace cortifold
