// Models as text, run on a tape, against the same models compiled.
#include "comparison.hpp"
#include "tests/model/equation_models.hpp"
#include <cortifold/core/vector_field.hpp>

namespace cortifold::benchmarks {

namespace {

constexpr double rounding = 1e-13;

/// Rows of states around the defaults; inputs 0, default parameters.
struct Rows {
    Matrix x, u, p;

    Rows(const Node& node, Eigen::Index rows)
        : x(default_values(node.states()).transpose().replicate(rows, 1)),
          u(Matrix::Zero(rows, static_cast<Eigen::Index>(node.inputs().size()))),
          p(default_values(node.parameters()).transpose()) {
        constexpr double spread = 0.1;
        x.array() *= 1.0 + spread * Matrix::Random(rows, x.cols()).array();
    }
};

using NodePtr = std::shared_ptr<const Node>;

void compare_batches(const NodePtr& tape, const NodePtr& compiled, Eigen::Index rows) {
    const auto at = std::make_shared<Rows>(*compiled, rows);
    const auto dx = std::make_shared<Matrix>(rows, at->x.cols());
    const auto run = [=](const NodePtr& node) {
        return [=] {
            node->rhs_batch(at->x, at->u, at->p, *dx);
            keep(dx->data());
        };
    };
    const std::string title =
        "right-hand side of " + std::string(tape->name()) + ", rows: " + std::to_string(rows);
    run(compiled)();
    const Matrix expected = *dx;
    run(tape)();
    expect_equal((*dx - expected).norm() / expected.norm(), rounding, title);
    compare({title, {{"tape", run(tape)}, {"compiled", run(compiled)}}});
}

void compare_linearizations(const NodePtr& tape, const NodePtr& compiled,
                            std::vector<std::size_t> free) {
    const auto at = std::make_shared<Rows>(*compiled, 1);
    const auto result = std::make_shared<Linearization>();
    const auto run = [=](const NodePtr& node) {
        return [=, x = Vector(at->x.row(0)), u = Vector(at->u.row(0)), p = Vector(at->p.row(0))] {
            node->linearize({x, u, p}, free, *result);
            keep(result->f_x.data());
        };
    };
    const std::string title = "linearization of " + std::string(tape->name()) +
                              ", free parameters: " + std::to_string(free.size());
    run(compiled)();
    const Matrix expected = result->f_x;
    run(tape)();
    expect_equal((result->f_x - expected).norm() / expected.norm(), rounding, title);
    compare({title, {{"tape", run(tape)}, {"compiled", run(compiled)}}});
}

}  // namespace

void compare_tapes() {
    for (const WrittenModel& model :
         {written_fitzhugh_nagumo(), written_jansen_rit(), written_ng_ping()}) {
        const auto tape = make_equation_node(model.definition());
        const auto compiled = find_model(model.name).make();
        for (const Eigen::Index rows : {1, 90, 1000}) compare_batches(tape, compiled, rows);
        compare_linearizations(tape, compiled, {});
        compare_linearizations(tape, compiled, {0});
    }
}

}  // namespace cortifold::benchmarks
