#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace cortifold {

/// A new folder for one test, removed after it.
class ScratchFolder {
public:
    ScratchFolder()
        : path_(std::filesystem::temp_directory_path() /
                ("cortifold_" + std::to_string(getpid()) + "_" +
                 testing::UnitTest::GetInstance()->current_test_info()->name())) {
        std::filesystem::create_directories(path_);
    }
    ~ScratchFolder() { std::filesystem::remove_all(path_); }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
        return path_ / name;
    }

private:
    std::filesystem::path path_;
};

/// A Python that has these modules, as a command; empty where there is none.
inline std::string python_with(const std::string& modules) {
    for (const std::string python : {"/usr/bin/python3", "python3"})
        if (std::system((python + " -c 'import " + modules + "' 2>/dev/null").c_str()) == 0)
            return python;
    return "";
}

/// Whether a script, run in the folder, comes to its end.
inline bool run_python(const std::string& python, const ScratchFolder& folder,
                       const std::string& script) {
    std::ofstream(folder / "script.py") << script;
    return std::system(
               ("cd '" + (folder / "").string() + "' && " + python + " script.py").c_str()) == 0;
}

}  // namespace cortifold
