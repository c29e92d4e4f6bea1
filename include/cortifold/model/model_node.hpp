#pragma once

#include <cortifold/core/dual.hpp>
#include <cortifold/core/pack.hpp>
#include <cortifold/core/taylor.hpp>
#include <cortifold/model/model_batch.hpp>
#include <cortifold/model/node.hpp>
#include <cortifold/model/symbol.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace cortifold {

/// The Node of a model M: its formulas on dual numbers, packs and Taylor series.
template <NodeModel M>
class ModelNode final : public Node, public ModelBatch<M> {
    using Batch = ModelBatch<M>;
    using States = StateFields<M>;
    using Inputs = InputFields<M>;
    using Outputs = OutputFields<M>;
    using Params = ParameterFields<M>;
    static constexpr std::size_t n_x = size_of<States>, n_u = size_of<Inputs>,
                                 n_h = size_of<Outputs>;

public:
    [[nodiscard]] std::string_view name() const override { return M::name; }
    [[nodiscard]] std::string_view time_unit() const override { return M::time_unit; }
    [[nodiscard]] std::span<const Quantity> states() const override { return state_table; }
    [[nodiscard]] std::span<const Quantity> parameters() const override { return parameter_table; }
    [[nodiscard]] std::span<const Quantity> inputs() const override { return input_table; }
    [[nodiscard]] std::span<const Quantity> outputs() const override { return output_table; }

    [[nodiscard]] EquationDefinition equations() const override {
        SymbolicModel model(*this);
        const auto x = gather<States, Symbol>([&](Eigen::Index k) { return model.state(k); });
        const auto u = gather<Inputs, Symbol>([&](Eigen::Index k) { return model.input(k); });
        const auto p = gather<Params, Symbol>([&](Eigen::Index k) { return model.parameter(k); });
        typename M::template State<Symbol> f;
        M::rhs(x, u, p, f);
        std::vector<Symbol> rhs, outputs;
        scatter<States>(f, [&](Eigen::Index, const Symbol& v) { rhs.push_back(v); });
        scatter<Outputs>(M::output(x, p),
                         [&](Eigen::Index, const Symbol& v) { outputs.push_back(v); });
        return std::move(model).equations(rhs, outputs);
    }

    void linearize(const NodePoint& at, std::span<const std::size_t> free,
                   Linearization& r) const override {
        resize(r, free.size());
        using D = Dual<double, n_x + n_u>;
        derive<D>(
            [&](Eigen::Index k) { return D::variable(at.x[k], static_cast<std::size_t>(k)); },
            [&](Eigen::Index k) { return D::variable(at.u[k], n_x + static_cast<std::size_t>(k)); },
            [&](Eigen::Index k) { return D(at.p[k]); }, [](double v) { return v; }, r);
        using D1 = Dual<double, 1>;
        for (std::size_t j = 0; j < free.size(); ++j)
            derive_parameter<D1>([&](Eigen::Index k) { return D1(at.x[k]); },
                                 [&](Eigen::Index k) { return D1(at.u[k]); },
                                 [&](Eigen::Index k) {
                                     return is(k, free[j]) ? D1::variable(at.p[k], 0) : D1(at.p[k]);
                                 },
                                 [](double v) { return v; }, static_cast<Eigen::Index>(j), r);
    }

    void directional(const NodePoint& at, const NodePoint& direction,
                     std::span<const std::size_t> free, Linearization& r) const override {
        resize(r, free.size());
        using Inner = Dual<double, 1>;  // along the direction
        const auto moved = [](ConstVectorRef from, ConstVectorRef by, Eigen::Index k) {
            Inner value(from[k]);
            value.d[0] = by[k];
            return value;
        };
        const auto slope = [](const Inner& v) { return v.d[0]; };
        using D = Dual<Inner, n_x + n_u>;
        derive<D>(
            [&](Eigen::Index k) {
                return D::variable(moved(at.x, direction.x, k), static_cast<std::size_t>(k));
            },
            [&](Eigen::Index k) {
                return D::variable(moved(at.u, direction.u, k), n_x + static_cast<std::size_t>(k));
            },
            [&](Eigen::Index k) { return D(moved(at.p, direction.p, k)); }, slope, r);
        using D1 = Dual<Inner, 1>;
        for (std::size_t j = 0; j < free.size(); ++j)
            derive_parameter<D1>([&](Eigen::Index k) { return D1(moved(at.x, direction.x, k)); },
                                 [&](Eigen::Index k) { return D1(moved(at.u, direction.u, k)); },
                                 [&](Eigen::Index k) {
                                     const Inner value = moved(at.p, direction.p, k);
                                     return is(k, free[j]) ? D1::variable(value, 0) : D1(value);
                                 },
                                 slope, static_cast<Eigen::Index>(j), r);
    }

    void rhs_batch(ConstMatrixRef x, ConstMatrixRef u, ConstMatrixRef p,
                   MatrixRef dx) const override {
        BatchParameters parameters(p);
        for (Eigen::Index row = 0; row < x.rows(); row += 8) {
            typename M::template State<Pack> f;
            M::rhs(Batch::template load<States>(x, row), Batch::template load<Inputs>(u, row),
                   parameters.at(row), f);
            Batch::template store<States>(f, row, dx);
        }
    }

    void output_batch(ConstMatrixRef x, ConstMatrixRef p, MatrixRef h) const override {
        BatchParameters parameters(p);
        for (Eigen::Index row = 0; row < x.rows(); row += 8)
            Batch::template store<Outputs>(
                M::output(Batch::template load<States>(x, row), parameters.at(row)), row, h);
    }

    void rhs_taylor(ConstMatrixRef x, ConstMatrixRef u, ConstMatrixRef p,
                    MatrixRef f) const override {
        if (f.cols() <= short_order + 1)
            rhs_series<Taylor<double, short_order>>(x, u, p, f);
        else
            rhs_series<Taylor<double, taylor_order>>(x, u, p, f);
    }

    void output_taylor(ConstMatrixRef x, ConstMatrixRef p, MatrixRef h) const override {
        using Series = Taylor<double, taylor_order>;
        store_series<Outputs>(
            M::output(load_series<States, Series>(x), load_series<Params, Series>(p)), h);
    }

private:
    /// What most normal forms need: a quarter of the work of the highest order.
    static constexpr int short_order = 3;

    template <class Series>
    static void rhs_series(ConstMatrixRef x, ConstMatrixRef u, ConstMatrixRef p, MatrixRef f) {
        typename M::template State<Series> series;
        M::rhs(load_series<States, Series>(x), load_series<Inputs, Series>(u),
               load_series<Params, Series>(p), series);
        store_series<States>(series, f);
    }

    static constexpr auto state_table = describe<States>();
    static constexpr auto input_table = describe<Inputs>();
    static constexpr auto output_table = describe<Outputs>();
    static constexpr auto parameter_table = describe<Params>();

    static Eigen::Index index(std::size_t k) { return static_cast<Eigen::Index>(k); }
    static bool is(Eigen::Index k, std::size_t parameter) { return k == index(parameter); }

    static void resize(Linearization& r, std::size_t n_free) {
        const auto columns = static_cast<Eigen::Index>(n_free);
        r.f.resize(n_x);
        r.f_x.resize(n_x, n_x);
        r.f_u.resize(n_x, n_u);
        r.f_p.resize(n_x, columns);
        r.h.resize(n_h);
        r.h_x.resize(n_h, n_x);
        r.h_p.resize(n_h, columns);
    }

    /// Evaluates f and h on duals and stores `part` of each value and derivative.
    template <class D>
    static void derive(auto&& x, auto&& u, auto&& p, auto&& part, Linearization& r) {
        const auto state = gather<States, D>(x);
        const auto parameters = gather<Params, D>(p);
        typename M::template State<D> f;
        M::rhs(state, gather<Inputs, D>(u), parameters, f);
        scatter<States>(f, [&](Eigen::Index i, const D& v) {
            r.f[i] = part(v.value);
            for (std::size_t k = 0; k < n_x; ++k) r.f_x(i, index(k)) = part(v.d[k]);
            for (std::size_t k = 0; k < n_u; ++k) r.f_u(i, index(k)) = part(v.d[n_x + k]);
        });
        scatter<Outputs>(M::output(state, parameters), [&](Eigen::Index i, const D& v) {
            r.h[i] = part(v.value);
            for (std::size_t k = 0; k < n_x; ++k) r.h_x(i, index(k)) = part(v.d[k]);
        });
    }

    template <class D>
    static void derive_parameter(auto&& x, auto&& u, auto&& p, auto&& part, Eigen::Index column,
                                 Linearization& r) {
        const auto state = gather<States, D>(x);
        const auto parameters = gather<Params, D>(p);
        typename M::template State<D> f;
        M::rhs(state, gather<Inputs, D>(u), parameters, f);
        scatter<States>(f, [&](Eigen::Index i, const D& v) { r.f_p(i, column) = part(v.d[0]); });
        scatter<Outputs>(M::output(state, parameters),
                         [&](Eigen::Index i, const D& v) { r.h_p(i, column) = part(v.d[0]); });
    }

    /// Parameters of one row are spread over a pack once, not for every eight nodes.
    class BatchParameters {
    public:
        explicit BatchParameters(ConstMatrixRef p)
            : p_(p), packs_(gather<Params, Pack>([&](Eigen::Index k) -> Pack {
                  return Pack::Constant(p(0, k));
              })) {}
        const auto& at(Eigen::Index row) {
            if (p_.rows() > 1) packs_ = Batch::template load<Params>(p_, row);
            return packs_;
        }

    private:
        ConstMatrixRef p_;
        typename M::template Parameters<Pack> packs_;
    };

    template <class Fields, class Series>
    static auto load_series(ConstMatrixRef from) {
        return gather<Fields, Series>([&](Eigen::Index k) {
            Series series;
            for (std::size_t order = 0; order < series.c.size() && index(order) < from.cols();
                 ++order)
                series.c[order] = from(k, index(order));
            return series;
        });
    }

    template <class Fields>
    static void store_series(const auto& fields, MatrixRef& to) {
        scatter<Fields>(fields, [&](Eigen::Index k, const auto& series) {
            for (Eigen::Index order = 0; order < to.cols(); ++order)
                to(k, order) = series.c[static_cast<std::size_t>(order)];
        });
    }
};

}  // namespace cortifold
