#include "periodic_qr.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/linalg/periodic_schur.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace cortifold {

namespace {

using Complex = std::complex<double>;

template <class M>
void require_factors(const std::vector<M>& factors) {
    require(!factors.empty(), "the spectrum of a product needs at least one factor");
    const Eigen::Index n = factors.front().rows();
    for (std::size_t k = 0; k < factors.size(); ++k)
        require(factors[k].rows() == n && factors[k].cols() == n,
                "factor " + std::to_string(k) + " of a product has " +
                    std::to_string(factors[k].rows()) + " x " + std::to_string(factors[k].cols()) +
                    " entries, not " + std::to_string(n) + " x " + std::to_string(n));
}

/// A pair of conjugates agrees in both keys, so that a stable sort leaves it together.
ComplexVector by_decreasing_real_part(std::vector<Complex> values) {
    std::ranges::stable_sort(values, [](const Complex& a, const Complex& b) {
        return a.real() != b.real() ? a.real() > b.real() : std::abs(a.imag()) > std::abs(b.imag());
    });
    return Eigen::Map<const ComplexVector>(values.data(), std::ssize(values));
}

template <class M>
ProductSpectrum run(std::vector<M> factors) {
    const PeriodicQr<M> qr(std::move(factors));
    if (!qr.converged()) return {.status = Status::iteration_limit};
    return {Status::converged, by_decreasing_real_part(qr.logarithms())};
}

template <int N>
ProductSpectrum run_small(const std::vector<Matrix>& factors) {
    using M = Eigen::Matrix<double, N, N>;
    return run(std::vector<M>(factors.begin(), factors.end()));
}

/// Sizes of node models without allocation: their multipliers are taken at each point of a branch.
ProductSpectrum run_sized(std::vector<Matrix> factors) {
    switch (factors.front().rows()) {
        case 2: return run_small<2>(factors);
        case 3: return run_small<3>(factors);
        case 4: return run_small<4>(factors);
        case 5: return run_small<5>(factors);
        case 6: return run_small<6>(factors);
        default: return run(std::move(factors));
    }
}
ProductSpectrum run_sized(std::vector<ComplexMatrix> factors) {
    return run(std::move(factors));
}

template <class M>
ProductSpectrum checked(std::vector<M> factors) {
    require_factors(factors);
    if (!std::ranges::all_of(factors, [](const M& a) { return a.allFinite(); }))
        return {.status = Status::non_finite};
    if (factors.front().size() == 0) return {.status = Status::converged};
    return run_sized(std::move(factors));
}

}  // namespace

ProductSpectrum product_spectrum(std::vector<Matrix> factors) {
    return checked(std::move(factors));
}

ProductSpectrum product_spectrum(std::vector<ComplexMatrix> factors) {
    return checked(std::move(factors));
}

}  // namespace cortifold
