#include <cortifold/model/model_node.hpp>

#include <gtest/gtest.h>

#include <cmath>

using namespace cortifold;

namespace {

/// x'' = mu (1 - x^2) x' - x + kick, seen through x^2: small enough to differentiate by hand.
struct VanDerPol {
    static constexpr std::string_view name = "van_der_pol";
    static constexpr std::string_view time_unit = "s";
    template <class T>
    struct State {
        T x, y;
    };
    template <class T>
    struct Input {
        T kick;
    };
    template <class T>
    struct Output {
        T power;
    };
    template <class T>
    struct Parameters {
        T mu, gain;
    };
    static constexpr void states(auto& x, auto&& field) {
        field(x.x, {"x", "1", 1.0, -5.0, 5.0, "position"});
        field(x.y, {"y", "1/s", 0.0, -20.0, 20.0, "velocity"});
    }
    static constexpr void inputs(auto& u, auto&& field) {
        field(u.kick, {"kick", "1", 0.0, -10.0, 10.0, "force"});
    }
    static constexpr void outputs(auto& h, auto&& field) {
        field(h.power, {"power", "1", 0.0, 0.0, 25.0, "weighted square of the position"});
    }
    static constexpr void parameters(auto& p, auto&& field) {
        field(p.mu, {"mu", "1", 1.5, 0.0, 10.0, "strength of the nonlinear friction"});
        field(p.gain, {"gain", "1", 2.0, 0.0, 10.0, "weight of the output"});
    }
    template <class T>
    static void rhs(const State<T>& x, const Input<T>& u, const Parameters<T>& p, State<T>& dx) {
        dx.x = x.y;
        dx.y = p.mu * (1.0 - x.x * x.x) * x.y - x.x + u.kick;
    }
    template <class T>
    static Output<T> output(const State<T>& x, const Parameters<T>& p) {
        return {p.gain * x.x * x.x};
    }
};

/// x' = -x: neither parameters nor ports.
struct Decay {
    static constexpr std::string_view name = "decay";
    static constexpr std::string_view time_unit = "1";
    template <class T>
    struct State {
        T x;
    };
    template <class T>
    struct Input {};
    template <class T>
    struct Output {};
    template <class T>
    struct Parameters {};
    static constexpr void states(auto& x, auto&& field) {
        field(x.x, {"x", "1", 1.0, -1.0, 1.0, "state"});
    }
    static constexpr void inputs(auto&, auto&&) {}
    static constexpr void outputs(auto&, auto&&) {}
    static constexpr void parameters(auto&, auto&&) {}
    template <class T>
    static void rhs(const State<T>& x, const Input<T>&, const Parameters<T>&, State<T>& dx) {
        dx.x = -x.x;
    }
    template <class T>
    static Output<T> output(const State<T>&, const Parameters<T>&) {
        return {};
    }
};

constexpr double x = 0.5, y = -0.3, mu = 1.25, gain = 2.0;  // exact in few bits, save y
const Vector state = (Vector(2) << x, y).finished();
const Vector input = Vector::Constant(1, 0.7);
const Vector parameters = (Vector(2) << mu, gain).finished();

Matrix matrix(Eigen::Index columns, std::initializer_list<double> row_by_row) {
    Matrix m(static_cast<Eigen::Index>(row_by_row.size()) / columns, columns);
    Eigen::Index k = 0;
    for (const double value : row_by_row) {
        m(k / columns, k % columns) = value;
        ++k;
    }
    return m;
}

void expect_near(const Matrix& found, const Matrix& expected) {
    ASSERT_EQ(found.rows(), expected.rows());
    ASSERT_EQ(found.cols(), expected.cols());
    EXPECT_LT((found - expected).cwiseAbs().sum(), 1e-15) << found << "\nis not\n" << expected;
}

}  // namespace

TEST(ModelNode, ShowsTheTablesOfItsModel) {
    const ModelNode<VanDerPol> node;
    EXPECT_EQ(node.name(), "van_der_pol");
    EXPECT_EQ(node.time_unit(), "s");
    EXPECT_EQ(node.states()[1].unit, "1/s");
    EXPECT_EQ(node.inputs()[0].meaning, "force");
    EXPECT_EQ(node.outputs()[0].high, 25.0);
    EXPECT_EQ(node.parameters()[0].value, 1.5);
}

TEST(ModelNode, LinearizesAsByHand) {
    Linearization at;
    const std::vector<std::size_t> free{1, 0};  // in the order asked for
    ModelNode<VanDerPol>{}.linearize({state, input, parameters}, free, at);
    expect_near(at.f, matrix(1, {y, mu * (1 - x * x) * y - x + 0.7}));
    expect_near(at.f_x, matrix(2, {0, 1, -2 * mu * x * y - 1, mu * (1 - x * x)}));
    expect_near(at.f_u, matrix(1, {0, 1}));
    expect_near(at.f_p, matrix(2, {0, 0, 0, (1 - x * x) * y}));
    expect_near(at.h, matrix(1, {gain * x * x}));
    expect_near(at.h_x, matrix(2, {2 * gain * x, 0}));
    expect_near(at.h_p, matrix(2, {x * x, 0}));
}

TEST(ModelNode, DifferentiatesItsLinearizationAsByHand) {
    const double x_dot = 0.25, y_dot = -1.5, mu_dot = 0.5, gain_dot = 0.125;
    const Vector v = (Vector(2) << x_dot, y_dot).finished();
    const Vector p_dot = (Vector(2) << mu_dot, gain_dot).finished();
    Linearization at;
    const std::vector<std::size_t> free{0};
    ModelNode<VanDerPol>{}.directional({state, input, parameters}, {v, Vector::Zero(1), p_dot},
                                       free, at);
    const double friction = mu_dot * (1 - x * x) - 2 * mu * x * x_dot;
    const double stiffness = -2 * (mu_dot * x * y + mu * x_dot * y + mu * x * y_dot);
    expect_near(at.f_x, matrix(2, {0, 0, stiffness, friction}));
    expect_near(at.f_u, matrix(1, {0, 0}));
    expect_near(at.f_p, matrix(1, {0, -2 * x * x_dot * y + (1 - x * x) * y_dot}));
    expect_near(at.h_x, matrix(2, {2 * (gain_dot * x + gain * x_dot), 0}));
    expect_near(at.h_p, matrix(1, {0}));
}

TEST(ModelNode, TakesAModelWithoutParametersAndPorts) {
    const ModelNode<Decay> node;
    constexpr Eigen::Index rows = 9;
    const Matrix states = Vector::LinSpaced(rows, 1.0, 9.0), none(rows, 0), shared(1, 0);
    Matrix dx(rows, 1), h(rows, 0);
    node.rhs_batch(states, none, shared, dx);
    node.output_batch(states, shared, h);
    EXPECT_EQ(dx, -states);

    Linearization at;
    node.linearize({Vector::Ones(1), Vector(), Vector()}, {}, at);
    EXPECT_EQ(at.f_x, Matrix::Constant(1, 1, -1.0));
    EXPECT_EQ(at.f_u.cols() + at.f_p.cols() + at.h.size(), 0);
}
