#include "app/program.hpp"

#include <cortifold/io/table.hpp>

#include <app/commands.hpp>
#include <gtest/gtest.h>

#include <iostream>
#include <sstream>

namespace cortifold::test {

namespace {

namespace fs = std::filesystem;

/// Takes what a stream writes for as long as it lives.
class Capture {
public:
    explicit Capture(std::ostream& stream) : stream_(stream), old_(stream.rdbuf(text_.rdbuf())) {}
    ~Capture() { stream_.rdbuf(old_); }
    Capture(const Capture&) = delete;
    Capture& operator=(const Capture&) = delete;
    [[nodiscard]] std::string text() const { return text_.str(); }

private:
    std::ostringstream text_;
    std::ostream& stream_;
    std::streambuf* old_;
};

}  // namespace

Outcome run_program(const std::vector<std::string>& arguments) {
    std::vector<const char*> argv{"cortifold"};
    for (const std::string& argument : arguments) argv.push_back(argument.c_str());
    const Capture out(std::cout), err(std::cerr);
    const int code = run_command_line(static_cast<int>(argv.size()), argv.data());
    return {code, out.text(), err.text()};
}

Folder::Folder() {
    std::string name = (fs::temp_directory_path() / "cortifold.XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw OutputError("no temporary folder " + name);
    path_ = name;
}

Folder::~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

std::string Folder::write(std::string_view name, std::string_view text) const {
    const fs::path file = path_ / name;
    fs::create_directories(file.parent_path());
    write_file(file, text);
    return file.string();
}

std::string study_of(const std::string& model, const std::string& action) {
    return "schema = 1\n[model]\nname = \"" + model + "\"\n[[step]]\ndo = \"" + action + "\"\n";
}

Record summary_of(std::string_view step, std::string_view study, std::string_view equations) {
    const Folder folder;
    folder.write("model.ode", equations);
    const std::string file = folder.write("study.toml", study), out = folder / "out";
    const Outcome outcome = run_program({std::string(step), file, "--out", out, "--quiet"});
    Record summary = read_json(out + "/" + std::string(step) + "/summary.json");
    const std::string status = text(summary, "status");
    EXPECT_EQ(outcome.code, status == "converged" || status == "reached_end" ? 0 : 1) << status;
    return summary;
}

}  // namespace cortifold::test
