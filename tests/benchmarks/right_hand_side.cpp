// The right-hand side of a network against the loops that one would write by hand.
#include "comparison.hpp"
#include "network/weight_product.hpp"
#include "ping_network.hpp"
#include "plain_loop.hpp"

namespace cortifold::benchmarks {

namespace {

constexpr double rounding = 1e-13;

void compare_right_hand_side(int regions, Weights weights, const std::string& title) {
    const FieldPoint at = oscillating_network(regions, weights);
    const auto loop = std::make_shared<PlainLoop>(at.weights);
    const auto product = std::make_shared<WeightProduct>(at.weights, 1);
    const auto dx = std::make_shared<Vector>(at.state.size()),
               y = std::make_shared<Vector>(regions);
    const Vector h = at.state.head(regions), numbers = Matrix(at.weights).reshaped();
    const auto by_field = [=] {
        at.field->rhs(at.state, at.parameters, *dx);
        keep(dx->data());
    };
    const auto by_loop = [=] {
        loop->rhs(at.state.data(), at.parameters, dx->data());
        keep(dx->data());
    };

    by_field();
    const Vector expected = *dx;
    by_loop();
    expect_equal((*dx - expected).norm() / expected.norm(), rounding, title);
    const double bytes = static_cast<double>(numbers.size()) * sizeof(double);
    compare({title,
             {{"ours", by_field, bytes},
              {"its matrix product alone", [=] { product->apply(h, *y), keep(y->data()); }, bytes},
              {"reading the weights", [=] { keep(numbers.sum()); }, bytes},
              {"plain loops", by_loop, bytes}}});
}

}  // namespace

void compare_right_hand_sides() {
    compare_right_hand_side(90, Weights::synthetic, "right-hand side, 90 regions");
    compare_right_hand_side(1000, Weights::synthetic, "right-hand side, 1000 regions");
    compare_right_hand_side(1000, Weights::dense, "right-hand side, 1000 regions, dense");
}

}  // namespace cortifold::benchmarks
