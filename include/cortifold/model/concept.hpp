#pragma once

#include <concepts>
#include <string_view>

namespace cortifold {

/// What a model of one region is: its equations, written once on a scalar type T. models/README.md
/// shows one whole.
template <class M, class T = double>
concept NodeModel = requires(const typename M::template State<T>& x,
                             const typename M::template Input<T>& u,
                             const typename M::template Parameters<T>& p,
                             typename M::template State<T>& dx) {
    { M::name } -> std::convertible_to<std::string_view>;
    { M::time_unit } -> std::convertible_to<std::string_view>;
    { M::rhs(x, u, p, dx) } -> std::same_as<void>;
    { M::output(x, p) } -> std::same_as<typename M::template Output<T>>;
};

}  // namespace cortifold
