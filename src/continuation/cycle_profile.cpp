#include "collocation.hpp"
#include <cortifold/continuation/cycle_profile.hpp>
#include <cortifold/core/error.hpp>

#include <cmath>
#include <utility>

namespace cortifold {

namespace {

Vector node_times(const Vector& mesh, int degree) {
    const Vector& nodes = Collocation::of_degree(degree).nodes;
    Vector times(degree * (mesh.size() - 1));
    for (Eigen::Index j = 0; j + 1 < mesh.size(); ++j)
        times.segment(j * degree, degree) =
            mesh[j] + nodes.head(degree).array() * (mesh[j + 1] - mesh[j]);
    return times;
}

Vector mean_of(const Profile& profile) {
    const Vector& weights = Collocation::of_degree(profile.degree).node_weights;
    Vector mean = Vector::Zero(profile.values.rows());
    for (Eigen::Index j = 0; j < profile.intervals(); ++j)
        mean += profile.width(j) * (profile.piece(j) * weights);
    return mean;
}

}  // namespace

CycleProfile::CycleProfile(const BranchPoint& point, Eigen::Index states)
    : mesh_(point.profile.size() > 0 ? point.mesh : point.frame) {
    if (point.profile.size() > 0) {
        values_ = point.profile;
        degree_ = static_cast<int>(values_.cols() / intervals());
        return;
    }
    // Behind the profile stand period and parameters, and fewer unknowns than a profile has.
    const Eigen::Index count = mesh_.size() < 2 ? 0 : states * intervals(),
                       others = static_cast<Eigen::Index>(point.parameters.size());
    degree_ = count == 0 ? 0 : static_cast<int>((point.z.size() - others) / count);
    require(degree_ >= 2, "a cycle: the point holds none");
    values_ = point.z.head(degree_ * count).reshaped(states, degree_ * intervals());
}

Vector CycleProfile::nodes() const {
    return node_times(mesh_, degree_);
}

Vector CycleProfile::divided(int parts) const {
    Vector times(parts * intervals() + 1);
    for (Eigen::Index j = 0; j < intervals(); ++j)
        times.segment(j * parts, parts + 1).setLinSpaced(mesh_[j], mesh_[j + 1]);
    return times;
}

Matrix CycleProfile::at(ConstVectorRef times) const {
    const Profile profile{mesh_, values_, degree_};
    Matrix states(values_.rows(), times.size());
    for (Eigen::Index k = 0; k < times.size(); ++k) states.col(k) = profile.at(times[k]);
    return states;
}

Vector CycleProfile::mean() const {
    return mean_of({mesh_, values_, degree_});
}

double CycleProfile::norm() const {
    return std::sqrt(mean_of({mesh_, values_.colwise().squaredNorm(), degree_})[0]);
}

Vector mean_over_period(const BranchPoint& point, Eigen::Index states) {
    return is_cycle(point) ? CycleProfile(point, states).mean() : Vector(point.z.head(states));
}

BranchPoint as_profile(BranchPoint point) {
    if (point.profile.size() == 0) return point;
    const auto others = static_cast<Eigen::Index>(point.parameters.size());
    Vector z(point.profile.size() + others);
    z << point.profile.reshaped(), point.z.tail(others);
    point.z = std::move(z);
    point.frame = std::exchange(point.mesh, {});
    point.profile.resize(0, 0);
    point.tangent.resize(0);
    return point;
}

BranchPoint with_degree(BranchPoint point, Eigen::Index states, int degree) {
    point = as_profile(std::move(point));
    const CycleProfile before(point, states);
    if (before.degree() == degree) return point;
    const Vector times = node_times(before.mesh(), degree);
    const Eigen::Index others = point.z.size() - before.values().size();
    const auto convert = [&](const Vector& z) {
        BranchPoint from;
        from.z = z, from.frame = point.frame, from.parameters = point.parameters;
        Vector converted(states * times.size() + others);
        converted << CycleProfile(from, states).at(times).reshaped(), z.tail(others);
        return converted;
    };
    if (point.tangent.size() == point.z.size()) point.tangent = convert(point.tangent);
    point.z = convert(point.z);
    return point;
}

}  // namespace cortifold
