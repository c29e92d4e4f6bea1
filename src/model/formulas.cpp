#include "formulas.hpp"

#include <algorithm>

namespace cortifold {

namespace {

constexpr Eigen::Index lanes = Pack::SizeAtCompileTime;
constexpr std::size_t packs = 16;  ///< in a block: its registers stay in the first cache

Eigen::Index index(std::size_t k) {
    return static_cast<Eigen::Index>(k);
}

/// The three matrices of arguments as one, addressed as the inputs of a graph are.
struct Arguments {
    const ArgumentLayout& layout;
    const ConstMatrixRef &x, &u, &p;

    /// `take(matrix, k)` of the matrix and the place in it that an input stands for.
    auto at(std::size_t input, auto&& take) const {
        if (input < layout.input(0)) return take(x, index(input));
        if (input < layout.parameter(0)) return take(u, index(input - layout.input(0)));
        return take(p, index(input - layout.parameter(0)));
    }
};

/// Rows from `row` on; past the end the last row again, so that every row takes the same path.
void load(ConstMatrixRef from, Eigen::Index column, Eigen::Index row, Pack* to, std::size_t count) {
    for (std::size_t k = 0; k < count; ++k, row += lanes)
        if (row + lanes <= from.rows())
            to[k] = from.col(column).segment<lanes>(row).array();
        else {
            const Eigen::Index left = from.rows() - row;
            to[k].setConstant(from(from.rows() - 1, column));
            to[k].head(left) = from.col(column).segment(row, left).array();
        }
}

void store(const Pack* from, std::size_t stride, std::size_t count, Eigen::Index row,
           Eigen::Index column, MatrixRef to) {
    for (std::size_t k = 0; k < count; ++k, from += stride, row += lanes) {
        const Eigen::Index rows = std::min(lanes, to.rows() - row);
        if (rows == lanes)
            to.col(column).segment<lanes>(row) = from->matrix();
        else
            to.col(column).segment(row, rows) = from->head(rows).matrix();
    }
}

}  // namespace

double ArgumentLayout::argument(const NodePoint& at, std::size_t place) const {
    const auto part = [&](const ConstVectorRef& values, std::size_t first) {
        return values[static_cast<Eigen::Index>(place - first)];
    };
    if (place < input(0)) return part(at.x, 0);
    return place < parameter(0) ? part(at.u, input(0)) : part(at.p, parameter(0));
}

Formulas::Formulas(const Graph& graph, std::span<const ValueId> values,
                   const ArgumentLayout& layout)
    : layout_(layout),
      single_(graph, values, layout.parameter(0), 1),
      shared_parameters_(graph, values, layout.parameter(0), packs),
      own_parameters_(graph, values, layout.size(), packs) {}

void Formulas::values(const NodePoint& at, VectorRef values) const {
    double* const registers = registers_for<double>(single_);
    single_.load_constants(registers);
    for (const Tape::Port& port : single_.inputs())
        registers[port.element] = layout_.argument(at, port.outside);
    single_.run_uniform(registers);
    single_.run(registers, 1);
    for (const Tape::Port& port : single_.outputs())
        values[index(port.outside)] = registers[port.element];
}

void Formulas::batch(ConstMatrixRef x, ConstMatrixRef u, ConstMatrixRef p, MatrixRef values) const {
    const Tape& tape = p.rows() > 1 ? own_parameters_ : shared_parameters_;
    const Arguments arguments{layout_, x, u, p};
    Pack* const registers = registers_for<Pack>(tape);
    tape.load_constants(registers);
    for (const Tape::Port& port : tape.inputs())
        if (port.stride == 0)
            arguments.at(port.outside, [&](const ConstMatrixRef& from, Eigen::Index column) {
                registers[port.element].setConstant(from(0, column));
            });
    tape.run_uniform(registers);
    for (Eigen::Index row = 0; row < x.rows(); row += lanes * index(packs)) {
        const Eigen::Index rows = std::min(lanes * index(packs), x.rows() - row);
        const auto count = static_cast<std::size_t>((rows + lanes - 1) / lanes);
        for (const Tape::Port& port : tape.inputs())
            if (port.stride != 0)
                arguments.at(port.outside, [&](const ConstMatrixRef& from, Eigen::Index column) {
                    load(from, column, row, registers + port.element, count);
                });
        tape.run(registers, count);
        for (const Tape::Port& port : tape.outputs())
            store(registers + port.element, port.stride, count, row, index(port.outside), values);
    }
}

void Formulas::series(ConstMatrixRef x, ConstMatrixRef u, ConstMatrixRef p,
                      MatrixRef values) const {
    const Arguments arguments{layout_, x, u, p};
    Series* const registers = registers_for<Series>(single_);
    single_.load_constants(registers);
    for (const Tape::Port& port : single_.inputs())
        arguments.at(port.outside, [&](const ConstMatrixRef& from, Eigen::Index row) {
            Series& series = registers[port.element] = Series();
            for (std::size_t k = 0; k < series.c.size() && index(k) < from.cols(); ++k)
                series.c[k] = from(row, index(k));
        });
    single_.run_uniform(registers);
    single_.run(registers, 1);
    for (const Tape::Port& port : single_.outputs())
        for (Eigen::Index k = 0; k < values.cols(); ++k)
            values(index(port.outside), k) = registers[port.element].c[static_cast<std::size_t>(k)];
}

}  // namespace cortifold
