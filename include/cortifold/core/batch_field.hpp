#pragma once

#include <cortifold/core/matrix.hpp>

#include <span>

namespace cortifold {

/// f, f_x and a column of f_p for each free parameter at many points: a row a point, a column an
/// entry, those of a matrix column by column.
struct PointLinearizations {
    Matrix f, f_x, f_p;
};

/// A face of fields that may be linearized at many points at a time, in less time than one after
/// the other.
class BatchField {
public:
    BatchField() = default;
    BatchField(const BatchField&) = delete;
    BatchField& operator=(const BatchField&) = delete;
    virtual ~BatchField() = default;

    /// Whether it is; else the points are for VectorField::linearize.
    [[nodiscard]] virtual bool takes_batches() const = 0;
    /// As VectorField::linearize, at the rows of x. What a point gives does not depend on the
    /// others.
    virtual void linearize_batch(ConstMatrixRef x, ConstVectorRef p,
                                 std::span<const std::size_t> free,
                                 PointLinearizations& result) const = 0;
};

}  // namespace cortifold
