// Normal forms of the models at points that were computed in 40 digits, and of a network that is
// one of its nodes many times over.

#include "first_lyapunov.hpp"
#include "support/reference_case.hpp"
#include <cortifold/continuation/normal_form.hpp>
#include <cortifold/equilibrium/newton.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/model/registry.hpp>
#include <cortifold/network/network.hpp>

#include <gtest/gtest.h>

#include <cmath>

using namespace cortifold;

namespace {

constexpr double digits = 1e-6;      ///< relative, of coefficients
constexpr double vanishing = 1e-10;  ///< of those that are zero

/// The verified points of a case, their equilibria polished and their parameters as listed.
class ReferencePoints : public testing::TestWithParam<ReferenceCase> {
protected:
    void SetUp() override {
        const Record file = reference_file("continuation.json");
        if (file.is_null()) GTEST_SKIP() << "continuation.json is not here";
        case_ = find_case(file, GetParam().id);
        field_ = field_of(GetParam().model);
        p_ = default_values(field_->parameters());
    }
    [[nodiscard]] Record::List points(std::string_view key) const { return list_of(case_, key); }
    EquilibriumPoint at(const Record& point) {
        const Vector values = numbers(*point.find("p"));
        for (Eigen::Index k = 0; k < values.size(); ++k) {
            const auto& name = GetParam().parameters.at(static_cast<std::size_t>(k));
            p_[static_cast<Eigen::Index>(index_of(field_->parameters(), name))] = values[k];
        }
        x_ = numbers(*point.find("u"));
        return {*field_, x_, p_};
    }

private:
    Record case_;
    std::shared_ptr<const VectorField> field_;
    Vector x_, p_;
};

void expect_close(double found, double expected) {
    EXPECT_NEAR(found, expected, digits * std::abs(expected));
}

}  // namespace

/// l1 from the critical vectors of the dense Jacobian.
double l1_from_vectors(const EquilibriumPoint& here, double omega) {
    const Matrix J = jacobian(here.field, here.x, here.p);
    const DenseSpectrum right = general_spectrum(J), left = general_spectrum(J.transpose());
    const auto critical = [omega](const DenseSpectrum& spectrum) -> ComplexVector {
        Eigen::Index place = 0;
        (spectrum.values.array() - std::complex<double>(0.0, omega)).abs().minCoeff(&place);
        return 3.0 * spectrum.vectors.col(place);  // of any length
    };
    return first_lyapunov({here.field, here.x, here.p, J}, omega, critical(right), critical(left));
}

TEST_P(ReferencePoints, HaveTheListedCoefficients) {
    for (const Record& point : points("verified_equilibrium")) {
        SCOPED_TRACE(point.find("p")->as<std::string>());
        if (point.find("type")->as<std::string>() == "LP") {  // a is listed up to its sign
            const double a = fold_normal_form(at(point)).coefficients.at("a");
            expect_close(std::abs(a), std::abs(numbers(*point.find("a"))[0]));
        } else {
            const double omega = numbers(*point.find("omega"))[0];
            EXPECT_NEAR(l1_from_vectors(at(point), omega) /
                            hopf_normal_form(at(point), omega).coefficients.at("l1"),
                        1.0, 1e-9);
            expect_close(hopf_normal_form(at(point), omega).coefficients.at("l1"),
                         numbers(*point.find("l1"))[0]);
        }
    }
}

TEST_P(ReferencePoints, OfCodimensionTwoAreDegenerateAndNoMore) {
    for (const Record& point : points("verified_codim2")) {
        const auto kind = point.find("kind")->as<std::string>();
        SCOPED_TRACE(kind);
        const EquilibriumPoint here = at(point);
        if (kind == "GH") {
            const double omega = GetParam().rate * numbers(*point.find("omega"))[0];
            EXPECT_EQ(hopf_normal_form(here, omega).scenario, "degenerate");
            EXPECT_NE(generalized_hopf_normal_form(here, omega).coefficients.at("l2"), 0.0);
        } else if (kind == "CP") {
            EXPECT_NEAR(fold_normal_form(here).coefficients.at("a"), 0.0, vanishing);
            EXPECT_GT(std::abs(cusp_normal_form(here).coefficients.at("c")), vanishing);
        } else {
            EXPECT_EQ(fold_normal_form(here).scenario, "no simple critical eigenvalue");
            EXPECT_EQ(bogdanov_takens_normal_form(here).coefficients.size(), 2U);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(NormalForm, ReferencePoints, testing::ValuesIn(reference_cases),
                         [](const auto& each) { return each.param.id; });

namespace {

constexpr int regions = 90;

/// Equal ng_ping nodes on row-normalized weights: all states alike stay alike.
Network ping_network() {
    Network network;
    network.kinds = {find_model("ng_ping").make()};
    network.connectomes = {
        normalized(generate_connectome({.regions = regions}), Normalization::rows)};
    network.links = default_links(*network.kinds.front());
    network.strength = 9.0;
    return network;
}

/// The Hopf point of a node between two values of its input current, by bisection.
struct NodeHopf {
    Vector x, p;
    double omega = 0.0;
};

NodeHopf hopf_between(const std::shared_ptr<const VectorField>& node, double low, double high) {
    constexpr int halvings = 50;
    const auto current = static_cast<Eigen::Index>(index_of(node->parameters(), "I_ext_E"));
    NodeHopf hopf{Vector{{0.1, -0.2, 0.1, 0.06, -0.3, 0.06}}, default_values(node->parameters())};
    for (int k = 0; k < halvings; ++k) {
        hopf.p[current] = 0.5 * (low + high);
        const EquilibriumResult found = find_equilibrium({node, hopf.p, hopf.x});
        hopf.x = found.state;
        hopf.omega = found.eigenvalues[0].imag();
        (found.n_unstable > 0 ? low : high) = hopf.p[current];
    }
    return hopf;
}

}  // namespace

// All regions in step: w q = w_region q_region in each of them, so |q|^2 is spread over all.
TEST(NormalForm, OfANetworkInStepIsThatOfItsNode) {
    const Network network = ping_network();
    const auto node = make_homogeneous_field(network);
    const auto field = make_field(network);
    ASSERT_TRUE(field->has_structured_solver());
    const NodeHopf hopf = hopf_between(node, 14.0, 15.0);
    const Vector x = hopf.x.transpose().replicate(regions, 1).reshaped();
    const auto of_node = generalized_hopf_normal_form({*node, hopf.x, hopf.p}, hopf.omega),
               of_all = generalized_hopf_normal_form({*field, x, hopf.p}, hopf.omega);
    expect_close(of_all.coefficients.at("l1"), of_node.coefficients.at("l1") / regions);
    expect_close(of_all.coefficients.at("l2"), of_node.coefficients.at("l2") / (regions * regions));
}
