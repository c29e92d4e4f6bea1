#include <cortifold/continuation/branch.hpp>

#include <algorithm>
#include <cmath>

namespace cortifold {

std::string_view to_string(PointType type) {
    switch (type) {
        case PointType::fold: return "fold";
        case PointType::hopf: return "hopf";
        case PointType::neutral_saddle: return "neutral_saddle";
        case PointType::branch_point: return "branch_point";
        case PointType::fold_of_cycles: return "fold_of_cycles";
        case PointType::period_doubling: return "period_doubling";
        case PointType::torus: return "torus";
        case PointType::branch_point_of_cycles: return "branch_point_of_cycles";
        case PointType::snic: return "snic";
        case PointType::homoclinic: return "homoclinic";
        case PointType::cusp: return "cusp";
        case PointType::bogdanov_takens: return "bogdanov_takens";
        case PointType::generalized_hopf: return "generalized_hopf";
        case PointType::fold_hopf: return "fold_hopf";
        case PointType::hopf_hopf: return "hopf_hopf";
        case PointType::cusp_of_cycles: return "cusp_of_cycles";
        case PointType::generalized_period_doubling: return "generalized_period_doubling";
        case PointType::chenciner: return "chenciner";
        case PointType::resonance_1_1: return "resonance_1_1";
        case PointType::resonance_1_2: return "resonance_1_2";
        case PointType::resonance_1_3: return "resonance_1_3";
        case PointType::resonance_1_4: return "resonance_1_4";
        case PointType::fold_flip: return "fold_flip";
        case PointType::fold_torus: return "fold_torus";
        case PointType::flip_torus: return "flip_torus";
        case PointType::double_torus: return "double_torus";
        case PointType::transverse: return "transverse";
        case PointType::user: return "user";
        case PointType::unresolved: return "unresolved";
    }
    return "unknown";
}

std::string_view to_string(CurveKind kind) {
    switch (kind) {
        case CurveKind::equilibrium: return "equilibrium";
        case CurveKind::cycle: return "cycle";
        case CurveKind::fold: return "fold";
        case CurveKind::hopf: return "hopf";
        case CurveKind::branch_point: return "branch_point";
        case CurveKind::fold_of_cycles: return "fold_of_cycles";
        case CurveKind::period_doubling: return "period_doubling";
        case CurveKind::torus: return "torus";
        case CurveKind::homoclinic: return "homoclinic";
        case CurveKind::transverse: return "transverse";
        case CurveKind::transverse_of_cycles: return "transverse_of_cycles";
    }
    return "unknown";
}

void reverse(Branch& branch) {
    std::ranges::reverse(branch.points);
    std::ranges::reverse(branch.special);
    const auto turn = [](BranchPoint& point) {
        point.tangent = -point.tangent;
        point.arclength = -point.arclength;
    };
    std::ranges::for_each(branch.points, turn);
    for (SpecialPoint& special : branch.special) {
        turn(special.at);
        special.after = branch.points.size() - 2 - special.after;
    }
}

namespace {

/// Two special points nearer than this, relative to each state and parameter, are one.
constexpr double same_point = 1e-6;
/// A state that stays below this part of the largest is zero but for rounding.
constexpr double rounded = 1e-6;

bool is_close(double a, double b, double scale) {
    return std::abs(a - b) <= same_point * std::max({std::abs(a), std::abs(b), scale});
}

/// Moves the start of a closed branch, whose last point is its first, to the point with this
/// number.
void start_at(Branch& branch, std::size_t start) {
    std::vector<BranchPoint>& points = branch.points;
    const std::size_t n = points.size() - 1;
    start %= n;
    const double from = points[start].arclength;
    const double length = points.back().arclength - points.front().arclength;
    points.pop_back();
    // clang 14 cannot compile std::ranges::rotate of libstdc++ 12.
    std::rotate(points.begin(), points.begin() + static_cast<std::ptrdiff_t>(start), points.end());
    points.push_back(points.front());
    const auto measure = [&](BranchPoint& point) {
        point.arclength -= from;
        if (point.arclength * length < 0.0) point.arclength += length;
    };
    std::ranges::for_each(points, measure);
    points.back().arclength = length;
    for (SpecialPoint& special : branch.special) {
        measure(special.at);
        special.after = (special.after + n - start) % n;
    }
    std::ranges::stable_sort(branch.special, {}, &SpecialPoint::after);
}

/// The point of a closed branch at its lowest parameter, or before the fold that is lower still.
std::size_t lowest_point(const Branch& branch) {
    const auto parameter = [](const BranchPoint& point) { return point.parameters.front(); };
    const auto point = std::ranges::min_element(branch.points, {}, parameter);
    const auto special = std::ranges::min_element(
        branch.special, {}, [&](const SpecialPoint& at) { return parameter(at.at); });
    if (special != branch.special.end() && parameter(special->at) < parameter(*point))
        return special->after;
    return static_cast<std::size_t>(point - branch.points.begin());
}

}  // namespace

void orient(Branch& branch) {
    if (branch.points.size() < 2) return;
    const auto parameter = [](const BranchPoint& point) { return point.parameters.front(); };
    if (branch.status == Status::closed_branch) {
        start_at(branch, lowest_point(branch));
        if (branch.points[1].z[0] <= branch.points[0].z[0]) return;
        reverse(branch);
        start_at(branch, lowest_point(branch));
        return;
    }
    const BranchPoint &first = branch.points.front(), &last = branch.points.back();
    const double a = parameter(first), b = parameter(last);
    if (is_close(a, b, 0.0) ? last.z[0] < first.z[0] : b < a) reverse(branch);
}

const Labels::Named* Labels::find(const SpecialPoint& special, const Vector& sizes) const {
    const auto same = [&](const Named& other) {
        if (other.type != special.type || other.parameters.size() != special.at.parameters.size() ||
            other.state.size() != sizes.size())
            return false;
        for (Eigen::Index i = 0; i < sizes.size(); ++i)
            if (!is_close(other.state[i], special.at.z[i], std::max(sizes[i], other.sizes[i])))
                return false;
        return std::ranges::equal(other.parameters, special.at.parameters,
                                  [](double a, double b) { return is_close(a, b, same_point); });
    };
    const auto found = std::ranges::find_if(named_, same);
    return found == named_.end() ? nullptr : &*found;
}

void Labels::name(Branch& branch) {
    Vector sizes = Vector::Zero(branch.states);  // of the states along the branch
    for (const BranchPoint& point : branch.points)
        sizes = sizes.cwiseMax(point.z.head(branch.states).cwiseAbs());
    if (sizes.size() > 0) sizes = sizes.cwiseMax(rounded * sizes.maxCoeff());
    for (SpecialPoint& special : branch.special) {
        if (const Named* known = find(special, sizes)) {
            special.label = known->label;
            continue;
        }
        const std::string base =
            special.type == PointType::user ? special.label : std::string(to_string(special.type));
        special.label = base + std::to_string(++counts_[base]);
        named_.push_back({special.type, special.at.z.head(branch.states), sizes,
                          special.at.parameters, special.label});
    }
}

}  // namespace cortifold
