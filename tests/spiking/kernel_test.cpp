#include "spiking/kernel_group.hpp"
#include <cortifold/core/rng.hpp>

#include <gtest/gtest.h>

namespace cortifold {
namespace {

template <class Kernel>
struct NeuronKernel : testing::Test {};
template <class... Kernels>
testing::Types<Kernels...> as_types(KernelList<Kernels...>);
using Kernels = decltype(as_types(NeuronKernels{}));
TYPED_TEST_SUITE(NeuronKernel, Kernels);

constexpr std::size_t most_receptors = 3;

/// Random inputs of a chunk in one step.
struct DrawnInput {
    std::array<std::int32_t, most_receptors * chunk_size> synaptic;
    std::array<std::int32_t, chunk_size> drive;
    std::array<double, most_receptors * chunk_size> drive_weights;
    std::array<double, chunk_size> current;
    std::array<std::uint64_t, chunk_size> free_from;

    explicit DrawnInput(std::uint64_t step) {
        const CounterRng rng({4, StreamPurpose::noise, step});
        std::uint64_t number = 0;
        for (std::size_t i = 0; i < synaptic.size(); ++i) {
            const double sign = i / chunk_size == 1 ? -1.0 : 1.0;
            synaptic[i] = static_cast<std::int32_t>(sign * 50.0 * rng.uniform(number++));
            drive_weights[i] = sign * rng.uniform(number++);
        }
        for (std::size_t i = 0; i < chunk_size; ++i) {
            drive[i] = static_cast<std::int32_t>(4.0 * rng.uniform(number++));
            current[i] = 300.0 * rng.normal(number++);
            free_from[i] = step + (rng.uniform(number++) > 0.9 ? 1 : 0);
        }
    }
    ChunkInput as_chunk(std::uint64_t step) {
        return {.synaptic = synaptic.data(),
                .unit = 0.1,
                .drive = drive.data(),
                .drive_weights = drive_weights.data(),
                .current = current.data(),
                .free_from = free_from.data(),
                .step = step};
    }
    [[nodiscard]] KernelInput<double> of(std::size_t i, std::uint64_t step) const {
        const auto at = [&](std::size_t k) {
            return 0.1 * synaptic[k] + drive_weights[k] * drive[i];
        };
        return {at(i), at(chunk_size + i), at(2 * chunk_size + i), current[i], free_from[i] > step};
    }
};

/// What each of a chunk's neurons does alone, and what all do in registers of one length.
template <class Kernel>
void expect_the_same_bits(InstructionSet instructions, bool are_alike) {
    using State = typename Kernel::template State<double>;
    using Coefficients = typename Kernel::template Coefficients<double>;
    AdvanceChunk* const advance = chunk_operations(instructions).advance[kernel_number<Kernel>];
    MemberColumns<State> states(1);
    MemberColumns<Coefficients> coefficients(1);
    std::array<State, chunk_size> alone;
    for (std::size_t i = 0; i < chunk_size; ++i) {
        const double step_ms = are_alike ? 0.1 : 0.05 + 0.001 * static_cast<double>(i);
        coefficients.set(i, Kernel::coefficients(typename Kernel::Model{}, step_ms));
        alone[i] = Kernel::initial(-60.0 + 0.3 * static_cast<double>(i), coefficients.get(i));
        states.set(i, alone[i]);
    }
    const ChunkMemory memory{states.chunk(0), coefficients.chunk(0), are_alike};
    for (std::uint64_t step = 0; step < 200; ++step) {
        DrawnInput drawn(step);
        const DrawnInput before = drawn;
        ChunkMarks reached;
        const bool any_reached = advance(memory, drawn.as_chunk(step), reached.of.data());
        const std::span used(drawn.synaptic.data(), Kernel::receptors * chunk_size);
        EXPECT_TRUE(std::ranges::all_of(used, [](std::int32_t sum) { return sum == 0; }));
        bool any_alone = false;
        for (std::size_t i = 0; i < chunk_size; ++i) {
            const bool sends = Kernel::step(alone[i], coefficients.get(i), before.of(i, step));
            any_alone |= sends;
            ASSERT_EQ(sends, reached.of[i] != 0);
            const State x = states.get(i);
            ASSERT_EQ(std::memcmp(&x, &alone[i], sizeof x), 0) << "step " << step;
            if (!sends) continue;
            Kernel::fire(alone[i], coefficients.get(i));
            states.set(i, alone[i]);
        }
        EXPECT_EQ(any_reached, any_alone);
    }
}

TYPED_TEST(NeuronKernel, GivesTheSameBitsInRegistersAsAlone) {
    for (const InstructionSet instructions : supported_instructions()) {
        expect_the_same_bits<TypeParam>(instructions, true);
        expect_the_same_bits<TypeParam>(instructions, false);
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
