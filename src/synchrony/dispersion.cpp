#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/synchrony/dispersion.hpp>

#include <algorithm>
#include <limits>
#include <numeric>
#include <sstream>

namespace cortifold {

namespace {

/// The eigenvalue of the uniform pattern is the common row sum.
Eigen::Index uniform_mode(const ComplexVector& lambdas, double row_sum) {
    constexpr double tolerance = 1e-8;  // of max |lambda|: what rounding does to an eigenvalue
    const Vector distance = (lambdas.array() - row_sum).abs();
    const double nearest = distance.minCoeff() + tolerance * lambdas.cwiseAbs().maxCoeff();
    return std::ranges::find_if(distance, [&](double d) { return d <= nearest; }) -
           distance.begin();
}

/// An eigenvalue moves by its condition number, the norm of its row of V^-1, times rounding, in
/// parts of the norm of the matrix.
std::string inseparable_modes(const DenseSpectrum& spectrum) {
    constexpr double apart = 1e-9;  // what separates modes
    const ComplexMatrix inverse = spectrum.vectors.partialPivLu().inverse();
    std::ostringstream note;
    int count = 0;
    for (Eigen::Index k = 0; k < inverse.rows(); ++k) {
        const double condition = inverse.row(k).norm();
        if (condition * std::numeric_limits<double>::epsilon() <= apart) continue;  // NaN: singular
        note << (count++ == 0 ? "modes that cannot be separated: " : ", ") << k + 1;
    }
    if (count > 0)
        note << "; the coupling matrix has no basis of eigenvectors: growth rates hold, patterns "
                "do not, and perturbations may grow before they decay";
    return note.str();
}

}  // namespace

CouplingModes coupling_modes(const Network& network) {
    const Matrix coupling = coupling_matrix(network);
    DenseSpectrum modes = general_spectrum(coupling);
    if (!succeeded(modes.status)) return {modes.status};
    if (!obstacle_to_homogeneity(network)) {
        const Eigen::Index uniform = uniform_mode(modes.values, coupling.rowwise().sum().mean());
        std::vector<Eigen::Index> order(static_cast<std::size_t>(modes.values.size()));
        std::iota(order.begin(), order.end(), Eigen::Index{0});
        std::rotate(order.begin(), order.begin() + uniform, order.begin() + uniform + 1);
        modes = {modes.status, modes.values(order), modes.vectors(Eigen::all, order),
                 modes.residuals(order)};
    }
    std::string note = inseparable_modes(modes);
    return {modes.status, std::move(modes.values), std::move(modes.vectors), std::move(note)};
}

DispersionResult dispersion_relation(const MasterStability& state, const ComplexVector& lambdas,
                                     const ComplexVector& further, int threads) {
    ComplexVector all(lambdas.size() + further.size());
    all << lambdas, further;
    DispersionResult result{Status::converged, "growth and frequency of every mode",
                            state.at(all, threads)};
    for (std::size_t k = 0; k < static_cast<std::size_t>(lambdas.size()); ++k)
        result.modes[k].index = static_cast<int>(k) + 1;
    for (const Mode& mode : result.modes) {
        if (mode.eigenvalues.size() > 0) continue;
        std::ostringstream message;
        message << "the eigenvalues of the linearization at lambda = " << mode.lambda
                << " cannot be computed";
        result.status = Status::non_finite;
        result.message = message.str();
    }
    std::erase_if(result.modes, [](const Mode& mode) { return mode.eigenvalues.size() == 0; });
    result.unstable_modes = static_cast<int>(std::ranges::count_if(
        result.modes, [](const Mode& mode) { return mode.index > 1 && mode.unstable; }));
    return result;
}

}  // namespace cortifold
