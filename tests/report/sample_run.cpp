#include "report/sample_run.hpp"

#include <cortifold/io/table.hpp>

#include <cmath>
#include <cstdlib>
#include <numbers>

namespace cortifold::test {
namespace {

constexpr double fastest_growth = 0.0174;     // 1/ms, of the last mode
constexpr double fastest_frequency = 0.1136;  // 1/ms
constexpr double uniform_growth = -0.0163;    // 1/ms
constexpr double last_lambda = -0.257;

double lambda_of(int mode, int modes) {
    return mode == 0 ? 1.0 : 0.74 + (last_lambda - 0.74) * (mode - 1.0) / std::max(1, modes - 2);
}

// The line through (1, uniform) and (last lambda, fastest).
double growth_at(double lambda) {
    return uniform_growth +
           (fastest_growth - uniform_growth) * (1.0 - lambda) / (1.0 - last_lambda);
}

double frequency_at(double lambda) {
    return fastest_frequency + 0.02 * (lambda - last_lambda);
}

std::filesystem::path fresh_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "cortifold-run-XXXXXX").string();
    return mkdtemp(name.data());
}

Record step_entry(const std::string& name, const std::string& kind) {
    return Record::Table{
        {"name", name}, {"do", kind}, {"status", "converged"}, {"message", ""}, {"wall_s", 0.25}};
}

Record pair(double re, double im) {
    return Record::List{re, im};
}

Record make_manifest() {
    Record manifest = Record::Table{
        {"title", "Transverse instability"}, {"version", "0.1.0"}, {"hash", "00ff"}, {"seed", 7}};
    Record& study = manifest["study"];
    study["model"]["name"] = "ng_ping";
    study["model"]["parameters"]["I_ext_E"] = 13.0;
    study["network"]["coupling"]["kind"] = "additive";
    study["step"]["dispersion"]["at"] = "eq1";
    study["step"]["simulate"]["initial"] = "eq1";
    manifest["steps"] =
        Record::List{step_entry("spectrum", "spectrum"), step_entry("equilibria", "equilibria"),
                     step_entry("dispersion", "dispersion"), step_entry("simulate", "simulate")};
    return manifest;
}

Record make_network(int regions) {
    return Record::Table{{"source", "a ring"},
                         {"nodes", regions},
                         {"edges", 2 * regions},
                         {"density", 0.18},
                         {"smallest_row_sum", 1.0},
                         {"largest_row_sum", 1.0},
                         {"mean_row_sum", 1.0},
                         {"asymmetry", 0.5},
                         {"components", 1},
                         {"findings", Record::List{Record::Table{{"severity", "warning"},
                                                                 {"message", "not symmetric"}}}}};
}

Record make_modes(int regions) {
    Record modes = Record::List{};
    for (int k = 0; k < regions; ++k) {
        const double lambda = lambda_of(k, regions);
        modes.push_back(Record::Table{{"index", k + 1},
                                      {"lambda", pair(lambda, 0.0)},
                                      {"growth", growth_at(lambda)},
                                      {"frequency", frequency_at(lambda)},
                                      {"unstable", growth_at(lambda) > 0}});
    }
    return modes;
}

Record make_equilibria() {
    const auto equilibrium = [](const char* label, double r, Record eigenvalues, int unstable) {
        return Record::Table{{"label", label},
                             {"state", Record::Table{{"r_e", r}, {"v_e", -2.0 * r}}},
                             {"eigenvalues", std::move(eigenvalues)},
                             {"unstable", unstable},
                             {"residual", 1e-15}};
    };
    return Record::Table{
        {"manifold", "homogeneous"},
        {"equilibria",
         Record::List{
             equilibrium("eq1", 0.1, Record::List{pair(-0.0163, 0.8), pair(-0.0163, -0.8)}, 0),
             equilibrium("eq2", 0.4, Record::List{pair(0.4, 0.0), pair(-0.3, 0.0)}, 1)}}};
}

Record make_simulation() {
    Record simulation = Record::Table{{"duration", 600.0}, {"steps", 4000}, {"evaluations", 9000}};
    simulation["states"] = Record::List{
        Record::Table{{"name", "r_e"}, {"mean", 0.1}, {"minimum", 0.02}, {"maximum", 0.3}}};
    simulation["deviation"] = Record::Table{{"initial", 1e-6},
                                            {"final", 0.2},
                                            {"growth", 0.0175},
                                            {"growth_spread", 1e-4},
                                            {"window", Record::List{100.0, 500.0}}};
    return simulation;
}

}  // namespace

SampleRun::SampleRun(int regions_)
    : path(fresh_folder()),
      regions(regions_),
      manifest(make_manifest()),
      network(make_network(regions_)),
      equilibria(make_equilibria()),
      simulation(make_simulation()) {
    Record eigenvalues = Record::List{}, residuals = Record::List{};
    for (int k = 0; k < regions; ++k) {
        eigenvalues.push_back(pair(lambda_of(k, regions), 0.0));
        residuals.push_back(1e-15);
    }
    spectrum = Record::Table{{"matrix", "weights"},
                             {"normalize", "rows"},
                             {"eigenvalues", eigenvalues},
                             {"residuals", residuals}};
    dispersion = Record::Table{{"modes", make_modes(regions)}};
}

SampleRun::~SampleRun() {
    std::filesystem::remove_all(path);
}

std::string SampleRun::file(const std::string& name) const {
    return read_file(path / name);
}

void SampleRun::write() const {
    for (const char* folder : {"network", "spectrum", "equilibria", "dispersion", "simulate"}) {
        std::filesystem::create_directories(path / folder);
    }
    write_file(path / "manifest.json", to_json(manifest));
    write_file(path / "network/summary.json", to_json(network));
    write_file(path / "spectrum/summary.json", to_json(spectrum));
    write_file(path / "equilibria/summary.json", to_json(equilibria));
    write_file(path / "dispersion/summary.json", to_json(dispersion));
    write_file(path / "simulate/summary.json", to_json(simulation));
    write_network_tables();
    write_dispersion_tables();
    write_simulation_tables();
}

void SampleRun::write_network_tables() const {
    std::vector<Column> columns{{"region", ""}, {"label", ""}, {"hemisphere", ""}, {"row_sum", ""}};
    if (positions) {
        columns.insert(columns.end(), {{"x", "mm"}, {"y", "mm"}, {"z", "mm"}});
    }
    CsvWriter places(path / "network/regions.csv", columns);
    CsvWriter weights(path / "network/weights.csv", {{"row", ""}, {"column", ""}, {"weight", ""}});
    for (int i = 0; i < regions; ++i) {
        const double angle = 2.0 * std::numbers::pi * i / regions;
        std::vector<Cell> row{std::int64_t{i}, label + std::to_string(i), std::string("left"), 1.0};
        if (positions) {
            row.insert(row.end(), {60.0 * std::cos(angle), 80.0 * std::sin(angle),
                                   40.0 * std::cos(3.0 * angle)});
        }
        places.write_row(row);
        for (const int step : {1, 2}) {
            weights.write_row(
                std::vector<Cell>{std::int64_t{i}, std::int64_t{(i + step) % regions}, 1.0 / step});
        }
    }
    places.close();
    weights.close();
    CsvWriter values(path / "spectrum/eigenvalues.csv",
                     {{"index", ""}, {"re", ""}, {"im", ""}, {"residual", ""}});
    for (int k = 0; k < regions; ++k) {
        values.write_row(std::vector<double>{k + 1.0, lambda_of(k, regions), 0.0, 1e-15});
    }
    values.close();
}

void SampleRun::write_dispersion_tables() const {
    CsvWriter eigenvalues(path / "equilibria/eigenvalues.csv",
                          {{"label", ""}, {"index", ""}, {"re", "1/ms"}, {"im", "1/ms"}});
    for (const Record& equilibrium : equilibria.find("equilibria")->as<Record::List>()) {
        for (const Record& value : equilibrium.find("eigenvalues")->as<Record::List>()) {
            eigenvalues.write_row(std::vector<Cell>{
                equilibrium.find("label")->as<std::string>(), std::int64_t{1},
                value.as<Record::List>()[0].number(), value.as<Record::List>()[1].number()});
        }
    }
    eigenvalues.close();
    CsvWriter curve(path / "dispersion/curve.csv",
                    {{"lambda", ""}, {"growth", "1/ms"}, {"frequency", "1/ms"}});
    for (double lambda = -0.4; lambda < 1.1; lambda += 0.01) {
        curve.write_row(std::vector<double>{lambda, growth_at(lambda), frequency_at(lambda)});
    }
    curve.close();
    CsvWriter modes(path / "dispersion/modes.csv", {{"index", ""},
                                                    {"lambda_re", ""},
                                                    {"lambda_im", ""},
                                                    {"growth", "1/ms"},
                                                    {"frequency", "1/ms"},
                                                    {"unstable", ""}});
    CsvWriter patterns(path / "dispersion/patterns.csv", {{"region", ""},
                                                          {"mode12_re", ""},
                                                          {"mode12_im", ""},
                                                          {"mode11_re", ""},
                                                          {"mode11_im", ""}});
    for (int k = 0; k < regions; ++k) {
        const double lambda = lambda_of(k, regions), growth = growth_at(lambda);
        modes.write_row(std::vector<double>{k + 1.0, lambda, 0.0, growth, frequency_at(lambda),
                                            growth > 0 ? 1.0 : 0.0});
        const double side = k % 2 == 0 ? 0.2 : -0.2;
        patterns.write_row(
            std::vector<double>{static_cast<double>(k), side, 0.0, side * std::cos(k), 0.0});
    }
    modes.close();
    patterns.close();
}

void SampleRun::write_simulation_tables() const {
    CsvWriter mean(path / "simulate/mean.csv", {{"t", "ms"},
                                                {"mean_r_e", "1/ms"},
                                                {"mean_v_e", "1"},
                                                {"sd_r_e", "1/ms"},
                                                {"sd_v_e", "1"},
                                                {"deviation", ""}});
    CsvWriter space_time(path / "simulate/space_time.csv",
                         {{"t", "ms"}, {"region", ""}, {"r_e", "1/ms"}});
    for (double t = 0.0; t <= 600.0; t += 1.0) {
        const double deviation = std::min(0.2, 1e-6 * std::exp(0.0175 * t));
        const double phase = 2.0 * std::numbers::pi * fastest_frequency * t;
        mean.write_row(std::vector<double>{t, 0.1 + 0.1 * deviation * std::sin(phase), -0.2,
                                           0.1 * deviation, 0.2 * deviation, deviation});
        for (int i = 0; i < regions && t > 500.0; ++i) {
            space_time.write_row(std::vector<double>{
                t, static_cast<double>(i), 0.1 + 0.02 * std::cos(phase + std::numbers::pi * i)});
        }
    }
    mean.close();
    space_time.close();
}

}  // namespace cortifold::test
