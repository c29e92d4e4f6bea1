// What Debian's auto-07p takes for each point of its curves, and which points it finds.
#include "auto_cases.hpp"

#include <cstdio>
#include <cstdlib>

using namespace cortifold::benchmarks;

namespace {

void print(const char* title, const AutoRun& run, const AutoRun& without_eigenvalues) {
    constexpr double us = 1e-6;
    std::printf("%s: %.1f us a point, %.1f without printing eigenvalues, %d points\n", title,
                run.seconds_per_point() / us, without_eigenvalues.seconds_per_point() / us,
                run.points);
    for (const AutoPoint& point : run.labelled) {
        std::printf("  %3d %s", point.label, point.type.c_str());
        for (const auto& [name, value] : point.values)
            if (name.starts_with("PAR")) std::printf("  %s = %.10g", name.c_str(), value);
        std::printf("\n");
    }
}

std::optional<AutoRun> time(const char* title, AutoCase task) {
    auto run = run_auto(task);
    task.output = AutoOutput::branch;
    const auto without_eigenvalues = run_auto(task);
    if (run && without_eigenvalues) print(title, *run, *without_eigenvalues);
    return run;
}

}  // namespace

int main() {
    time("Jansen-Rit", auto_jansen_rit());
    time("Hodgkin-Huxley", auto_hodgkin_huxley());
    if (const auto branch = time("Wilson-Cowan", auto_wilson_cowan())) {
        time("Wilson-Cowan, folds", auto_wilson_cowan_folds(*branch));
        time("Wilson-Cowan, Hopf points", auto_wilson_cowan_hopf_points(*branch));
    }
    time("90 Jansen-Rit nodes", auto_jansen_rit_network());
    return EXIT_SUCCESS;
}
