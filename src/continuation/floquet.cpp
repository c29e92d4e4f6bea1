#include "floquet.hpp"

#include "across_flow.hpp"
#include <cortifold/linalg/periodic_schur.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <vector>

namespace cortifold {

namespace {

/// h |A| of an interval above which its transfer matrix is made of shorter ones, and theirs: a
/// polynomial of degree m follows e^(h A) to (h |A|)^(2 m + 1) (m!)^2 / (2 m)! / (2 m + 1)!.
constexpr double too_stiff = 4.0, short_enough = 1.5;
constexpr double most_pieces = 16.0, most_equal_pieces = 4096.0;
/// What few stiff intervals, as beside a saddle, may be cut into together.
constexpr double most_pieces_in_all = 1024.0;
/// Of the largest speed along a cycle.
constexpr double faded = 1e-6;
/// h |dA| below which A counts as constant along an interval.
constexpr double constant = 1e-7;

/// The linearization along the cycle, v' = A(t) v, in parts of the states' scales.
class Variation {
public:
    Variation(const CycleCurve& curve, ConstVectorRef z, const CollocationFacts& at)
        : curve_(curve),
          profile_(curve.profile_of(z)),
          parameters_(curve.parameters_of(z)),
          period_(curve.period_of(z)),
          at_(at),
          ratios_(period_ * at.state_scales.cwiseInverse() * at.state_scales.transpose()),
          basis_(Collocation::of_degree(profile_.degree)),
          most_pieces_(std::max(
              most_pieces, most_pieces_in_all /
                               static_cast<double>(
                                   (at.stiffness.array() > most_pieces * short_enough).count()))) {}

    [[nodiscard]] const Profile& profile() const { return profile_; }
    [[nodiscard]] double period() const { return period_; }

    /// At the left ends of the intervals: a column each.
    [[nodiscard]] Matrix flows() const {
        Matrix flows(profile_.values.rows(), profile_.intervals());
        for (Eigen::Index j = 0; j < flows.cols(); ++j)
            curve_.field().rhs(profile_.values.col(j * profile_.degree), parameters_, flows.col(j));
        return period_ * at_.state_scales.cwiseInverse().asDiagonal() * flows;
    }

    /// <f, A (u' - f)> / <f, f> over the cycle, by Lobatto's quadrature: 0 for the exact one.
    [[nodiscard]] double growth_of_flow() const {
        const Eigen::Index m = profile_.degree;
        double growth = 0.0, size = 0.0;
        Vector f(profile_.values.rows());
        for (Eigen::Index j = 0; j < profile_.intervals(); ++j) {
            const Interval here{profile_.piece(j), profile_.mesh[j], profile_.width(j)};
            for (Eigen::Index k = 0; k <= m; ++k) {
                const double s = basis_.nodes[k], weight = here.width * basis_.node_weights[k];
                curve_.field().rhs(here.piece.col(k), parameters_, f);
                const Vector flow = period_ * f.cwiseQuotient(at_.state_scales),
                             slope = (here.piece * basis_.slopes_at(s))
                                         .cwiseQuotient(at_.state_scales) /
                                     here.width;
                growth += weight * flow.dot(jacobian_at(here, s) * (slope - flow));
                size += weight * flow.squaredNorm();
            }
        }
        return size > 0.0 ? growth / size / period_ : 0.0;
    }

    /// Of all intervals.
    [[nodiscard]] std::vector<std::vector<Matrix>> transfers() const {
        const Eigen::Index intervals = profile_.intervals();
        const int threads = curve_.options().threads;
        std::vector<std::vector<Matrix>> all(static_cast<std::size_t>(intervals));
#pragma omp parallel for num_threads(threads) schedule(dynamic) if (threads > 1)
        for (Eigen::Index j = 0; j < intervals; ++j)
            all[static_cast<std::size_t>(j)] = transfers(j);
        return all;
    }

private:
    /// What takes v from the left end of an interval to its right end, in parts.
    [[nodiscard]] std::vector<Matrix> transfers(Eigen::Index j) const {
        const double h = profile_.width(j), stiffness = at_.stiffness[j];
        if (stiffness <= too_stiff) return {at_.elimination->transfer(j)};
        const Interval here{profile_.piece(j), profile_.mesh[j], h};
        const double wanted = std::ceil(stiffness / short_enough);
        if (is_constant(here)) {
            const double count = std::min(wanted, most_equal_pieces);
            return std::vector<Matrix>(static_cast<std::size_t>(count),
                                       transfers(here, 0.0, 1, h / count).front());
        }
        const double count = std::min(wanted, most_pieces_);
        return transfers(here, 1.0 / count, static_cast<Eigen::Index>(count), h / count);
    }

    struct Interval {
        Matrix piece;
        double begin, width;
    };
    [[nodiscard]] bool is_constant(const Interval& at) const {
        const Matrix left = jacobian_at(at, 0.0);
        return at.width * (jacobian_at(at, 1.0) - left).norm() < constant &&
               at.width * (jacobian_at(at, 0.5) - left).norm() < constant;
    }
    [[nodiscard]] Matrix jacobian_at(const Interval& at, double s) const {
        Vector p = parameters_;
        curve_.set_time(p, period_, at.begin + s * at.width);
        Matrix A = jacobian(curve_.field(), at.piece.lazyProduct(basis_.values_at(s)), p);
        A.array() *= ratios_.array();
        return A;
    }

    /// Over so many steps h, each `width` long on the piece; of width 0: at its middle.
    [[nodiscard]] std::vector<Matrix> transfers(const Interval& at, double width,
                                                Eigen::Index count, double h) const {
        const Eigen::Index m = profile_.degree;
        CyclicElimination step(at.piece.rows(), m, 1);
        std::vector<Matrix> parts;
        for (Eigen::Index k = 0; k < count; ++k) {
            for (Eigen::Index i = 0; i < m; ++i) {
                const double s =
                    width > 0.0 ? (static_cast<double>(k) + basis_.points[i]) * width : 0.5;
                collocate_linear(step.block(0), basis_, i, -h * jacobian_at(at, s));
            }
            step.condense(1);
            parts.push_back(step.transfer(0));
        }
        return parts;
    }

    const CycleCurve& curve_;
    Profile profile_;
    Vector parameters_;
    double period_;
    const CollocationFacts& at_;
    Matrix ratios_;  ///< what scales of states and time make of F_x
    const Collocation& basis_;
    double most_pieces_;  ///< of one interval
};

/// The factors of the monodromy matrix across the flow, and what along it comes out for zero.
struct AcrossFlow {
    std::vector<Matrix> factors;
    double trivial = 0.0;
};

AcrossFlow factors_across(const Variation& variation, const Matrix& flows) {
    const Eigen::Index intervals = flows.cols(), n = flows.rows();
    AcrossFlow result;
    double drift = 0.0, size = 0.0;
    Vector flow = flows.col(0);
    Across left(flow);
    std::vector<std::vector<Matrix>> all = variation.transfers();
    for (Eigen::Index j = 0; j < intervals; ++j) {
        const Vector next = flows.col((j + 1) % intervals);
        std::vector<Matrix>& parts = all[static_cast<std::size_t>(j)];
        for (std::size_t k = 0; k < parts.size(); ++k) {
            Matrix& part = parts[k];
            flow = part * flow;
            const Across right(k + 1 < parts.size() ? flow : next);
            right.from_left(part);
            left.from_right(part);
            result.factors.push_back(part.bottomRightCorner(n - 1, n - 1));
            left = right;
        }
        drift += next.dot(flow - next);
        size += variation.profile().width(j) * next.squaredNorm();
        flow = next;
    }
    result.trivial = size > 0.0 ? drift / size / variation.period() : 0.0;
    return result;
}

std::vector<Matrix> all_factors(const Variation& variation) {
    std::vector<Matrix> factors;
    for (std::vector<Matrix>& parts : variation.transfers())
        std::ranges::move(parts, std::back_inserter(factors));
    return factors;
}

/// Beside an equilibrium the direction of the flow is rounding.
bool fade(const Matrix& flows) {
    const Vector speeds = flows.colwise().norm();
    return speeds.minCoeff() < faded * speeds.maxCoeff();
}

/// Takes the exponent nearest to zero out.
double take_trivial(ComplexVector& exponents) {
    Eigen::Index place = 0;
    const double trivial = exponents.cwiseAbs().minCoeff(&place);
    const Eigen::Index after = exponents.size() - place - 1;
    exponents.segment(place, after) = exponents.tail(after).eval();
    exponents.conservativeResize(exponents.size() - 1);
    return trivial;
}

/// In the plane the divergence is the one exponent that is not trivial, and this one is what the
/// flow misses of v' = A v, in its own direction: A (u' - f) between the Gauss points.
FloquetExponents planar_exponents(const Variation& variation, const CollocationFacts& at,
                                  double tolerance) {
    FloquetExponents result;
    result.trivial = variation.growth_of_flow();
    result.exponents = ComplexVector::Constant(1, at.divergence);
    result.errors =
        Vector::Constant(1, std::abs(result.trivial) + tolerance * std::abs(at.divergence));
    return result;
}

}  // namespace

FloquetExponents floquet_exponents(const CycleCurve& curve, ConstVectorRef z,
                                   const CollocationFacts& at) {
    const Variation variation(curve, z, at);
    const bool forced = curve.is_forced();
    if (!forced && at.state_scales.size() == 2)
        return planar_exponents(variation, at, curve.options().tolerance);
    const Matrix flows = forced ? Matrix() : variation.flows();
    const bool whole = forced || fade(flows);
    AcrossFlow monodromy =
        whole ? AcrossFlow{all_factors(variation), 0.0} : factors_across(variation, flows);
    FloquetExponents result;
    result.trivial = monodromy.trivial;
    if (monodromy.factors.front().size() == 0) return result;
    const ProductSpectrum product = product_spectrum(std::move(monodromy.factors));
    if (!succeeded(product.status)) return result;
    result.exponents = product.logarithms / variation.period();
    if (whole && !forced) result.trivial = take_trivial(result.exponents);
    const Vector rates = result.exponents.real().cwiseAbs();
    const double off = std::abs(result.exponents.real().sum() - at.divergence);
    result.errors = Vector::Constant(rates.size(), std::abs(result.trivial));
    if (rates.allFinite()) result.errors += off / rates.sum() * rates;
    return result;
}

}  // namespace cortifold
