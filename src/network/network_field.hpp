#pragma once

#include "weight_product.hpp"
#include <cortifold/core/batch_field.hpp>
#include <cortifold/core/split_jacobian.hpp>
#include <cortifold/network/network.hpp>

#include <deque>

namespace cortifold {

/// The vector field of a network. Also that of a self-coupled node, which is the network of one
/// region whose weight is the common row sum; only there `mode_jacobian` has a meaning.
class NetworkField final : public HomogeneousField, public SplitField, public BatchField {
public:
    NetworkField(const Network& network, const Context& context);

    [[nodiscard]] std::string_view time_unit() const override {
        return kinds_.front().node->time_unit();
    }
    [[nodiscard]] Eigen::Index dimension() const override { return dimension_; }
    [[nodiscard]] std::span<const Quantity> states() const override { return states_; }
    [[nodiscard]] std::span<const Quantity> parameters() const override { return parameters_; }
    [[nodiscard]] std::optional<std::size_t> time() const override { return time_; }
    [[nodiscard]] std::span<const std::size_t> noises() const override { return noises_; }
    [[nodiscard]] std::span<const Jump> jumps() const override { return jumps_; }
    void jump_values(ConstVectorRef x, ConstVectorRef p, VectorRef values) const override;
    [[nodiscard]] Flow jump(std::size_t which, VectorRef x, VectorRef p) const override;
    [[nodiscard]] std::span<const Quantity> auxiliaries() const override { return auxiliaries_; }
    void auxiliary_values(ConstVectorRef x, ConstVectorRef p, VectorRef values) const override;
    [[nodiscard]] Vector initial(ConstVectorRef p) const override;
    void rhs(ConstVectorRef x, ConstVectorRef p, VectorRef dx) const override;
    void linearize(ConstVectorRef x, ConstVectorRef p, std::span<const std::size_t> free,
                   VectorRef f, MatrixRef f_x, MatrixRef f_p) const override;
    void linearize_split(ConstVectorRef x, ConstVectorRef p, std::span<const std::size_t> free,
                         VectorRef f, SplitJacobian& f_x, MatrixRef f_p) const override;
    [[nodiscard]] bool takes_batches() const override;
    void linearize_batch(ConstMatrixRef x, ConstVectorRef p, std::span<const std::size_t> free,
                         PointLinearizations& result) const override;
    void directional(ConstVectorRef x, ConstVectorRef p, ConstVectorRef v, ConstVectorRef p_dot,
                     std::span<const std::size_t> free, MatrixRef f_xv,
                     MatrixRef f_pv) const override;
    void jacobian_times(ConstVectorRef x, ConstVectorRef p, ConstMatrixRef V,
                        MatrixRef JV) const override;
    [[nodiscard]] int taylor_order() const override { return Node::taylor_order; }
    void taylor(ConstMatrixRef x, ConstMatrixRef p, MatrixRef f) const override;
    [[nodiscard]] bool has_structured_solver() const override;
    [[nodiscard]] std::unique_ptr<LinearSolver<double>> factorize(ConstVectorRef x,
                                                                  ConstVectorRef p,
                                                                  double shift) const override;
    [[nodiscard]] std::unique_ptr<LinearSolver<std::complex<double>>> factorize_complex(
        ConstVectorRef x, ConstVectorRef p, std::complex<double> shift) const override;
    void mode_jacobian(ConstVectorRef x, ConstVectorRef p, MatrixRef at_zero,
                       MatrixRef slope) const override;
    [[nodiscard]] double uniform_lambda() const override {
        return targets_.empty() ? 0.0 : targets_.front().own_weight;
    }

    /// J = D + B K E, where D, B and E are block diagonal, a block a region. Rows of D stand region
    /// by region, those of K signal by signal within a region: what Woodbury's solver needs.
    struct Structure {
        std::vector<Matrix> D, B, E;       ///< a region: states^2, states x signals, and transposed
        Matrix K;                          ///< the weights onto (region, signal) from such
        std::vector<Eigen::Index> states;  ///< where the rows of D stand in x
    };
    [[nodiscard]] Structure structure(ConstVectorRef x, ConstVectorRef p) const;

    [[nodiscard]] std::optional<ComplexVector> structured_spectrum(ConstVectorRef x,
                                                                   ConstVectorRef p) const override;

private:
    struct Kind {
        std::shared_ptr<const Node> node;
        std::vector<Eigen::Index> regions;
        Eigen::Index first_state = 0, first_parameter = 0;
        Matrix overrides;  ///< empty, or a row a region; NaN where the shared value holds
        [[nodiscard]] Eigen::Index size() const {
            return static_cast<Eigen::Index>(regions.size());
        }
        [[nodiscard]] Eigen::Index n_states() const {
            return static_cast<Eigen::Index>(node->states().size());
        }
        [[nodiscard]] Eigen::Index n_parameters() const {
            return static_cast<Eigen::Index>(node->parameters().size());
        }
    };
    /// One value a region that is sent over one connectome: one matrix product a right-hand side.
    struct Signal {
        std::size_t connectome = 0;
        std::vector<Eigen::Index> column;  ///< a kind: which output it sends, or -1
        Vector row_sums;                   ///< over the sending regions
    };
    /// Where a signal arrives.
    struct Target {
        std::size_t signal = 0, link = 0, kind = 0;
        Eigen::Index input = 0;
        CouplingKind coupling = CouplingKind::additive;
        Eigen::Index column = -1;  ///< of a network of one region: the output that is sent,
        double own_weight = 0.0;   ///< and what factor of it comes back
    };
    /// Where a parameter enters from outside.
    struct Arrival {
        std::size_t parameter = 0, kind = 0;
        Eigen::Index input = 0;
        std::vector<Eigen::Index> rows;  ///< of the kind
    };
    /// The events of the nodes of one kind: `source` has n jumps for each region, from `first` on.
    struct Events {
        std::shared_ptr<const NodeEvents> source;
        std::size_t kind = 0, first = 0;
    };
    struct Place {
        std::size_t kind = 0;
        Eigen::Index row = 0;
    };
    using Ports =
        std::vector<Matrix>;  ///< a kind: a row a region, a column an input or output port
    using Locals = std::vector<Linearization>;  ///< a region
    /// s and the gains g; the strength of link l is s g_l.
    struct Strengths {
        double s = 0.0;
        Vector g;
    };
    /// Work space of one thread, reused from call to call: const fields are shared by threads.
    struct Scratch {
        Vector sent, received;
        Matrix parameters;
        Ports h, h_dot, u, u_dot, h_p, u_p, u_p_dot;
        Locals locals, rates;
        std::vector<std::size_t> free;
    };
    static Scratch& scratch();

    void add_kinds(const Network& network);
    void add_links(const Network& network);
    void add_tables(const Network& network);
    void add_arrival(const Network& network, const Injection& injection, Quantity parameter);
    void add_injections(const Network& network);
    void add_noises(const Network& network);
    void add_events(const Network& network);
    void add_events(const std::shared_ptr<const NodeEvents>& events, std::size_t kind);
    [[nodiscard]] Quantity named(std::string name, Quantity quantity);
    [[nodiscard]] std::string of_region(std::string_view name, Eigen::Index region) const;
    [[nodiscard]] std::size_t signal_for(const Network& network, const Link& link);
    [[nodiscard]] std::string name_of_gain(const Network& network, std::size_t link) const;

    [[nodiscard]] Eigen::Index slot(const Place& place, Eigen::Index variable) const;  ///< in x
    /// A row for all regions of a kind, or where some have values of their own, a row a region,
    /// kept in `own`.
    [[nodiscard]] static Eigen::Map<const Matrix> kind_parameters(const Kind& kind,
                                                                  ConstVectorRef p, Matrix& own);
    [[nodiscard]] Vector region_parameters(const Place& place, ConstVectorRef p) const;
    [[nodiscard]] Vector region_direction(const Place& place, ConstVectorRef p_dot) const;
    [[nodiscard]] Vector region_states(const Place& place, ConstVectorRef x) const;
    [[nodiscard]] Vector region_inputs(const Place& place, const Ports& u) const;
    [[nodiscard]] Strengths strengths(ConstVectorRef p) const;
    /// d(s g)/dp_j at the given s and g: bilinear, so with rates in their place it is its own
    /// derivative along them.
    [[nodiscard]] Vector strength_by_parameter(std::size_t parameter, const Strengths& at) const;
    /// The free parameters of the node at a place, by their number in the node's table; none where
    /// overridden.
    [[nodiscard]] std::optional<std::size_t> local_parameter(const Place& place,
                                                             std::size_t parameter) const;
    [[nodiscard]] std::vector<std::size_t> local_free(const Place& place,
                                                      std::span<const std::size_t> free) const;

    void send(ConstVectorRef x, ConstVectorRef p, Ports& h) const;
    void clear_inputs(Ports& u) const;
    void clear_outputs(Ports& h) const;
    /// u += strength_l (W h - [diffusive] row_sums h) for each link l.
    void couple(const Ports& h, ConstVectorRef strength, Ports& u) const;
    /// u += du/dp p for the parameters that enter from outside.
    void inject(ConstVectorRef p, Ports& u) const;
    void inject_one(std::size_t parameter, Ports& u) const;
    /// All that arrives: what the nodes send, kept in h, and what comes from outside.
    void receive(ConstVectorRef x, ConstVectorRef p, Ports& h, Ports& u) const;
    void linearize_nodes(ConstVectorRef x, ConstVectorRef p, std::span<const std::size_t> free,
                         Scratch& at) const;
    /// f and f_p of linearized nodes.
    void collect_rates(std::span<const std::size_t> free, const Strengths& c, Scratch& at,
                       VectorRef f, MatrixRef f_p) const;
    void add_blocks(const Locals& locals, MatrixRef f_x) const;
    /// f_x of the nodes alone, with what diffusive coupling adds to them.
    void fill_blocks(ConstVectorRef strength, const Locals& locals, SparseMatrix& f_x) const;
    /// strength_l f_u of all links that a signal arrives by: a column a region.
    [[nodiscard]] SparseMatrix received_by_states(std::size_t signal, ConstVectorRef strength,
                                                  const Locals& f_u) const;
    /// The derivative of what a signal's regions send by the states: a row a region.
    [[nodiscard]] SparseMatrix sent_by_states(const Signal& signal, const Locals& h_x) const;
    /// f_x += strength_l f_u W h_x, f_u of one set of node blocks and h_x of another.
    void add_coupling(ConstVectorRef strength, const Locals& f_u, const Locals& h_x,
                      MatrixRef f_x) const;
    [[nodiscard]] Matrix coupling() const;  ///< K of the structure
    void send_rates(ConstVectorRef x, ConstVectorRef p, ConstVectorRef v, ConstVectorRef p_dot,
                    Ports& h_dot) const;
    /// Column j of f_p += F_p of one set of node blocks.
    void add_direct(std::span<const std::size_t> free, std::size_t j, const Locals& locals,
                    MatrixRef f_p) const;
    void add_through_inputs(const Locals& f_u, const Ports& u, VectorRef dx) const;
    [[nodiscard]] Matrix region_series(const Place& place, ConstMatrixRef x,
                                       Eigen::Index orders) const;
    [[nodiscard]] Matrix region_parameter_series(const Place& place, ConstMatrixRef p,
                                                 Eigen::Index orders) const;
    /// One region without links: its node is asked directly.
    [[nodiscard]] bool is_alone() const { return places_.size() == 1 && targets_.empty(); }
    [[nodiscard]] Vector inputs_alone(ConstVectorRef p) const;
    /// The columns of f_p: parameters of the node, and those that enter its inputs.
    void parameter_columns_alone(std::span<const std::size_t> free, const Linearization& local,
                                 MatrixRef f_p) const;
    /// Of a network of one region: its node with the inputs that come back to it.
    [[nodiscard]] const Linearization& linearize_alone(ConstVectorRef x, ConstVectorRef p,
                                                       std::span<const std::size_t> free) const;
    /// What multiplies an output on its way to a target: s g.
    [[nodiscard]] double strength_of(const Target& to, ConstVectorRef p) const {
        const auto s = static_cast<Eigen::Index>(strength_);
        return p[s] * p[s + 1 + static_cast<Eigen::Index>(to.link)];
    }
    void linearize_one(ConstVectorRef x, ConstVectorRef p, std::span<const std::size_t> free,
                       VectorRef f, MatrixRef f_x, MatrixRef f_p) const;
    void directional_alone(const NodePoint& at, const NodePoint& along,
                           std::span<const std::size_t> free, MatrixRef f_xv, MatrixRef f_pv) const;
    void taylor_alone(ConstMatrixRef x, ConstMatrixRef p, MatrixRef f) const;
    /// dh/dp_j of all nodes, from the column of their linearizations.
    void outputs_by_parameter(std::size_t parameter, std::span<const std::size_t> free,
                              const Locals& locals, Ports& h) const;

    /// Eigenvalues of K + diag(shift), those of the last shift kept.
    [[nodiscard]] ComplexVector coupling_spectrum(const Matrix& K, const Vector& shift) const;
    mutable struct {
        std::mutex access;
        Vector shift;
        ComplexVector values;
    } coupling_spectrum_;
    std::vector<Kind> kinds_;
    std::vector<Place> places_;  ///< a region
    std::vector<WeightProduct> products_;
    std::vector<Signal> signals_;
    std::vector<Target> targets_;
    std::size_t n_links_ = 0, strength_ = 0;  ///< where coupling.strength is; gains follow it
    Eigen::Index dimension_ = 0;
    std::vector<Arrival> arrivals_;
    std::optional<std::size_t> time_;
    std::vector<std::size_t> noises_;
    std::vector<Events> events_;
    std::vector<Jump> jumps_;
    std::deque<std::string> names_;  ///< views of which stay
    std::vector<Quantity> states_, parameters_, auxiliaries_;
};

}  // namespace cortifold
