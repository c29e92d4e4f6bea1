#pragma once

#include <cortifold/core/quantity.hpp>
#include <cortifold/model/concept.hpp>

#include <Eigen/Core>

#include <array>
#include <cstddef>
#include <type_traits>

namespace cortifold {

// A Fields class binds one of a model's four structs to its table, so that tables, sizes and
// conversions are written once for all four.

template <class M>
struct StateFields {
    template <class T>
    using Of = typename M::template State<T>;
    static constexpr void visit(auto& fields, auto&& field) { M::states(fields, field); }
};
template <class M>
struct InputFields {
    template <class T>
    using Of = typename M::template Input<T>;
    static constexpr void visit(auto& fields, auto&& field) { M::inputs(fields, field); }
};
template <class M>
struct OutputFields {
    template <class T>
    using Of = typename M::template Output<T>;
    static constexpr void visit(auto& fields, auto&& field) { M::outputs(fields, field); }
};
template <class M>
struct ParameterFields {
    template <class T>
    using Of = typename M::template Parameters<T>;
    static constexpr void visit(auto& fields, auto&& field) { M::parameters(fields, field); }
};

/// How many fields a table describes.
template <class Fields>
inline constexpr std::size_t size_of = [] {
    typename Fields::template Of<double> fields{};
    std::size_t count = 0;
    Fields::visit(fields, [&](auto&, const Quantity&) { ++count; });
    return count;
}();

/// The table of one struct. Does not compile where a declared field is not described.
template <class Fields>
[[nodiscard]] constexpr auto describe() {
    using Struct = typename Fields::template Of<double>;
    static_assert(std::is_empty_v<Struct> ? size_of<Fields> == 0
                                          : sizeof(Struct) == size_of<Fields> * sizeof(double),
                  "every declared field is described, once");
    std::array<Quantity, size_of<Fields>> table{};
    Struct fields{};
    std::size_t k = 0;
    Fields::visit(fields, [&](auto&, const Quantity& quantity) { table[k++] = quantity; });
    return table;
}

/// Sets each field from `value(k)`, in the order of the table.
template <class Fields, class T>
[[nodiscard]] typename Fields::template Of<T> gather(auto&& value) {
    typename Fields::template Of<T> fields;
    Eigen::Index k = 0;
    Fields::visit(fields, [&](auto& member, const Quantity&) { member = value(k++); });
    return fields;
}

/// Hands each field to `take(k, member)`, in the order of the table.
template <class Fields>
void scatter(const auto& fields, auto&& take) {
    Eigen::Index k = 0;
    Fields::visit(fields, [&](const auto& member, const Quantity&) { take(k++, member); });
}

}  // namespace cortifold
