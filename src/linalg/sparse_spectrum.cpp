#include "eigenpairs.hpp"
#include "sparse_factor.hpp"
#include "sparse_krylov_schur.hpp"
#include "sparse_symmetric.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>

#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <Eigen/SparseLU>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <queue>
#include <sstream>
#include <string>
#include <vector>

namespace cortifold {

namespace {

using Eigen::Index;
using Complex = std::complex<double>;

/// 6 GB in LAPACK's general solver.
constexpr Index most_dense = 12000;
/// Eigenvalues a Krylov space can look for: this part of all.
constexpr Index krylov_part = 4, fewest_krylov = 100;
/// Of d_i a_ij against d_j a_ji, relative.
constexpr double balance_tolerance = 1e-12;
/// Of the operator's own residuals, relative to ours.
constexpr double inner_tolerance = 1e-2;
/// Relative to the norm.
constexpr double away_from_eigenvalue = 1e-8;
constexpr const char* unchecked = "without a check that none is missing";

void require_square(const SparseMatrix& a) {
    require(a.rows() == a.cols(), "a spectrum needs a square matrix, not " +
                                      std::to_string(a.rows()) + " x " + std::to_string(a.cols()));
}

/// Bounds the 2-norm.
double norm_of(const SparseMatrix& a) {
    const SparseMatrix magnitude = a.cwiseAbs();
    const Vector rows = magnitude * Vector::Ones(a.cols());
    const Vector columns = magnitude.transpose() * Vector::Ones(a.rows());
    return a.size() > 0 ? std::sqrt(rows.maxCoeff()) * std::sqrt(columns.maxCoeff()) : 0.0;
}

/// The greater, the more an eigenvalue is wanted.
double rank_of(Complex value, const SparseSpectrumOptions& options) {
    switch (options.end) {
        case SpectrumEnd::largest: return value.real();
        case SpectrumEnd::smallest: return -value.real();
        case SpectrumEnd::largest_magnitude: return std::abs(value);
        case SpectrumEnd::nearest: return -std::abs(value - options.shift);
    }
    return 0.0;
}

SparseModes selected(const ComplexVector& values, const ComplexMatrix& vectors,
                     const SparseSpectrumOptions& options) {
    const std::vector<Index> chosen = highest_ranked(
        values, options.count, [&](Complex value) { return rank_of(value, options); });
    SparseModes modes;
    modes.values = values(chosen);
    modes.vectors = vectors(Eigen::all, chosen);
    return modes;
}

/// D^1/2 A D^-1/2 where that is symmetric: d_i a_ij = d_j a_ji, detailed balance.
struct SymmetricForm {
    SparseMatrix matrix;
    Vector inverse_root;  ///< of D
};

/// d, the first of each connected component 1; of a matrix whose entries come in pairs of one sign.
Vector balance(const SparseMatrix& a, const SparseMatrix& transposed) {
    Vector d = Vector::Zero(a.rows());
    std::queue<Index> open;
    for (Index root = 0; root < a.rows(); ++root) {
        if (d[root] != 0.0) continue;
        d[root] = 1.0;
        for (open.push(root); !open.empty(); open.pop()) {
            const Index i = open.front();
            SparseMatrix::InnerIterator back(transposed, i);
            for (SparseMatrix::InnerIterator to(a, i); to; ++to, ++back)
                if (d[to.col()] == 0.0) {
                    d[to.col()] = d[i] * (to.value() / back.value());
                    open.push(to.col());
                }
        }
    }
    return d;
}

std::optional<SymmetricForm> symmetric_form(const SparseMatrix& a) {
    const SparseMatrix transposed = a.transpose();
    const auto entries = static_cast<std::size_t>(a.nonZeros());
    const auto equal = [&](const auto* x, const auto* y, std::size_t count) {
        return std::equal(x, x + count, y);
    };
    if (!equal(a.outerIndexPtr(), transposed.outerIndexPtr(), static_cast<std::size_t>(a.rows())) ||
        !equal(a.innerIndexPtr(), transposed.innerIndexPtr(), entries))
        return std::nullopt;
    if (equal(a.valuePtr(), transposed.valuePtr(), entries))
        return SymmetricForm{a, Vector::Ones(a.rows())};
    const auto there = a.coeffs(), back = transposed.coeffs();
    if (!(there * back > 0.0).all()) return std::nullopt;
    const Vector d = balance(a, transposed);
    if (!d.allFinite() || d.minCoeff() <= 0.0) return std::nullopt;
    const SparseMatrix flow = d.asDiagonal() * a, flow_back = transposed * d.asDiagonal();
    const Eigen::ArrayXd difference = (flow.coeffs() - flow_back.coeffs()).abs();
    if ((difference > balance_tolerance * flow.coeffs().abs()).any()) return std::nullopt;
    SymmetricForm form{a, d.cwiseSqrt().cwiseInverse()};
    form.matrix.coeffs() = there.sign() * (there.abs().sqrt() * back.abs().sqrt());
    return form;
}

/// How many there are and were found, for a message. `sign`: -1 where the modes are those of -A.
std::string evidence(const SymmetricModes& found, double sign) {
    std::ostringstream text;
    switch (found.check) {
        case CountCheck::inertia:
            text << "found are all " << found.counted << " that Sylvester's law counts";
            break;
        case CountCheck::deflation: text << "a search beside them finds none"; break;
        default:
            text << "some may be missing: " << found.found << " were found of " << found.counted;
    }
    text << (sign > 0.0 ? " below " : " above ") << sign * found.checked_to;
    return text.str();
}

/// The modes of D^1/2 A D^-1/2 at one end as modes of A.
SparseModes one_end(const SymmetricForm& form, const SparseSpectrumOptions& options, double sign) {
    const SymmetricModes found = smallest_modes(sign * form.matrix, options);
    SparseModes modes{.status = Status::converged, .message = evidence(found, sign)};
    modes.values = sign * found.values.cast<Complex>();
    modes.vectors = (form.inverse_root.asDiagonal() * found.vectors).cast<Complex>();
    modes.route = found.route;
    modes.count_check = found.check;
    return modes;
}

SparseModes both_ends(const SymmetricForm& form, const SparseSpectrumOptions& options) {
    const SparseModes low = one_end(form, options, 1.0), high = one_end(form, options, -1.0);
    ComplexVector values(low.values.size() + high.values.size());
    values << low.values, high.values;
    ComplexMatrix vectors(low.vectors.rows(), values.size());
    vectors << low.vectors, high.vectors;
    SparseModes modes = selected(values, vectors, options);
    modes.status = Status::converged;
    modes.message = low.message + ", " + high.message;
    modes.route = high.route;
    if (low.count_check != CountCheck::none) modes.count_check = high.count_check;
    return modes;
}

SparseModes symmetric_modes(const SymmetricForm& form, const SparseSpectrumOptions& options) {
    SparseModes modes =
        options.end == SpectrumEnd::largest_magnitude
            ? both_ends(form, options)
            : one_end(form, options, options.end == SpectrumEnd::smallest ? 1.0 : -1.0);
    if (modes.count_check == CountCheck::none) modes.status = Status::iteration_limit;
    return modes;
}

KrylovProblem krylov_problem(const SparseMatrix& a, const SparseSpectrumOptions& options) {
    return {[&](ConstVectorRef x, VectorRef y) { y.noalias() = a * x; },
            [&](Complex value) { return rank_of(value, options); },
            a.rows(),
            options.count,
            inner_tolerance * options.tolerance,
            options.seed};
}

/// A real number, or a conjugate pair.
std::string shown(Complex value) {
    std::ostringstream text;
    text << value.real();
    if (value.imag() != 0.0) text << " +- " << std::abs(value.imag()) << " i";
    return text.str();
}

/// A number that no eigenvalue ranks below.
double last_of_all(SpectrumEnd end, double norm) {
    switch (end) {
        case SpectrumEnd::largest: return -norm;
        case SpectrumEnd::smallest: return norm;
        default: return 0.0;
    }
}

/// How many of the unit vectors depend on the others, to rounding: of a defective eigenvalue.
Index dependent(const ComplexMatrix& vectors) {
    constexpr double square_of_nothing = 1e-12;
    const ComplexMatrix products = vectors.adjoint() * vectors;
    const Eigen::SelfAdjointEigenSolver<ComplexMatrix> squares(products, Eigen::EigenvaluesOnly);
    return (squares.eigenvalues().array() < square_of_nothing).count();
}

void mention_dependent(SparseModes& modes) {
    if (modes.values.size() == 0) return;
    if (const Index lacking = dependent(modes.vectors); lacking > 0)
        modes.message += "; their eigenvectors span " +
                         std::to_string(modes.values.size() - lacking) +
                         " dimensions only: an eigenvalue is defective";
}

/// How far those of `some` that rank above the last of `others` are from the nearest of them.
double farthest(const ComplexVector& some, const ComplexVector& others,
                const SparseSpectrumOptions& options, double width) {
    double last = std::numeric_limits<double>::infinity(), distance = 0.0;
    for (const Complex value : others) last = std::min(last, rank_of(value, options));
    for (const Complex value : some)
        if (rank_of(value, options) > last + width)
            distance = std::max(distance, (others.array() - value).abs().minCoeff());
    return distance;
}

/// The largest 1 / |y* x| of unit left and right vectors, y that of a cluster that is nearest to x;
/// infinite of a defective cluster.
double largest_condition(const SparseModes& modes, const RitzPairs& left, double width) {
    constexpr double rank_threshold = 1e-6;
    double smallest = 1.0;
    for (Index k = 0; k < modes.values.size(); ++k) {
        std::vector<Index> cluster;
        for (Index j = 0; j < left.values.size(); ++j)
            if (std::abs(std::conj(left.values[j]) - modes.values[k]) <= width)
                cluster.push_back(j);
        const Index here = ((modes.values.array() - modes.values[k]).abs() <= width).count();
        if (static_cast<Index>(cluster.size()) != here) continue;  // cut in two by the count
        Eigen::ColPivHouseholderQR<ComplexMatrix> qr(left.vectors(Eigen::all, cluster));
        qr.setThreshold(rank_threshold);
        const ComplexVector parts = qr.householderQ().adjoint() * modes.vectors.col(k);
        smallest = std::min(smallest, qr.rank() < here ? 0.0 : parts.head(here).norm());
    }
    return 1.0 / smallest;
}

/// A small residual is no small error where a matrix is far from normal; but then rounding moves
/// the eigenvalues of A^T elsewhere.
void compare_with_transposed(const SparseMatrix& a, const SparseSpectrumOptions& options,
                             SparseModes& modes) {
    const double norm = norm_of(a), width = cluster_width * norm;
    const SparseMatrix transposed = a.transpose();
    const RitzPairs left =
        krylov_search(krylov_problem(transposed, options), last_of_all(options.end, norm), width)
            .pairs;
    if (left.values.size() < options.count) return;
    const double distance = std::max(farthest(modes.values, left.values, options, width),
                                     farthest(left.values, modes.values, options, width));
    std::ostringstream text;
    if (distance <= width) {
        text << "; of condition numbers up to " << largest_condition(modes, left, width);
    } else {
        modes.status = Status::iteration_limit;
        text << "; those of the transposed matrix differ by up to " << distance
             << ": it is so far from normal that small residuals do not make them right";
    }
    modes.message += text.str();
}

SparseModes matrix_free_modes(const SparseMatrix& a, const SparseSpectrumOptions& options) {
    const double norm = norm_of(a);
    SearchedPairs found = krylov_search(krylov_problem(a, options), last_of_all(options.end, norm),
                                        cluster_width * norm);
    SparseModes modes{.status = Status::converged, .message = unchecked};
    modes.values = std::move(found.pairs.values);
    modes.vectors = std::move(found.pairs.vectors);
    modes.route = SpectrumRoute::matrix_free;
    if (found.none_missing) {
        modes.count_check = CountCheck::deflation;
        modes.message = "a search beside them finds none before " + shown(*found.next);
        compare_with_transposed(a, options, modes);
    } else if (found.next) {
        modes.status = Status::iteration_limit;
        modes.message = "some are missing: a search beside them finds " + shown(*found.next);
    }
    mention_dependent(modes);
    return modes;
}

/// The factors of an unsymmetric matrix hold about as much as those of |A| + |A^T|.
void require_small_factors(const SparseMatrix& a, const SparseSpectrumOptions& options) {
    const SparseMatrix magnitude = a.cwiseAbs();
    const SparseMatrix both = magnitude + SparseMatrix(magnitude.transpose());
    const double most = options.most_factor_entries / 2.0;
    require(a.nonZeros() == 0 || !factor_columns(fill_reducing(both).a, most).empty(),
            "end = \"nearest\" needs factors of more than the " +
                std::to_string(options.most_factor_entries) +
                " entries that most_factor_entries allows");
}

/// Counts up to where the farthest eigenvalue found and its equals begin.
void check_nearest(const SparseMatrix& a, const SparseSpectrumOptions& options,
                   SparseModes& modes) {
    const auto form = symmetric_form(a);
    if (!form || modes.values.size() == 0) return;
    const Vector distances = (modes.values.array() - options.shift).abs();
    const double width = cluster_width * norm_of(a), radius = distances.maxCoeff() - width;
    if (radius <= 0.0) return;
    const auto below = count_eigenvalues_below(form->matrix, options.shift - radius),
               inside = count_eigenvalues_below(form->matrix, options.shift + radius);
    if (!below || !inside || std::max(below->error, inside->error) > width) return;
    const Index counted = inside->below - below->below,
                found = (distances.array() < radius).count();
    std::ostringstream text;
    text << "Sylvester's law counts " << counted << " nearer than " << radius;
    if (found == counted) {
        modes.count_check = CountCheck::inertia;
    } else {
        modes.status = Status::iteration_limit;
        text << ", but " << found << " were found";
    }
    modes.message = text.str();
}

/// Eigenvalues nearest to the shift: the largest of (A - shift)^-1.
SparseModes shift_invert_modes(const SparseMatrix& a, const SparseSpectrumOptions& options) {
    require_small_factors(a, options);
    SparseModes modes{.status = Status::singular_jacobian,
                      .message = "the shifted matrix is singular"};
    modes.route = SpectrumRoute::shift_invert;
    SparseMatrix identity(a.rows(), a.cols());
    identity.setIdentity();
    Eigen::SparseLU<ColumnSparse> factor;
    double shift = options.shift;
    for (const double away : {0.0, away_from_eigenvalue}) {
        shift = options.shift + away * norm_of(a);
        factor.compute(ColumnSparse(a - shift * identity));
        if (factor.info() == Eigen::Success) break;
    }
    if (factor.info() != Eigen::Success) return modes;
    KrylovProblem problem = krylov_problem(a, options);
    problem.apply = [&](ConstVectorRef x, VectorRef y) { y = factor.solve(x); };
    problem.rank = [](Complex value) { return std::abs(value); };
    RitzPairs found = krylov_schur(problem);
    modes.status = Status::converged;
    modes.message = unchecked;
    // The inverse turns conjugates about; so does conjugation, which keeps a real matrix.
    modes.values = shift + found.values.array().inverse().conjugate();
    modes.vectors = found.vectors.conjugate();
    check_nearest(a, options, modes);
    mention_dependent(modes);
    return modes;
}

SparseModes dense_modes(const SparseMatrix& a, const SparseSpectrumOptions& options) {
    require(a.rows() <= most_dense, "route = \"dense\" takes at most " +
                                        std::to_string(most_dense) + " rows, not " +
                                        std::to_string(a.rows()));
    const auto form = symmetric_form(a);
    const bool symmetric = form && (form->inverse_root.array() == 1.0).all();
    const DenseSpectrum all =
        symmetric ? symmetric_spectrum(Matrix(a)) : general_spectrum(Matrix(a));
    SparseModes modes = selected(all.values, all.vectors, options);
    modes.status = all.status;
    modes.message.clear();
    modes.route = SpectrumRoute::dense;
    modes.count_check = CountCheck::complete;
    return modes;
}

bool is_dense(Index n, const SparseSpectrumOptions& options) {
    if (options.route == SpectrumRoute::dense) return true;
    const bool automatic = options.route == SpectrumRoute::automatic;
    const bool most_of_all = n < fewest_krylov || options.count > n / krylov_part;
    require(automatic || !most_of_all,
            "route = \"" + std::string(to_string(options.route)) + "\" finds at most 1 in " +
                std::to_string(krylov_part) + " eigenvalues of at least " +
                std::to_string(fewest_krylov) + " rows, not " + std::to_string(options.count) +
                " of " + std::to_string(n));
    return most_of_all || (automatic && n <= largest_dense);
}

SparseModes modes_by_route(const SparseMatrix& a, const SparseSpectrumOptions& options) {
    if (is_dense(a.rows(), options)) return dense_modes(a, options);
    if (options.end == SpectrumEnd::nearest) return shift_invert_modes(a, options);
    if (const auto form = symmetric_form(a)) return symmetric_modes(*form, options);
    require(options.route != SpectrumRoute::shift_invert,
            "route = \"shift_invert\" of a matrix that is not symmetric needs end = \"nearest\"");
    return matrix_free_modes(a, options);
}

/// Orders and normalizes the pairs, and refuses those whose residual is too large.
void judge(const SparseMatrix& a, const SparseSpectrumOptions& options, SparseModes& modes) {
    modes.residuals = relative_residuals(a, modes.values, modes.vectors);
    std::vector<Index> order = order_of(modes.values, Pairs::conjugate);
    std::erase_if(order, [&](Index k) { return !(modes.residuals[k] <= options.tolerance); });
    modes.values = ComplexVector(modes.values(order));
    modes.vectors = ComplexMatrix(modes.vectors(Eigen::all, order));
    modes.residuals = Vector(modes.residuals(order));
    normalize_columns(modes.vectors);
    modes.values.imag().array() += 0.0;  // of real ones +0, never -0
    if (modes.values.size() < options.count && modes.status == Status::converged)
        modes.status = Status::iteration_limit;
    const std::string found = std::to_string(modes.values.size()) +
                              (modes.values.size() < options.count
                                   ? " of " + std::to_string(options.count) + " eigenvalues"
                                   : " eigenvalues") +
                              " by " + std::string(to_string(modes.route));
    modes.message = modes.message.empty() ? found : found + "; " + modes.message;
}

}  // namespace

std::string_view to_string(SpectrumEnd end) {
    switch (end) {
        case SpectrumEnd::largest: return "largest";
        case SpectrumEnd::smallest: return "smallest";
        case SpectrumEnd::largest_magnitude: return "largest_magnitude";
        case SpectrumEnd::nearest: return "nearest";
    }
    return "";
}

std::string_view to_string(SpectrumRoute route) {
    switch (route) {
        case SpectrumRoute::automatic: return "automatic";
        case SpectrumRoute::dense: return "dense";
        case SpectrumRoute::shift_invert: return "shift_invert";
        case SpectrumRoute::matrix_free: return "matrix_free";
    }
    return "";
}

std::string_view to_string(CountCheck check) {
    switch (check) {
        case CountCheck::none: return "none";
        case CountCheck::complete: return "complete";
        case CountCheck::inertia: return "inertia";
        case CountCheck::deflation: return "deflation";
    }
    return "";
}

void SparseSpectrumOptions::validate() const {
    require(count >= 1, "count = " + std::to_string(count) + " must be at least 1");
    require(tolerance >= 1e-13 && tolerance < 1.0, "tolerance must be from 1e-13 to below 1");
    require(std::isfinite(shift), "shift must be finite");
    require(most_factor_entries >= 0.0, "most_factor_entries must not be negative");
    require(end != SpectrumEnd::nearest || route != SpectrumRoute::matrix_free,
            "end = \"nearest\" has no route \"matrix_free\"");
}

SparseModes sparse_modes(const SparseMatrix& a, const SparseSpectrumOptions& options) {
    options.validate();
    require_square(a);
    if (a.rows() == 0) return {.status = Status::converged, .message = "an empty matrix"};
    SparseMatrix entries = a.pruned();
    if (!entries.coeffs().allFinite())
        return {.status = Status::non_finite,
                .message = "the matrix has entries that are not finite"};
    SparseSpectrumOptions possible = options;
    possible.count = std::min(options.count, a.rows());
    SparseModes modes = modes_by_route(entries, possible);
    judge(entries, possible, modes);
    return modes;
}

Vector relative_residuals(const SparseMatrix& a, const ComplexVector& values,
                          const ComplexMatrix& vectors) {
    require_square(a);
    const double norm = norm_of(a);
    Vector residuals(values.size());
    for (Index k = 0; k < values.size(); ++k) {
        const Vector re = vectors.col(k).real(), im = vectors.col(k).imag();
        ComplexVector r = -values[k] * vectors.col(k);
        r.real() += a * re;
        r.imag() += a * im;
        residuals[k] = r.norm() / (vectors.col(k).norm() * (norm > 0.0 ? norm : 1.0));
    }
    return residuals;
}

std::optional<EigenvalueCount> count_eigenvalues_below(const SparseMatrix& a, double number) {
    require_square(a);
    if (a.rows() == 0) return EigenvalueCount{};
    const OrderedMatrix ordered = fill_reducing(a);
    const double most = counting_allowance * SparseSpectrumOptions{}.most_factor_entries;
    const auto plan = plan_factor(ordered.a, most);
    if (!plan) return std::nullopt;
    const BlockFactor factor(ordered.a, *plan, number);
    return factor.exists() ? std::optional(factor.count()) : std::nullopt;
}

}  // namespace cortifold
