// Structured solves with the Jacobian of a network against dense LU.
#include "comparison.hpp"
#include "network/woodbury.hpp"
#include "ping_network.hpp"

#include <Eigen/LU>

#define lapack_complex_float std::complex<float>
#define lapack_complex_double std::complex<double>
#include <lapacke.h>

namespace cortifold::benchmarks {

namespace {

constexpr double solve_tolerance = 1e-10;

struct LapackLu {
    Matrix factors;
    std::vector<lapack_int> pivots;
    explicit LapackLu(const Matrix& a) : factors(a), pivots(static_cast<std::size_t>(a.rows())) {
        const auto n = static_cast<lapack_int>(a.rows());
        LAPACKE_dgetrf(LAPACK_COL_MAJOR, n, n, factors.data(), n, pivots.data());
    }
    void solve(Matrix& b) const {
        const auto n = static_cast<lapack_int>(factors.rows());
        LAPACKE_dgetrs(LAPACK_COL_MAJOR, 'N', n, 1, factors.data(), n, pivots.data(), b.data(), n);
    }
};

void compare_solve(int regions, Weights weights) {
    const FieldPoint at = homogeneous_point(regions, weights).network;
    const Matrix a = jacobian(*at.field, at.state, at.parameters), b = Matrix::Ones(a.rows(), 1);
    const std::shared_ptr solver = at.field->factorize(at.state, at.parameters, 0.0);
    const auto eigen = std::make_shared<Eigen::PartialPivLU<Matrix>>(a);
    const auto lapack = std::make_shared<LapackLu>(a);
    const auto x = std::make_shared<Matrix>(b);
    solver->solve(*x);
    expect_equal((a * *x - b).norm() / b.norm(), solve_tolerance, "structured solve");

    const std::string size = ", " + std::to_string(a.rows()) + " unknowns";
    const auto solve_by = [=](const auto& factors) {
        *x = b;
        factors.solve(*x);
        keep(x->data());
    };
    compare({"linearize, factorize, solve" + size,
             {{"ours", [=] { solve_by(*at.field->factorize(at.state, at.parameters, 0.0)); }},
              {"Eigen's LU, Jacobian given",
               [=] { *x = Eigen::PartialPivLU<Matrix>(a).solve(b), keep(x->data()); }},
              {"LAPACK dgetrf, Jacobian given", [=] { solve_by(LapackLu(a)); }}}});
    compare({"solve alone" + size,
             {{"ours", [=] { solve_by(*solver); }},
              {"Eigen's LU", [=] { *x = eigen->solve(b), keep(x->data()); }},
              {"LAPACK dgetrs", [=] { solve_by(*lapack); }}}});
}

/// What has_structured_solver decides by: both ways at the limits of its rule.
void compare_ways(std::string_view model, int regions) {
    const Network network = network_of(model, regions, Weights::dense, 1.0);
    const auto field = std::make_shared<NetworkField>(network, Context{});
    const Vector x = default_values(field->states()), p = default_values(field->parameters());
    const auto b = std::make_shared<Matrix>(x.size(), 1);
    const auto solve_by = [=](const LinearSolver<double>& solver) {
        b->setOnes();
        solver.solve(*b);
        keep(b->data());
    };
    compare(
        {"structured or dense, " + std::string(model) + ", " + std::to_string(regions) + " regions",
         {{"structured", [=] { solve_by(*factorize_woodbury(field->structure(x, p), 0.0)); }},
          {"dense", [=] { solve_by(*field->VectorField::factorize(x, p, 0.0)); }}}});
}

}  // namespace

void compare_solves() {
    compare_solve(90, Weights::synthetic);
    compare_solve(333, Weights::dense);
    for (const int regions : {10, 17, 30}) compare_ways("ng_ping", regions);
    for (const int regions : {30, 50, 90, 300}) compare_ways("wilson_cowan", regions);
}

}  // namespace cortifold::benchmarks
