#include "homoclinic_curve.hpp"

#include "curve_solver.hpp"
#include "cycle_end.hpp"
#include "defining_systems.hpp"
#include <cortifold/equilibrium/newton.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>

#include <Eigen/LU>
#include <unsupported/Eigen/MatrixFunctions>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace cortifold {

namespace {

/// A rate of the saddle that is this part of the largest of its branch, and of the other one as a
/// part of its own, is near its end.
constexpr double nearly_still = 0.03;
/// Where both rates are so much less than they were, a Bogdanov-Takens point is looked for, and
/// ends the curve where it is so near, in parts of how far off the curve has been.
constexpr double slower = 0.5, near_bogdanov_takens = 1e-3;
/// Of a state's size: what of an orbit is smaller is not resolved.
constexpr double smallest_part = 1e-8;
/// For extrapolation: from rate to rate, and how many.
constexpr double apart = 1.3;
constexpr std::size_t most_extrapolated = 6;

/// The weakest rates of the saddle; 0 where it is none.
struct Rates {
    double growth = 0.0, decay = 0.0;
};
Rates rates_of(const BranchPoint& point) {
    const Eigen::Index growing = (point.spectrum.real().array() > 0.0).count();
    if (growing == 0 || growing == point.spectrum.size()) return {};
    return {point.spectrum[growing - 1].real(), -point.spectrum[growing].real()};
}
double growth_of(const BranchPoint& point) {
    return rates_of(point).growth;
}
double decay_of(const BranchPoint& point) {
    return rates_of(point).decay;
}

/// Zero where they are equal.
class NeutralSaddleTest final : public TestFunction {
public:
    [[nodiscard]] std::string_view name() const override { return "neutral_saddle"; }
    [[nodiscard]] PointType type() const override { return PointType::neutral_saddle; }
    [[nodiscard]] double value(const BranchPoint& point, const CurveLinearization&) const override {
        return growth_of(point) - decay_of(point);
    }
};

}  // namespace

HomoclinicCurve::HomoclinicCurve(std::shared_ptr<const VectorField> field, const Vector& base,
                                 const std::array<std::size_t, 2>& free,
                                 const CycleOptions& options)
    : CycleCurve(CurveKind::homoclinic, field, base, {free[0], free[1]},
                 2 * static_cast<std::size_t>(field->dimension()), options) {
    tests_ = {std::make_shared<NeutralSaddleTest>()};
}

Vector HomoclinicCurve::scale_floor() const {
    Vector floor = CycleCurve::scale_floor();
    floor.tail(2 * n()) = floor.head(n()).replicate(2, 1);
    return floor;
}

/// How far it goes from the saddle, which may be much less than a state is large.
Vector HomoclinicCurve::resolved_sizes(ConstVectorRef z) const {
    const Matrix values = profile_of(z).values;
    return (values.colwise() - saddle_of(z))
        .cwiseAbs()
        .rowwise()
        .maxCoeff()
        .cwiseMax(smallest_part * scales_at(z).head(n()));
}

Vector HomoclinicCurve::sizes(ConstVectorRef z) const {
    Vector sizes = CycleCurve::sizes(z);
    sizes.tail(2 * n()) = sizes.head(n()).replicate(2, 1);
    return sizes;
}

/// The saddle's states together weigh as much as each parameter, and the gain follows from all.
Vector HomoclinicCurve::shares() const {
    Vector shares = CycleCurve::shares();
    shares.tail(2 * n()).setConstant(1.0 / static_cast<double>(n()));
    return shares;
}

double HomoclinicCurve::square_size(ConstVectorRef z, VectorRef gradient) const {
    const Eigen::Index columns = states() / n();
    const Vector parts = shares().head(states()), inverse = sizes_.cwiseInverse();
    const Vector away = inverse.replicate(columns, 1)
                            .cwiseProduct(z.head(states()) - saddle_of(z).replicate(columns, 1));
    gradient = 2.0 * inverse.replicate(columns, 1).cwiseProduct(parts.cwiseProduct(away));
    return parts.dot(away.cwiseAbs2());
}

void HomoclinicCurve::measure_ends(ConstVectorRef z) {
    sizes_ = scales_at(z).head(n());
    const Vector p = parameters_of(z), x0 = saddle_of(z);
    const Matrix f_x = jacobian(field(), x0, p);
    Vector gradient(states());
    const double log_size = std::log(square_size(z, gradient)) / 2.0;
    for (End& end : ends_) {
        const InvariantSubspace own = invariant_subspace(
            sizes_.cwiseInverse().asDiagonal() * f_x * sizes_.asDiagonal(), end.side);
        const Matrix R = sizes_.cwiseInverse().asDiagonal() * own.R,
                     P = monotone_form(own.U, end.side);
        end.form = R * (P / P.norm()) * R.transpose();
        const Vector away = end_of(z, end) - x0;
        end.log_distance = std::log(away.dot(end.form * away)) / 2.0 - log_size;
    }
}

struct HomoclinicCurve::EndEquations {
    Vector residual;                 ///< the distance's (without the orbit's size), projections
    Matrix by_end, by_saddle, by_p;  ///< a row an equation
};

/// With A R = R U, L^T A = S L^T and L^T R = 0 in scaled states, X = dL^T R has
/// S X - X U = L^T dA R; and u - x0 = R c.
HomoclinicCurve::EndEquations HomoclinicCurve::equations_of(const End& end, ConstVectorRef z,
                                                            const Vector& scales,
                                                            const Matrix& f_x) const {
    const Vector x0 = saddle_of(z), p = parameters_of(z), away = end_of(z, end) - x0;
    const auto to_scaled = scales.cwiseInverse().asDiagonal();
    const InvariantSubspace own =
        invariant_subspace(to_scaled * f_x * scales.asDiagonal(), end.side);
    const Eigen::Index within = own.R.cols(), across = own.L.cols(),
                       free_count = static_cast<Eigen::Index>(free().size());
    EndEquations all{Vector(1 + across), Matrix(1 + across, n()), Matrix(1 + across, n()),
                     Matrix::Zero(1 + across, free_count)};
    const Vector slope = end.form * away;
    const double square = away.dot(slope);
    const Matrix projection = own.L.transpose() * to_scaled;
    all.residual << std::log(square) / 2.0 - end.log_distance, projection * away;
    all.by_end << slope.transpose() / square, projection;
    all.by_saddle = -all.by_end;
    const Vector c = own.R.transpose() * (to_scaled * away), still = Vector::Zero(p.size());
    std::vector<Matrix> turned(static_cast<std::size_t>(n() + free_count), Matrix(across, within));
    Matrix by_x(n(), n()), by_p(n(), free_count);
    for (Eigen::Index j = 0; j < within; ++j) {
        field().directional(x0, p, scales.cwiseProduct(own.R.col(j)), still, free(), by_x, by_p);
        for (Eigen::Index k = 0; k < n() + free_count; ++k)
            turned[static_cast<std::size_t>(k)].col(j) =
                projection * (k < n() ? by_x.col(k) : by_p.col(k - n()));
    }
    for (Eigen::Index k = 0; k < n() + free_count; ++k) {
        const Vector change =
            solve_sylvester(own.S, own.U, turned[static_cast<std::size_t>(k)]) * c;
        if (k < n())
            all.by_saddle.col(k).tail(across) += change;
        else
            all.by_p.col(k - n()).tail(across) += change;
    }
    return all;
}

CurveLinearization HomoclinicCurve::linearize(ConstVectorRef z, ConstVectorRef row,
                                              ConstVectorRef scales) const {
    const Eigen::Index dim = n(), added = 2 * dim + 2, others = unknowns() - states(),
                       parameter = 1, saddle = 3, gain = 3 + dim;
    CurveLinearization at = collocate(z, scales, added);
    const Vector s = scales.head(dim), x0 = saddle_of(z), p = parameters_of(z);
    Vector f(dim);
    Matrix f_x(dim, dim), f_p(dim, 2);
    field().linearize(x0, p, free(), f, f_x, f_p);

    const Eigen::Index k = added + (row.size() > 0 ? 1 : 0);
    Borders<double> all{Matrix::Zero(states(), others), Matrix::Zero(states(), k),
                        Matrix::Zero(k, others)};
    all.columns.leftCols(3) = at.cycle->columns;
    all.columns.bottomRightCorner(at.cycle->by_end.rows(), dim) =
        at.cycle->by_end * s.cwiseInverse().asDiagonal();

    at.residual.segment(states(), dim) = f;
    all.corner.block(0, parameter, dim, 2) = f_p;
    all.corner.block(0, saddle, dim, dim) = f_x;

    Vector by_profile(states());
    const double square = square_size(z, by_profile), log_size = std::log(square) / 2.0;
    Eigen::Index first = dim;
    if (f_x.allFinite())
        for (const End& end : ends_) {
            const EndEquations own = equations_of(end, z, s, f_x);
            const Eigen::Index count = own.residual.size();
            if (first + count > added) break;  // an eigenvalue is neither: not a saddle any more
            at.residual.segment(states() + first, count) = own.residual;
            at.residual[states() + first] -= log_size;
            all.rows.block(0, first, dim, count) = own.by_end.transpose();
            all.rows.col(first) -= by_profile / (2.0 * square);
            all.corner.block(first, parameter, count, 2) = own.by_p;
            all.corner.block(first, saddle, count, dim) = own.by_saddle;
            all.corner.row(first).segment(saddle, dim) +=
                by_profile.reshaped(dim, states() / dim).rowwise().sum().transpose() /
                (2.0 * square);
            if (end.side == Side::decaying) all.corner.block(first, gain, count, dim) = own.by_end;
            first += count;
        }
    if (first != added) at.residual.setConstant(std::numeric_limits<double>::quiet_NaN());
    at.row_scales.tail(added) =
        all.rows.leftCols(added).cwiseAbs().transpose() * scales.head(states()) +
        all.corner.topRows(added).cwiseAbs() * scales.tail(others);
    if (row.size() > 0) {
        all.rows.col(k - 1) = row.head(states());
        all.corner.row(k - 1) = row.tail(others).transpose();
    }
    if (k == others) at.bordered = border_scaled(at.cycle->elimination, std::move(all), s);
    return at;
}

void HomoclinicCurve::describe(BranchPoint& point, const CurveLinearization&) const {
    const Profile profile = profile_of(point.z);
    point.frame = mesh();
    point.period = period_of(point.z);
    point.minimum = profile.minimum();
    point.maximum = profile.maximum();
    const Vector x0 = saddle_of(point.z), p = parameters_of(point.z);
    add_spectrum({field(), x0, p, jacobian(field(), x0, p)}, point);
    point.n_unstable.reset();  // it would be of the saddle, and says nothing of the orbit
}

std::unique_ptr<TestFunction> HomoclinicCurve::crossing(Eigen::Index) const {
    /// Rates come near zero and never pass it: `limit` ends there.
    class Nothing final : public TestFunction {
        [[nodiscard]] std::string_view name() const override { return "none"; }
        [[nodiscard]] double value(const BranchPoint&, const CurveLinearization&) const override {
            return std::numeric_limits<double>::quiet_NaN();
        }
    };
    return std::make_unique<Nothing>();
}

std::optional<Status> HomoclinicCurve::ends_at(const SpecialPoint& point) const {
    if (point.type == PointType::bogdanov_takens) return Status::ended_at_bogdanov_takens;
    if (point.type == PointType::snic) return Status::ended_at_snic;
    return std::nullopt;
}

namespace {

/// The Bogdanov-Takens point near the end of a curve whose saddle has become weak both ways.
std::optional<SpecialPoint> bogdanov_takens_near(const HomoclinicCurve& curve,
                                                 const Branch& branch) {
    const BranchPoint& near = branch.points.back();
    const Eigen::Index n = curve.field().dimension();
    const auto saddle_and_parameters = [&](const BranchPoint& point) {
        Vector z(n + 2);
        z << curve.saddle_of(point.z), point.parameters[0], point.parameters[1];
        return z;
    };
    BogdanovTakensSystem system(curve.shared_field(), curve.parameters_of(near), curve.free());
    const BranchPoint start{.z = saddle_and_parameters(near)};
    system.prepare(start);
    const Vector scales = system.scales_at(start.z);
    const Polished polished = polish(system, start.z, scales);
    if (!succeeded(polished.status)) return std::nullopt;
    Vector farthest = Vector::Zero(n + 2);
    for (const BranchPoint& point : branch.points)
        farthest = farthest.cwiseMax((saddle_and_parameters(point) - polished.z).cwiseAbs());
    // What does not move along the curve is off by rounding.
    const Vector away = (start.z - polished.z).cwiseAbs(),
                 allowed = near_bogdanov_takens * farthest + attainable_step * scales;
    if ((away.array() > allowed.array()).any()) return std::nullopt;
    SpecialPoint point;
    point.type = PointType::bogdanov_takens;
    point.at = near;
    point.at.residual = polished.residual;
    point.at.parameters[0] = polished.z[n];
    point.at.parameters[1] = polished.z[n + 1];
    point.error = polished.error.tail(2).maxCoeff();
    return point;
}

/// What values y at x tend to for x -> 0, by the polynomials through all and through all but the
/// last of them (Neville).
struct Extrapolated {
    double value, error;
};
Extrapolated at_zero(const std::vector<double>& x, std::vector<double> y) {
    double before = y[0];
    for (std::size_t order = 1; order < y.size(); ++order) {
        before = y[0];
        for (std::size_t k = 0; k + order < y.size(); ++k)
            y[k] = (x[k] * y[k + 1] - x[k + order] * y[k]) / (x[k] - x[k + order]);
    }
    return {y[0], std::abs(y[0] - before)};
}

/// Where a rate vanishes, parameters being smooth functions of it: from points whose rates are a
/// factor apart.
SpecialPoint saddle_node_beyond(const Branch& branch, double (*rate_of)(const BranchPoint&)) {
    std::vector<double> rates, first, second;
    for (auto point = branch.points.rbegin(); point != branch.points.rend(); ++point) {
        const double rate = rate_of(*point);
        if (!rates.empty() && rate < apart * rates.back()) continue;
        rates.push_back(rate);
        first.push_back(point->parameters[0]);
        second.push_back(point->parameters[1]);
        if (rates.size() == most_extrapolated) break;
    }
    const Extrapolated p = at_zero(rates, first), q = at_zero(rates, second);
    SpecialPoint point;
    point.type = PointType::snic;
    point.at = branch.points.back();
    point.at.parameters[0] = p.value;
    point.at.parameters[1] = q.value;
    point.error = std::max(p.error, q.error);
    point.scenario =
        "the saddle becomes a saddle-node, which the orbit leaves or enters along its "
        "strong direction";
    return point;
}

}  // namespace

std::optional<SpecialPoint> HomoclinicCurve::limit(const Branch& branch) const {
    double growth = 0.0, decay = 0.0;  // the largest
    for (const BranchPoint& point : branch.points) {
        growth = std::max(growth, growth_of(point));
        decay = std::max(decay, decay_of(point));
    }
    const BranchPoint& last = branch.points.back();
    growth = growth_of(last) / growth;
    decay = decay_of(last) / decay;
    if (growth < slower && decay < slower)
        if (auto point = bogdanov_takens_near(*this, branch)) return point;
    if (growth < nearly_still * decay) return saddle_node_beyond(branch, growth_of);
    if (decay < nearly_still * growth) return saddle_node_beyond(branch, decay_of);
    return std::nullopt;
}

namespace {

/// From a saddle, in parts of the sizes of a cycle: where the part of it begins that is far away,
/// and where orbits are cut.
constexpr double far_from_saddle = 2e-2, end_distance = 1e-4;
constexpr Eigen::Index tail_intervals = 8;

/// The flow near the saddle in one of its eigenspaces: what a departure, of which the part in the
/// other one is left out, was or becomes.
class LinearTail {
public:
    LinearTail(const Matrix& f_x, const Vector& sizes, Side side, const Vector& away)
        : sizes_(sizes) {
        const Matrix scaled = sizes.cwiseInverse().asDiagonal() * f_x * sizes.asDiagonal();
        own_ = invariant_subspace(scaled, side);
        const InvariantSubspace other =
            invariant_subspace(scaled, side == Side::growing ? Side::decaying : Side::growing);
        Matrix both(f_x.rows(), f_x.cols());
        both << own_.R, other.R;
        c_ = both.partialPivLu().solve(away.cwiseQuotient(sizes)).head(own_.R.cols());
        const double rate = eigenvalues(own_.U).real().cwiseAbs().minCoeff();
        duration_ = std::max(std::log(c_.norm() / end_distance), 1.0) / rate;
        if (side == Side::growing) duration_ = -duration_;
    }
    /// Backwards in time where the space grows.
    [[nodiscard]] double duration() const { return duration_; }
    [[nodiscard]] Vector at(double time) const {
        const Matrix flow = (own_.U * time).exp();
        return sizes_.cwiseProduct(own_.R * (flow * c_));
    }

private:
    Vector sizes_;
    InvariantSubspace own_;
    Vector c_;
    double duration_ = 0.0;
};

}  // namespace

std::optional<CurveStart> homoclinic_orbits(const std::shared_ptr<const VectorField>& field,
                                            const Vector& parameters,
                                            const std::array<std::size_t, 2>& free,
                                            BranchPoint long_cycle, const CycleOptions& options) {
    const auto cycles = one_parameter_cycles(field, parameters, free[0], options);
    cycles->restore_frame(long_cycle);
    const Profile cycle = cycles->profile_of(long_cycle.z);
    long_cycle.minimum = cycle.minimum();
    long_cycle.maximum = cycle.maximum();
    const auto saddle = saddle_of_long_cycle(*cycles, long_cycle);
    if (!saddle) return std::nullopt;
    const Vector p = cycles->parameters_of(long_cycle.z), x0 = saddle->state,
                 sizes = (long_cycle.maximum - long_cycle.minimum)
                             .cwiseMax(cortifold::scale_floor(field->states()));
    const double period = cycles->period_of(long_cycle.z);

    // From interval to interval once around, from the one that is nearest to the saddle.
    const Eigen::Index N = cycle.intervals();
    const auto distance = [&](Eigen::Index j) {
        return (cycle.values.col(j % N * cycle.degree) - x0).cwiseQuotient(sizes).norm();
    };
    Eigen::Index nearest = 0;
    for (Eigen::Index j = 1; j < N; ++j)
        if (distance(j) < distance(nearest)) nearest = j;
    const double far = std::max(far_from_saddle, 2.0 * distance(nearest));
    Eigen::Index from = nearest + 1, to = nearest + N - 1;
    while (from < to && distance(from) < far) ++from;
    while (to > from && distance(to) < far) --to;
    if (to - from < 2) return std::nullopt;

    const Matrix f_x = jacobian(*field, x0, p);
    const LinearTail before(f_x, sizes, Side::growing,
                            cycle.values.col(from % N * cycle.degree) - x0),
        after(f_x, sizes, Side::decaying, cycle.values.col(to % N * cycle.degree) - x0);
    const auto time = [&](Eigen::Index j) {
        return period * (cycle.mesh[j % N] + static_cast<double>(j / N));
    };
    const double start = time(from), end = time(to), lead = -before.duration(),
                 whole = lead + end - start + after.duration();
    const auto state = [&](double t) -> Vector {  // from 0 to `whole`
        if (t < lead) return x0 + before.at(t - lead);
        if (t > lead + end - start) return x0 + after.at(t - lead - end + start);
        const double turns = (t - lead + start) / period;
        return cycle.at(turns - std::floor(turns));
    };
    const Eigen::Index middle = to - from;
    Vector mesh(2 * tail_intervals + middle + 1);
    mesh.head(tail_intervals + 1).setLinSpaced(0.0, lead);
    for (Eigen::Index j = 1; j < middle; ++j)
        mesh[tail_intervals + j] = lead + time(from + j) - start;
    mesh.tail(tail_intervals + 1).setLinSpaced(lead + end - start, whole);
    mesh /= whole;
    mesh[mesh.size() - 1] = 1.0;

    const auto curve = std::make_shared<HomoclinicCurve>(field, p, free, options);
    BranchPoint first{.frame = mesh};
    curve->restore_frame(first);
    const Vector& nodes = Collocation::of_degree(options.degree).nodes;
    Matrix values(x0.size(), options.degree * (mesh.size() - 1));
    for (Eigen::Index j = 0; j + 1 < mesh.size(); ++j)
        for (Eigen::Index k = 0; k < options.degree; ++k)
            values.col(j * options.degree + k) =
                state(whole * (mesh[j] + nodes[k] * (mesh[j + 1] - mesh[j])));
    first.z.resize(curve->unknowns());
    first.z << values.reshaped(), whole, p[static_cast<Eigen::Index>(free[0])],
        p[static_cast<Eigen::Index>(free[1])], x0, state(whole) - values.col(0);
    return CurveStart{curve, first, Direction::both};
}

}  // namespace cortifold
