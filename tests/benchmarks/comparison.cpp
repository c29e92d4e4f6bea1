#include "comparison.hpp"

#include <cortifold/linalg/dense_spectrum.hpp>

#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>

namespace cortifold::benchmarks {

namespace {

constexpr int short_repetitions = 9, long_repetitions = 3;
constexpr double shortest_repetition_s = 0.05;

std::vector<Comparison>& comparisons() {
    static std::vector<Comparison> registered;
    return registered;
}

std::string full_name(const Comparison& comparison, const Variant& variant) {
    return comparison.title + " / " + variant.name;
}

std::string in_units(double seconds) {
    constexpr double us = 1e-6, ms = 1e-3;
    const auto [unit, name] = seconds < ms    ? std::pair{us, "us"}
                              : seconds < 1.0 ? std::pair{ms, "ms"}
                                              : std::pair{1.0, "s"};
    char text[32];
    std::snprintf(text, sizeof text, "%10.3f %-2s", seconds / unit, name);
    return text;
}

/// Collects medians of processor time, which other programs hardly change, while benchmarks run,
/// and prints them comparison by comparison.
class RatioTable final : public benchmark::BenchmarkReporter {
public:
    bool ReportContext(const Context& context) override {
        PrintBasicContext(&GetErrorStream(), context);
        return true;
    }

    void ReportRuns(const std::vector<Run>& runs) override {
        for (const Run& run : runs)
            if (run.aggregate_name == "median") {
                const std::string& name = run.run_name.function_name;
                medians_[name] =
                    run.GetAdjustedCPUTime() / benchmark::GetTimeUnitMultiplier(run.time_unit);
                GetErrorStream() << in_units(medians_[name]) << "  " << name << std::endl;
            }
    }

    void Finalize() override {
        for (const Comparison& comparison : comparisons()) print(comparison);
    }

private:
    void print(const Comparison& comparison) const {
        const auto ours = medians_.find(full_name(comparison, comparison.variants.front()));
        if (ours == medians_.end()) return;
        std::printf("\n%s\n", comparison.title.c_str());
        for (const Variant& variant : comparison.variants) {
            const auto found = medians_.find(full_name(comparison, variant));
            if (found == medians_.end()) continue;
            const double seconds = found->second;
            std::printf("  %-44s %s %9.2f x", variant.name.c_str(), in_units(seconds).c_str(),
                        seconds / ours->second);
            if (variant.bytes > 0.0) std::printf(" %8.1f GB/s", variant.bytes / seconds * 1e-9);
            std::printf("\n");
        }
        if (!comparison.remark.empty()) std::printf("  %s\n", comparison.remark.c_str());
    }

    std::map<std::string, double> medians_;
};

}  // namespace

void compare(const Comparison& comparison) {
    comparisons().push_back(comparison);
    const bool is_long = comparison.length == Length::long_run;
    for (const Variant& variant : comparison.variants) {
        const std::string name = full_name(comparison, variant);
        auto* const registered = benchmark::RegisterBenchmark(
            name.c_str(), [run = variant.run](benchmark::State& state) {
                for ([[maybe_unused]] auto iteration : state) run();
            });
        registered->Repetitions(is_long ? long_repetitions : short_repetitions);
        if (is_long)
            registered->Iterations(1);
        else
            registered->MinTime(shortest_repetition_s);
    }
}

void expect_equal(double relative_difference, double tolerance, const std::string& what) {
    if (relative_difference <= tolerance) return;
    std::cerr << what << ": two ways differ by " << relative_difference << ", at most " << tolerance
              << " was expected\n";
    std::exit(EXIT_FAILURE);
}

void keep(const double* data) {
    benchmark::DoNotOptimize(*data);
    benchmark::ClobberMemory();
}

void keep(double value) {
    benchmark::DoNotOptimize(value);
}

}  // namespace cortifold::benchmarks

int main(int argc, char** argv) {
    using namespace cortifold::benchmarks;
    cortifold::use_one_blas_thread();
    // Repetitions of all variants alternate at random, so that a busy moment hits none alone.
    std::string interleave = "--benchmark_enable_random_interleaving=true";
    std::vector<char*> arguments(argv, argv + argc);
    arguments.insert(arguments.begin() + 1, interleave.data());
    int count = static_cast<int>(arguments.size());
    benchmark::Initialize(&count, arguments.data());
    if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return EXIT_FAILURE;
    compare_right_hand_sides();
    compare_jacobians();
    compare_simulations();
    compare_lyapunov();
    compare_master_stability();
    compare_mean_field();
    compare_solves();
    compare_sparse_spectra();
    compare_spectra();
    compare_products();
    compare_tapes();
    compare_readers();
    RatioTable table;
    benchmark::RunSpecifiedBenchmarks(&table);
    return EXIT_SUCCESS;
}
