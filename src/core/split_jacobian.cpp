#include <cortifold/core/split_jacobian.hpp>

#include <array>

namespace cortifold {

namespace {

/// Of fewer states the entries are there sooner than the parts.
constexpr Eigen::Index worth_splitting = 50;

using Row = Eigen::Array<double, 1, EightColumns::ColsAtCompileTime>;

/// result (+)= a V
template <bool add>
void multiply(const SparseMatrix& a, const EightColumns& V, EightColumns& result) {
    result.resize(a.rows(), V.cols());
    for (Eigen::Index i = 0; i < a.rows(); ++i) {
        Row sum = add ? Row(result.row(i).array()) : Row(Row::Zero());
        for (SparseMatrix::InnerIterator entry(a, i); entry; ++entry)
            sum += entry.value() * V.row(entry.col()).array();
        result.row(i) = sum;
    }
}

/// Four rows of W at a time, since each row of V then is read once for all of them.
void multiply(const RowMatrix& W, const EightColumns& V, EightColumns& result) {
    constexpr Eigen::Index together = 4;
    result.resize(W.rows(), V.cols());
    Eigen::Index i = 0;
    for (; i + together <= W.rows(); i += together) {
        std::array<Row, together> sums;
        sums.fill(Row::Zero());
        for (Eigen::Index j = 0; j < W.cols(); ++j) {
            const Row values = V.row(j);
            for (Eigen::Index k = 0; k < together; ++k)
                sums[static_cast<std::size_t>(k)] += W(i + k, j) * values;
        }
        for (Eigen::Index k = 0; k < together; ++k)
            result.row(i + k) = sums[static_cast<std::size_t>(k)];
    }
    for (; i < W.rows(); ++i) result.row(i).noalias() = W.row(i) * V;
}

}  // namespace

void SplitJacobian::apply(const EightColumns& V, EightColumns& result, Scratch& scratch) const {
    multiply<false>(near, V, result);
    for (const Channel& channel : channels) {
        multiply<false>(channel.in, V, scratch.sent);
        if (channel.dense != nullptr)
            multiply(*channel.dense, scratch.sent, scratch.received);
        else
            multiply<false>(*channel.sparse, scratch.sent, scratch.received);
        multiply<true>(channel.out, scratch.received, result);
    }
}

Matrix SplitJacobian::dense() const {
    Matrix sum = near;
    for (const Channel& channel : channels) {
        const Matrix weights =
            channel.dense != nullptr ? Matrix(*channel.dense) : Matrix(*channel.sparse);
        sum += channel.out * (weights * Matrix(channel.in));
    }
    return sum;
}

/// That of out W in is that of W (in out), whose second factor has few entries.
double SplitJacobian::trace() const {
    double sum = 0.0;
    for (Eigen::Index row = 0; row < near.rows(); ++row)
        for (SparseMatrix::InnerIterator entry(near, row); entry; ++entry)
            if (entry.col() == row) sum += entry.value();
    for (const Channel& channel : channels) {
        const SparseMatrix back = channel.in * channel.out;
        for (Eigen::Index row = 0; row < back.rows(); ++row)
            for (SparseMatrix::InnerIterator entry(back, row); entry; ++entry)
                sum += entry.value() * (channel.dense != nullptr
                                            ? (*channel.dense)(entry.col(), row)
                                            : channel.sparse->coeff(entry.col(), row));
    }
    return sum;
}

void linearize_split(const VectorField& field, ConstVectorRef x, ConstVectorRef p,
                     std::span<const std::size_t> free, VectorRef f, SplitJacobian& f_x,
                     MatrixRef f_p) {
    const auto* split =
        x.size() < worth_splitting ? nullptr : dynamic_cast<const SplitField*>(&field);
    if (split != nullptr) return split->linearize_split(x, p, free, f, f_x, f_p);
    static thread_local Matrix entries;
    entries.resize(x.size(), x.size());
    field.linearize(x, p, free, f, entries, f_p);
    f_x.channels.clear();
    f_x.near = entries.sparseView();
}

}  // namespace cortifold
