// Every built-in model, written as .ode and read again, is the same model.

#include "models/node_argument.hpp"
#include "models/registered_model.hpp"
#include <cortifold/model/equation_model.hpp>

using namespace cortifold;

namespace {

class ExportedModel : public RegisteredModel {
protected:
    static std::shared_ptr<const Node> read_again(const Node& node) {
        const auto no_file = [](const std::string& name, const SourceLine& where) -> std::string {
            throw ConfigError("no file \"" + name + "\"", where);
        };
        return make_equation_node(parse_ode(write_ode(node.equations()), "model.ode", no_file));
    }

    /// The same arguments; the parameters that the inputs of the text are added to are 0.
    [[nodiscard]] Matrix with_input_parameters(const Matrix& z) const {
        Matrix longer = Matrix::Zero(z.rows() + n_u(), z.cols());
        longer.topRows(z.rows()) = z;
        return longer;
    }
    [[nodiscard]] Eigen::Index n_u() const {
        return static_cast<Eigen::Index>(node->inputs().size());
    }

    const std::shared_ptr<const Node> text = read_again(*node);
    const NodeArgument built_in{*node}, written{*text};
};

/// Of the size of the largest entry in a row: what the formula adds up cancels at that size.
void expect_equal(const Matrix& actual, const Matrix& expected) {
    ASSERT_EQ(actual.rows(), expected.rows());
    ASSERT_EQ(actual.cols(), expected.cols());
    ASSERT_TRUE(expected.allFinite());
    for (Eigen::Index i = 0; i < expected.rows(); ++i)
        EXPECT_LE((actual.row(i) - expected.row(i)).cwiseAbs().maxCoeff(),
                  1e-13 * expected.row(i).cwiseAbs().maxCoeff())
            << "row " << i;
}

constexpr std::uint64_t samples = 5;

}  // namespace

TEST_P(ExportedModel, HasTheSameTables) {
    for (std::size_t k = 0; k < node->states().size(); ++k) {
        const Quantity &a = node->states()[k], &b = text->states()[k];
        EXPECT_EQ(a.unit, b.unit);
        EXPECT_EQ(a.value, b.value);
        EXPECT_EQ(a.low, b.low);
        EXPECT_EQ(a.high, b.high);
        EXPECT_EQ(a.meaning, b.meaning);
    }
    ASSERT_EQ(text->parameters().size(), node->parameters().size() + node->inputs().size());
    for (std::size_t k = 0; k < node->parameters().size(); ++k) {
        EXPECT_EQ(text->parameters()[k].value, node->parameters()[k].value);
        EXPECT_EQ(text->parameters()[k].low, node->parameters()[k].low);
    }
    EXPECT_EQ(names_of(text->outputs()), names_of(node->outputs()));
    EXPECT_EQ(text->inputs().size(), node->inputs().size());
    EXPECT_EQ(text->time_unit(), node->time_unit());
}

TEST_P(ExportedModel, HasTheSameValuesAndDerivatives) {
    for (std::uint64_t seed = 0; seed < samples; ++seed) {
        const Vector z = built_in.in_range(seed), v = built_in.near_defaults(seed + samples);
        const Vector y = with_input_parameters(z), w = with_input_parameters(v);
        expect_equal(written.value(y), built_in.value(z));
        expect_equal(written.jacobian(y).leftCols(z.size()), built_in.jacobian(z));
        expect_equal(written.jacobian_slope(y, w).leftCols(z.size()),
                     built_in.jacobian_slope(z, v));
    }
}

TEST_P(ExportedModel, HasTheSameTaylorSeries) {
    for (std::uint64_t seed = 0; seed < samples; ++seed) {
        Matrix z = Matrix::Zero(built_in.size(), Node::taylor_order + 1);
        z.col(0) = built_in.near_defaults(seed);
        z.col(1) = built_in.near_defaults(seed + samples);
        expect_equal(written.taylor(with_input_parameters(z)), built_in.taylor(z));
    }
}

INSTANTIATE_TEST_SUITE_P(Models, ExportedModel, every_model(), model_name);
