#include <cortifold/core/error.hpp>
#include <cortifold/scan/team.hpp>

#ifdef CORTIFOLD_WITH_MPI
#include <mpi.h>
#endif

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

namespace cortifold {

#ifdef CORTIFOLD_WITH_MPI

bool Team::is_launched() {
    constexpr std::array set_by_launchers{"OMPI_COMM_WORLD_SIZE", "PMI_RANK", "PMIX_RANK"};
    for (const char* name : set_by_launchers)
        if (std::getenv(name) != nullptr) return true;
    return false;
}

Team::Team() {
    if (!is_launched()) return;
    int provided = 0;
    MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &provided);
    if (provided < MPI_THREAD_SERIALIZED)
        throw UsageError("this MPI lets threads not speak in turn (MPI_THREAD_SERIALIZED)");
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks_);
}

Team::~Team() {
    if (is_launched() && std::uncaught_exceptions() == 0) MPI_Finalize();
}

std::string Team::broadcast(std::string text) const {
    if (ranks_ == 1) return text;
    auto size = static_cast<std::int64_t>(text.size());
    MPI_Bcast(&size, 1, MPI_INT64_T, 0, MPI_COMM_WORLD);
    text.resize(static_cast<std::size_t>(size));
    MPI_Bcast(text.data(), static_cast<int>(size), MPI_CHAR, 0, MPI_COMM_WORLD);
    return text;
}

void Team::wait() const {
    if (ranks_ > 1) MPI_Barrier(MPI_COMM_WORLD);
}

#else

bool Team::is_launched() {
    return false;
}
Team::Team() = default;
Team::~Team() = default;
std::string Team::broadcast(std::string text) const {
    return text;
}
void Team::wait() const {}

#endif

struct WorkQueue::State {
    std::int64_t count;
    int rank, ranks;
    std::atomic<std::int64_t> handed_out = 0, done_elsewhere = 0;
    std::mutex speaking{};  ///< of the threads of a rank, one at a time
    std::thread server{};   ///< of rank 0

    std::optional<std::int64_t> take() {
        const std::int64_t number = handed_out++;
        return number < count ? std::optional(number) : std::nullopt;
    }

#ifdef CORTIFOLD_WITH_MPI
    static constexpr int request = 1, reply = 2;
    static constexpr std::int64_t no_more = -1, leaves = -2;

    /// Answers the other ranks until all have left.
    void serve() {
        constexpr std::chrono::milliseconds pause{1};
        for (int present = ranks - 1; present > 0;) {
            int waiting = 0;
            MPI_Status from;
            MPI_Iprobe(MPI_ANY_SOURCE, request, MPI_COMM_WORLD, &waiting, &from);
            if (waiting == 0) {
                std::this_thread::sleep_for(pause);
                continue;
            }
            std::int64_t done = 0;
            MPI_Recv(&done, 1, MPI_INT64_T, from.MPI_SOURCE, request, MPI_COMM_WORLD, &from);
            if (done == leaves) {
                --present;
                continue;
            }
            done_elsewhere += done;
            const std::int64_t number = take().value_or(no_more);
            MPI_Send(&number, 1, MPI_INT64_T, from.MPI_SOURCE, reply, MPI_COMM_WORLD);
        }
    }

    std::optional<std::int64_t> ask(std::int64_t done) {
        const std::lock_guard lock(speaking);
        MPI_Send(&done, 1, MPI_INT64_T, 0, request, MPI_COMM_WORLD);
        std::int64_t number = no_more;
        MPI_Recv(&number, 1, MPI_INT64_T, 0, reply, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        return number == no_more ? std::nullopt : std::optional(number);
    }

    void leave() {
        const std::lock_guard lock(speaking);
        MPI_Send(&leaves, 1, MPI_INT64_T, 0, request, MPI_COMM_WORLD);
    }
#else
    void serve() {}
    std::optional<std::int64_t> ask(std::int64_t) {
        return std::nullopt;
    }
    void leave() {}
#endif
};

WorkQueue::WorkQueue(const Team& team, std::int64_t count)
    : state_(new State{count, team.rank(), team.ranks()}) {
    if (state_->rank == 0 && state_->ranks > 1)
        state_->server = std::thread([this] { state_->serve(); });
}

WorkQueue::~WorkQueue() {
    finish();
}

std::optional<std::int64_t> WorkQueue::next(std::int64_t done) {
    if (state_->rank == 0) return state_->take();
    if (state_->handed_out >= state_->count) return std::nullopt;  // stopped here
    return state_->ask(done);
}

std::int64_t WorkQueue::done_elsewhere() const {
    return state_->done_elsewhere;
}

void WorkQueue::stop() {
    state_->handed_out = state_->count;
}

void WorkQueue::finish() {
    if (state_->ranks == 1) return;
    if (state_->server.joinable()) state_->server.join();
    if (std::exchange(state_->ranks, 1) > 1 && state_->rank > 0) state_->leave();
}

}  // namespace cortifold
