#pragma once

#include <cortifold/core/context.hpp>
#include <cortifold/synchrony/dispersion.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cortifold {

/// What becomes of the weights onto a region when one of them is removed.
enum class AfterRemoval {
    rows_keep_sums,  ///< the others grow in proportion: the homogeneous state stays as it is
    others_stay      ///< of a diffusive coupling alone, whose homogeneous state needs no row sums
};
[[nodiscard]] std::string_view to_string(AfterRemoval after);

/// By how much the largest growth rate of a transverse mode changes, new minus old, in 1/T. Neither
/// is known where what is left has no homogeneous state: a region loses its only input.
struct RemovalEffect {
    std::optional<double> first_order{};  ///< of the leading mode, even where another overtakes it
    /// From the spectrum of the changed coupling; none where it was not asked for, or what is left
    /// has no transverse mode.
    std::optional<double> exact{};
    int unstable_modes = 0;  ///< transverse ones that are left, where the effect is exact
};

struct RegionEffect {
    Eigen::Index region = 0;
    /// Mean over the unstable transverse modes, or of the leading one where there are none, of the
    /// region's share of a mode, Re(conj(w_i) v_i) with left and right eigenvectors w^H v = 1
    /// (Perez-Arriaga, Verghese & Schweppe 1982, IEEE Trans. Power Appar. Syst. 101:3117). Shares
    /// of a mode sum to 1; they are the derivatives of Re lambda by the diagonal of the coupling,
    /// and can be negative where it is not symmetric.
    double participation = 0.0;
    double leading_participation = 0.0;  ///< in the leading modes: equal lambda, or a pair, is one
    RemovalEffect effect{};
};

struct ConnectionEffect {
    Eigen::Index onto = 0, from = 0;
    double weight = 0.0;
    RemovalEffect effect{};
};

struct HubOptions {
    AfterRemoval after = AfterRemoval::rows_keep_sums;
    /// How many are removed exactly, those with the largest effects to first order.
    Eigen::Index exact_regions = 200, exact_connections = 20;
    Context context{};                         ///< results do not depend on its threads
    std::function<Flow(double done)> watch{};  ///< asked now and then; `done` is from 0 to 1
    void validate() const;                     ///< throws UsageError
};

struct HubResult {
    Status status = Status::iteration_limit;
    std::string message = "find_hubs was not called";
    Mode leading{};          ///< the transverse mode that grows fastest
    int unstable_modes = 0;  ///< transverse ones
    /// The growth of the leading mode changes by Re(conj(slope) d lambda).
    std::complex<double> slope{};
    /// All; the largest effects first, exact ones before others.
    std::vector<RegionEffect> regions{};
    std::vector<ConnectionEffect> connections{};
};

/// Which regions and connections an instability rests on: how the largest growth rate of a
/// transverse mode changes where one is removed.
///
/// To first order d lambda = w^H dC v / w^H v (Restrepo, Ott & Hunt 2006, Phys. Rev. Lett.
/// 97:094102), with dC the whole change of the coupling matrix, and where lambda is multiple the
/// eigenvalues of W^H dC V that move the growth most. A region without its outgoing connections
/// still listens, which adds the eigenvalue C_jj alone to the spectrum of the network without it:
/// its effect is that of its outgoing connections together. Growth changes with lambda by central
/// differences of fourth order of the master stability function.
///
/// `state` is one of the homogeneous field of `network`, `modes` are its coupling_modes. Status is
/// no_theory where there is no transverse mode, or where eigenvectors are not known because a mode
/// that takes part cannot be separated. Throws UsageError where additive coupling is asked to leave
/// other weights as they are.
[[nodiscard]] HubResult find_hubs(const MasterStability& state, const Network& network,
                                  const CouplingModes& modes, const HubOptions& options = {});

}  // namespace cortifold
