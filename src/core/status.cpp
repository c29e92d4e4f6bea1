#include <cortifold/core/status.hpp>

namespace cortifold {

bool succeeded(Status status) {
    return status <= Status::interrupted;
}

std::string_view to_string(Status status) {
    switch (status) {
        case Status::converged: return "converged";
        case Status::reached_end: return "reached_end";
        case Status::point_limit: return "point_limit";
        case Status::closed_branch: return "closed_branch";
        case Status::left_domain: return "left_domain";
        case Status::ended_at_bogdanov_takens: return "ended_at_bogdanov_takens";
        case Status::ended_at_hopf: return "ended_at_hopf";
        case Status::ended_at_snic: return "ended_at_snic";
        case Status::ended_at_homoclinic: return "ended_at_homoclinic";
        case Status::stopped_by_observer: return "stopped_by_observer";
        case Status::interrupted: return "interrupted";
        case Status::iteration_limit: return "iteration_limit";
        case Status::step_too_small: return "step_too_small";
        case Status::singular_jacobian: return "singular_jacobian";
        case Status::non_finite: return "non_finite";
        case Status::no_theory: return "no_theory";
    }
    return "unknown";
}

std::string_view to_string(Flow flow) {
    return flow == Flow::proceed ? "proceed" : "stop";
}

}  // namespace cortifold
