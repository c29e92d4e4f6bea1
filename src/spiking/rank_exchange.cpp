#include "rank_exchange.hpp"

#include <cortifold/core/error.hpp>

#ifdef CORTIFOLD_WITH_MPI
#include <mpi.h>
#endif

#include <algorithm>
#include <bit>

namespace cortifold {

namespace {

std::string what_of(const std::exception_ptr& failure) {
    if (!failure) return {};
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        return error.what();
    }
}

}  // namespace

#ifdef CORTIFOLD_WITH_MPI

namespace {

constexpr std::size_t piece_bytes = std::size_t{1} << 30;  // counts of MPI are int

/// Calls move(begin, count) for pieces of `size` bytes.
void in_pieces(std::size_t size, auto&& move) {
    for (std::size_t begin = 0; begin < size; begin += piece_bytes)
        move(begin, static_cast<int>(std::min(piece_bytes, size - begin)));
}

}  // namespace

/// Messages have the same size on all ranks, their first word says how much of it is used: most
/// intervals need one collective operation. Where one rank has more, all see it, and send again.
struct RankExchange::Channel {
    MPI_Comm ranks = MPI_COMM_NULL;
    MPI_Request pending = MPI_REQUEST_NULL;
    std::vector<std::uint32_t> sent{}, received{};
    std::size_t capacity = 256;  ///< words

    void send(int count) {
        sent.resize(std::max(sent.size(), capacity));
        received.resize(capacity * static_cast<std::size_t>(count));
        const auto words = static_cast<int>(capacity);
        MPI_Iallgather(sent.data(), words, MPI_UINT32_T, received.data(), words, MPI_UINT32_T,
                       ranks, &pending);
    }
    [[nodiscard]] std::size_t most_words() const {
        std::size_t most = 0;
        for (std::size_t at = 0; at < received.size(); at += capacity)
            most = std::max<std::size_t>(most, received[at] + std::size_t{1});
        return most;
    }
};

RankExchange::RankExchange(const Context& context) : rank_(context.rank), ranks_(context.ranks) {
    require(ranks_ >= 1, "ranks = " + std::to_string(ranks_) + " must be 1 or more");
    require(rank_ >= 0 && rank_ < ranks_,
            "rank = " + std::to_string(rank_) +
                " must be 0 ... ranks - 1 = " + std::to_string(ranks_ - 1));
    if (ranks_ == 1) return;
    int is_running = 0, rank = 0, ranks = 1;
    MPI_Initialized(&is_running);
    if (is_running != 0) {
        MPI_Comm_rank(MPI_COMM_WORLD, &rank);
        MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    }
    require(rank == rank_ && ranks == ranks_,
            "rank " + std::to_string(rank_) + " of " + std::to_string(ranks_) +
                " was asked for; to MPI this process is rank " + std::to_string(rank) + " of " +
                std::to_string(ranks));
    channel_ = std::make_unique<Channel>();
    MPI_Comm_dup(MPI_COMM_WORLD, &channel_->ranks);
}

/// While an exception unwinds, other ranks may wait in another operation: they are not waited for.
RankExchange::~RankExchange() {
    int is_over = 0;
    MPI_Finalized(&is_over);
    if (channel_ && is_over == 0 && std::uncaught_exceptions() == 0)
        MPI_Comm_free(&channel_->ranks);
}

void RankExchange::begin(std::span<const std::uint32_t> words) {
    if (!channel_) return;
    channel_->sent.assign(1, static_cast<std::uint32_t>(words.size()));
    channel_->sent.insert(channel_->sent.end(), words.begin(), words.end());
    channel_->send(ranks_);
}

std::vector<std::span<const std::uint32_t>> RankExchange::end() {
    std::vector<std::span<const std::uint32_t>> others;
    if (!channel_) return others;
    Channel& c = *channel_;
    MPI_Wait(&c.pending, MPI_STATUS_IGNORE);
    if (const std::size_t most = c.most_words(); most > c.capacity) {
        c.capacity = std::bit_ceil(most);
        c.send(ranks_);
        MPI_Wait(&c.pending, MPI_STATUS_IGNORE);
    }
    for (int rank = 0; rank < ranks_; ++rank) {
        if (rank == rank_) continue;
        const std::uint32_t* message =
            c.received.data() + static_cast<std::size_t>(rank) * c.capacity;
        others.emplace_back(message + 1, *message);
    }
    return others;
}

bool RankExchange::any(bool here) const {
    if (!channel_) return here;
    int some = here ? 1 : 0;
    MPI_Allreduce(MPI_IN_PLACE, &some, 1, MPI_INT, MPI_MAX, channel_->ranks);
    return some != 0;
}

std::uint64_t RankExchange::sum(std::uint64_t here) const {
    if (channel_) MPI_Allreduce(MPI_IN_PLACE, &here, 1, MPI_UINT64_T, MPI_SUM, channel_->ranks);
    return here;
}

void RankExchange::broadcast(int root, std::string& bytes) const {
    if (!channel_) return;
    std::uint64_t size = bytes.size();
    MPI_Bcast(&size, 1, MPI_UINT64_T, root, channel_->ranks);
    bytes.resize(size);
    in_pieces(size, [&](std::size_t begin, int count) {
        MPI_Bcast(bytes.data() + begin, count, MPI_CHAR, root, channel_->ranks);
    });
}

std::string RankExchange::gather(const std::string& bytes) const {
    if (!channel_) return bytes;
    constexpr int tag = 1;
    const std::uint64_t size = bytes.size();
    std::vector<std::uint64_t> sizes(static_cast<std::size_t>(ranks_));
    MPI_Gather(&size, 1, MPI_UINT64_T, sizes.data(), 1, MPI_UINT64_T, 0, channel_->ranks);
    if (!leads()) {
        in_pieces(size, [&](std::size_t begin, int count) {
            MPI_Send(bytes.data() + begin, count, MPI_CHAR, 0, tag, channel_->ranks);
        });
        return {};
    }
    std::string all = bytes;
    for (int rank = 1; rank < ranks_; ++rank) {
        const std::size_t first = all.size(), more = sizes[static_cast<std::size_t>(rank)];
        all.resize(first + more);
        in_pieces(more, [&](std::size_t begin, int count) {
            MPI_Recv(all.data() + first + begin, count, MPI_CHAR, rank, tag, channel_->ranks,
                     MPI_STATUS_IGNORE);
        });
    }
    return all;
}

#else

struct RankExchange::Channel {};

RankExchange::RankExchange(const Context& context) {
    require(context.ranks == 1 && context.rank == 0,
            "rank " + std::to_string(context.rank) + " of " + std::to_string(context.ranks) +
                " was asked for; built without MPI there is rank 0 of 1 alone");
}

RankExchange::~RankExchange() = default;
void RankExchange::begin(std::span<const std::uint32_t>) {}
std::vector<std::span<const std::uint32_t>> RankExchange::end() {
    return {};
}
bool RankExchange::any(bool here) const {
    return here;
}
std::uint64_t RankExchange::sum(std::uint64_t here) const {
    return here;
}
void RankExchange::broadcast(int, std::string&) const {}
std::string RankExchange::gather(const std::string& bytes) const {
    return bytes;
}

#endif

void RankExchange::agree(const std::exception_ptr& failure) const {
    if (!any(failure != nullptr)) return;
    std::string first;
    for (int rank = 0; rank < ranks_ && first.empty(); ++rank) {
        first = rank == rank_ ? what_of(failure) : std::string();
        broadcast(rank, first);
        if (!first.empty() && ranks_ > 1) first = "rank " + std::to_string(rank) + ": " + first;
    }
    if (failure) std::rethrow_exception(failure);
    throw UsageError(first);
}

}  // namespace cortifold
