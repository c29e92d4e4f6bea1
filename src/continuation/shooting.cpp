#include "shooting.hpp"

#include "cycle_curve.hpp"

#include <algorithm>
#include <utility>

namespace cortifold {

namespace {

class ShootingCurve final : public VariationalCurve {
public:
    using VariationalCurve::VariationalCurve;
    [[nodiscard]] CurveLinearization linearize(ConstVectorRef z, ConstVectorRef row,
                                               ConstVectorRef scales) const override;
};

CurveLinearization ShootingCurve::linearize(ConstVectorRef z, ConstVectorRef row,
                                            ConstVectorRef scales) const {
    const Matrix starts = profile_of(z);
    const Eigen::Index n = starts.rows(), count = starts.cols();
    const Sizes sizes = sizes_in(scales);
    std::vector<Passage> passages = follow_sections(starts, z, sizes);
    if (!std::ranges::all_of(passages, [](const Passage& at) { return succeeded(at.status); }))
        return nowhere();
    CurveLinearization at;
    at.residual.resize(states() + 1);
    at.row_scales.resize(states() + 1);
    auto elimination = std::make_shared<CyclicElimination>(n, 1, count);
    Borders<double> borders{Matrix(states(), 2), Matrix(states(), 2), Matrix(2, 2)};
    for (Eigen::Index i = 0; i < count; ++i) {
        const Passage& passage = passages[static_cast<std::size_t>(i)];
        at.residual.segment(i * n, n) = passage.end - starts.col((i + 1) % count);
        at.row_scales.segment(i * n, n) = sizes.states.cwiseProduct(
            (passage.changes.cwiseAbs().rowwise().sum().array() + 1.0).matrix());
        elimination->block(i) << passage.changes, -Matrix::Identity(n, n);
        borders.columns.block(i * n, 0, n, 2) << passage.flows.back() / static_cast<double>(count),
            passage.by_parameter.cwiseQuotient(sizes.states);
    }
    elimination->factorize(options().threads);
    const Phase condition = phase(z);
    at.residual[states()] = condition.residual;
    at.row_scales[states()] = condition.scale;
    borders.rows << condition.row.head(states()), row.head(states());
    borders.corner << condition.row.tail(2).transpose(), row.tail(2).transpose();
    at.bordered = border_scaled(std::move(elimination), std::move(borders), sizes.states);
    keep(z, std::move(passages));
    return at;
}

}  // namespace

std::shared_ptr<VariationalCurve> shooting_curve(std::shared_ptr<const VectorField> field,
                                                 const Vector& parameters, std::size_t free,
                                                 const CycleOptions& options) {
    return std::make_shared<ShootingCurve>(std::move(field), parameters, free, options,
                                           options.sections);
}

}  // namespace cortifold
