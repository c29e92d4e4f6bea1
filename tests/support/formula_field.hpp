#pragma once

#include <cortifold/core/dual.hpp>
#include <cortifold/core/vector_field.hpp>

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace cortifold::testing {

/// dx/dt = formula(x, p) for tests: a generic lambda from std::array<T, N> and std::array<T, P> to
/// std::array<T, N>, differentiated exactly. States are named x1, x2, ... and parameters p1, p2,
/// ..., with default 0 and limits -10 and 10 unless tables are given.
template <std::size_t N, std::size_t P, class Formula>
class FormulaField : public VectorField {
public:
    explicit FormulaField(Formula formula) : formula_(formula) {
        name(states_, state_names_, "x");
        name(parameters_, parameter_names_, "p");
    }
    FormulaField(Formula formula, const std::array<Quantity, N>& states,
                 const std::array<Quantity, P>& parameters)
        : formula_(formula), states_(states), parameters_(parameters) {}

    [[nodiscard]] std::string_view time_unit() const override { return "1"; }
    [[nodiscard]] Eigen::Index dimension() const override { return N; }
    [[nodiscard]] std::span<const Quantity> states() const override { return states_; }
    [[nodiscard]] std::span<const Quantity> parameters() const override { return parameters_; }

    void rhs(ConstVectorRef x, ConstVectorRef p, VectorRef dx) const override {
        const auto f = formula_(values<double, N>(x), values<double, P>(p));
        for (std::size_t i = 0; i < N; ++i) dx[index(i)] = f[i];
    }

    void linearize(ConstVectorRef x, ConstVectorRef p, std::span<const std::size_t> free,
                   VectorRef f, MatrixRef f_x, MatrixRef f_p) const override {
        const auto y = formula_(variables<double, N>(x, 0), variables<double, P>(p, N));
        for (std::size_t i = 0; i < N; ++i) {
            f[index(i)] = y[i].value;
            for (std::size_t j = 0; j < N; ++j) f_x(index(i), index(j)) = y[i].d[j];
            for (std::size_t k = 0; k < free.size(); ++k)
                f_p(index(i), index(k)) = y[i].d[N + free[k]];
        }
    }

    void directional(ConstVectorRef x, ConstVectorRef p, ConstVectorRef v, ConstVectorRef p_dot,
                     std::span<const std::size_t> free, MatrixRef f_xv,
                     MatrixRef f_pv) const override {
        auto along_x = variables<Dual<double, 1>, N>(x, 0);
        auto along_p = variables<Dual<double, 1>, P>(p, N);
        for (std::size_t i = 0; i < N; ++i) along_x[i].value.d[0] = v[index(i)];
        for (std::size_t k = 0; k < P; ++k) along_p[k].value.d[0] = p_dot[index(k)];
        const auto y = formula_(along_x, along_p);
        for (std::size_t i = 0; i < N; ++i) {
            for (std::size_t j = 0; j < N; ++j) f_xv(index(i), index(j)) = y[i].d[j].d[0];
            for (std::size_t k = 0; k < free.size(); ++k)
                f_pv(index(i), index(k)) = y[i].d[N + free[k]].d[0];
        }
    }

private:
    static Eigen::Index index(std::size_t i) { return static_cast<Eigen::Index>(i); }

    template <class T, std::size_t Size>
    static std::array<T, Size> values(ConstVectorRef x) {
        std::array<T, Size> y;
        for (std::size_t i = 0; i < Size; ++i) y[i] = x[index(i)];
        return y;
    }
    template <class T, std::size_t Size>
    static std::array<Dual<T, N + P>, Size> variables(ConstVectorRef x, std::size_t first) {
        std::array<Dual<T, N + P>, Size> y;
        for (std::size_t i = 0; i < Size; ++i)
            y[i] = Dual<T, N + P>::variable(T(x[index(i)]), first + i);
        return y;
    }
    template <std::size_t Size>
    static void name(std::array<Quantity, Size>& table, std::array<std::string, Size>& names,
                     const std::string& letter) {
        for (std::size_t i = 0; i < Size; ++i) {
            names[i] = letter + std::to_string(i + 1);
            table[i] = {names[i], "1", 0.0, -10.0, 10.0, "test"};
        }
    }

    Formula formula_;
    std::array<std::string, N> state_names_;
    std::array<std::string, P> parameter_names_;
    std::array<Quantity, N> states_;
    std::array<Quantity, P> parameters_;
};

/// make_field<2, 1>([](const auto& x, const auto& p) { return std::array{x[1], p[0] * x[0]}; })
template <std::size_t N, std::size_t P, class Formula>
std::shared_ptr<const VectorField> make_field(Formula formula) {
    return std::make_shared<FormulaField<N, P, Formula>>(formula);
}

/// A vector of the numbers given.
inline Vector vector(std::initializer_list<double> values) {
    return Eigen::Map<const Vector>(values.begin(), static_cast<Eigen::Index>(values.size()));
}

}  // namespace cortifold::testing
