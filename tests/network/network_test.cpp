#include <cortifold/core/batch_field.hpp>
#include <cortifold/core/error.hpp>
#include <cortifold/core/split_jacobian.hpp>
#include <cortifold/equilibrium/newton.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/model/equation_model.hpp>
#include <cortifold/model/registry.hpp>
#include <cortifold/network/network.hpp>

#include <Eigen/LU>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <numbers>
#include <random>

namespace cortifold {
namespace {

std::shared_ptr<const Node> node(std::string_view name) {
    return find_model(name).make();
}

Vector random_vector(Eigen::Index n, unsigned seed) {
    std::mt19937_64 generator(seed);
    Vector v(n);
    for (double& value : v) value = static_cast<double>(generator() >> 11) * 0x1p-53 * 2.0 - 1.0;
    return v;
}

Connectome random_connectome(Eigen::Index n, unsigned seed, double density = 0.7) {
    const Vector draws = random_vector(2 * n * n, seed);
    Matrix weights = Matrix::Zero(n, n);
    for (Eigen::Index k = 0; k < n * n; ++k)
        if (k % n != k / n && draws[n * n + k] < 2.0 * density - 1.0)
            weights(k / n, k % n) = 1.0 + draws[k];
    for (Eigen::Index i = 0; i < n; ++i) weights(i, (i + 1) % n) = 1.0;  // no empty row
    Connectome connectome;
    connectome.weights = weights.sparseView();
    return connectome;
}

/// A network of one kind on random row-normalized weights.
Network random_network(std::string_view model, Eigen::Index n,
                       CouplingKind kind = CouplingKind::additive) {
    Network network;
    network.kinds = {node(model)};
    network.connectomes = {normalized(random_connectome(n, 3), Normalization::rows)};
    network.links = default_links(*network.kinds.front(), kind);
    network.strength = 0.8;
    return network;
}

/// Two kinds with ports of one unit, a region that overrides a parameter, a link within one kind
/// and one between them.
Network mixed_network() {
    Network network;
    network.kinds = {node("wilson_cowan"), node("fitzhugh_nagumo")};
    network.kind_of = {0, 1, 0, 1, 1, 0, 0};
    network.connectomes = {normalized(random_connectome(7, 5), Normalization::rows),
                           random_connectome(7, 6)};
    network.links = {
        {.output = "rate", .input = "drive", .gain = 1.3, .from_kind = {}, .to_kind = {}},
        {.output = "v",
         .input = "drive",
         .kind = CouplingKind::diffusive,
         .gain = 0.4,
         .connectome = 1,
         .from_kind = 1,
         .to_kind = 1}};
    network.strength = 0.7;
    for (std::size_t k = 0; k < 2; ++k) {
        const auto regions = std::ranges::count(network.kind_of, k);
        network.overrides.push_back(Matrix::Constant(
            regions, static_cast<Eigen::Index>(network.kinds[k]->parameters().size()),
            std::nan("")));
    }
    network.overrides[0](1, 0) = 14.5;
    return network;
}

struct Point {
    Vector x, p;
};
Point point_of(const VectorField& field, unsigned seed) {
    Vector x = default_values(field.states());
    x += 0.05 * random_vector(x.size(), seed);
    return {x, default_values(field.parameters())};
}

std::vector<std::size_t> all_parameters(const VectorField& field) {
    std::vector<std::size_t> free(field.parameters().size());
    for (std::size_t j = 0; j < free.size(); ++j) free[j] = j;
    return free;
}

struct Linear {
    Vector f;
    Matrix f_x, f_p;
};
Linear linearize(const VectorField& field, const Vector& x, const Vector& p) {
    const auto free = all_parameters(field);
    const Eigen::Index n = field.dimension();
    Linear result{Vector(n), Matrix(n, n), Matrix(n, static_cast<Eigen::Index>(free.size()))};
    field.linearize(x, p, free, result.f, result.f_x, result.f_p);
    return result;
}

Vector rhs(const VectorField& field, const Vector& x, const Vector& p) {
    Vector f(field.dimension());
    field.rhs(x, p, f);
    return f;
}

class Networks : public testing::TestWithParam<std::string> {
protected:
    std::shared_ptr<const VectorField> field() const {
        if (GetParam() == "mixed") return make_field(mixed_network());
        const bool diffusive = GetParam().ends_with("/diffusive");
        return make_field(
            random_network(GetParam().substr(0, GetParam().find('/')), 12,
                           diffusive ? CouplingKind::diffusive : CouplingKind::additive));
    }
};
INSTANTIATE_TEST_SUITE_P(All, Networks,
                         testing::Values("mixed", "ng_ping", "ng_ping/diffusive", "wilson_cowan",
                                         "jansen_rit", "fitzhugh_nagumo/diffusive"),
                         [](const auto& tested) {
                             std::string name = tested.param;
                             std::ranges::replace(name, '/', '_');
                             return name;
                         });

TEST_P(Networks, DerivativesAreThoseOfCentralDifferences) {
    const auto network = field();
    const auto [x, p] = point_of(*network, 1);
    const Linear exact = linearize(*network, x, p);
    EXPECT_LT((exact.f - rhs(*network, x, p)).norm(), 1e-12 * (1.0 + exact.f.norm()));
    const double h = 1e-5;
    const Vector v = random_vector(x.size(), 2), q = random_vector(p.size(), 3).cwiseProduct(p);
    const Vector difference =
        (rhs(*network, x + h * v, p + h * q) - rhs(*network, x - h * v, p - h * q)) / (2.0 * h);
    EXPECT_LT((exact.f_x * v + exact.f_p * q - difference).norm(),
              1e-7 * (1.0 + difference.norm()));
}

TEST_P(Networks, DirectionalDerivativesAreThoseOfTheLinearization) {
    const auto network = field();
    const auto [x, p] = point_of(*network, 4);
    const Vector v = random_vector(x.size(), 5), q = random_vector(p.size(), 6).cwiseProduct(p);
    const auto free = all_parameters(*network);
    Matrix f_xv(x.size(), x.size()), f_pv(x.size(), p.size());
    network->directional(x, p, v, q, free, f_xv, f_pv);
    const double h = 1e-5;
    const Linear plus = linearize(*network, x + h * v, p + h * q),
                 minus = linearize(*network, x - h * v, p - h * q);
    const Matrix by_x = (plus.f_x - minus.f_x) / (2.0 * h),
                 by_p = (plus.f_p - minus.f_p) / (2.0 * h);
    EXPECT_LT((f_xv - by_x).norm(), 1e-7 * (1.0 + by_x.norm()));
    EXPECT_LT((f_pv - by_p).norm(), 1e-7 * (1.0 + by_p.norm()));
}

TEST_P(Networks, TaylorCoefficientsAgreeWithFirstAndSecondDerivatives) {
    const auto network = field();
    const auto [x, p] = point_of(*network, 7);
    Matrix xs(x.size(), 3), ps(p.size(), 2), f(x.size(), 3);
    xs << x, random_vector(x.size(), 8), random_vector(x.size(), 9);
    ps << p, random_vector(p.size(), 10).cwiseProduct(p);
    network->taylor(xs, ps, f);
    const Linear at = linearize(*network, x, p);
    Matrix f_xv(x.size(), x.size()), f_pv(x.size(), p.size());
    const auto free = all_parameters(*network);
    network->directional(x, p, xs.col(1), ps.col(1), free, f_xv, f_pv);
    const Vector second = 0.5 * (f_xv * xs.col(1) + f_pv * ps.col(1)) + at.f_x * xs.col(2);
    EXPECT_LT((f.col(0) - at.f).norm(), 1e-12 * (1.0 + at.f.norm()));
    EXPECT_LT((f.col(1) - at.f_x * xs.col(1) - at.f_p * ps.col(1)).norm(),
              1e-12 * (1.0 + f.col(1).norm()));
    EXPECT_LT((f.col(2) - second).norm(), 1e-12 * (1.0 + second.norm()));
}

TEST_P(Networks, JacobianTimesEqualsTheProductWithTheJacobian) {
    const auto network = field();
    const auto [x, p] = point_of(*network, 11);
    const Matrix V = random_vector(3 * x.size(), 12).reshaped(x.size(), 3);
    Matrix product(x.size(), 3);
    network->jacobian_times(x, p, V, product);
    const Matrix expected = jacobian(*network, x, p) * V;
    EXPECT_LT((product - expected).norm(), 1e-13 * expected.norm());
}

TEST_P(Networks, PartsOfTheJacobianAddUpToIt) {
    const auto network = field();
    const auto [x, p] = point_of(*network, 14);
    const Linear whole = linearize(*network, x, p);
    const auto& split = dynamic_cast<const SplitField&>(*network);
    SplitJacobian parts;
    SplitJacobian::Scratch scratch;
    Linear at{Vector(x.size()), Matrix(), Matrix(x.size(), p.size())};
    const EightColumns V = random_vector(8 * x.size(), 15).reshaped(x.size(), 8);
    EightColumns product;
    for (int again = 0; again < 2; ++again) {  // into the memory of the first time
        split.linearize_split(x, p, all_parameters(*network), at.f, parts, at.f_p);
        EXPECT_EQ(at.f, whole.f);
        EXPECT_LT((at.f_p - whole.f_p).norm(), 1e-14 * (1.0 + whole.f_p.norm()));
        EXPECT_LT((parts.dense() - whole.f_x).norm(), 1e-14 * whole.f_x.norm());
        EXPECT_NEAR(parts.trace(), whole.f_x.trace(), 1e-13 * whole.f_x.norm());
        parts.apply(V, product, scratch);
        EXPECT_LT((product - whole.f_x * V).norm(), 1e-13 * product.norm());
    }
}

/// A row a point; more of them than a pack holds, and no whole number of packs.
void expect_same_at_many_points(const VectorField& field, const std::string& what) {
    const auto& batch = dynamic_cast<const BatchField&>(field);
    ASSERT_TRUE(batch.takes_batches()) << what;
    constexpr Eigen::Index points = 13;
    const Vector p = default_values(field.parameters());
    const Eigen::Index n = field.dimension();
    Matrix x = field.initial(p).transpose().replicate(points, 1);
    x += 0.1 * random_vector(points * n, 16).reshaped(points, n);
    const auto free = all_parameters(field);
    PointLinearizations found;
    batch.linearize_batch(x, p, free, found);
    for (Eigen::Index k = 0; k < points; ++k) {
        const Linear one = linearize(field, x.row(k).transpose(), p);
        const auto expect_row = [&](const Matrix& rows, const Matrix& expected) {
            EXPECT_LT((rows.row(k).transpose() - expected.reshaped()).norm(),
                      1e-14 * (1.0 + expected.norm()))
                << what << ", point " << k;
        };
        expect_row(found.f, one.f);
        expect_row(found.f_x, one.f_x);
        expect_row(found.f_p, one.f_p);
    }
}

TEST(OneRegion, IsLinearizedAtManyPointsAsAtEachOfThem) {
    for (const ModelEntry& entry : registered_models()) {
        const auto compiled = entry.make();
        for (const auto& own : {compiled, make_equation_node(compiled->equations())}) {
            Network network;
            network.kinds = {own};
            expect_same_at_many_points(*make_field(network), std::string(entry.name));
            if (own->outputs().size() != 1) continue;
            network.links = default_links(*own);
            network.strength = 0.7;
            expect_same_at_many_points(*make_homogeneous_field(network),
                                       std::string(entry.name) + " in unison");
        }
    }
}

template <class S>
void expect_solves(const LinearSolver<S>& solver, const MatrixOf<S>& a) {
    const MatrixOf<S> b = random_vector(2 * a.rows(), 13).reshaped(a.rows(), 2).template cast<S>();
    MatrixOf<S> x = b, y = b;
    solver.solve(x);
    solver.solve_adjoint(y);
    const double scale = a.norm() * (x.norm() + y.norm());
    EXPECT_LT((a * x - b).norm(), 1e-13 * scale);
    EXPECT_LT((a.adjoint() * y - b).norm(), 1e-13 * scale);
    const Eigen::PartialPivLU<MatrixOf<S>> lu(a);
    EXPECT_NEAR(solver.log_abs_det(), lu.matrixLU().diagonal().cwiseAbs().array().log().sum(),
                1e-9);
    EXPECT_LT(std::abs(solver.sign_det() - lu.determinant() / std::abs(lu.determinant())), 1e-8);
}

/// Two regions that hold the same values say of each what one region with the row sum says.
TEST(OneRegion, IsLinearizedAsEitherOfTwoThatAreAlike) {
    for (const CouplingKind kind : {CouplingKind::additive, CouplingKind::diffusive}) {
        Network two;
        two.kinds = {node("jansen_rit")};
        two.connectomes.resize(1);
        Matrix weights(2, 2);
        weights << 0.3, 0.9, 0.9, 0.3;
        two.connectomes[0].weights = weights.sparseView();
        two.links = default_links(*two.kinds.front(), kind);
        two.links.front().gain = 1.7;
        two.strength = 40.0;
        Network one = two;
        one.connectomes[0].weights = Matrix::Constant(1, 1, 1.2).sparseView();
        const auto field = make_field(one), alike = make_field(two);
        const Point at = point_of(*field, 4);
        const Eigen::Index n = at.x.size();
        const Linear single = linearize(*field, at.x, at.p),
                     both = linearize(*alike, Vector(at.x.transpose().replicate(2, 1).reshaped()),
                                      at.p);
        const auto first = Eigen::seqN(0, n, 2), second = Eigen::seqN(1, n, 2);
        const double tolerance = 1e-13 * both.f_x.norm();
        EXPECT_LT((single.f - both.f(first)).norm(), tolerance);
        EXPECT_LT((single.f_x - both.f_x(first, first) - both.f_x(first, second)).norm(),
                  tolerance);
        EXPECT_LT((single.f_p - both.f_p(first, Eigen::all)).norm(),
                  1e-13 * (1.0 + both.f_p.norm()));
        EXPECT_LT((single.f - rhs(*field, at.x, at.p)).norm(), tolerance);
    }
}

TEST(Woodbury, SolvesAsTheDenseJacobianDoesRealAndComplexAdditiveAndDiffusive) {
    for (const CouplingKind kind : {CouplingKind::additive, CouplingKind::diffusive}) {
        const auto network = make_field(random_network("ng_ping", 20, kind));
        ASSERT_TRUE(network->has_structured_solver());
        const auto [x, p] = point_of(*network, 14);
        Matrix a = jacobian(*network, x, p);
        a.diagonal().array() -= 0.3;
        expect_solves<double>(*network->factorize(x, p, 0.3), a);
        const std::complex<double> shift(0.02, 0.7);
        ComplexMatrix c = jacobian(*network, x, p).cast<std::complex<double>>();
        c.diagonal().array() -= shift;
        expect_solves<std::complex<double>>(*network->factorize_complex(x, p, shift), c);
    }
}

TEST(Woodbury, StaysAccurateWhereANodeBlockIsSingularAndTheJacobianIsNot) {
    const auto network = make_field(random_network("ng_ping", 20));
    auto [x, p] = point_of(*network, 15);
    const Eigen::Index n = 20;
    Network alone = random_network("ng_ping", 20);
    alone.strength = 0.0;
    const auto uncoupled = make_field(alone);
    Vector p0 = default_values(uncoupled->parameters());
    // A shift at an eigenvalue of the first node's own block: of the uncoupled Jacobian, but not of
    // the coupled one.
    const Matrix blocks = jacobian(*uncoupled, x, p0);
    Matrix first(6, 6);
    for (Eigen::Index a = 0; a < 6; ++a)
        for (Eigen::Index b = 0; b < 6; ++b) first(a, b) = blocks(a * n, b * n);
    // The node blocks of both networks differ only through the input, which for this model enters
    // additively.
    const std::complex<double> shift = eigenvalues(first)[0];
    ComplexMatrix c = jacobian(*network, x, p).cast<std::complex<double>>();
    c.diagonal().array() -= shift;
    expect_solves<std::complex<double>>(*network->factorize_complex(x, p, shift), c);
}

TEST(NetworkField, DoesNotDependOnTheNumberOfThreadsBitByBit) {
    constexpr Eigen::Index n = 2048;  // products of 4 million weights are shared by threads
    Network network = random_network("wilson_cowan", 4);
    const Vector onto = random_vector(n, 17), from = random_vector(n, 18);
    network.connectomes[0].weights = (onto * from.transpose()).sparseView();
    const auto one = make_field(network, {.threads = 1}),
               four = make_field(network, {.threads = 4});
    const auto [x, p] = point_of(*one, 16);
    EXPECT_EQ(rhs(*one, x, p), rhs(*four, x, p));
}

TEST(NetworkField, IsTheFormulaOfTheCoupledRegions) {
    const Network network = random_network("wilson_cowan", 9);
    const auto field = make_field(network);
    const auto [x, p] = point_of(*field, 17);
    const Matrix W = network.connectomes[0].weights;
    const Vector f = rhs(*field, x, p);
    for (Eigen::Index i = 0; i < 9; ++i) {
        double drive = 0.0;
        for (Eigen::Index j = 0; j < 9; ++j)
            drive += 0.8 * W(i, j) * x[j];  // onto i from j, sends E
        const Vector parameters = p.head(12);
        Linearization at;
        network.kinds[0]->linearize({Vector{{x[i], x[9 + i]}}, Vector{{drive}}, parameters}, {},
                                    at);
        EXPECT_NEAR(f[i], at.f[0], 1e-14);
        EXPECT_NEAR(f[9 + i], at.f[1], 1e-14);
    }
}

RC_GTEST_PROP(NetworkField, CommutesWithARelabellingOfTheRegions, (unsigned seed)) {
    const Eigen::Index n = 8;
    Network network = random_network("ng_ping", n);
    Eigen::PermutationMatrix<Eigen::Dynamic> permutation(n);
    permutation.setIdentity();
    std::mt19937_64 generator(seed);
    std::shuffle(permutation.indices().begin(), permutation.indices().end(), generator);
    Network relabelled = network;
    const Matrix W = permutation * Matrix(network.connectomes[0].weights) * permutation.transpose();
    relabelled.connectomes[0].weights = W.sparseView();
    const auto field = make_field(network), other = make_field(relabelled);
    const auto [x, p] = point_of(*field, seed);
    const Matrix moved = permutation * x.reshaped(n, 6).eval();
    const Matrix expected = permutation * rhs(*field, x, p).reshaped(n, 6).eval();
    const Vector found = rhs(*other, moved.reshaped(), p);
    RC_ASSERT((found - expected.reshaped()).norm() <= 1e-12 * (1.0 + expected.norm()));
}

// The decoupling by modes, which dispersion relations and master stability stand on.

std::vector<std::string> models_with_default_links() {
    std::vector<std::string> names;
    for (const ModelEntry& entry : registered_models())
        if (entry.make()->outputs().size() == 1 && !entry.make()->inputs().empty())
            names.emplace_back(entry.name);
    return names;
}

/// Largest distance of an eigenvalue of one set to its partner in the other, paired greedily by
/// nearness.
double set_distance(std::vector<std::complex<double>> a, std::vector<std::complex<double>> b) {
    double worst = 0.0;
    for (const auto value : a) {
        const auto nearest =
            std::ranges::min_element(b, {}, [&](auto other) { return std::abs(other - value); });
        worst = std::max(worst, std::abs(*nearest - value));
        b.erase(nearest);
    }
    return worst;
}

class Decoupling : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(All, Decoupling, testing::ValuesIn(models_with_default_links()),
                         [](const auto& tested) { return tested.param; });

TEST_P(Decoupling, SpectrumOfTheFullJacobianIsTheUnionOfThoseOfTheModes) {
    for (const CouplingKind kind : {CouplingKind::additive, CouplingKind::diffusive}) {
        const Network network = random_network(GetParam(), 30, kind);
        const auto full = make_field(network);
        const auto node_field = make_homogeneous_field(network);
        const auto [state, p] = point_of(*node_field, 18);
        const Eigen::Index m = state.size();
        const Matrix J = jacobian(*full, state.transpose().replicate(30, 1).reshaped().eval(), p);
        const ComplexVector all = eigenvalues(J), lambdas = eigenvalues(coupling_matrix(network));
        std::vector<std::complex<double>> modes;
        Matrix at_zero(m, m), slope(m, m);
        node_field->mode_jacobian(state, p, at_zero, slope);
        for (const auto lambda : lambdas)
            for (const auto value : eigenvalues(ComplexMatrix(at_zero + lambda * slope)))
                modes.push_back(value);
        EXPECT_LT((jacobian(*node_field, state, p) - at_zero - node_field->uniform_lambda() * slope)
                      .norm(),
                  1e-14 * at_zero.norm());
        EXPECT_LT(set_distance(modes, {all.begin(), all.end()}), 1e-10 * J.norm())
            << to_string(kind);
    }
}

TEST_P(Decoupling, SelfCoupledNodeMovesAsEveryRegionOfAHomogeneousNetwork) {
    const Network network = random_network(GetParam(), 10);
    const auto full = make_field(network);
    const auto node_field = make_homogeneous_field(network);
    const auto [state, p] = point_of(*node_field, 19);
    const Vector alone = rhs(*node_field, state, p);
    const Matrix together = rhs(*full, state.transpose().replicate(10, 1).reshaped().eval(), p)
                                .reshaped(10, state.size());
    EXPECT_LT((together.rowwise() - alone.transpose()).cwiseAbs().maxCoeff(),
              1e-12 * (1.0 + alone.cwiseAbs().maxCoeff()));
}

// What is refused, by name.

TEST(Homogeneity, IsRefusedByNameWhereItDoesNotHold) {
    Network unequal = random_network("ng_ping", 6);
    unequal.connectomes = {random_connectome(6, 20)};
    EXPECT_NE(obstacle_to_homogeneity(unequal)->find("row sums"), std::string::npos);
    EXPECT_THROW(make_homogeneous_field(unequal), UsageError);
    unequal.links = default_links(*unequal.kinds.front(), CouplingKind::diffusive);
    EXPECT_FALSE(obstacle_to_homogeneity(unequal));

    Network several = random_network("ng_ping", 6);
    several.overrides = {Matrix::Constant(6, 14, std::nan(""))};
    EXPECT_FALSE(obstacle_to_homogeneity(several));
    several.overrides[0](2, 3) = 4.0;
    EXPECT_NE(obstacle_to_homogeneity(several)->find("parameters"), std::string::npos);
    EXPECT_NE(obstacle_to_homogeneity(mixed_network())->find("kinds"), std::string::npos);
}

TEST(NetworkValidation, NamesThePortTheUnitOrTheSizeThatDoesNotFit) {
    const auto message = [](Network network) {
        try {
            validate_network(network);
        } catch (const UsageError& error) {
            return std::string(error.what());
        }
        return std::string("accepted");
    };
    EXPECT_EQ(message(mixed_network()), "accepted");
    Network network = random_network("ng_ping", 6);
    network.links[0].output = "s_x";
    EXPECT_NE(message(network).find("unknown output \"s_x\"; did you mean \"s_e\"?"),
              std::string::npos)
        << message(network);
    network = random_network("ng_ping", 6);
    network.links[0].connectome = 1;
    EXPECT_NE(message(network).find("connectome 1 of 1"), std::string::npos) << message(network);
    network = mixed_network();
    network.links[1].from_kind = 0;
    EXPECT_NE(message(network), "accepted");
    network = mixed_network();
    network.kind_of[0] = 2;
    EXPECT_NE(message(network).find("number of kinds, 2"), std::string::npos) << message(network);
    network = mixed_network();
    network.overrides[0].resize(1, 1);
    EXPECT_NE(message(network).find("regions x parameters = 4 x 12"), std::string::npos)
        << message(network);
    network = random_network("ng_ping", 6);
    network.kinds.push_back(node("jansen_rit"));
    EXPECT_NE(message(network).find("time unit"), std::string::npos) << message(network);
}

}  // namespace
}  // namespace cortifold
