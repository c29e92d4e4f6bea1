#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace cortifold::test {

/// A process whose output goes to two files.
class Process {
public:
    Process(std::vector<std::string> arguments, const std::string& out, const std::string& err) {
        std::vector<char*> argv;
        for (std::string& argument : arguments) argv.push_back(argument.data());
        argv.push_back(nullptr);
        posix_spawn_file_actions_t files;
        posix_spawn_file_actions_init(&files);
        constexpr int flags = O_WRONLY | O_CREAT | O_TRUNC, mode = 0600;
        posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, out.c_str(), flags, mode);
        posix_spawn_file_actions_addopen(&files, STDERR_FILENO, err.c_str(), flags, mode);
        EXPECT_EQ(posix_spawn(&pid_, argv[0], &files, nullptr, argv.data(), environ), 0);
        posix_spawn_file_actions_destroy(&files);
    }
    [[nodiscard]] pid_t id() const { return pid_; }
    void send(int signal) const { EXPECT_EQ(kill(pid_, signal), 0); }
    /// Lets it run for a time, and kills it if it is not over then.
    void kill_after(double seconds) const {
        const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
        while (std::chrono::steady_clock::now() < end) {
            siginfo_t info{};
            const bool is_over =
                waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
                info.si_pid != 0;
            if (is_over) return;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        send(SIGKILL);
    }
    /// The exit code, or 128 and the number of the signal that ended it.
    [[nodiscard]] int wait() const {
        int status = 0;
        EXPECT_EQ(waitpid(pid_, &status, 0), pid_);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

private:
    pid_t pid_ = 0;
};

/// Processes whose parent is that one.
inline std::vector<pid_t> children_of(pid_t parent) {
    std::vector<pid_t> children;
    std::ifstream list("/proc/" + std::to_string(parent) + "/task/" + std::to_string(parent) +
                       "/children");
    for (pid_t child = 0; list >> child;) children.push_back(child);
    return children;
}

/// Waits until a file holds something; fails after a time in which it surely should.
inline void wait_for(const std::string& file) {
    constexpr std::chrono::milliseconds patience{30000}, interval{5};
    const auto begin = std::chrono::steady_clock::now();
    std::error_code absent;
    while (std::filesystem::file_size(file, absent) == 0 || absent) {
        ASSERT_LT(std::chrono::steady_clock::now() - begin, patience) << file << " did not appear";
        std::this_thread::sleep_for(interval);
    }
}

}  // namespace cortifold::test
