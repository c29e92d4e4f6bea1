// The models of reference/continuation.json are ours: at its equilibria, which were computed in 40
// digits, the right-hand sides vanish and the eigenvalues are the listed ones.

#include "models/self_coupled.hpp"
#include "support/reference_case.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

using namespace cortifold;

namespace {

constexpr double roundoff = 1e-13;  ///< of points that are listed with 15 digits
constexpr double digits = 1e-8;     ///< of eigenvalues that are listed with 9
constexpr double simple = 1e-9;     ///< of a simple eigenvalue at such a point

/// det(s - A) by its roots: unlike these, its coefficients are smooth where roots meet.
ComplexVector characteristic_polynomial(const ComplexVector& roots) {
    ComplexVector c = ComplexVector::Zero(roots.size() + 1);
    c[0] = 1.0;
    for (Eigen::Index k = 0; k < roots.size(); ++k)
        c.segment(1, k + 1) -= (roots[k] * c.head(k + 1)).eval();
    return c;
}

void expect_spectrum(const Matrix& a, const ComplexVector& listed) {
    ASSERT_EQ(listed.size(), a.rows());
    const double scale = std::max(1.0, listed.cwiseAbs().maxCoeff());
    const ComplexVector found = characteristic_polynomial(a.eigenvalues() / scale),
                        expected = characteristic_polynomial(listed / scale);
    EXPECT_LT((found - expected).cwiseAbs().maxCoeff(), digits);
}

class ContinuationCase : public testing::TestWithParam<ReferenceCase> {
protected:
    static void expect_points(const Record& its_case, std::string_view key) {
        for (const Record& point : list_of(its_case, key)) expect_point(point);
    }

private:
    static void expect_point(const Record& point) {
        const Vector p = numbers(*point.find("p")), x = numbers(*point.find("u"));
        std::map<std::string, double> values;
        for (Eigen::Index k = 0; k < p.size(); ++k)
            values[GetParam().parameters.at(static_cast<std::size_t>(k))] = p[k];
        SCOPED_TRACE(testing::PrintToString(values));
        const SelfCoupled model(GetParam().model, values);
        EXPECT_LT(residual(model, x), roundoff);
        const Matrix a = model.linearize(x).second / GetParam().rate;
        ComplexVector listed(x.size());
        std::ranges::transform(
            point.find("eig")->as<Record::List>(), listed.begin(),
            [](const Record& value) { return complex_number(value.as<std::string>()); });
        expect_spectrum(a, listed);
        expect_bifurcation(point, a);
    }

    /// A Hopf point has a pair +-i omega; a fold and a cusp a zero. That of a Bogdanov-Takens point
    /// is double, and known to the root of roundoff alone.
    static void expect_bifurcation(const Record& point, const Matrix& a) {
        const Record* kind = point.find("kind");
        if (kind != nullptr && kind->as<std::string>() == "BT") return;
        const Record* omega = point.find("omega");
        const bool oscillates = omega != nullptr && !omega->is_null();
        EXPECT_LT(eigenvalue_error(a, {0.0, oscillates ? numbers(*omega)[0] : 0.0}), simple);
    }
};

}  // namespace

TEST_P(ContinuationCase, HasTheVerifiedEquilibriaAndTheirEigenvalues) {
    const Record file = reference_file("continuation.json");
    if (file.is_null()) GTEST_SKIP() << "continuation.json is not here";
    const Record found = find_case(file, GetParam().id);
    ASSERT_TRUE(found.find("verified_equilibrium") || found.find("verified_codim2"));
    expect_points(found, "verified_equilibrium");
    expect_points(found, "verified_codim2");
}

INSTANTIATE_TEST_SUITE_P(Reference, ContinuationCase, testing::ValuesIn(reference_cases),
                         [](const auto& tested) { return tested.param.id; });
