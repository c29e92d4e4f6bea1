#pragma once

#include "cycle_end.hpp"
#include "floquet.hpp"
#include "variational.hpp"
#include <cortifold/continuation/cycle.hpp>
#include <cortifold/ode/integrate.hpp>

#include <memory>
#include <string>
#include <vector>

namespace cortifold {

/// Cycles in one parameter by what the flow and its variational equations say of them: z is the
/// profile at equally spaced times, a column each, the period T and the parameter. Bifurcations are
/// where exponents, determinant and tangent say: brackets are closed to rounding.
class VariationalCurve : public ZeroProblem {
public:
    VariationalCurve(std::shared_ptr<const VectorField> field, Vector base, std::size_t parameter,
                     const CycleOptions& options, Eigen::Index columns);

    [[nodiscard]] CurveKind kind() const override { return CurveKind::cycle; }
    [[nodiscard]] Eigen::Index unknowns() const override { return states() + 2; }
    [[nodiscard]] Eigen::Index states() const override { return n_ * columns_; }
    [[nodiscard]] std::span<const Quantity> parameters() const override { return parameters_; }
    [[nodiscard]] std::span<const Eigen::Index> parameter_slots() const override { return slots_; }
    [[nodiscard]] Vector scale_floor() const override;
    [[nodiscard]] Vector sizes(ConstVectorRef z) const override;
    [[nodiscard]] std::span<const std::shared_ptr<const TestFunction>> tests() const override {
        return tests_;
    }
    void describe(BranchPoint& point, const CurveLinearization& at) const override;
    [[nodiscard]] std::unique_ptr<TestFunction> crossing(Eigen::Index place) const override;
    void prepare(const BranchPoint& start) override;
    void adapt(const BranchPoint& point, const CurveLinearization& at) override;
    [[nodiscard]] std::string obstacle(const BranchPoint& start) const override;
    [[nodiscard]] std::optional<Status> ends_at(const SpecialPoint& point) const override {
        if (point.type == PointType::hopf) return Status::ended_at_hopf;
        return std::nullopt;
    }

    [[nodiscard]] const VectorField& field() const { return *field_; }
    [[nodiscard]] Vector parameters_of(ConstVectorRef z) const;
    [[nodiscard]] double period_of(ConstVectorRef z) const { return z[states()]; }
    [[nodiscard]] Matrix profile_of(ConstVectorRef z) const {
        return z.head(states()).reshaped(n_, columns_);
    }
    /// At which parts of the period the columns of a profile stand.
    [[nodiscard]] Vector times() const;
    /// Of a point as the curve stands; empty: there is none.
    [[nodiscard]] virtual Vector frame() const { return {}; }
    /// The motion along that of the last point: zero where the cycle shrinks to an equilibrium.
    [[nodiscard]] double motion_along_last(ConstVectorRef z) const {
        return velocity_.cwiseProduct(motion(z)).sum();
    }
    [[nodiscard]] SpecialPoint resolve_hopf(const BranchPoint& near) const;

protected:
    void set_columns(Eigen::Index columns);
    /// Of the states, as they stand first in the scales of z, and of the parameter, last there.
    [[nodiscard]] Sizes sizes_in(ConstVectorRef scales) const {
        return {scales.head(n_), scales[unknowns() - 1]};
    }
    [[nodiscard]] VariationalFlow flow(int threads) const;
    [[nodiscard]] double flow_accuracy() const;  ///< in parts of the states' sizes
    /// Orbits from each of some states at equally spaced times to the next one's time.
    [[nodiscard]] std::vector<Passage> follow_sections(ConstMatrixRef starts, ConstVectorRef z,
                                                       const Sizes& sizes) const;
    /// Keeps the orbits of a linearization: a point that is described so near to it has its
    /// exponents from there.
    void keep(ConstVectorRef z, std::vector<Passage> passages) const {
        kept_ = {z, std::move(passages)};
    }
    /// So many states of the cycle at equally spaced times.
    [[nodiscard]] virtual Matrix section_starts(ConstVectorRef z) const { return profile_of(z); }
    /// So many states of the cycle at equal parts of its period: a multiple of the columns.
    [[nodiscard]] virtual Matrix equal_parts(ConstVectorRef z, Eigen::Index count) const;
    /// The cycle at ascending times, in parts of the period, a column each.
    [[nodiscard]] virtual Matrix states_at(ConstVectorRef z, ConstVectorRef times) const;
    /// Gives a point the profile of its cycle, and what states come to over it.
    void add_profile(BranchPoint& point) const;
    /// <F(x), acceleration of the last point across its velocity> = 0: where it is zero for a cycle
    /// it is so for those around it that differ by their amplitude, down to none.
    struct Phase {
        double residual, scale;
        Vector row;
    };
    [[nodiscard]] Phase phase(ConstVectorRef z) const;
    /// What a point has where nothing can be computed: runs take their step back.
    [[nodiscard]] CurveLinearization nowhere() const;

    [[nodiscard]] const CycleOptions& options() const { return options_; }
    [[nodiscard]] std::size_t parameter() const { return parameter_; }
    [[nodiscard]] Eigen::Index columns() const { return columns_; }

private:
    [[nodiscard]] OdeOptions profile_options(ConstVectorRef z) const;
    [[nodiscard]] Matrix motion(ConstVectorRef z) const;
    [[nodiscard]] double way_of(ConstVectorRef z, ConstMatrixRef velocity) const;
    [[nodiscard]] Matrix first_motion(const BranchPoint& start) const;
    [[nodiscard]] Matrix changes_of_motion(ConstVectorRef z, ConstMatrixRef v) const;
    void set_reference(ConstVectorRef z, ConstMatrixRef velocity);

    std::shared_ptr<const VectorField> field_;
    Vector base_;
    std::size_t parameter_;
    CycleOptions options_;
    Eigen::Index n_, columns_ = 0;
    std::vector<Quantity> parameters_;
    std::vector<Eigen::Index> slots_;
    std::vector<std::shared_ptr<const TestFunction>> tests_;
    Matrix velocity_, turning_;  ///< of the last point, weighted, of unit length
    struct Kept {
        Vector z{};
        std::vector<Passage> passages{};
    };
    mutable Kept kept_;
    [[nodiscard]] bool is_kept(ConstVectorRef z) const;
};

/// Floquet exponents of a cycle from its transfer matrices, between the hyperplanes across the flow
/// at their ends, which the flow gives with some accuracy.
[[nodiscard]] FloquetExponents orbit_exponents(const std::vector<Passage>& passages,
                                               double accuracy);

}  // namespace cortifold
