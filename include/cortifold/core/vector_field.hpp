#pragma once

#include <cortifold/core/matrix.hpp>
#include <cortifold/core/quantity.hpp>
#include <cortifold/core/status.hpp>

#include <complex>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace cortifold {

/// A factorization of J - shift, S real or complex.
template <class S>
class LinearSolver {
public:
    virtual ~LinearSolver() = default;
    virtual void solve(
        Eigen::Ref<MatrixOf<S>> b) const = 0;  ///< in place, a column a right-hand side
    virtual void solve_adjoint(
        Eigen::Ref<MatrixOf<S>> b) const = 0;  ///< with the conjugate transpose
    [[nodiscard]] virtual double log_abs_det() const = 0;
    [[nodiscard]] virtual S sign_det() const = 0;  ///< det / |det|; 0 where singular
};

/// LU with partial pivoting of a dense matrix.
template <class S>
[[nodiscard]] std::unique_ptr<LinearSolver<S>> factorize_dense(const MatrixOf<S>& a);

/// Which way a function of time passes through zero.
enum class Crossing { rising, falling, either };
[[nodiscard]] std::string_view to_string(Crossing crossing);

/// A discontinuity of a flow: where a function of the state crosses zero, the state jumps.
struct Jump {
    std::string name;
    Crossing crossing = Crossing::either;
};

/// dx/dt = F(x, p): all a solver may know of a model or network. Without memory, const and shared
/// by threads. What depends on time or chance does so through parameters: the integrator moves
/// them, every other solver sees them as the numbers they are.
class VectorField {
public:
    enum class Meaning {
        dynamics,
        fixed_point_map
    };  ///< of a map's pseudo-time no stability and no Hopf point is claimed

    VectorField() = default;
    VectorField(const VectorField&) = delete;
    VectorField& operator=(const VectorField&) = delete;
    virtual ~VectorField() = default;

    [[nodiscard]] virtual Meaning meaning() const { return Meaning::dynamics; }
    [[nodiscard]] virtual std::string_view time_unit() const = 0;
    [[nodiscard]] virtual Eigen::Index dimension() const = 0;
    [[nodiscard]] virtual std::span<const Quantity> states() const = 0;
    [[nodiscard]] virtual std::span<const Quantity> parameters() const = 0;

    /// The parameter that is the time, where the field reads it.
    [[nodiscard]] virtual std::optional<std::size_t> time() const { return std::nullopt; }
    /// The parameters that stand for independent white noises dW/dt: 0 without noise, and F is
    /// affine in them.
    [[nodiscard]] virtual std::span<const std::size_t> noises() const { return {}; }

    /// Where a run starts by default.
    [[nodiscard]] virtual Vector initial(ConstVectorRef p) const;

    virtual void rhs(ConstVectorRef x, ConstVectorRef p, VectorRef dx) const = 0;

    /// One call at a point: f, f_x and a column of f_p for each free parameter.
    virtual void linearize(ConstVectorRef x, ConstVectorRef p, std::span<const std::size_t> free,
                           VectorRef f, MatrixRef f_x, MatrixRef f_p) const = 0;

    /// d/dt of f_x and f_p at (x + t v, p + t p_dot), exact.
    virtual void directional(ConstVectorRef x, ConstVectorRef p, ConstVectorRef v,
                             ConstVectorRef p_dot, std::span<const std::size_t> free,
                             MatrixRef f_xv, MatrixRef f_pv) const = 0;

    /// f_x V without forming f_x where that is cheaper.
    virtual void jacobian_times(ConstVectorRef x, ConstVectorRef p, ConstMatrixRef V,
                                MatrixRef JV) const;

    /// Column k of x, p and f is the k-th Taylor coefficient along a curve in (x, p). Order 0:
    /// none.
    [[nodiscard]] virtual int taylor_order() const { return 0; }
    virtual void taylor(ConstMatrixRef x, ConstMatrixRef p, MatrixRef f) const;

    /// The discontinuities of the flow, the functions whose zeros they are (one a jump), and what
    /// happens there: `jump` moves x and p, and may end the run.
    [[nodiscard]] virtual std::span<const Jump> jumps() const { return {}; }
    virtual void jump_values(ConstVectorRef x, ConstVectorRef p, VectorRef values) const;
    [[nodiscard]] virtual Flow jump(std::size_t which, VectorRef x, VectorRef p) const;

    /// Quantities that are worth a look besides the states, and their values.
    [[nodiscard]] virtual std::span<const Quantity> auxiliaries() const { return {}; }
    virtual void auxiliary_values(ConstVectorRef x, ConstVectorRef p, VectorRef values) const;

    /// True: `factorize` is faster than dense LU.
    [[nodiscard]] virtual bool has_structured_solver() const { return false; }
    [[nodiscard]] virtual std::unique_ptr<LinearSolver<double>> factorize(ConstVectorRef x,
                                                                          ConstVectorRef p,
                                                                          double shift) const;
    [[nodiscard]] virtual std::unique_ptr<LinearSolver<std::complex<double>>> factorize_complex(
        ConstVectorRef x, ConstVectorRef p, std::complex<double> shift) const;
    /// All eigenvalues of f_x, in the order of linalg/dense_spectrum.hpp, where its structure gives
    /// them faster than a dense solver does; else nothing.
    [[nodiscard]] virtual std::optional<ComplexVector> structured_spectrum(ConstVectorRef x,
                                                                           ConstVectorRef p) const;
};

/// The self-coupled node: what remains of a network of equal nodes on its homogeneous manifold.
class HomogeneousField : public VectorField {
public:
    /// The linearization of a mode with coupling eigenvalue lambda: at_zero + lambda slope, where
    /// at_zero is f_x of the node alone and slope s f_u K h_x.
    virtual void mode_jacobian(ConstVectorRef x, ConstVectorRef p, MatrixRef at_zero,
                               MatrixRef slope) const = 0;
    /// The lambda of the uniform mode, where the linearization is f_x: the common row sum of the
    /// coupling, 0 of a diffusive one.
    [[nodiscard]] virtual double uniform_lambda() const = 0;
};

/// The default value of every parameter or state.
[[nodiscard]] Vector default_values(std::span<const Quantity> table);

/// f_x at a point, for callers that want nothing else.
[[nodiscard]] Matrix jacobian(const VectorField& field, ConstVectorRef x, ConstVectorRef p);

}  // namespace cortifold
