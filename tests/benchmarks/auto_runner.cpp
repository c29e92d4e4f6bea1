#include "auto_runner.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>

namespace cortifold::benchmarks {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view time_limit_s = "300";

/// Of the process, and gone with it.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string pattern = (fs::temp_directory_path() / "auto-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr)
            throw std::runtime_error("cannot make the folder " + pattern);
        path_ = pattern;
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    [[nodiscard]] const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

std::string read(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator(stream), {}};
}

void write(const fs::path& file, const std::string& text) {
    std::ofstream(file, std::ios::binary) << text;
}

std::optional<fs::path> find_program(const std::string& name) {
    const char* const path = std::getenv("PATH");
    std::istringstream folders(path == nullptr ? "" : path);
    for (std::string folder; std::getline(folders, folder, ':');)
        if (const fs::path program = fs::path(folder) / name; access(program.c_str(), X_OK) == 0)
            return program;
    return std::nullopt;
}

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

/// Runs a command in a folder, without a shell, into the file `log` there. Its processor time, all
/// threads taken together; nothing where it fails.
std::optional<double> run(const fs::path& folder, std::vector<std::string> command,
                          int threads = 1) {
    command.insert(command.begin(), {"env", "OMP_NUM_THREADS=" + std::to_string(threads), "timeout",
                                     std::string(time_limit_s)});
    std::vector<char*> arguments;
    for (std::string& word : command) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    constexpr mode_t readable = 0644;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "log", O_WRONLY | O_CREAT | O_TRUNC,
                                     readable);
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    pid_t process = 0;
    int status = posix_spawnp(&process, "env", &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    rusage used{};
    if (status != 0 || wait4(process, &status, 0, &used) != process || !WIFEXITED(status) ||
        WEXITSTATUS(status) != 0)
        return std::nullopt;
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// The object files that AUTO's programs are linked from: in $AUTO_DIR/lib, or beside the command.
std::vector<std::string> library() {
    const char* const set = std::getenv("AUTO_DIR");
    fs::path root = set == nullptr ? "" : set;
    if (const auto command = find_program("auto-07p"); root.empty() && command)
        root = fs::canonical(*command).parent_path().parent_path() / "lib/auto-07p";
    std::vector<std::string> objects;
    std::error_code absent;
    for (const auto& file : fs::directory_iterator(root / "lib", absent))
        if (file.path().extension() == ".o") objects.push_back(file.path().string());
    std::ranges::sort(objects);
    return objects;
}

/// Says why there is no result.
std::nullopt_t left_out(const std::string& reason) {
    std::cerr << "left out: " << reason << '\n';
    return std::nullopt;
}

/// The folder of a program with these equations, called `followed`.
std::optional<fs::path> compiled(const std::string& equations) {
    static const TemporaryFolder temporary;
    static std::map<std::string, std::optional<fs::path>> programs;
    if (const auto known = programs.find(equations); known != programs.end()) return known->second;
    auto& program = programs[equations];
    const std::vector<std::string> objects = library();
    if (objects.empty()) return left_out("AUTO is not here: Debian's package is auto-07p");
    if (!find_program("gfortran")) return left_out("AUTO takes a Fortran compiler: gfortran");
    const fs::path folder = temporary.path() / equations, sources = AUTO_EQUATIONS;
    fs::create_directory(folder);
    std::vector<std::string> command{"gfortran", "-O2", "-fopenmp", "-o", "followed"};
    for (const std::string& name : {equations, std::string("unused")})
        command.push_back((sources / (name + ".f90")).string());
    command.insert(command.end(), objects.begin(), objects.end());
    if (!run(folder, command)) return left_out(equations + ".f90: " + read(folder / "log"));
    return program = folder;
}

struct Times {
    double processor = HUGE_VAL, elapsed = HUGE_VAL;
};

/// Runs AUTO up to a number of points, which it leaves in fort.7 and fort.8. The shortest times of
/// the process and of AUTO's own clock.
std::optional<Times> follow(const fs::path& folder, const AutoCase& task, int max_points) {
    write(folder / "fort.2",
          task.constants + "\nNMX = " + std::to_string(max_points) +
              ", NPR = 0, IID = " + std::to_string(static_cast<int>(task.output)) + "\n");
    write(folder / "fort.3", task.restart);
    write(folder / "input.txt", task.input);
    constexpr std::string_view announced = "Total Time";
    Times shortest;
    for (int k = 0; k < task.repetitions; ++k) {
        const auto processor = run(folder, {"./followed"}, task.threads);
        const std::string log = read(folder / "log");
        const std::size_t found = log.rfind(announced);
        if (!processor || found == std::string::npos)
            return left_out(task.equations + ": AUTO failed or took over " +
                            std::string(time_limit_s) + " s: " + log);
        shortest.processor = std::min(shortest.processor, *processor);
        shortest.elapsed =
            std::min(shortest.elapsed, std::strtod(&log[found + announced.size()], nullptr));
    }
    return shortest;
}

/// As in AUTO's manual; on curves in two parameters a tenfold of the curve's own type is added.
std::string type_name(int code) {
    static const std::map<int, std::string> names{{1, "BP"},  {2, "LP"},  {3, "HB"},  {4, "RG"},
                                                  {5, "LPC"}, {6, "BPC"}, {7, "PD"},  {8, "TR"},
                                                  {9, "EP"},  {-1, "BT"}, {-2, "CP"}, {-3, "ZH"},
                                                  {-4, "UZ"}, {-9, "MX"}, {-32, "GH"}};
    const auto found = names.find(code == -32 ? code : code % 10);
    return found == names.end() ? std::to_string(code) : found->second;
}

/// Columns of a b. file: branch, point, type and label, then numbers.
constexpr std::size_t type_column = 10, type_width = 4, label_width = 5, width = 19;

std::string field(const std::string& line, std::size_t index) {
    std::istringstream words(line.substr(std::min(line.size(), width * (index + 1)), width));
    std::string all;
    for (std::string word; words >> word;) all += all.empty() ? word : " " + word;
    return all;
}

/// The branch of a b. file. Its lines with branch 0 are the heading, the last of which has names.
void read_branch(std::istream& file, AutoRun& into) {
    std::string heading;
    for (std::string line; std::getline(file, line);) {
        if (std::atoi(line.c_str()) == 0) {
            heading = line;
            continue;
        }
        ++into.points;
        const int type = std::atoi(line.substr(type_column, type_width).c_str());
        const int label = std::atoi(line.substr(type_column + type_width, label_width).c_str());
        if (label == 0) continue;
        AutoPoint point{type_name(type), label, {}};
        for (std::size_t k = 0; !field(line, k).empty(); ++k)
            point.values[field(heading, k)] = std::strtod(field(line, k).c_str(), nullptr);
        into.labelled.push_back(std::move(point));
    }
}

}  // namespace

// In both times is what comes before the first step, as much as 50 points of a small model take; a
// run of one point tells how much. AUTO's own clock has three digits.
std::optional<AutoRun> run_auto(const AutoCase& task) {
    const auto folder = compiled(task.equations);
    if (!folder) return std::nullopt;
    const auto start =
        task.whole ? Times{.processor = 0.0, .elapsed = 0.0} : follow(*folder, task, 1);
    if (!start) return std::nullopt;
    const auto all = follow(*folder, task, task.max_points);
    if (!all) return std::nullopt;
    AutoRun result;
    result.seconds = all->processor - start->processor;
    result.elapsed = all->elapsed - start->elapsed;
    std::ifstream branch(*folder / "fort.7");
    read_branch(branch, result);
    if (result.points < 2) return left_out(task.equations + ": AUTO did not leave the first point");
    result.solutions = read(*folder / "fort.8");
    return result;
}

}  // namespace cortifold::benchmarks
