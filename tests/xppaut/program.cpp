#include "xppaut/program.hpp"

#include <cortifold/core/error.hpp>

#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

namespace cortifold {

namespace {

namespace fs = std::filesystem;

/// Gone with the object.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string pattern = (fs::temp_directory_path() / "xppaut-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) throw OutputError("cannot make " + pattern);
        path_ = pattern;
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() { fs::remove_all(path_); }
    [[nodiscard]] const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

/// The program says why it gives up in its last lines, or nothing.
std::string last_words(const std::string& log) {
    std::istringstream lines(log);
    std::string line, last;
    while (std::getline(lines, line))
        if (line.find_first_not_of(" \r") != std::string::npos) last = line;
    return last;
}

/// Rows of numbers between blanks.
std::vector<double> read_row(const std::string& line) {
    std::vector<double> row;
    std::istringstream words(line);
    for (std::string word; words >> word;) row.push_back(std::strtod(word.c_str(), nullptr));
    return row;
}

Columns read_columns(const fs::path& file) {
    std::ifstream stream(file);
    std::vector<std::vector<double>> rows;
    for (std::string line; std::getline(stream, line);) rows.push_back(read_row(line));
    Columns columns;
    if (rows.empty()) return columns;
    const auto width = static_cast<Eigen::Index>(rows.front().size());
    columns.t.resize(static_cast<Eigen::Index>(rows.size()));
    columns.values.resize(columns.t.size(), width - 1);
    for (Eigen::Index i = 0; i < columns.t.size(); ++i) {
        const Eigen::Map<const Vector> row(rows[static_cast<std::size_t>(i)].data(), width);
        columns.t[i] = row[0];
        columns.values.row(i) = row.tail(width - 1).transpose();
    }
    return columns;
}

}  // namespace

bool has_xppaut() {
    return std::system("command -v xppaut > /dev/null 2>&1") == 0;
}

std::string read_text(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) throw ConfigError("cannot be read", {file.string()});
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

Columns run_xppaut(const std::string& model, const fs::path& folder) {
    const TemporaryFolder copy;
    for (const auto& file : fs::directory_iterator(folder))
        fs::create_symlink(file.path(), copy.path() / file.path().filename());
    std::ofstream(copy.path() / "tested.ode", std::ios::binary) << model;
    fs::remove(copy.path() / "output.dat");
    const std::string command = "cd " + copy.path().string() +
                                " && timeout 30 xppaut -silent tested.ode > log 2>&1 < /dev/null";
    const int status = std::system(command.c_str());
    Columns columns = read_columns(copy.path() / "output.dat");
    if (columns.t.size() == 0)
        columns.message = status != 0 ? "it crashed or took over 30 s"
                                      : last_words(read_text(copy.path() / "log"));
    return columns;
}

}  // namespace cortifold
