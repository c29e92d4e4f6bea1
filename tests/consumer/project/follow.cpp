// The examples of include/README.md, with an installed cortifold.
#include <cortifold/continuation/diagram.hpp>
#include <cortifold/continuation/equilibrium_curve.hpp>
#include <cortifold/equilibrium/newton.hpp>
#include <cortifold/model/registry.hpp>
#include <cortifold/network/network.hpp>

#include <cmath>
#include <iostream>

namespace {

class HalfActive final : public cortifold::TestFunction {  // E = 0.2
public:
    std::string_view name() const override { return "half_active"; }
    double value(const cortifold::BranchPoint& point,
                 const cortifold::CurveLinearization&) const override {
        return point.z[0] - 0.2;
    }
};

cortifold::Branch follow(const std::shared_ptr<const cortifold::VectorField>& field) {
    cortifold::Vector p = cortifold::default_values(field->parameters());
    const std::size_t P = cortifold::index_of(field->parameters(), "P");
    p[Eigen::Index(P)] = 0.0;
    const auto equilibrium = cortifold::find_equilibrium({field, p, field->initial(p)});
    const auto start = cortifold::equilibrium_start(equilibrium.state, 0.0);
    cortifold::ContinuationOptions options{.bounds = {{0.0, 4.0}},
                                           .direction = cortifold::Direction::increasing};
    options.tests = {std::make_shared<HalfActive>()};
    cortifold::Continuation run(cortifold::equilibrium_curve(field, p, P), start, options);
    const auto& special = run.branch().special;
    while (run.advance())  // leaving the loop stops; the last point resumes
        if (!special.empty() && special.back().type == cortifold::PointType::hopf) break;
    return run.branch();
}

cortifold::Diagram everything(const std::shared_ptr<const cortifold::VectorField>& field) {
    const auto names = field->parameters();
    cortifold::DiagramProblem problem;
    problem.field = field;
    problem.parameters = cortifold::default_values(names);
    problem.parameter = cortifold::index_of(names, "P");
    problem.range = {0.0, 4.0};
    problem.low = cortifold::Vector::Zero(2);  // of E and I: where equilibria are searched for
    problem.high = cortifold::Vector::Ones(2);
    problem.second = {cortifold::index_of(names, "Q"), {-5.0, 5.0}};
    return cortifold::complete_diagram(problem);
}

bool near(double found, double expected) {
    constexpr double tolerance = 1e-12;
    return std::abs(found - expected) <= tolerance;
}

}  // namespace

int main() {
    cortifold::Network network;
    network.kinds = {cortifold::find_model("wilson_cowan").make()};
    const auto field = cortifold::make_field(network);
    const cortifold::Branch branch = follow(field);
    const auto& special = branch.special;  // two folds, the zero and the Hopf point
    if (special.size() != 4 || special[2].label != "half_active" ||
        special[3].type != cortifold::PointType::hopf) {
        std::cerr << "a zero of the test function and a Hopf point were expected: "
                  << branch.message << '\n';
        return 1;
    }
    const cortifold::Diagram diagram = everything(field);
    for (const cortifold::DiagramLink& link : diagram.graph)
        std::cout << link.label << " leads from branch " << link.from << " to " << link.to << '\n';
    if (!cortifold::succeeded(diagram.status) || diagram.branches.size() != 3) {
        std::cerr << "one branch, one curve of folds and one of Hopf points were expected: "
                  << diagram.message << '\n';
        return 1;
    }
    constexpr double hopf = 1.87931319808418;  // Newton's method on its equations, in 40 digits
    std::cout << special[3].at.parameters[0] << '\n';
    return near(special[2].at.z[0], 0.2) && near(special[3].at.parameters[0], hopf) ? 0 : 1;
}
