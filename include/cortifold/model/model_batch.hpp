#pragma once

#include <cortifold/core/dual.hpp>
#include <cortifold/core/lanes.hpp>
#include <cortifold/model/batch_node.hpp>
#include <cortifold/model/describe.hpp>

#include <algorithm>
#include <array>

namespace cortifold {

/// The formulas of a model M on packs of points, and on dual numbers of them.
template <NodeModel M>
class ModelBatch : public BatchNode {
    using States = StateFields<M>;
    using Inputs = InputFields<M>;
    using Outputs = OutputFields<M>;
    using Params = ParameterFields<M>;
    static constexpr std::size_t n_x = size_of<States>, n_u = size_of<Inputs>,
                                 n_h = size_of<Outputs>;

public:
    void linearize_batch(ConstMatrixRef x, ConstMatrixRef u, ConstMatrixRef p,
                         std::span<const std::size_t> free, BatchLinearization& r) const override {
        r.resize(x.rows(), n_x, n_u, n_h, static_cast<Eigen::Index>(free.size()));
        for (Eigen::Index row = 0; row < x.rows(); row += 8) {
            const auto states = load<States>(x, row);
            const auto inputs = load<Inputs>(u, row);
            derive_batch(states, inputs, p, row, r);
            for (std::size_t j = 0; j < free.size(); ++j)
                derive_parameter_batch(states, inputs, p, row, {free[j], index(j)}, r);
        }
    }

protected:
    /// Eight rows from `row` on; past the end the last row again, so that every row takes the same
    /// path.
    template <class Fields>
    static auto load(ConstMatrixRef from, Eigen::Index row) {
        return gather<Fields, Pack>([&](Eigen::Index k) -> Pack {
            if (row + 8 <= from.rows()) return from.col(k).template segment<8>(row).array();
            const Eigen::Index left = from.rows() - row;
            Pack pack = Pack::Constant(from(from.rows() - 1, k));
            pack.head(left) = from.col(k).segment(row, left).array();
            return pack;
        });
    }

    template <class Fields>
    static void store(const auto& fields, Eigen::Index row, MatrixRef& to) {
        scatter<Fields>(fields, [&](Eigen::Index k, const Pack& pack) {
            if (row + 8 <= to.rows())
                to.col(k).template segment<8>(row) = pack.matrix();
            else
                to.col(k).segment(row, to.rows() - row) = pack.head(to.rows() - row).matrix();
        });
    }

private:
    static Eigen::Index index(std::size_t k) { return static_cast<Eigen::Index>(k); }

    /// The fields of packs, as they are or made to numbers of another kind: `make(k, lanes)`.
    template <class Fields, class D>
    static auto convert(const auto& packs, auto&& make) {
        std::array<Lanes, size_of<Fields>> lanes;
        scatter<Fields>(packs, [&](Eigen::Index k, const Pack& pack) {
            lanes[static_cast<std::size_t>(k)] = pack;
        });
        return gather<Fields, D>(
            [&](Eigen::Index k) { return make(k, lanes[static_cast<std::size_t>(k)]); });
    }

    static void derive_batch(const auto& states, const auto& inputs, ConstMatrixRef p,
                             Eigen::Index row, BatchLinearization& r) {
        using D = Dual<Lanes, n_x + n_u>;
        const auto variable = [](std::size_t first) {
            return [first](Eigen::Index k, const Lanes& v) {
                return D::variable(v, first + static_cast<std::size_t>(k));
            };
        };
        const auto x = convert<States, D>(states, variable(0));
        const auto parameters =
            gather<Params, D>([&](Eigen::Index k) { return D(Lanes(p(0, k))); });
        typename M::template State<D> f;
        M::rhs(x, convert<Inputs, D>(inputs, variable(n_x)), parameters, f);
        scatter<States>(f, [&](Eigen::Index i, const D& v) {
            store_lanes(v.value, row, i, r.f);
            for (std::size_t k = 0; k < n_x; ++k)
                store_lanes(v.d[k], row, i + index(k * n_x), r.f_x);
            for (std::size_t k = 0; k < n_u; ++k)
                store_lanes(v.d[n_x + k], row, i + index(k * n_x), r.f_u);
        });
        scatter<Outputs>(M::output(x, parameters), [&](Eigen::Index i, const D& v) {
            store_lanes(v.value, row, i, r.h);
            for (std::size_t k = 0; k < n_x; ++k)
                store_lanes(v.d[k], row, i + index(k * n_h), r.h_x);
        });
    }

    struct FreeParameter {
        std::size_t parameter;
        Eigen::Index column;
    };
    static void derive_parameter_batch(const auto& states, const auto& inputs, ConstMatrixRef p,
                                       Eigen::Index row, FreeParameter free,
                                       BatchLinearization& r) {
        using D = Dual<Lanes, 1>;
        const auto constant = [](Eigen::Index, const Lanes& v) { return D(v); };
        const auto x = convert<States, D>(states, constant);
        const auto parameters = gather<Params, D>([&](Eigen::Index k) {
            const Lanes value(p(0, k));
            return k == index(free.parameter) ? D::variable(value, 0) : D(value);
        });
        typename M::template State<D> f;
        M::rhs(x, convert<Inputs, D>(inputs, constant), parameters, f);
        scatter<States>(f, [&](Eigen::Index i, const D& v) {
            store_lanes(v.d[0], row, i + free.column * index(n_x), r.f_p);
        });
        scatter<Outputs>(M::output(x, parameters), [&](Eigen::Index i, const D& v) {
            store_lanes(v.d[0], row, i + free.column * index(n_h), r.h_p);
        });
    }

    static void store_lanes(const Lanes& lanes, Eigen::Index row, Eigen::Index column, Matrix& to) {
        const Eigen::Index rows = std::min<Eigen::Index>(8, to.rows() - row);
        to.col(column).segment(row, rows) = lanes.v.head(rows).matrix();
    }
};

}  // namespace cortifold
