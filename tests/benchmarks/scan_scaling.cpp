// The map of unstable modes of ng_ping on 90 regions over (I_ext_E, eps), 100 x 100 cells unless
// another number is given: by the clock, over threads and ranks. Takes an idle machine.
#include <cortifold/io/table.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace {

namespace fs = std::filesystem;

struct Split {
    int ranks, threads;
};

double seconds(const Split& split, const fs::path& folder, const std::string& study) {
    const std::string launcher =
        split.ranks == 1 ? ""
                         : std::string(CORTIFOLD_MPIRUN) +
                               " --allow-run-as-root --oversubscribe --bind-to none -np " +
                               std::to_string(split.ranks) + " ";
    const std::string command = launcher + CORTIFOLD_PROGRAM + " scan " + study +
                                " --overwrite --out " + (folder / "out").string() +
                                " --quiet --threads " + std::to_string(split.threads);
    const auto begin = std::chrono::steady_clock::now();
    if (std::system(command.c_str()) != 0) throw std::runtime_error(command + " failed");
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

int main(int argc, char** argv) {
    const int cells = argc > 1 ? std::atoi(argv[1]) : 100;
    const fs::path folder = fs::temp_directory_path() / "cortifold_scan_scaling";
    fs::create_directories(folder);
    const std::string n = std::to_string(cells);
    cortifold::write_file(
        folder / "study.toml",
        "schema = 1\n[model]\nname = \"ng_ping\"\n[network]\nconnectome = \"" CORTIFOLD_CONNECTOME
        "\"\ncoupling = { normalize = \"rows\" }\n[[step]]\ndo = \"scan\"\n"
        "steps = [{ do = \"dispersion\", at = \"attractor\", cycle = { tolerance = 1e-6 } }]\n"
        "axes = { I_ext_E = [0, 16, " +
            n + "], eps = [0, 30, " + n +
            "] }\n"
            "record = [\"dispersion.attractor\", \"dispersion.unstable_modes\"]\n");
    std::printf("%s x %s cells\nranks threads  seconds  ms/cell  speedup\n", n.c_str(), n.c_str());
    double one = 0.0;
    std::string first;
    for (const Split split : {Split{1, 1}, {1, 2}, {2, 1}, {4, 1}}) {
        if (split.ranks > 1 && std::string(CORTIFOLD_MPIRUN).empty()) continue;
        const double time = seconds(split, folder, (folder / "study.toml").string());
        if (one == 0.0) one = time;
        std::printf("%5d %7d %8.1f %8.2f %8.2f\n", split.ranks, split.threads, time,
                    1e3 * time / (cells * cells), one / time);
        std::fflush(stdout);
        const std::string table = cortifold::read_file(folder / "out/scan/cells.csv");
        if (first.empty()) first = table;
        if (table != first) throw std::runtime_error("the results depend on the split");
    }
    fs::remove_all(folder);
}
