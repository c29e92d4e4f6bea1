#pragma once

#include <cortifold/core/error.hpp>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace cortifold {

/// Numbers, lists and texts as bytes, one after the other.
class StateWriter {
public:
    template <class T>
    requires std::is_arithmetic_v<T>
    void add(T number) { bytes_.append(reinterpret_cast<const char*>(&number), sizeof(T)); }
    template <class T>
    void add(const std::vector<T>& list) {
        add(std::string_view(reinterpret_cast<const char*>(list.data()), list.size() * sizeof(T)));
    }
    void add(std::string_view text) {
        add(std::uint64_t{text.size()});
        bytes_.append(text);
    }
    [[nodiscard]] std::string take() { return std::move(bytes_); }

private:
    std::string bytes_{};
};

/// Reads in the same order; throws ConfigError where the bytes end before.
class StateReader {
public:
    explicit StateReader(std::string_view bytes) : rest_(bytes) {}
    template <class T>
    [[nodiscard]] T number() {
        static_assert(std::is_arithmetic_v<T>);
        T value{};
        std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
        return value;
    }
    [[nodiscard]] std::string_view text() { return take(number<std::uint64_t>()); }
    template <class T>
    [[nodiscard]] std::vector<T> list() {
        static_assert(std::is_trivially_copyable_v<T>);
        const std::string_view bytes = text();
        require_whole(bytes.size() % sizeof(T) == 0);
        std::vector<T> list(bytes.size() / sizeof(T));
        if (!list.empty()) std::memcpy(list.data(), bytes.data(), bytes.size());
        return list;
    }
    /// Throws ConfigError unless the condition, and so the bytes are as they were written.
    static void require_whole(bool condition) {
        if (!condition) throw ConfigError("the state of the simulation is damaged");
    }
    [[nodiscard]] bool is_at_end() const { return rest_.empty(); }

private:
    std::string_view take(std::uint64_t size) {
        require_whole(size <= rest_.size());
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }
    std::string_view rest_;
};

}  // namespace cortifold
