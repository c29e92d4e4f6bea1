#include <cortifold/core/error.hpp>
#include <cortifold/ode/ensemble.hpp>

#include <exception>
#include <limits>

namespace cortifold {

namespace {

OdeResult integrate_member(const OdeProblem& problem, OdeOptions options, std::uint32_t member,
                           const Ensemble& ensemble, const EnsembleObserver& observer) {
    options.noise.member += member;
    options.on_jump = {};
    if (ensemble.on_jump)
        options.on_jump = [&ensemble, member](std::size_t which, double t, ConstVectorRef) {
            ensemble.on_jump(member, which, t);
        };
    if (!observer) return integrate(problem, options);
    return integrate(problem, options,
                     [&observer, member](double t, ConstVectorRef x, ConstVectorRef) {
                         return observer(member, t, x);
                     });
}

}  // namespace

void Ensemble::validate() const {
    require(members > 0, "ensemble.members = 0 must be greater than 0");
    require(context.threads > 0,
            "threads = " + std::to_string(context.threads) + " must be greater than 0");
}

std::vector<OdeResult> integrate_ensemble(const OdeProblem& problem, const OdeOptions& options,
                                          const Ensemble& ensemble,
                                          const EnsembleObserver& observer) {
    ensemble.validate();
    const std::uint32_t last = std::numeric_limits<std::uint32_t>::max() - (ensemble.members - 1);
    require(options.noise.member <= last, "the members of an ensemble must be below 2^32");
    std::vector<OdeResult> results(ensemble.members);
    std::vector<std::exception_ptr> errors(ensemble.members);  // none may leave a parallel region
#pragma omp parallel for schedule(dynamic) num_threads(ensemble.context.threads)
    for (std::uint32_t member = 0; member < ensemble.members; ++member) {
        try {
            results[member] = integrate_member(problem, options, member, ensemble, observer);
        } catch (...) {
            errors[member] = std::current_exception();
        }
    }
    for (const std::exception_ptr& error : errors)
        if (error) std::rethrow_exception(error);
    return results;
}

}  // namespace cortifold
