#include "jacobian_tape.hpp"

#include "operations.hpp"
#include <cortifold/core/dual.hpp>

#include <algorithm>
#include <map>

namespace cortifold {

namespace {

constexpr std::size_t most_registers = 4096;

using Partials = std::array<Pack, 3>;
using Kernel = Pack (*)(const Pack&, const Pack&, const Pack&, Partials&);

/// An operation that is not written out, lane by lane.
template <std::size_t Which>
Pack lane_by_lane(const Pack& a, const Pack& b, const Pack& c, Partials& partial) {
    constexpr auto& operation = std::get<Which>(operations);
    constexpr std::size_t count = std::remove_cvref_t<decltype(operation)>::operands;
    using D = Dual<double, count>;
    Pack value;
    for (Eigen::Index lane = 0; lane < Pack::SizeAtCompileTime; ++lane) {
        D result;
        if constexpr (count == 1)
            result = D(operation.of(D::variable(a[lane], 0)));
        else if constexpr (count == 2)
            result = D(operation.of(D::variable(a[lane], 0), D::variable(b[lane], 1)));
        else
            result = D(operation.of(D::variable(a[lane], 0), D::variable(b[lane], 1),
                                    D::variable(c[lane], 2)));
        value[lane] = result.value;
        for (std::size_t k = 0; k < count; ++k) partial[k][lane] = result.d[k];
    }
    return value;
}

/// The value of an operation, and its slopes along its operands.
template <std::size_t Which>
Pack linearized(const Pack& a, const Pack& b, const Pack& c, Partials& partial) {
    constexpr auto& operation = std::get<Which>(operations);
    constexpr bool binary = std::remove_cvref_t<decltype(operation)>::operands == 2;
    if constexpr (operation.name == "+") {
        partial[0].setOnes();
        partial[1].setOnes();
        return a + b;
    } else if constexpr (operation.name == "-" && binary) {
        partial[0].setOnes();
        partial[1].setConstant(-1.0);
        return a - b;
    } else if constexpr (operation.name == "-") {
        partial[0].setConstant(-1.0);
        return -a;
    } else if constexpr (operation.name == "*") {
        partial[0] = b;
        partial[1] = a;
        return a * b;
    } else if constexpr (operation.name == "/") {
        const Pack value = a / b;
        partial[0] = 1.0 / b;
        partial[1] = -value / b;
        return value;
    } else if constexpr (operation.name == "exp") {
        return partial[0] = a.exp();
    } else if constexpr (operation.name == "1/(1+exp(-x))") {
        const Pack value = logistic(a);
        partial[0] = value * logistic(Pack(-a));
        return value;
    } else {
        return lane_by_lane<Which>(a, b, c, partial);
    }
}

constexpr auto kernels = []<std::size_t... Which>(std::index_sequence<Which...>) {
    return std::array<Kernel, operation_count>{&linearized<Which>...};
}
(std::make_index_sequence<operation_count>());

}  // namespace

class JacobianTape::Builder {
public:
    Builder(JacobianTape& tape, const Graph& graph, std::span<const std::size_t> directions)
        : tape_(tape),
          values_(graph.values()),
          directions_(directions),
          at_(values_.size()),
          slopes_(values_.size()) {}

    void build(std::span<const ValueId> outputs) {
        std::vector<char> needed(values_.size());
        for (const ValueId id : outputs) needed[id] = 1;
        for (std::size_t id = values_.size(); id-- > 0;)
            if (needed[id] != 0)
                for (const ValueId operand : operands(id)) needed[operand] = 1;
        for (std::size_t id = 0; id < values_.size() && tape_.runnable_; ++id)
            if (needed[id] != 0) place(id);
        if (!tape_.runnable_) return;
        for (std::size_t k = 0; k < outputs.size(); ++k) {
            tape_.outputs_.push_back({k, at_[outputs[k]]});
            for (const auto& [direction, at] : slopes_[outputs[k]])
                tape_.derivatives_.push_back({k, direction, at});
        }
    }

private:
    using Kind = Graph::Value::Kind;

    [[nodiscard]] std::span<const ValueId> operands(std::size_t id) const {
        return std::span(values_[id].operand).first(values_[id].operands);
    }

    std::uint32_t new_register() {
        if (tape_.size_ == most_registers) tape_.runnable_ = false;
        return static_cast<std::uint32_t>(tape_.size_++);
    }

    void place(std::size_t id) {
        const Graph::Value& value = values_[id];
        at_[id] = new_register();
        switch (value.kind) {
            case Kind::constant: tape_.constants_.emplace_back(at_[id], value.number()); return;
            case Kind::input: return place_input(id);
            case Kind::operation: return place_step(id);
            case Kind::lookup: tape_.runnable_ = false; return;
        }
    }

    void place_input(std::size_t id) {
        tape_.inputs_.push_back({values_[id].which, at_[id]});
        for (std::size_t k = 0; k < directions_.size(); ++k) {
            if (directions_[k] != values_[id].which) continue;
            slopes_[id][k] = new_register();
            tape_.constants_.emplace_back(slopes_[id][k], 1.0);
        }
    }

    void place_step(std::size_t id) {
        Step step{.operation = values_[id].which,
                  .out = at_[id],
                  .first_term = static_cast<std::uint32_t>(tape_.terms_.size())};
        for (std::uint32_t k = 0; k < operands(id).size(); ++k) {
            const ValueId operand = operands(id)[k];
            step.in[k] = at_[operand];
            for (const auto& [direction, from] : slopes_[operand]) {
                const auto [own, is_new] = slopes_[id].try_emplace(direction);
                if (is_new) own->second = new_register();
                tape_.terms_.push_back({own->second, from, k, !is_new});
            }
        }
        step.terms = static_cast<std::uint32_t>(tape_.terms_.size()) - step.first_term;
        tape_.steps_.push_back(step);
    }

    JacobianTape& tape_;
    const std::vector<Graph::Value>& values_;
    std::span<const std::size_t> directions_;
    std::vector<std::uint32_t> at_;
    std::vector<std::map<std::size_t, std::uint32_t>> slopes_;  ///< of a value: by direction
};

JacobianTape::JacobianTape(const Graph& graph, std::span<const ValueId> outputs,
                           std::span<const std::size_t> directions) {
    Builder(*this, graph, directions).build(outputs);
}

void JacobianTape::load_constants(Pack* registers) const {
    for (const auto& [at, number] : constants_) registers[at].setConstant(number);
}

void JacobianTape::run(Pack* registers) const {
    Partials partial;
    for (const Step& step : steps_) {
        registers[step.out] = kernels[step.operation](registers[step.in[0]], registers[step.in[1]],
                                                      registers[step.in[2]], partial);
        for (const Term& term : std::span(terms_).subspan(step.first_term, step.terms))
            if (term.adds)
                registers[term.to] += partial[term.operand] * registers[term.from];
            else
                registers[term.to] = partial[term.operand] * registers[term.from];
    }
}

}  // namespace cortifold
