#pragma once

#include <cortifold/io/record.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace cortifold::test {

/// How a command ended and what it wrote.
struct Outcome {
    int code = -1;
    std::string out, err;
};

/// `cortifold ARGUMENTS`, in this process.
[[nodiscard]] Outcome run_program(const std::vector<std::string>& arguments);

/// An empty folder for one test, which leaves nothing behind.
class Folder {
public:
    Folder();
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    [[nodiscard]] std::string operator/(std::string_view name) const {
        return (path_ / name).string();
    }
    /// Writes a file and returns its path.
    std::string write(std::string_view name, std::string_view text) const;

private:
    std::filesystem::path path_;
};

/// The beginning of a study of a built-in model, to which keys of its first step are added.
[[nodiscard]] std::string study_of(const std::string& model, const std::string& action);

/// The summary that `cortifold STEP` writes of a study that has one such step at most, with
/// `equations` in a file model.ode beside it. Fails the test where the exit code says another thing
/// than the status.
[[nodiscard]] Record summary_of(std::string_view step, std::string_view study,
                                std::string_view equations = "");

/// The elements of a list, by value: safe to iterate in a range-for over a temporary.
[[nodiscard]] inline Record::List items(const Record& record, std::string_view key) {
    return record.find(key)->as<Record::List>();
}
[[nodiscard]] inline double number(const Record& record, std::string_view key) {
    return record.find(key)->number();
}
[[nodiscard]] inline std::string text(const Record& record, std::string_view key) {
    return record.find(key)->as<std::string>();
}

}  // namespace cortifold::test
