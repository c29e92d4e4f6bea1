#include "report/branch_run.hpp"

#include <cortifold/io/table.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace cortifold::test {
namespace {

const double fold = std::sqrt(1.0 / 3.0);  // |x| at the folds of q = 1
constexpr double hopf = 1.2, end = 1.5;    // x on the upper branch
constexpr int steps = 50;                  // of x between two special points

double p_of(double x) {
    return x * x * x - x;
}

Record point(const std::string& label, const std::string& type, double p, double x) {
    return Record::Table{{"label", label},
                         {"type", type},
                         {"parameters", Record::Table{{"p", p}}},
                         {"state", Record::Table{{"x", x}, {"y", 2.0 * x}}},
                         {"normal_form", Record::Table{}},
                         {"scenario", ""},
                         {"error", 1e-9},
                         {"residual", 1e-14}};
}

Record equilibria_record() {
    Record first = point("fold1", "fold", p_of(-fold), -fold),
           second = point("fold2", "fold", p_of(fold), fold),
           third = point("hopf1", "hopf", p_of(hopf), hopf);
    first["normal_form"]["a"] = 1.7;
    second["normal_form"]["a"] = -1.7;
    third["normal_form"]["l1"] = -0.25;
    third["scenario"] = "supercritical";
    third["frequency"] = 0.155;
    third["eigenvalues"] = Record::List{Record::List{0.0, 0.97}, Record::List{0.0, -0.97}};
    return Record::Table{{"branch", 1},
                         {"kind", "equilibrium"},
                         {"parameters", Record::List{"p"}},
                         {"points", 4 * steps},
                         {"status", "reached_end"},
                         {"message", "p is at -2.5"},
                         {"special", Record::List{first, second, third}}};
}

Record folds_record() {
    Record cusp = point("cusp1", "cusp", 0.0, 0.0);
    cusp["parameters"]["q"] = 0.0;
    cusp["normal_form"]["c"] = -1.0;
    cusp["scenario"] = "stable";
    return Record::Table{{"branch", 2},
                         {"kind", "fold"},
                         {"parameters", Record::List{"p", "q"}},
                         {"points", 2 * steps},
                         {"status", "reached_end"},
                         {"message", ""},
                         {"special", Record::List{cusp}}};
}

}  // namespace

BranchRun::BranchRun() {
    std::string name = (std::filesystem::temp_directory_path() / "cortifold-run-XXXXXX").string();
    path = mkdtemp(name.data());
    manifest = Record::Table{{"title", "Two folds"}};
    manifest["study"]["model"]["name"] = "cubic";
    manifest["steps"] = Record::List{Record::Table{
        {"name", "diagram"}, {"do", "diagram"}, {"status", "converged"}, {"message", ""}}};
    summary = Record::Table{
        {"branches", Record::List{equilibria_record(), folds_record()}},
        {"graph", Record::List{Record::Table{{"from", 1}, {"label", "fold1"}, {"to", 2}}}}};
}

BranchRun::~BranchRun() {
    std::filesystem::remove_all(path);
}

std::string BranchRun::file(const std::string& name) const {
    return read_file(path / name);
}

Record& BranchRun::special(const std::string& label) {
    for (Record& branch : summary["branches"].as<Record::List>()) {
        for (Record& candidate : branch["special"].as<Record::List>()) {
            if (candidate["label"].as<std::string>() == label) {
                return candidate;
            }
        }
    }
    throw UsageError("no special point " + label);
}

void BranchRun::write() const {
    std::filesystem::create_directories(path / "diagram");
    write_file(path / "manifest.json", to_json(manifest));
    write_file(path / "diagram/summary.json", to_json(summary));
    CsvWriter table(path / "diagram/branches.csv", {{"branch", ""},
                                                    {"kind", ""},
                                                    {"point", ""},
                                                    {"label", ""},
                                                    {"p", "mV"},
                                                    {"q", ""},
                                                    {"x", "mV"},
                                                    {"y", ""},
                                                    {"unstable", ""},
                                                    {"residual", ""},
                                                    {"arclength", ""}});
    std::int64_t number = 0;
    const auto row = [&](const std::string& label, double x, int unstable) {
        table.write_row(std::vector<Cell>{std::int64_t{1}, std::string("equilibrium"), number++,
                                          label, p_of(x), 1.0, x, 2.0 * x, std::int64_t{unstable},
                                          1e-14, x + end});
    };
    struct Part {
        double from, to;
        int unstable;
        std::string then;
    };
    for (const Part& part : {Part{-end, -fold, 0, "fold1"}, Part{-fold, fold, 1, "fold2"},
                             Part{fold, hopf, 0, "hopf1"}, Part{hopf, end, 2, ""}}) {
        for (int i = 1; i < steps; ++i) {
            row("", part.from + (part.to - part.from) * i / steps, part.unstable);
        }
        if (!part.then.empty()) {
            row(part.then, part.to, 1);  // of what is critical the sign is noise
        }
    }
    for (int i = -steps; i <= steps; ++i) {
        const double x = static_cast<double>(i) / steps;
        table.write_row(std::vector<Cell>{std::int64_t{2}, std::string("fold"), number++,
                                          std::string(i == 0 ? "cusp1" : ""), -2.0 * x * x * x,
                                          3.0 * x * x, x, 2.0 * x, std::int64_t{0}, 1e-14, x});
    }
    table.close();
    write_file(path / "diagram/special.csv", "label,frequency [1/ms]\nhopf1,0.155\n");
}

}  // namespace cortifold::test
