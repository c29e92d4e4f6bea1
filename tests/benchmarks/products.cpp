// From which density on a product with dense weights is faster than one with sparse weights.
#include "comparison.hpp"
#include "ping_network.hpp"

namespace cortifold::benchmarks {

void compare_products() {
    using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    for (const int regions : {90, 1000})
        for (const int percent : {2, 5, 10, 20, 40}) {
            const SparseMatrix sparse = random_weights(regions, percent / 100.0);
            const RowMajor dense = sparse;
            const Vector h = Vector::Ones(regions);
            const auto y = std::make_shared<Vector>(regions);
            compare({"product with weights of density " + std::to_string(percent) + " %, " +
                         std::to_string(regions) + " regions",
                     {{"sparse", [=] { y->noalias() = sparse * h, keep(y->data()); }},
                      {"dense", [=] { y->noalias() = dense * h, keep(y->data()); }}}});
        }
}

}  // namespace cortifold::benchmarks
