#include "collocation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

namespace cortifold {

namespace {

constexpr Eigen::Index lowest_degree = 2, highest_degree = 7;
/// Of an interval to the mean and to its neighbours: without it a mesh may miss what comes next.
constexpr double least_density = 0.05;
constexpr int smoothings = 3;

struct Legendre {
    double value, slope;
};
/// P_m on [-1, 1] and its derivative.
Legendre legendre(Eigen::Index m, double x) {
    double previous = 1.0, value = x;
    for (Eigen::Index k = 1; k < m; ++k)
        previous = std::exchange(value, ((2.0 * static_cast<double>(k) + 1.0) * x * value -
                                         static_cast<double>(k) * previous) /
                                            (static_cast<double>(k) + 1.0));
    return {value, static_cast<double>(m) * (x * value - previous) / (x * x - 1.0)};
}

constexpr int newton_steps = 60;
constexpr int halvings = 40;  ///< of an interval with an extreme value

Vector gauss_points(Eigen::Index m) {
    Vector x(m);
    for (Eigen::Index k = 0; k < m; ++k) {
        double root = -std::cos(std::numbers::pi * (static_cast<double>(k) + 0.75) /
                                (static_cast<double>(m) + 0.5));
        for (int step = 0; step < newton_steps; ++step) {
            const Legendre at = legendre(m, root);
            root -= at.value / at.slope;
        }
        x[k] = root;
    }
    return x;
}

/// Zeros of P'_m between those of P_m, and both ends.
Vector lobatto_nodes(Eigen::Index m, const Vector& gauss) {
    Vector x(m + 1);
    x[0] = -1.0;
    x[m] = 1.0;
    for (Eigen::Index k = 1; k < m; ++k) {
        double low = gauss[k - 1], high = gauss[k];
        const bool rising = legendre(m, low).slope < 0.0;
        for (int step = 0; step < newton_steps; ++step) {
            const double middle = (low + high) / 2.0;
            ((legendre(m, middle).slope < 0.0) == rising ? low : high) = middle;
        }
        x[k] = (low + high) / 2.0;
    }
    return x;
}

}  // namespace

Collocation::Collocation(Eigen::Index m) {
    const Vector gauss = gauss_points(m), lobatto = lobatto_nodes(m, gauss);
    const auto order = static_cast<double>(m);
    nodes = (lobatto.array() + 1.0) / 2.0;
    points = (gauss.array() + 1.0) / 2.0;
    weights.resize(m);
    for (Eigen::Index i = 0; i < m; ++i)
        weights[i] = 1.0 / ((1.0 - gauss[i] * gauss[i]) * std::pow(legendre(m, gauss[i]).slope, 2));
    node_weights.resize(m + 1);
    for (Eigen::Index k = 0; k <= m; ++k)
        node_weights[k] =
            1.0 / (order * (order + 1.0) * std::pow(legendre(m, lobatto[k]).value, 2));
    barycentric_ = Vector::Ones(m + 1);
    for (Eigen::Index k = 0; k <= m; ++k)
        for (Eigen::Index l = 0; l <= m; ++l)
            if (l != k) barycentric_[k] /= nodes[k] - nodes[l];
    top_derivative = barycentric_ * std::tgamma(order + 1.0);
    powers = Matrix::Zero(m + 1, m + 1);
    for (Eigen::Index k = 0; k <= m; ++k) {
        powers(k, 0) = barycentric_[k];
        Eigen::Index degree = 0;
        for (Eigen::Index l = 0; l <= m; ++l) {  // times s - nodes[l]
            if (l == k) continue;
            const Vector before = powers.row(k).head(++degree);
            powers.row(k).head(degree) *= -nodes[l];
            powers.row(k).segment(1, degree) += before;
        }
    }
    values.resize(m + 1, m);
    slopes.resize(m + 1, m);
    for (Eigen::Index i = 0; i < m; ++i) {
        values.col(i) = values_at(points[i]);
        slopes.col(i) = slopes_at(points[i]);
    }
}

const Collocation& Collocation::of_degree(Eigen::Index degree) {
    static const std::array<Collocation, highest_degree - lowest_degree + 1> all{
        Collocation(2), Collocation(3), Collocation(4),
        Collocation(5), Collocation(6), Collocation(7)};
    return all[static_cast<std::size_t>(degree - lowest_degree)];
}

Vector Collocation::values_at(double s) const {
    Vector at = barycentric_;
    for (Eigen::Index k = 0; k < at.size(); ++k)
        for (Eigen::Index l = 0; l < at.size(); ++l)
            if (l != k) at[k] *= s - nodes[l];
    return at;
}

Vector Collocation::slopes_at(double s) const {
    Vector at = Vector::Zero(nodes.size());
    for (Eigen::Index k = 0; k < at.size(); ++k)
        for (Eigen::Index left_out = 0; left_out < at.size(); ++left_out) {
            if (left_out == k) continue;
            double product = barycentric_[k];
            for (Eigen::Index l = 0; l < at.size(); ++l)
                if (l != k && l != left_out) product *= s - nodes[l];
            at[k] += product;
        }
    return at;
}

Matrix Profile::piece(Eigen::Index j) const {
    Matrix piece(values.rows(), degree + 1);
    piece << values.middleCols(j * degree, degree), values.col((j + 1) * degree % values.cols());
    if (j + 1 == intervals() && gain.size() > 0) piece.rightCols(1) += gain;
    return piece;
}

Vector Profile::at(double t) const {
    const auto above = std::upper_bound(mesh.begin() + 1, mesh.end() - 1, t);
    const Eigen::Index j = above - mesh.begin() - 1;
    return piece(j) * Collocation::of_degree(degree).values_at((t - mesh[j]) / width(j));
}

namespace {

/// Where a polynomial that rises at s = low and falls at s = high has its top.
double top_between(const Collocation& basis, const Vector& values, double low, double high) {
    const Vector powers = basis.powers.transpose() * values;
    const auto slope = [&](double s) {
        double sum = 0.0;
        for (Eigen::Index k = powers.size() - 1; k > 0; --k)
            sum = sum * s + static_cast<double>(k) * powers[k];
        return sum;
    };
    for (int step = 0; step < halvings; ++step) {
        const double middle = (low + high) / 2.0;
        (slope(middle) > 0.0 ? low : high) = middle;
    }
    return basis.values_at(low).dot(values);
}

}  // namespace

Vector Profile::maximum() const {
    const Collocation& basis = Collocation::of_degree(degree);
    Vector largest(values.rows());
    for (Eigen::Index i = 0; i < values.rows(); ++i) {
        Eigen::Index node = 0;
        largest[i] = values.row(i).maxCoeff(&node);
        const Eigen::Index j = node / degree, k = node % degree;
        const Vector here = piece(j).row(i);
        if (k > 0)
            largest[i] = std::max(largest[i],
                                  top_between(basis, here, basis.nodes[k - 1], basis.nodes[k + 1]));
        else if (basis.slopes_at(0.0).dot(here) > 0.0)
            largest[i] = std::max(largest[i], top_between(basis, here, 0.0, basis.nodes[1]));
        else
            largest[i] = std::max(
                largest[i], top_between(basis, piece((j + intervals() - 1) % intervals()).row(i),
                                        basis.nodes[degree - 1], 1.0));
    }
    return largest;
}

Profile Profile::on(const Vector& other) const {
    Profile result{other, Matrix(values.rows(), degree * (other.size() - 1)), degree, gain};
    const Vector& nodes = Collocation::of_degree(degree).nodes;
    for (Eigen::Index j = 0; j < result.intervals(); ++j)
        for (Eigen::Index k = 0; k < degree; ++k)
            result.values.col(j * degree + k) = at(other[j] + nodes[k] * result.width(j));
    return result;
}

Vector local_errors(const Profile& profile, const Vector& sizes) {
    const Collocation& basis = Collocation::of_degree(profile.degree);
    const Eigen::Index N = profile.intervals(), m = profile.degree;
    Matrix top(profile.values.rows(), N);
    for (Eigen::Index j = 0; j < N; ++j)
        top.col(j) = profile.piece(j) * basis.top_derivative / std::pow(profile.width(j), m);
    // |u^(m+1)| between neighbours; of the larger one the interval takes its own.
    Vector next(N);
    for (Eigen::Index j = 0; j < N; ++j) {
        const Eigen::Index right = (j + 1) % N;
        const double distance = (profile.width(j) + profile.width(right)) / 2.0;
        next[j] = (top.col(right) - top.col(j)).cwiseQuotient(sizes).norm() / distance;
    }
    Vector errors(N);
    // The monic polynomial with zeros at the m + 1 nodes is below 4^-(m+1) and a little.
    const double constant =
        std::pow(0.25, static_cast<double>(m + 1)) * 2.0 / std::tgamma(static_cast<double>(m + 2));
    for (Eigen::Index j = 0; j < N; ++j)
        errors[j] = constant * std::pow(profile.width(j), static_cast<double>(m + 1)) *
                    std::max(next[j], next[(j + N - 1) % N]);
    return errors;
}

Vector halved(const Vector& mesh) {
    Vector fine(2 * mesh.size() - 1);
    for (Eigen::Index j = 0; j + 1 < mesh.size(); ++j) {
        fine[2 * j] = mesh[j];
        fine[2 * j + 1] = (mesh[j] + mesh[j + 1]) / 2.0;
    }
    fine[fine.size() - 1] = mesh[mesh.size() - 1];
    return fine;
}

Vector equidistribute(const Profile& profile, const Vector& errors, Eigen::Index intervals) {
    const Eigen::Index N = profile.intervals();
    Vector density(N);  // of intervals in t
    for (Eigen::Index j = 0; j < N; ++j)
        density[j] =
            std::pow(errors[j], 1.0 / static_cast<double>(profile.degree + 1)) / profile.width(j);
    for (int k = 0; k < smoothings; ++k) {
        const Vector before = density;
        for (Eigen::Index j = 0; j < N; ++j)
            density[j] = (before[(j + N - 1) % N] + 2.0 * before[j] + before[(j + 1) % N]) / 4.0;
    }
    Vector integral(N + 1);
    integral[0] = 0.0;
    double mean = 0.0;
    for (Eigen::Index j = 0; j < N; ++j) mean += density[j] * profile.width(j);
    for (Eigen::Index j = 0; j < N; ++j)
        integral[j + 1] =
            integral[j] + profile.width(j) * (mean > 0.0 ? density[j] + least_density * mean : 1.0);
    Vector mesh(intervals + 1);
    for (Eigen::Index i = 0, j = 0; i <= intervals; ++i) {
        const double share = integral[N] * static_cast<double>(i) / static_cast<double>(intervals);
        while (j < N - 1 && integral[j + 1] < share) ++j;
        mesh[i] = profile.mesh[j] +
                  profile.width(j) * (share - integral[j]) / (integral[j + 1] - integral[j]);
    }
    mesh[0] = 0.0;
    mesh[intervals] = 1.0;
    return mesh;
}

}  // namespace cortifold
