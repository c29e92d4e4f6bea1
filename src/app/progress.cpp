#include "progress.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <iostream>

namespace cortifold {

namespace {

volatile std::sig_atomic_t signal_seen = 0;  // the only way a signal handler may speak

extern "C" void remember_signal(int signal) {
    signal_seen = 1;
    std::signal(signal, SIG_DFL);
}

constexpr int bar_width = 30;
constexpr std::chrono::milliseconds redraw_interval{100};

}  // namespace

Progress::Progress(bool quiet) : quiet_(quiet), shown_(!quiet && isatty(STDERR_FILENO) == 1) {}

void Progress::start(std::string task) {
    task_ = std::move(task);
    begin_ = drawn_ = Clock::now();
}

void Progress::update(double fraction, const std::string& note) {
    if (!shown_) return;
    const auto now = Clock::now();
    if (now - drawn_ < redraw_interval) return;
    drawn_ = now;
    const double elapsed = std::chrono::duration<double>(now - begin_).count();
    const int full = static_cast<int>(fraction * bar_width);
    std::fprintf(stderr, "\r%s [%s%s] %3.0f %%, %.0f s left%s\033[K", task_.c_str(),
                 std::string(static_cast<std::size_t>(full), '#').c_str(),
                 std::string(static_cast<std::size_t>(bar_width - full), '.').c_str(),
                 100.0 * fraction, fraction > 0.0 ? elapsed * (1.0 - fraction) / fraction : 0.0,
                 (note.empty() ? " " : ", " + note + " ").c_str());
    std::fflush(stderr);
}

void Progress::finish() {
    if (shown_ && drawn_ != begin_) std::fprintf(stderr, "\r\033[K");
}

void Progress::say(const std::string& line) const {
    std::cerr << (shown_ ? "\r\033[K" : "") + line + "\n" << std::flush;
}

void Progress::tell(const std::string& line) const {
    if (!quiet_) say(line);
}

void catch_interrupts() {
    signal_seen = 0;
    std::signal(SIGINT, remember_signal);
    std::signal(SIGTERM, remember_signal);
    std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is a failed write, not a sudden end
}

bool interrupted() {
    return signal_seen != 0;
}

}  // namespace cortifold
