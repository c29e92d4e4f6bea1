#include "tape.hpp"

#include "operations.hpp"

#include <algorithm>

namespace cortifold {

/// Gives every value that is needed a register, and takes it back after its last use.
class Tape::Builder {
public:
    Builder(Tape& tape, const Graph& graph, std::size_t first_uniform)
        : tape_(tape),
          values_(graph.values()),
          last_use_(values_.size()),
          element_(values_.size()),
          varying_(values_.size()) {
        for (std::size_t id = 0; id < values_.size(); ++id)
            varying_[id] = varies(id, first_uniform);
    }

    void build(std::span<const ValueId> outputs) {
        for (const ValueId id : outputs) last_use_[id] = values_.size();
        for (std::size_t id = values_.size(); id-- > 0;)
            if (needed(id))
                for (const ValueId operand : operands(id))
                    last_use_[operand] = std::max(last_use_[operand], id);
        place_uniform();
        place_inputs();
        for (std::size_t id = 0; id < values_.size(); ++id)
            if (needed(id) && varying_[id] && is_computed(id)) place_varying(id);
        for (const ValueId id : outputs)
            tape_.outputs_.push_back({tape_.outputs_.size(), element_[id], stride(id)});
    }

private:
    using Kind = Graph::Value::Kind;

    [[nodiscard]] std::span<const ValueId> operands(std::size_t id) const {
        return std::span(values_[id].operand).first(values_[id].operands);
    }
    [[nodiscard]] bool varies(std::size_t id, std::size_t first_uniform) const {
        if (values_[id].kind == Kind::input) return values_[id].which < first_uniform;
        return std::ranges::any_of(operands(id), [&](ValueId k) { return varying_[k] != 0; });
    }
    [[nodiscard]] bool needed(std::size_t id) const { return last_use_[id] != 0; }
    [[nodiscard]] bool is_computed(std::size_t id) const {
        return values_[id].kind == Kind::operation || values_[id].kind == Kind::lookup;
    }
    [[nodiscard]] std::uint32_t stride(std::size_t id) const { return varying_[id] != 0 ? 1 : 0; }

    std::uint32_t new_elements(std::size_t count) {
        const auto first = static_cast<std::uint32_t>(tape_.elements_);
        tape_.elements_ += count;
        return first;
    }

    void place_uniform() {
        for (std::size_t id = 0; id < values_.size(); ++id) {
            if (!needed(id) || varying_[id] != 0) continue;
            element_[id] = new_elements(1);
            if (is_computed(id)) tape_.uniform_.push_back(step(id));
            if (values_[id].kind == Kind::constant)
                tape_.constants_.emplace_back(element_[id], values_[id].number());
            if (values_[id].kind == Kind::input)
                tape_.inputs_.push_back({values_[id].which, element_[id], 0});
        }
    }

    void place_inputs() {
        for (std::size_t id = 0; id < values_.size(); ++id)
            if (needed(id) && varying_[id] != 0 && values_[id].kind == Kind::input) {
                element_[id] = new_elements(tape_.block_);
                tape_.inputs_.push_back({values_[id].which, element_[id], 1});
            }
    }

    /// Operands are given back first: a step may write where it reads.
    void place_varying(std::size_t id) {
        for (const ValueId operand : operands(id))
            if (varying_[operand] != 0 && last_use_[operand] == id &&
                std::ranges::find(free_, element_[operand]) == free_.end())
                free_.push_back(element_[operand]);
        if (free_.empty()) free_.push_back(new_elements(tape_.block_));
        element_[id] = free_.back();
        free_.pop_back();
        tape_.varying_.push_back(step(id));
    }

    [[nodiscard]] Step step(std::size_t id) const {
        const bool is_lookup = values_[id].kind == Kind::lookup;
        Step made{.which = values_[id].which + (is_lookup ? std::uint32_t{operation_count} : 0),
                  .out = element_[id]};
        for (std::size_t k = 0; k < operands(id).size(); ++k) {
            made.in[k] = element_[operands(id)[k]];
            made.stride[k] = stride(operands(id)[k]);
        }
        return made;
    }

    Tape& tape_;
    const std::vector<Graph::Value>& values_;
    std::vector<std::size_t> last_use_;  ///< the value computed by it; behind all: an output
    std::vector<std::uint32_t> element_;
    std::vector<char> varying_;
    std::vector<std::uint32_t> free_;
};

Tape::Tape(const Graph& graph, std::span<const ValueId> outputs, std::size_t first_uniform,
           std::size_t block)
    : block_(block), tables_(graph.tables()) {
    Builder(*this, graph, first_uniform).build(outputs);
}

namespace {

template <class T>
using Kernel = void (*)(const Tape::Step&, T* registers, std::size_t count);

/// One operation, for all elements of a block.
template <class T, std::size_t Which>
void compute(const Tape::Step& step, T* registers, std::size_t count) {
    constexpr auto& operation = std::get<Which>(operations);
    T* out = registers + step.out;
    const T *a = registers + step.in[0], *b = registers + step.in[1], *c = registers + step.in[2];
    for (std::size_t k = 0; k < count;
         ++k, a += step.stride[0], b += step.stride[1], c += step.stride[2])
        if constexpr (operation.operands == 1)
            out[k] = T(operation.of(*a));
        else if constexpr (operation.operands == 2)
            out[k] = T(operation.of(*a, *b));
        else
            out[k] = T(operation.of(*a, *b, *c));
}

template <class T>
constexpr auto kernels = []<std::size_t... Which>(std::index_sequence<Which...>) {
    return std::array<Kernel<T>, operation_count>{&compute<T, Which>...};
}
(std::make_index_sequence<operation_count>());

template <class T>
void run_steps(std::span<const Tape::Step> steps, const Tables& tables, T* registers,
               std::size_t count) {
    for (const Tape::Step& step : steps) {
        if (step.which < operation_count) {
            kernels<T>[step.which](step, registers, count);
            continue;
        }
        const LookupTable& table = *tables[step.which - operation_count];
        for (std::size_t k = 0; k < count; ++k)
            registers[step.out + k] = table(registers[step.in[0] + k * step.stride[0]]);
    }
}

}  // namespace

template <class T>
void Tape::run_uniform(T* registers) const {
    run_steps(std::span(uniform_), tables_, registers, 1);
}
template <class T>
void Tape::run(T* registers, std::size_t count) const {
    run_steps(std::span(varying_), tables_, registers, count);
}

void evaluate(std::size_t operation, std::array<double, 4>& registers) {
    kernels<double>[operation]({.in = {1, 2, 3}}, registers.data(), 1);
}

template void Tape::run_uniform(double*) const;
template void Tape::run(double*, std::size_t) const;
template void Tape::run_uniform(Pack*) const;
template void Tape::run(Pack*, std::size_t) const;
template void Tape::run_uniform(Directions<4>*) const;
template void Tape::run(Directions<4>*, std::size_t) const;
template void Tape::run_uniform(Directions<8>*) const;
template void Tape::run(Directions<8>*, std::size_t) const;
template void Tape::run_uniform(MovingDirections<4>*) const;
template void Tape::run(MovingDirections<4>*, std::size_t) const;
template void Tape::run_uniform(MovingDirections<8>*) const;
template void Tape::run(MovingDirections<8>*, std::size_t) const;
template void Tape::run_uniform(Series*) const;
template void Tape::run(Series*, std::size_t) const;

}  // namespace cortifold
