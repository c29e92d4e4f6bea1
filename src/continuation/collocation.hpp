#pragma once

#include <cortifold/core/matrix.hpp>

namespace cortifold {

/// Polynomials on [0, 1] by their values at m + 1 Lobatto nodes, both ends among them, collocated
/// at the m Gauss points: of order 2 m at the ends (de Boor & Swartz 1973).
class Collocation {
public:
    /// One of those there are; `degree` is from 2 to 7.
    static const Collocation& of_degree(Eigen::Index degree);

    [[nodiscard]] Eigen::Index degree() const { return points.size(); }
    /// The nodal polynomials at s, and their slopes there.
    [[nodiscard]] Vector values_at(double s) const;
    [[nodiscard]] Vector slopes_at(double s) const;

    Vector nodes, node_weights;  ///< m + 1 of them, and the weights of Lobatto's quadrature
    Vector points, weights;      ///< m Gauss points and weights
    Matrix values, slopes;       ///< (m + 1) x m: a column a Gauss point
    Vector top_derivative;       ///< of the m-th, which is constant: a factor a node
    Matrix powers;               ///< a row a node, its polynomial by powers of s: a column a power

private:
    explicit Collocation(Eigen::Index degree);
    Vector barycentric_;
};

/// A curve t -> u(t), t from 0 to 1, piecewise polynomial on a mesh: closed, or with a gain.
struct Profile {
    Vector mesh;    ///< N + 1, from 0 to 1
    Matrix values;  ///< n x m N: at the nodes of each interval without its right end
    Eigen::Index degree;
    Vector gain{};  ///< u(1) - u(0); empty: none

    [[nodiscard]] Eigen::Index intervals() const { return mesh.size() - 1; }
    [[nodiscard]] double width(Eigen::Index j) const { return mesh[j + 1] - mesh[j]; }
    /// n x (m + 1).
    [[nodiscard]] Matrix piece(Eigen::Index j) const;
    [[nodiscard]] Vector at(double t) const;
    /// Of each state, not only at the nodes.
    [[nodiscard]] Vector maximum() const;
    [[nodiscard]] Vector minimum() const {
        return -Profile{mesh, -values, degree, -gain}.maximum();
    }
    /// The same curve by its values on another mesh.
    [[nodiscard]] Profile on(const Vector& other) const;
};

/// How far the polynomials are from the curve on each interval, in parts of `sizes`: from their
/// highest derivatives on neighbours (Ascher, Mattheij & Russell 1995, section 9.1.1).
[[nodiscard]] Vector local_errors(const Profile& profile, const Vector& sizes);

/// Each interval cut in two.
[[nodiscard]] Vector halved(const Vector& mesh);

/// A mesh with so many intervals on which these errors would be equal.
[[nodiscard]] Vector equidistribute(const Profile& profile, const Vector& errors,
                                    Eigen::Index intervals);

}  // namespace cortifold
