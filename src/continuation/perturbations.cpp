#include "perturbations.hpp"

#include "field_curve.hpp"

#include <cmath>
#include <numbers>

namespace cortifold {

namespace {

class WatchedCrossing final : public TestFunction {
public:
    explicit WatchedCrossing(Eigen::Index place) : place_(place) {}
    [[nodiscard]] std::string_view name() const override { return "watched"; }
    [[nodiscard]] PointType type() const override { return PointType::transverse; }
    [[nodiscard]] double value(const BranchPoint& point, const CurveLinearization&) const override {
        return point.spectrum[place_].real();
    }
    [[nodiscard]] std::optional<SpecialPoint> resolve(const BranchPoint& near) const override {
        SpecialPoint point;
        point.type = type();
        point.at = near;
        point.frequency = std::abs(near.spectrum[place_].imag()) / (2.0 * std::numbers::pi);
        leave_out_critical(point.at, point.frequency > 0.0 ? 2 : 1);
        return point;
    }

private:
    Eigen::Index place_;
};

}  // namespace

std::unique_ptr<TestFunction> watched_crossing(Eigen::Index place) {
    return std::make_unique<WatchedCrossing>(place);
}

}  // namespace cortifold
