#include <cortifold/core/error.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/synchrony/hubs.hpp>

#include <Eigen/LU>

#include <algorithm>
#include <cmath>
#include <limits>

namespace cortifold {

namespace {

using Eigen::Index;
using Complex = std::complex<double>;

constexpr double same_lambda = 1e-8;  // of max |lambda|: a multiple eigenvalue
constexpr Index batch = 16;           // removals between two questions whether to go on

/// The coupling of a network, and what a removal makes of it. r_i is the sum of row i of W.
class Coupling {
public:
    Coupling(const Network& network, AfterRemoval after)
        : weights_(network.connectomes[network.links.front().connectome].weights),
          sums_(weights_.rowwise().sum()),
          diffusive_(network.links.front().kind == CouplingKind::diffusive),
          after_(after) {
        require(diffusive_ || after == AfterRemoval::rows_keep_sums,
                "hubs under additive coupling: without their row sums the rows have no "
                "homogeneous state, so that after = rows_keep_sums");
    }

    [[nodiscard]] const Matrix& weights() const { return weights_; }

    /// What the other weights of row i are multiplied by without W_ij; infinite where they cannot
    /// make up for it.
    [[nodiscard]] double factor(Index i, Index j) const {
        if (after_ == AfterRemoval::others_stay || weights_(i, j) == 0.0) return 1.0;
        constexpr double nothing = 1e-9;  // of the weights of a row
        const double left = sums_[i] - weights_(i, j);
        return std::abs(left) > nothing * weights_.row(i).cwiseAbs().sum()
                   ? sums_[i] / left
                   : std::numeric_limits<double>::infinity();
    }

    /// Row i of dC V where the connection onto i from j is removed, the only row that is not 0:
    /// of a row that keeps its sum dC_i = (f - 1) W_i - f W_ij e_j, f its factor.
    [[nodiscard]] Eigen::RowVectorXcd change(Index i, Index j, const ComplexMatrix& V,
                                             const ComplexMatrix& WV) const {
        if (after_ == AfterRemoval::others_stay) return weights_(i, j) * (V.row(i) - V.row(j));
        const double f = factor(i, j);
        return (f - 1.0) * WV.row(i) - f * weights_(i, j) * V.row(j);
    }

    [[nodiscard]] std::optional<Matrix> without_connection(Index i, Index j) const {
        Matrix changed = weights_;
        changed(i, j) = 0.0;
        changed.row(i) *= factor(i, j);
        return coupling_of(std::move(changed));
    }

    [[nodiscard]] std::optional<Matrix> without_region(Index j) const {
        const Index n = weights_.rows();
        std::vector<Index> rest;
        for (Index i = 0; i < n; ++i)
            if (i != j) rest.push_back(i);
        Matrix changed = weights_(rest, rest);
        for (Index k = 0; k < changed.rows(); ++k)
            changed.row(k) *= factor(rest[static_cast<std::size_t>(k)], j);
        return coupling_of(std::move(changed));
    }

private:
    [[nodiscard]] std::optional<Matrix> coupling_of(Matrix weights) const {
        if (!weights.allFinite()) return std::nullopt;
        if (diffusive_) weights.diagonal() -= weights.rowwise().sum();
        return weights;
    }

    Matrix weights_;
    Vector sums_;
    bool diffusive_;
    AfterRemoval after_;
};

/// Right and left eigenvectors of the leading modes, and how growth depends on their lambda.
struct Leading {
    Complex lambda, slope;
    ComplexMatrix right, left;  ///< columns V; rows W^H, with W^H V = 1
    ComplexMatrix weighted;     ///< W V, of the weights

    /// The largest change of growth that first-order changes of lambda make: those are the
    /// eigenvalues of W^H dC V.
    [[nodiscard]] std::optional<double> change_of_growth(const ComplexMatrix& dlambda) const {
        const ComplexVector values =
            dlambda.size() == 1 ? ComplexVector(dlambda.reshaped()) : eigenvalues(dlambda);
        std::optional<double> largest;
        for (const Complex value : values) {
            const double across = lambda.imag() == 0.0 ? std::abs(value.imag()) : value.imag();
            const double change = slope.real() * value.real() + slope.imag() * across;
            largest = std::max(largest.value_or(change), change);
        }
        return largest;
    }
};

/// The gradient of the growth over the plane of lambda. The growth is even in Im lambda, and may
/// have a kink where that is 0: there its slope to one side.
Complex slope_of_growth(const MasterStability& state, Complex lambda, double scale) {
    const double h = 1e-3 * scale;  // error h^4 / 30 times a fifth derivative
    const Complex i(0.0, h);
    ComplexVector at(9);
    at << lambda - 2.0 * h, lambda - h, lambda + h, lambda + 2.0 * h, lambda - 2.0 * i, lambda - i,
        lambda + i, lambda + 2.0 * i, lambda;
    const std::vector<Mode> modes = state.at(at);
    const auto central = [&](std::size_t k) {
        return (modes[k].growth - 8.0 * modes[k + 1].growth + 8.0 * modes[k + 2].growth -
                modes[k + 3].growth) /
               (12.0 * h);
    };
    if (lambda.imag() != 0.0) return {central(0), central(4)};
    const double one_sided = 4.0 * modes[6].growth - modes[7].growth - 3.0 * modes[8].growth;
    return {central(0), one_sided / (2.0 * h)};
}

/// Transverse eigenvalues of a coupling, one of each conjugate pair.
ComplexVector transverse(const Matrix& coupling) {
    const ComplexVector values = eigenvalues(coupling);
    if (values.size() < 2) return {};
    Index uniform = 0;
    (values.array() - coupling.rowwise().sum().mean()).abs().minCoeff(&uniform);
    std::vector<Complex> kept;
    for (Index k = 0; k < values.size(); ++k)
        if (k != uniform && values[k].imag() >= 0.0) kept.push_back(values[k]);
    return Eigen::Map<const ComplexVector>(kept.data(), static_cast<Index>(kept.size()));
}

struct Removed {
    double growth = -std::numeric_limits<double>::infinity();
    int unstable_modes = 0;
};

/// Of each coupling; none where it is none, or has no transverse mode whose growth is known.
std::vector<std::optional<Removed>> remaining(const MasterStability& state,
                                              const std::vector<std::optional<Matrix>>& couplings,
                                              int threads) {
    const auto count = static_cast<Index>(couplings.size());
    std::vector<ComplexVector> lambdas(couplings.size());
#pragma omp parallel for num_threads(threads) schedule(dynamic) if (threads > 1)
    for (Index k = 0; k < count; ++k)
        if (const auto& coupling = couplings[static_cast<std::size_t>(k)])
            lambdas[static_cast<std::size_t>(k)] = transverse(*coupling);
    Index total = 0;
    for (const ComplexVector& own : lambdas) total += own.size();
    ComplexVector all(total);
    total = 0;
    for (const ComplexVector& own : lambdas) {
        all.segment(total, own.size()) = own;
        total += own.size();
    }
    const std::vector<Mode> modes = state.at(all, threads);
    std::vector<std::optional<Removed>> found;
    auto mode = modes.begin();
    for (const ComplexVector& own : lambdas) {
        Removed removed;
        bool known = own.size() > 0;
        for (const auto end = mode + own.size(); mode != end; ++mode) {
            known = known && mode->eigenvalues.size() > 0;
            removed.growth = std::max(removed.growth, mode->growth);
            if (mode->unstable) removed.unstable_modes += mode->lambda.imag() == 0.0 ? 1 : 2;
        }
        found.push_back(known ? std::optional(removed) : std::nullopt);
    }
    return found;
}

class Hubs {
public:
    Hubs(const MasterStability& state, const Network& network, const CouplingModes& modes,
         const HubOptions& options)
        : state_(state), modes_(modes), options_(options), coupling_(network, options.after) {}

    [[nodiscard]] HubResult find() {
        const DispersionResult dispersion =
            dispersion_relation(state_, modes_.values, {}, options_.context.threads);
        if (!succeeded(dispersion.status)) return {dispersion.status, dispersion.message};
        if (dispersion.modes.size() < 2)
            return {Status::no_theory, "a network of one region has no transverse mode"};
        if (scale() == 0.0)
            return {Status::no_theory,
                    "nothing couples the regions: all coupling eigenvalues are 0"};
        result_.unstable_modes = dispersion.unstable_modes;
        result_.leading =
            *std::max_element(dispersion.modes.begin() + 1, dispersion.modes.end(),
                              [](const Mode& a, const Mode& b) { return a.growth < b.growth; });
        left_ = modes_.vectors.partialPivLu().inverse();
        const std::vector<Index> leading = leading_modes(), unstable = unstable_modes(dispersion);
        if (!separable(leading) || !separable(unstable))
            return {Status::no_theory,
                    "hubs need left and right eigenvectors of every growing mode: " + modes_.note};
        prepare(leading);
        add_regions(leading, unstable.empty() ? leading : unstable);
        add_connections();
        result_.status = Status::converged;
        remove_exactly();
        return std::move(result_);
    }

private:
    [[nodiscard]] double scale() const { return modes_.values.cwiseAbs().maxCoeff(); }

    [[nodiscard]] std::vector<Index> leading_modes() const {
        std::vector<Index> same;
        for (Index k = 1; k < modes_.values.size(); ++k)
            if (std::abs(modes_.values[k] - result_.leading.lambda) <= same_lambda * scale())
                same.push_back(k);
        return same;
    }
    static std::vector<Index> unstable_modes(const DispersionResult& dispersion) {
        std::vector<Index> unstable;
        for (const Mode& mode : dispersion.modes)
            if (mode.index > 1 && mode.unstable) unstable.push_back(mode.index - 1);
        return unstable;
    }
    /// Rounding moves an eigenvector's shares by its condition number.
    [[nodiscard]] bool separable(const std::vector<Index>& modes) const {
        constexpr double worst_condition = 1e6;
        return std::ranges::all_of(modes, [&](Index k) {
            return left_.row(k).norm() <= worst_condition;  // false of NaN
        });
    }

    void prepare(const std::vector<Index>& leading) {
        const Complex lambda = result_.leading.lambda;
        leading_ = {lambda,
                    slope_of_growth(state_, lambda, scale()),
                    modes_.vectors(Eigen::all, leading),
                    left_(leading, Eigen::all),
                    {}};
        leading_.weighted = coupling_.weights() * leading_.right;
        result_.slope = leading_.slope;
    }

    /// Column by column of regions.
    [[nodiscard]] Vector shares(const std::vector<Index>& modes) const {
        const ComplexMatrix right = modes_.vectors(Eigen::all, modes),
                            left = left_(modes, Eigen::all);
        return right.cwiseProduct(left.transpose()).real().rowwise().mean();
    }

    /// W^H dC V where the connection onto i from j is removed.
    [[nodiscard]] ComplexMatrix change(Index i, Index j) const {
        return leading_.left.col(i) * coupling_.change(i, j, leading_.right, leading_.weighted);
    }

    void add_regions(const std::vector<Index>& leading, const std::vector<Index>& unstable) {
        const Vector of_leading = shares(leading), of_unstable = shares(unstable);
        const Matrix& weights = coupling_.weights();
        const Index m = leading_.right.cols(), n = weights.rows();
        for (Index j = 0; j < n; ++j) {
            ComplexMatrix dlambda = ComplexMatrix::Zero(m, m);
            for (Index i = 0; i < n; ++i)
                if (i != j && weights(i, j) != 0.0) dlambda += change(i, j);
            result_.regions.push_back({j, of_unstable[j], of_leading[j], effect_of(dlambda)});
        }
    }

    void add_connections() {
        const Matrix& weights = coupling_.weights();
        for (Index i = 0; i < weights.rows(); ++i)
            for (Index j = 0; j < weights.cols(); ++j)
                if (weights(i, j) != 0.0)
                    result_.connections.push_back({i, j, weights(i, j), effect_of(change(i, j))});
    }

    [[nodiscard]] RemovalEffect effect_of(const ComplexMatrix& dlambda) const {
        if (!dlambda.allFinite()) return {};  // a row would lose all it has
        return {.first_order = leading_.change_of_growth(dlambda)};
    }

    /// Sorts by what is known, and removes the first ones exactly.
    void remove_exactly() {
        const auto larger = [](const auto& a, const auto& b) {
            const auto size = [](const RemovalEffect& effect) {
                return std::abs(effect.exact.value_or(effect.first_order.value_or(0.0)));
            };
            if (a.effect.exact.has_value() != b.effect.exact.has_value())
                return a.effect.exact.has_value();
            return size(a.effect) > size(b.effect);
        };
        auto& regions = result_.regions;
        auto& connections = result_.connections;
        std::ranges::stable_sort(regions, larger);
        std::ranges::stable_sort(connections, larger);
        const auto many = [](Index most, const auto& list) {
            return std::min(most, static_cast<Index>(list.size()));
        };
        const Index n_regions = many(options_.exact_regions, regions),
                    n_connections = many(options_.exact_connections, connections);
        total_ = n_regions + n_connections;
        result_.message = "all removals to first order, those of " + std::to_string(n_regions) +
                          " regions and " + std::to_string(n_connections) + " connections exactly";
        remove_first(regions, n_regions,
                     [&](const RegionEffect& at) { return coupling_.without_region(at.region); });
        remove_first(connections, n_connections, [&](const ConnectionEffect& at) {
            return coupling_.without_connection(at.onto, at.from);
        });
        std::ranges::stable_sort(regions, larger);
        std::ranges::stable_sort(connections, larger);
    }

    void remove_first(auto& list, Index count, const auto& without) {
        for (Index begin = 0; begin < count; begin += batch) {
            if (options_.watch && options_.watch(static_cast<double>(done_) /
                                                 static_cast<double>(total_)) == Flow::stop) {
                result_.status = Status::stopped_by_observer;
                return;
            }
            std::vector<std::optional<Matrix>> couplings;
            const Index end = std::min(count, begin + batch);
            for (Index k = begin; k < end; ++k)
                couplings.push_back(without(list[static_cast<std::size_t>(k)]));
            const auto found = remaining(state_, couplings, options_.context.threads);
            for (Index k = begin; k < end; ++k) {
                const auto& removed = found[static_cast<std::size_t>(k - begin)];
                if (!removed) continue;
                RemovalEffect& effect = list[static_cast<std::size_t>(k)].effect;
                effect.exact = removed->growth - result_.leading.growth;
                effect.unstable_modes = removed->unstable_modes;
            }
            done_ += end - begin;
        }
    }

    const MasterStability& state_;
    const CouplingModes& modes_;
    const HubOptions& options_;
    Coupling coupling_;
    ComplexMatrix left_;  ///< all rows w^H
    Leading leading_{};
    HubResult result_{};
    Index done_ = 0, total_ = 0;
};

}  // namespace

std::string_view to_string(AfterRemoval after) {
    return after == AfterRemoval::rows_keep_sums ? "rows_keep_sums" : "others_stay";
}

void HubOptions::validate() const {
    require(exact_regions >= 0 && exact_connections >= 0,
            "hubs: exact_regions and exact_connections must not be negative");
    require(context.threads >= 1, "hubs: context.threads must be at least 1");
}

HubResult find_hubs(const MasterStability& state, const Network& network,
                    const CouplingModes& modes, const HubOptions& options) {
    options.validate();
    require(modes.vectors.rows() == network.size(),
            "hubs: the modes are of " + std::to_string(modes.vectors.rows()) +
                " regions, the network has " + std::to_string(network.size()));
    return Hubs(state, network, modes, options).find();
}

}  // namespace cortifold
