#include "across_flow.hpp"
#include "variational_curve.hpp"
#include <cortifold/linalg/periodic_schur.hpp>

#include <cmath>
#include <numeric>
#include <utility>

namespace cortifold {

namespace {

/// More states are too many for a periodic Schur form: then the product is formed, and what is
/// below the accuracy of the flow is not known.
constexpr Eigen::Index most_in_product = 100;

struct Transfers {
    std::vector<Matrix> across;
    double trivial = 0.0;
};

/// From hyperplane to hyperplane, and how far the flow is from being carried into itself.
Transfers project(const std::vector<Passage>& passages, double period) {
    Transfers result;
    Vector from = passages.back().flows.back();
    double drift = 0.0, size = 0.0;
    for (const Passage& passage : passages)
        for (std::size_t k = 0; k < passage.transfers.size(); ++k) {
            const Vector& to = passage.flows[k];
            const Eigen::Index rest = to.size() - 1;
            Matrix part = passage.transfers[k];
            drift += to.dot(part * from - to);
            size += passage.durations[k] / period * to.squaredNorm();
            Across(to).from_left(part);
            Across(from).from_right(part);
            result.across.push_back(part.bottomRightCorner(rest, rest));
            from = to;
        }
    result.trivial = drift / size / period;
    return result;
}

}  // namespace

FloquetExponents orbit_exponents(const std::vector<Passage>& passages, double accuracy) {
    FloquetExponents result;
    double period = 0.0, divergence = 0.0;
    for (const Passage& passage : passages) {
        if (!succeeded(passage.status)) return result;
        period += std::accumulate(passage.durations.begin(), passage.durations.end(), 0.0);
        divergence += passage.divergence;
    }
    Transfers transfers = project(passages, period);
    result.trivial = transfers.trivial;
    const Eigen::Index n = passages.front().end.size();
    if (n == 1) return result;
    double inaccuracy = 0.0;
    if (n > most_in_product) {
        Matrix product = transfers.across.front();
        for (std::size_t k = 1; k < transfers.across.size(); ++k)
            product = transfers.across[k] * product;
        inaccuracy = accuracy * product.norm();
        transfers.across = {std::move(product)};
    }
    const ProductSpectrum product = product_spectrum(std::move(transfers.across));
    if (!succeeded(product.status)) return result;
    result.exponents = product.logarithms / period;
    const Vector rates = result.exponents.real().cwiseAbs();
    result.errors = Vector::Constant(n - 1, std::abs(result.trivial));
    if (inaccuracy > 0.0) {
        result.errors.array() += inaccuracy * (-product.logarithms.real().array()).exp() / period;
    } else {
        const double off = std::abs(result.exponents.real().sum() - divergence / period);
        result.errors += off / rates.sum() * rates;
    }
    return result;
}

}  // namespace cortifold
