#pragma once

#include <cortifold/core/context.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace cortifold {

/// The ranks that share one simulation. MPI itself is begun and ended by whoever started them. One
/// rank needs none. All but `size` and `leads` is collective.
class RankExchange {
public:
    /// Throws UsageError where `context` is not what MPI says of this process.
    explicit RankExchange(const Context& context);
    RankExchange(const RankExchange&) = delete;
    RankExchange& operator=(const RankExchange&) = delete;
    ~RankExchange();

    [[nodiscard]] int size() const { return ranks_; }
    [[nodiscard]] bool leads() const { return rank_ == 0; }

    /// Begins to send `words` to all ranks; on the thread that ends it.
    void begin(std::span<const std::uint32_t> words);
    /// The words of all other ranks, until the next `begin`.
    [[nodiscard]] std::vector<std::span<const std::uint32_t>> end();

    [[nodiscard]] bool any(bool here) const;
    [[nodiscard]] std::uint64_t sum(std::uint64_t here) const;
    /// What `root` has, to all.
    void broadcast(int root, std::string& bytes) const;
    /// Of all ranks, in their order, on rank 0; nothing elsewhere.
    [[nodiscard]] std::string gather(const std::string& bytes) const;
    template <class T>
    [[nodiscard]] std::vector<T> gather(const std::vector<T>& here) const {
        static_assert(std::is_trivially_copyable_v<T>);
        if (ranks_ == 1) return here;
        std::string bytes(here.size() * sizeof(T), '\0');
        if (!here.empty()) std::memcpy(bytes.data(), here.data(), bytes.size());
        bytes = gather(bytes);
        std::vector<T> all(bytes.size() / sizeof(T));
        if (!all.empty()) std::memcpy(all.data(), bytes.data(), bytes.size());
        return all;
    }
    /// What fails on one rank, fails on all: there with its exception, elsewhere with a UsageError
    /// of what that says. `work` is not collective itself.
    void together(auto&& work) const {
        std::exception_ptr failure;
        try {
            work();
        } catch (...) {
            failure = std::current_exception();
        }
        agree(failure);
    }

private:
    void agree(const std::exception_ptr& failure) const;

    struct Channel;
    int rank_ = 0, ranks_ = 1;
    std::unique_ptr<Channel> channel_;
};

}  // namespace cortifold
