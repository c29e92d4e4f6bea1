#pragma once

#include "cycle_curve.hpp"
#include <cortifold/linalg/invariant_subspace.hpp>

#include <array>

namespace cortifold {

/// Orbits that leave a saddle and come back to it, in two parameters (Beyn 1990, IMA J. Numer.
/// Anal. 10:379; Champneys, Kuznetsov & Sandstede 1996, Int. J. Bifurcation Chaos 6:867). z is the
/// profile of the time T that is followed, T, the parameters, the saddle x0, and u(1) - u(0).
/// u(0) - x0 is in the saddle's growing eigenspace and u(1) - x0 in the decaying one, both this far
/// away, in parts of the orbit's size: T grows as the saddle gets weaker.
class HomoclinicCurve final : public CycleCurve {
public:
    HomoclinicCurve(std::shared_ptr<const VectorField> field, const Vector& base,
                    const std::array<std::size_t, 2>& free, const CycleOptions& options);

    [[nodiscard]] Vector scale_floor() const override;
    [[nodiscard]] Vector sizes(ConstVectorRef z) const override;
    [[nodiscard]] Vector shares() const override;
    [[nodiscard]] CurveLinearization linearize(ConstVectorRef z, ConstVectorRef row,
                                               ConstVectorRef scales) const override;
    void describe(BranchPoint& point, const CurveLinearization& at) const override;
    [[nodiscard]] std::unique_ptr<TestFunction> crossing(Eigen::Index place) const override;
    void prepare(const BranchPoint& start) override { measure_ends(start.z); }
    void adapt(const BranchPoint& point, const CurveLinearization&) override {
        measure_ends(point.z);
    }
    [[nodiscard]] std::optional<Status> ends_at(const SpecialPoint& point) const override;
    [[nodiscard]] std::optional<SpecialPoint> limit(const Branch& branch) const override;

    [[nodiscard]] Vector saddle_of(ConstVectorRef z) const { return z.tail(2 * n()).head(n()); }

private:
    /// An end of the orbit, and how its distance from the saddle is measured: by a form that
    /// changes one way along the flow, in parts of the whole orbit's size.
    struct End {
        Side side;
        Matrix form;
        double log_distance = 0.0;
    };
    /// All that an end's equations say: the distance's, then the projections on the other space.
    struct EndEquations;

    [[nodiscard]] Eigen::Index n() const { return field().dimension(); }
    [[nodiscard]] Vector resolved_sizes(ConstVectorRef z) const override;
    [[nodiscard]] Vector gain_of(ConstVectorRef z) const override { return z.tail(n()); }
    [[nodiscard]] Vector end_of(ConstVectorRef z, const End& end) const {
        return z.head(n()) + (end.side == Side::growing ? Vector::Zero(n()) : gain_of(z));
    }
    void measure_ends(ConstVectorRef z);
    /// The mean square of what departs from the saddle, and its gradient by the profile.
    [[nodiscard]] double square_size(ConstVectorRef z, VectorRef gradient) const;
    [[nodiscard]] EndEquations equations_of(const End& end, ConstVectorRef z, const Vector& scales,
                                            const Matrix& f_x) const;

    Vector sizes_;  ///< of the states, as they were when the ends were measured
    std::array<End, 2> ends_{End{Side::growing, {}}, End{Side::decaying, {}}};
};

/// Where orbits homoclinic to a saddle start: at the end of a branch of cycles, by its last long
/// cycle; nothing where no saddle is near it.
[[nodiscard]] std::optional<CurveStart> homoclinic_orbits(
    const std::shared_ptr<const VectorField>& field, const Vector& parameters,
    const std::array<std::size_t, 2>& free, BranchPoint long_cycle, const CycleOptions& options);

}  // namespace cortifold
