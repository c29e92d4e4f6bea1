#include "trial.hpp"

#include "stored_array.hpp"
#include <cortifold/core/error.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <new>

namespace cortifold {

namespace {

constexpr rlim_t memory_besides = rlim_t{256} << 20;  // bytes, whatever the size of the file
constexpr rlim_t seconds_besides = 10, bytes_a_second = rlim_t{32} << 20;  // unpacked
/// Of all numbers, at once: ours, and those the library unpacks, puts in order and converts.
constexpr rlim_t copies = 4;
constexpr int ran_out = 2;  // exit status

/// Bytes that this process may write to, mapped as yet: the sixth number of /proc/self/statm.
rlim_t writable_bytes() {
    std::ifstream pages("/proc/self/statm");
    rlim_t count = 0;
    for (int column = 0; column < 6; ++column) pages >> count;
    return count * static_cast<rlim_t>(sysconf(_SC_PAGESIZE));
}

/// Past `most` SIGXCPU tells why; at the hard limit SIGKILL would not.
void bound(int resource, rlim_t most) {
    const rlimit limit{most, most + 1};
    setrlimit(static_cast<__rlimit_resource_t>(resource), &limit);
}

/// As many bytes as a file of this size may come to as doubles, each packed as one byte.
rlim_t most_unpacked(std::uint64_t file_bytes) {
    return std::min(file_bytes, most_bytes) >= most_bytes / largest_deflate_ratio / sizeof(double)
               ? most_bytes
               : file_bytes * largest_deflate_ratio * sizeof(double);
}

/// Ends at once on a fault, without the handlers of the program around, and says nothing.
void become_expendable(std::uint64_t file_bytes) {
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) std::signal(fault, SIG_DFL);
    dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
    bound(RLIMIT_CORE, 0);
    const rlim_t unpacked = most_unpacked(file_bytes);
    bound(RLIMIT_CPU, seconds_besides + unpacked / bytes_a_second);
    bound(RLIMIT_DATA, writable_bytes() + memory_besides + copies * unpacked);
}

/// Message and place of the work's ConfigError, with a null byte between; or nothing.
std::string refusal_of(const std::function<void()>& work) {
    try {
        work();
        return "";
    } catch (const ConfigError& error) {
        const std::string place = error.where().file, text = error.what();
        return text.substr(0, text.size() - (" (" + place + ")").size()) + '\0' + place;
    }
}

/// Sends the refusal, if there is one, and gives the exit status.
int report(int to, const std::function<void()>& work) {
    try {
        const std::string refusal = refusal_of(work);
        const ssize_t sent = write(to, refusal.data(), refusal.size());
        return sent == static_cast<ssize_t>(refusal.size()) ? EXIT_SUCCESS : EXIT_FAILURE;
    } catch (const std::bad_alloc&) {
        return ran_out;
    }
}

std::string read_to_end(int from) {
    std::string text;
    std::array<char, 4096> block;
    for (ssize_t got = 0; (got = read(from, block.data(), block.size())) != 0;) {
        if (got > 0)
            text.append(block.data(), static_cast<std::size_t>(got));
        else if (errno != EINTR)
            break;
    }
    return text;
}

}  // namespace

void try_apart(const std::filesystem::path& file, const std::function<void()>& work) {
    const auto check = [&](bool done, const char* why) {
        if (!done) throw ConfigError(why, {file.string()});
    };
    constexpr const char* no_process = "cannot be read: there is no process to try it in";
    std::array<int, 2> ends{};
    check(pipe(ends.data()) == 0, no_process);
    const pid_t child = fork();
    if (child == 0) {
        std::error_code absent;
        const std::uintmax_t bytes = std::filesystem::file_size(file, absent);
        become_expendable(absent ? 0 : bytes);
        _exit(report(ends[1], work));
    }
    close(ends[1]);
    const std::string refusal = child > 0 ? read_to_end(ends[0]) : "";
    close(ends[0]);
    check(child > 0, no_process);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    check(!(WIFEXITED(status) && WEXITSTATUS(status) == ran_out) &&
              !(WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU),
          "reading it takes more memory or time than a file of its size should: it is damaged, or "
          "holds too much");
    check(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS,
          "its bytes are damaged: the library for this format fails on them");
    const std::size_t end = refusal.find('\0');
    if (end != std::string::npos)
        throw ConfigError(refusal.substr(0, end), {refusal.substr(end + 1)});
}

}  // namespace cortifold
