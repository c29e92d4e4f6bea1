#include "sparse_symmetric.hpp"

#include "sparse_transformation.hpp"
#include <cortifold/core/error.hpp>

#include <Spectra/SymEigsSolver.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace cortifold {

namespace {

using Eigen::Index;

constexpr Index bound_steps = 40;
constexpr int most_rounds = 40, most_restarts = 300;
/// Of the transformed matrix, relative to what is asked of A.
constexpr double inner_tolerance = 1e-2, smallest_inner_tolerance = 1e-14;

/// Eigenvalues sought beyond those asked for: a gap among them is where to count.
Index spare(Index count) {
    constexpr Index fewest = 4, one_in = 20;
    return fewest + count / one_in;
}

struct Found {
    Vector values{};  ///< ascending
    Matrix vectors{};
};

/// What Spectra multiplies with: the transformed matrix on the complement of what was found, which
/// gets eigenvalue 0.
class DeflatedOperator {
public:
    using Scalar = double;
    DeflatedOperator(const Transformation& transformation, const Matrix& found)
        : transformation_(transformation), found_(found) {}
    [[nodiscard]] Index rows() const { return found_.rows(); }
    [[nodiscard]] Index cols() const { return found_.rows(); }
    void perform_op(const double* in, double* out) const {
        Eigen::Map<Vector> x(out, rows());
        x = Vector::Map(in, rows());
        project(x);
        transformation_.apply(x);
        project(x);
    }
    void project(VectorRef x) const {
        if (found_.cols() > 0) x -= found_ * (found_.transpose() * x);
    }

private:
    const Transformation& transformation_;
    const Matrix& found_;
};

struct Request {
    Index wanted = 0;
    int round = 0;
    double tolerance = 0.0;
    std::uint64_t seed = 0;
};

/// Orthonormal vectors of the largest eigenvalues in the complement, those that converged.
Matrix search_complement(const Transformation& transformation, const Matrix& found,
                         const Request& request) {
    constexpr Index smallest_space = 20;
    const Index n = found.rows(), left = n - found.cols();
    const Index wanted = std::min(request.wanted, left - 1);
    if (wanted < 1) return Matrix(n, 0);
    DeflatedOperator op(transformation, found);
    Spectra::SymEigsSolver<DeflatedOperator> solver(
        op, wanted, std::min(left, std::max(smallest_space, 2 * wanted + 1)));
    Vector start = random_start(n, request.seed, static_cast<std::uint64_t>(request.round));
    op.project(start);
    solver.init(start.data());
    solver.compute(Spectra::SortRule::LargestAlge, most_restarts,
                   std::max(smallest_inner_tolerance, inner_tolerance * request.tolerance));
    return solver.eigenvectors();
}

/// Rayleigh quotients, ascending; without those whose residual is above the limit.
Found judged(const ColumnSparse& a, const Matrix& vectors, double largest_residual) {
    const Matrix image = a.transpose() * vectors;
    const Vector values = vectors.cwiseProduct(image).colwise().sum();
    const Vector residuals = (image - vectors * values.asDiagonal()).colwise().norm();
    std::vector<Index> good;
    for (Index k = 0; k < values.size(); ++k)
        if (residuals[k] <= largest_residual) good.push_back(k);
    std::ranges::sort(good, {}, [&](Index k) { return values[k]; });
    return {values(good), vectors(Eigen::all, good)};
}

Found merged(const Found& a, const Found& b) {
    Vector values(a.values.size() + b.values.size());
    values << a.values, b.values;
    Matrix vectors(b.vectors.rows(), values.size());
    vectors << a.vectors, b.vectors;
    std::vector<Index> order(static_cast<std::size_t>(values.size()));
    std::iota(order.begin(), order.end(), Index{0});
    std::ranges::stable_sort(order, {}, [&](Index k) { return values[k]; });
    return {values(order), vectors(Eigen::all, order)};
}

/// No found eigenvalue lies inside; `below` of them lie below.
struct Gap {
    double low = 0.0, high = 0.0;
    Index below = 0;
};

/// The widest gap above the last eigenvalue asked for; where there is none, the one below it and
/// those equal to it.
Gap counting_gap(const Vector& values, Index count, double width) {
    Gap widest;
    for (Index k = count; k < values.size(); ++k)
        if (values[k] - values[k - 1] > widest.high - widest.low)
            widest = {values[k - 1], values[k], k};
    if (widest.high - widest.low > width) return widest;
    Index first = count - 1;
    while (first > 0 && values[first] - values[first - 1] <= width) --first;
    return {values[first] - width, values[first], first};
}

/// A count of eigenvalues below a number in the gap; none where rounding spoils it.
std::optional<std::pair<double, Index>> count_in(const Gap& gap, const ColumnSparse& a,
                                                 const FactorPlan& plan) {
    for (const double part : {0.5, 0.4, 0.6, 0.3}) {
        const double number = gap.low + part * (gap.high - gap.low);
        const BlockFactor factor(a, plan, number);
        if (!factor.exists()) continue;
        const EigenvalueCount count = factor.count();
        const double room = std::min(number - gap.low, gap.high - number);
        if (count.error < room && count.below >= gap.below) return {{number, count.below}};
    }
    return std::nullopt;
}

/// Finds in rounds: each searches the complement of what the rounds before have found.
class Search {
public:
    Search(ColumnSparse a, const SparseSpectrumOptions& options)
        : a_(std::move(a)),
          options_(options),
          norm_((a_.cwiseAbs().transpose() * Vector::Ones(a_.rows())).maxCoeff()),
          plan_(plan_factor(a_, counting_allowance * options.most_factor_entries)),
          found_{Vector(), Matrix(a_.rows(), 0)} {}
    [[nodiscard]] SymmetricModes run();

private:
    void choose_transformation();
    [[nodiscard]] Index missing_below(double last, const Found& news);

    ColumnSparse a_;
    SparseSpectrumOptions options_;
    double norm_;
    std::optional<FactorPlan> plan_;
    std::unique_ptr<Transformation> transformation_;
    Found found_;
    SymmetricModes result_;
};

SymmetricModes Search::run() {
    const Index count = options_.count;
    choose_transformation();
    Request request{count + spare(count), 0, options_.tolerance, options_.seed};
    for (; request.round < most_rounds && result_.check == CountCheck::none; ++request.round) {
        const Found news = judged(a_, search_complement(*transformation_, found_.vectors, request),
                                  options_.tolerance * norm_);
        const double last = found_.values.size() < count ? std::numeric_limits<double>::infinity()
                                                         : found_.values[count - 1];
        found_ = merged(found_, news);
        const Index lacking = count + spare(count) - found_.values.size();
        request.wanted = lacking > spare(count) ? lacking : missing_below(last, news);
    }
    const Index kept = std::min(count, found_.values.size());
    result_.values = found_.values.head(kept);
    result_.vectors = found_.vectors.leftCols(kept);
    return std::move(result_);
}

void Search::choose_transformation() {
    const bool small = plan_ && plan_->entries <= options_.most_factor_entries;
    require(small || options_.route != SpectrumRoute::shift_invert,
            "route = \"shift_invert\" needs a factor of " +
                (plan_ ? std::to_string(plan_->entries) : "too many") +
                " entries; most_factor_entries allows " +
                std::to_string(options_.most_factor_entries));
    result_.route = SpectrumRoute::shift_invert;
    if (small && options_.route != SpectrumRoute::matrix_free)
        transformation_ =
            shift_inverse(a_, *plan_, estimate_spectrum(a_, bound_steps, options_.seed));
    if (transformation_) return;
    result_.route = SpectrumRoute::matrix_free;
    const Index wanted = options_.count + spare(options_.count);
    transformation_ = chebyshev_filter(
        a_, estimate_spectrum(a_, std::min(a_.rows(), 2 * wanted + bound_steps), options_.seed),
        wanted);
}

/// How many eigenvalues up to the last one asked for are still to be found: none where the check is
/// passed. `last` is what was the last one before this round and its news.
Index Search::missing_below(double last, const Found& news) {
    const double width = cluster_width * norm_;
    if (plan_) {
        const Gap gap = counting_gap(found_.values, options_.count, width);
        if (const auto counted = count_in(gap, a_, *plan_)) {
            std::tie(result_.checked_to, result_.counted) = *counted;
            result_.found = gap.below;
            if (result_.counted == result_.found) result_.check = CountCheck::inertia;
            return std::min(result_.counted - result_.found, options_.count);
        }
        plan_.reset();  // rounding spoils every count
    }
    if (news.values.size() > 0 && news.values[0] >= last - width) {
        result_.check = CountCheck::deflation;
        result_.checked_to = news.values[0];
    }
    return spare(options_.count);
}

}  // namespace

SymmetricModes smallest_modes(const SparseMatrix& a, const SparseSpectrumOptions& options) {
    const OrderedMatrix ordered = fill_reducing(a);
    SymmetricModes modes = Search(ordered.a, options).run();
    modes.vectors = ordered.back * modes.vectors;
    return modes;
}

}  // namespace cortifold
