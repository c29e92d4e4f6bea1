#include <cortifold/continuation/continuation.hpp>
#include <cortifold/core/error.hpp>

#include <sstream>

namespace cortifold {

namespace {

void require_bound(bool holds, std::string_view name, double value, std::string_view bound) {
    std::ostringstream text;
    text << "continuation." << name << " = " << value << " must be " << bound;
    require(holds, text.str());
}

}  // namespace

std::string_view to_string(CorrectorKind kind) {
    switch (kind) {
        case CorrectorKind::pseudo_arclength: return "pseudo_arclength";
        case CorrectorKind::moore_penrose: return "moore_penrose";
        case CorrectorKind::natural: return "natural";
    }
    return "unknown";
}

std::string_view to_string(Predictor predictor) {
    return predictor == Predictor::tangent ? "tangent" : "hermite";
}

std::string_view to_string(Direction direction) {
    switch (direction) {
        case Direction::both: return "both";
        case Direction::increasing: return "increasing";
        case Direction::decreasing: return "decreasing";
        case Direction::along: return "along";
    }
    return "unknown";
}

void CorrectorOptions::validate() const {
    const auto tolerance = [](std::string_view name, double value) {
        require_bound(value > 0.0 && value < 1.0, name, value, "between 0 and 1");
    };
    tolerance("corrector.step_tolerance", step_tolerance);
    tolerance("corrector.residual_tolerance", residual_tolerance);
    require_bound(max_iterations > 1, "corrector.max_iterations", max_iterations, "at least 2");
}

void StepOptions::validate() const {
    require_bound(smallest > 0.0, "step.smallest", smallest, "greater than 0");
    require_bound(largest >= smallest, "step.largest", largest, "at least step.smallest");
    require_bound(initial >= smallest, "step.initial", initial, "at least step.smallest");
    require_bound(largest_angle > 0.0 && largest_angle < 1.5, "step.largest_angle", largest_angle,
                  "between 0 and 1.5 radians");
}

void ContinuationOptions::validate() const {
    for (const Bound& bound : bounds) {
        std::ostringstream text;
        text << "continuation.bounds = [" << bound.low << ", " << bound.high
             << "] must be a range whose low end is below its high end";
        require(bound.low < bound.high, text.str());
    }
    for (std::size_t k = 0; k < tests.size(); ++k)
        require(tests[k] != nullptr, "continuation.tests[" + std::to_string(k) +
                                         "] is empty; every entry must be a test function");
    require_bound(state_limit > 0.0, "state_limit", state_limit, "greater than 0");
    require_bound(max_points > 0, "max_points", max_points, "greater than 0");
    require_bound(stop_after > 0, "stop_after", stop_after, "greater than 0");
    step.validate();
    corrector.validate();
}

}  // namespace cortifold
