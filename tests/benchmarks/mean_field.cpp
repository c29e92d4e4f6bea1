// The theory of the microcircuit of Potjans & Diesmann 2014: its working point, and the response of
// its eight populations over a grid of frequencies.
#include "comparison.hpp"
#include "potjans_diesmann/potjans_diesmann.hpp"
#include <cortifold/meanfield/from_populations.hpp>
#include <cortifold/meanfield/linear_response.hpp>

#include <memory>

namespace cortifold::benchmarks {

void compare_mean_field() {
    const auto network =
        std::make_shared<const LifNetwork>(lif_network_of(potjans_diesmann::network()));
    const auto point =
        std::make_shared<const WorkingPoint>(find_working_point(*network, SynapseTheory::shift));
    WorkingPointOptions by_kinsol;
    by_kinsol.guess_hz = Vector::Ones(potjans_diesmann::populations);
    by_kinsol.search.newton.method = NewtonMethod::kinsol;
    constexpr double tolerance = 1e-9;
    compare({"working point of 8 populations of LIF neurons",
             {{"ours",
               [=] { keep(find_working_point(*network, SynapseTheory::shift).rates_hz.data()); }},
              {"KINSOL first",
               [=] {
                   const Vector rates =
                       find_working_point(*network, SynapseTheory::shift, by_kinsol).rates_hz;
                   expect_equal((rates - point->rates_hz).cwiseAbs().maxCoeff(), tolerance,
                                "self-consistent rates");
               }}},
             "bound: 1 ms; in Python 720 ms"});
    const ComplexVector lambda = oscillations(Vector::LinSpaced(500, 1.0, 500.0));
    const auto respond = [=](SynapseTheory theory) {
        for (std::size_t i = 0; i < network->populations.size(); ++i)
            keep(transfer_function(network->populations[i].neuron, point->inputs[i], lambda,
                                   {theory})
                     .cwiseAbs()
                     .sum());
    };
    compare({"transfer functions of 8 populations at 500 frequencies",
             {{"shift", [=] { respond(SynapseTheory::shift); }},
              {"taylor", [=] { respond(SynapseTheory::taylor); }},
              {"with delays and spectra",
               [=] {
                   const Vector noise = finite_size_noise(*network, *point);
                   for (const ComplexMatrix& loop :
                        effective_connectivity(*network, *point, lambda))
                       keep(cross_spectra(loop, noise)->cwiseAbs().sum());
               }}},
             "bound: 20 ms; in Python 74 s"});
}

}  // namespace cortifold::benchmarks
