#include <cortifold/continuation/branch.hpp>

#include <algorithm>

namespace cortifold {

std::string_view to_string(PointType type) {
    switch (type) {
        case PointType::fold: return "fold";
        case PointType::hopf: return "hopf";
        case PointType::neutral_saddle: return "neutral_saddle";
        case PointType::branch_point: return "branch_point";
        case PointType::cusp: return "cusp";
        case PointType::bogdanov_takens: return "bogdanov_takens";
        case PointType::generalized_hopf: return "generalized_hopf";
        case PointType::fold_hopf: return "fold_hopf";
        case PointType::hopf_hopf: return "hopf_hopf";
        case PointType::user: return "user";
        case PointType::unresolved: return "unresolved";
    }
    return "unknown";
}

std::string_view to_string(CurveKind kind) {
    switch (kind) {
        case CurveKind::equilibrium: return "equilibrium";
        case CurveKind::fold: return "fold";
        case CurveKind::hopf: return "hopf";
        case CurveKind::branch_point: return "branch_point";
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

void Labels::name(Branch& branch) {
    for (SpecialPoint& special : branch.special) {
        std::string base =
            special.type == PointType::user ? special.label : std::string(to_string(special.type));
        const int number = ++counts_[base];
        special.label = base + std::to_string(number);
    }
}

}  // namespace cortifold
