#include "equation_events.hpp"
#include "graph_facts.hpp"
#include "jacobian_tape.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/model/batch_node.hpp>

#include <algorithm>
#include <map>
#include <mutex>
#include <numeric>

namespace cortifold {

namespace {

Eigen::Index index(std::size_t k) {
    return static_cast<Eigen::Index>(k);
}

/// Owns the strings that its tables show.
class EquationNode final : public Node, public BatchNode {
public:
    EquationNode(EquationDefinition definition, const EquationPorts& ports)
        : definition_(std::move(definition)),
          compiled_(compile_equations(definition_, ports)),
          rhs_(compiled_.graph, compiled_.rhs, compiled_.layout),
          output_(compiled_.graph, compiled_.output, compiled_.layout),
          auxiliary_(compiled_.graph, compiled_.auxiliary, compiled_.layout),
          initial_(compiled_.graph, compiled_.initial, compiled_.layout),
          both_(compiled_.graph, joined(compiled_.rhs, compiled_.output), compiled_.layout) {
        fill_tables();
        if (!compiled_.events.empty())
            events_ = std::make_unique<EquationEvents>(compiled_.graph, compiled_.events,
                                                       compiled_.layout);
    }

    [[nodiscard]] std::string_view name() const override { return definition_.name; }
    [[nodiscard]] std::string_view time_unit() const override { return definition_.time_unit; }
    [[nodiscard]] std::span<const Quantity> states() const override { return states_; }
    [[nodiscard]] std::span<const Quantity> parameters() const override { return parameters_; }
    [[nodiscard]] std::span<const Quantity> inputs() const override { return inputs_; }
    [[nodiscard]] std::span<const Quantity> outputs() const override { return outputs_; }
    [[nodiscard]] std::span<const Quantity> auxiliaries() const override { return auxiliaries_; }
    [[nodiscard]] std::optional<std::size_t> time_input() const override { return compiled_.time; }
    [[nodiscard]] std::span<const std::size_t> noise_inputs() const override {
        return compiled_.noises;
    }
    [[nodiscard]] Vector initial(ConstVectorRef p) const override {
        Vector values(index(definition_.states.size()));
        initial_.values({values, Vector(), p}, values);
        return values;
    }
    [[nodiscard]] const NodeEvents* events() const override { return events_.get(); }
    [[nodiscard]] EquationDefinition equations() const override { return definition_; }

    void linearize(const NodePoint& at, std::span<const std::size_t> free,
                   Linearization& result) const override {
        derive<Directions>(
            free, [&](std::size_t k) { return both_.layout().argument(at, k); },
            [](double part) { return part; }, result);
    }

    void directional(const NodePoint& at, const NodePoint& direction,
                     std::span<const std::size_t> free, Linearization& result) const override {
        derive<MovingDirections>(
            free,
            [&](std::size_t k) {
                Dual<double, 1> moved(both_.layout().argument(at, k));
                moved.d[0] = both_.layout().argument(direction, k);
                return moved;
            },
            [](const Dual<double, 1>& part) { return part.d[0]; }, result);
    }

    [[nodiscard]] bool takes_batches() const override { return jacobian_along({}).is_runnable(); }

    void linearize_batch(ConstMatrixRef x, ConstMatrixRef u, ConstMatrixRef p,
                         std::span<const std::size_t> free, BatchLinearization& r) const override {
        const JacobianTape& tape = jacobian_along(free);
        r.resize(x.rows(), index(states_.size()), index(inputs_.size()), index(outputs_.size()),
                 index(free.size()));
        for (Matrix* zero : {&r.f_x, &r.f_u, &r.f_p, &r.h_x, &r.h_p}) zero->setZero();
        thread_local std::vector<Pack> registers;
        if (registers.size() < tape.size()) registers.resize(tape.size());
        tape.load_constants(registers.data());
        for (Eigen::Index row = 0; row < x.rows(); row += lanes) {
            for (const JacobianTape::Port& port : tape.inputs())
                registers[port.at] = argument({x, u, p}, port.outside, row);
            tape.run(registers.data());
            store_batch(tape, registers.data(), row, r);
        }
    }

    void rhs_batch(ConstMatrixRef x, ConstMatrixRef u, ConstMatrixRef p,
                   MatrixRef dx) const override {
        rhs_.batch(x, u, p, dx);
    }
    void output_batch(ConstMatrixRef x, ConstMatrixRef p, MatrixRef h) const override {
        output_.batch(x, Matrix(), p, h);
    }
    void auxiliary_batch(ConstMatrixRef x, ConstMatrixRef u, ConstMatrixRef p,
                         MatrixRef values) const override {
        auxiliary_.batch(x, u, p, values);
    }
    void rhs_taylor(ConstMatrixRef x, ConstMatrixRef u, ConstMatrixRef p,
                    MatrixRef f) const override {
        rhs_.series(x, u, p, f);
    }
    void output_taylor(ConstMatrixRef x, ConstMatrixRef p, MatrixRef h) const override {
        output_.series(x, Matrix(), p, h);
    }

    /// In inputs of the graph.
    [[nodiscard]] bool is_affine_in(std::set<std::size_t> free) const {
        const ArgumentLayout& layout = compiled_.layout;
        for (const std::size_t noise : compiled_.noises) free.insert(layout.input(noise));
        const auto sent = inputs_of(compiled_.graph, compiled_.output);
        if (std::ranges::any_of(free, [&](std::size_t input) { return sent.contains(input); }))
            for (std::size_t k = 0; k < layout.inputs; ++k)
                if (k != compiled_.time) free.insert(layout.input(k));
        const auto affine =
            affine_values(compiled_.graph, [&](std::size_t input) { return free.contains(input); });
        return std::ranges::all_of(joined(compiled_.rhs, compiled_.output),
                                   [&](ValueId value) { return affine[value]; });
    }
    [[nodiscard]] const ArgumentLayout& layout() const { return compiled_.layout; }

private:
    static std::vector<ValueId> joined(std::vector<ValueId> first, std::span<const ValueId> last) {
        first.insert(first.end(), last.begin(), last.end());
        return first;
    }

    void fill_tables() {
        for (const EquationDefinition::Parameter& p : definition_.parameters)
            parameters_.push_back({p.name, p.unit, p.value, p.low, p.high, p.meaning});
        const Vector initial_values = initial(default_values(parameters_));
        for (const EquationDefinition::State& s : definition_.states)
            states_.push_back(
                {s.name, s.unit, initial_values[index(states_.size())], s.low, s.high, s.meaning});
        for (const EquationDefinition::Formula& a : definition_.auxiliaries)
            auxiliaries_.push_back(unlimited(a));
        for (const EquationGraph::Port& port : compiled_.inputs) inputs_.push_back(unlimited(port));
        for (const EquationGraph::Port& port : compiled_.outputs)
            outputs_.push_back(unlimited(port));
    }
    static Quantity unlimited(const auto& named) {
        constexpr double any = EquationDefinition::unlimited;
        return {named.name, named.unit, 0.0, -any, any, named.meaning};
    }

    static constexpr Eigen::Index lanes = Pack::SizeAtCompileTime;

    /// Of (f, h) along states, inputs and these parameters; kept.
    [[nodiscard]] const JacobianTape& jacobian_along(std::span<const std::size_t> free) const {
        const std::scoped_lock lock(jacobians_mutex_);
        std::unique_ptr<const JacobianTape>& known = jacobians_[{free.begin(), free.end()}];
        if (known) return *known;
        std::vector<std::size_t> directions(states_.size() + inputs_.size());
        std::iota(directions.begin(), directions.end(), std::size_t{0});
        for (const std::size_t parameter : free)
            directions.push_back(compiled_.layout.parameter(parameter));
        known = std::make_unique<const JacobianTape>(
            compiled_.graph, joined(compiled_.rhs, compiled_.output), directions);
        return *known;
    }

    struct BatchPoint {
        ConstMatrixRef x, u, p;
    };
    /// Past the end the last row again, so that every row takes the same path.
    [[nodiscard]] Pack argument(const BatchPoint& at, std::size_t place, Eigen::Index row) const {
        const ArgumentLayout& layout = compiled_.layout;
        if (place >= layout.parameter(0))
            return Pack::Constant(at.p(0, index(place - layout.parameter(0))));
        const bool is_state = place < layout.input(0);
        const auto& from = is_state ? at.x : at.u;
        const Eigen::Index column = index(is_state ? place : place - layout.input(0)),
                           left = std::min(lanes, from.rows() - row);
        Pack pack = Pack::Constant(from(from.rows() - 1, column));
        pack.head(left) = from.col(column).segment(row, left).array();
        return pack;
    }

    void store_batch(const JacobianTape& tape, const Pack* registers, Eigen::Index row,
                     BatchLinearization& r) const {
        const std::size_t n_x = states_.size(), n_xu = n_x + inputs_.size(), n_h = outputs_.size();
        const auto store = [&](std::uint32_t at, Matrix& to, std::size_t column) {
            const Eigen::Index rows = std::min(lanes, to.rows() - row);
            to.col(index(column)).segment(row, rows) = registers[at].head(rows).matrix();
        };
        for (const JacobianTape::Port& port : tape.outputs())
            port.outside < n_x ? store(port.at, r.f, port.outside)
                               : store(port.at, r.h, port.outside - n_x);
        for (const auto& [output, along, at] : tape.derivatives()) {
            const bool is_rhs = output < n_x;
            const std::size_t place = is_rhs ? output : output - n_x, rows = is_rhs ? n_x : n_h;
            if (along < n_x)
                store(at, is_rhs ? r.f_x : r.h_x, place + along * rows);
            else if (along >= n_xu)
                store(at, is_rhs ? r.f_p : r.h_p, place + (along - n_xu) * rows);
            else if (is_rhs)
                store(at, r.f_u, place + (along - n_x) * rows);
        }
    }

    /// (f, h) and their derivatives along states, inputs and free parameters, as many directions at
    /// a time as a dual number has. `load` gives an argument, `part` what is wanted of a number.
    template <template <std::size_t> class Duals>
    void derive(std::span<const std::size_t> free, auto&& load, auto&& part,
                Linearization& r) const {
        constexpr std::size_t few = 4, many = 8;
        resize(r, free.size());
        const std::size_t count = states_.size() + inputs_.size() + free.size();
        std::size_t first = 0;
        for (; first + few < count; first += many)
            derive_along<Duals<many>>(first, std::min(first + many, count), free, load, part, r);
        if (first < count) derive_along<Duals<few>>(first, count, free, load, part, r);
    }

    template <class T>
    void derive_along(std::size_t first, std::size_t last, std::span<const std::size_t> free,
                      auto&& load, auto&& part, Linearization& r) const {
        const Tape& tape = both_.single();
        T* const registers = registers_for<T>(tape);
        tape.load_constants(registers);
        for (const Tape::Port& port : tape.inputs()) {
            T& argument = registers[port.element] = T(load(port.outside));
            for_directions(port.outside, free, [&](std::size_t k) {
                if (k >= first && k < last) argument.d[k - first] = 1.0;
            });
        }
        tape.run_uniform(registers);
        tape.run(registers, 1);
        for (const Tape::Port& port : tape.outputs())
            store_derivatives(port, registers[port.element], first, last, part, r);
    }

    /// The directions that move an input of the graph: none, one, or each time it is asked for.
    void for_directions(std::size_t place, std::span<const std::size_t> free, auto&& use) const {
        if (place < compiled_.layout.parameter(0)) return use(place);
        for (std::size_t k = 0; k < free.size(); ++k)
            if (compiled_.layout.parameter(free[k]) == place)
                use(states_.size() + inputs_.size() + k);
    }

    template <class T>
    void store_derivatives(const Tape::Port& port, const T& value, std::size_t first,
                           std::size_t last, auto&& part, Linearization& r) const {
        const std::size_t n_x = states_.size(), n_xu = n_x + inputs_.size();
        const bool is_rhs = port.outside < n_x;
        const Eigen::Index row = index(is_rhs ? port.outside : port.outside - n_x);
        (is_rhs ? r.f : r.h)[row] = part(value.value);
        for (std::size_t k = first; k < last; ++k) {
            const double slope = part(value.d[k - first]);
            if (k < n_x)
                (is_rhs ? r.f_x : r.h_x)(row, index(k)) = slope;
            else if (k >= n_xu)
                (is_rhs ? r.f_p : r.h_p)(row, index(k - n_xu)) = slope;
            else if (is_rhs)
                r.f_u(row, index(k - n_x)) = slope;
        }
    }

    void resize(Linearization& r, std::size_t n_free) const {
        const Eigen::Index n_x = index(states_.size()), n_h = index(outputs_.size());
        r.f.resize(n_x);
        r.f_x.resize(n_x, n_x);
        r.f_u.resize(n_x, index(inputs_.size()));
        r.f_p.resize(n_x, index(n_free));
        r.h.resize(n_h);
        r.h_x.resize(n_h, n_x);
        r.h_p.resize(n_h, index(n_free));
    }

    EquationDefinition definition_;
    EquationGraph compiled_;
    Formulas rhs_, output_, auxiliary_, initial_, both_;
    std::vector<Quantity> states_, parameters_, inputs_, outputs_, auxiliaries_;
    std::unique_ptr<const EquationEvents> events_;
    mutable std::mutex jacobians_mutex_;
    mutable std::map<std::vector<std::size_t>, std::unique_ptr<const JacobianTape>> jacobians_;
};

}  // namespace

std::shared_ptr<const Node> make_equation_node(EquationDefinition definition,
                                               const EquationPorts& ports) {
    return std::make_shared<EquationNode>(std::move(definition), ports);
}

bool is_affine_in(const Node& node, std::span<const std::string> names) {
    const auto* own = dynamic_cast<const EquationNode*>(&node);
    std::optional<EquationNode> written;  // has the ports and parameters in their order, then more
    if (own == nullptr) own = &written.emplace(node.equations(), EquationPorts{});
    std::set<std::size_t> places;
    for (const std::string& name : names) {
        const auto port = find_index(node.inputs(), name);
        places.insert(port ? own->layout().input(*port)
                           : own->layout().parameter(index_of(node.parameters(), name)));
    }
    return own->is_affine_in(std::move(places));
}

}  // namespace cortifold
