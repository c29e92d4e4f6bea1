#include "spiking/eglif_kernel.hpp"
#include "spiking/exponential_kernels.hpp"
#include "spiking/izhikevich_kernel.hpp"
#include "spiking/lif_kernels.hpp"
#include "spiking/poisson_source_kernel.hpp"
#include "spiking/qif_kernels.hpp"
#include "spiking/spike_times_kernel.hpp"
#include <cortifold/core/rng.hpp>

#include <gtest/gtest.h>

#include <bit>

namespace cortifold {
namespace {

template <class Kernel>
struct NeuronKernel : testing::Test {};
using Kernels =
    testing::Types<LifDeltaKernel, LifOneCurrentKernel, LifTwoCurrentsKernel, LifAlphaKernel,
                   LifConductanceKernel, QifDeltaKernel, QifExpKernel, AdexKernel, EifKernel,
                   IzhikevichKernel, EglifKernel, PoissonSourceKernel, SpikeTimesKernel>;
TYPED_TEST_SUITE(NeuronKernel, Kernels);

/// Random inputs, the same for a lane and its scalar twin.
struct InputDraws {
    CounterRng rng{{4, StreamPurpose::noise, 0}};
    std::uint64_t number = 0;
    double next(double scale) { return scale * rng.normal(number++); }
};

// The lanes of a register hold what the same kernel gives for one number at a time, bit for bit.
TYPED_TEST(NeuronKernel, GivesTheSameBitsInLanesAsAlone) {
    using Kernel = TypeParam;
    using One = typename Kernel::template State<double>;
    using Many = typename Kernel::template State<DoubleLanes>;
    using OwnCoefficients = typename Kernel::template Coefficients<double>;
    using ManyCoefficients = typename Kernel::template Coefficients<DoubleLanes>;
    const typename Kernel::Model model;
    const OwnCoefficients own = Kernel::coefficients(model, 0.1);
    ManyCoefficients many;
    Many lanes;
    std::array<One, lane_count> alone;
    InputDraws draws;
    for (std::size_t i = 0; i < lane_count; ++i) {
        alone[i] = Kernel::initial(-60.0 + 3.0 * static_cast<double>(i), own);
        LaneAccess<One, Many>::set(lanes, i, alone[i]);
        LaneAccess<OwnCoefficients, ManyCoefficients>::set(many, i, own);
    }
    for (int step = 0; step < 1000; ++step) {
        KernelInput<DoubleLanes> in{};
        std::array<KernelInput<double>, lane_count> each{};
        for (std::size_t i = 0; i < lane_count; ++i) {
            each[i] = {std::abs(draws.next(5.0)), -std::abs(draws.next(5.0)), draws.next(300.0),
                       draws.next(1.0) > 1.0};
            in.first[i] = each[i].first;
            in.second[i] = each[i].second;
            in.current[i] = each[i].current;
            in.held[i] = each[i].held ? -1 : 0;
        }
        const LaneMask sends = Kernel::step(lanes, many, in);
        for (std::size_t i = 0; i < lane_count; ++i) {
            EXPECT_EQ(Kernel::step(alone[i], own, each[i]), sends[i] != 0);
            const One lane = LaneAccess<One, Many>::get(lanes, i);
            ASSERT_EQ(std::memcmp(&lane, &alone[i], sizeof lane), 0) << "step " << step;
            if (sends[i] == 0) continue;
            Kernel::fire(alone[i], own);
            LaneAccess<One, Many>::set(lanes, i, alone[i]);
        }
    }
}

TEST(Exponential, IsThatOfTheLibraryToTwoRoundings) {
    for (double x = -700.0; x <= 700.0; x += 0.37)
        EXPECT_NEAR(exponential(x) / std::exp(x), 1.0, 4e-16) << x;
    EXPECT_EQ(exponential(0.0), 1.0);
    EXPECT_EQ(exponential(1e9), exponential(700.0));
    EXPECT_EQ(exponential(-1e9), exponential(-700.0));
}

TEST(Logarithm, IsThatOfTheLibraryToTwoRoundings) {
    for (double x = 1e-300; x < 1e300; x *= 1.37)
        EXPECT_NEAR(logarithm(x), std::log(x), 4e-16 * std::max(1.0, std::abs(std::log(x)))) << x;
    EXPECT_EQ(logarithm(1.0), 0.0);
}

TEST(RelativeGrowth, IsThatOfTheLibrary) {
    EXPECT_EQ(relative_growth(0.0), 1.0);
    for (double x = -3.0; x < 3.0; x += 0.0137)
        EXPECT_NEAR(relative_growth(x) * x / std::expm1(x), 1.0, 2e-15) << x;
}

}  // namespace
}  // namespace cortifold
