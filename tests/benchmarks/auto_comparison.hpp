#pragma once

#include "auto_runner.hpp"
#include <cortifold/continuation/continuation.hpp>
#include <cortifold/network/network.hpp>

#include <functional>
#include <memory>
#include <string_view>

namespace cortifold::benchmarks {

/// Equilibria to follow in one parameter, over all of the bounds.
struct Curve {
    std::shared_ptr<const VectorField> field{};
    Vector parameters{}, state{};
    std::size_t free = 0;
    ContinuationOptions options{};
};
/// From `low`, where the field's initial state is near an equilibrium.
[[nodiscard]] Curve curve_of(std::shared_ptr<const VectorField> field, std::string_view name,
                             double low, double high);
/// The number of a parameter.
[[nodiscard]] std::size_t parameter(const VectorField& field, std::string_view name);
[[nodiscard]] std::shared_ptr<const VectorField> single_node(std::shared_ptr<const Node> node);

inline constexpr int repetitions = 7;

struct Timed {
    double seconds = 0.0;  ///< the shortest time
    Branch branch{};
    [[nodiscard]] double per_point() const {
        return seconds / static_cast<double>(branch.points.size() - 1);
    }
};

/// The time of this thread, which is the one that works while others wait for it in vain; or by the
/// clock on the wall, for what several threads do.
enum class Clock { thread, wall };
[[nodiscard]] double seconds_of(Clock clock);
[[nodiscard]] Timed time(const std::function<Branch()>& run, int runs = repetitions,
                         Clock clock = Clock::thread);
[[nodiscard]] Timed time_branch(const Curve& curve, double largest_step = StepOptions{}.largest,
                                int runs = repetitions);

/// Special points, with what is known of their errors.
void print_points(const Branch& branch);
void print_points(const AutoRun& run);

}  // namespace cortifold::benchmarks
