#pragma once

#include <chrono>
#include <string>

namespace cortifold {

/// A bar with the time left on stderr, on a terminal only.
class Progress {
public:
    explicit Progress(bool quiet);
    void start(std::string task);
    /// `note`: what stands behind the time left.
    void update(double fraction, const std::string& note = {});
    void finish();
    /// A line on stderr, wherever that goes.
    void say(const std::string& line) const;
    /// Likewise, unless no progress is wanted.
    void tell(const std::string& line) const;

private:
    using Clock = std::chrono::steady_clock;
    bool quiet_, shown_;
    std::string task_;
    Clock::time_point begin_{}, drawn_{};
};

/// Ctrl-C and SIGTERM ask for an orderly end; a second one ends at once.
void catch_interrupts();
[[nodiscard]] bool interrupted();

}  // namespace cortifold
