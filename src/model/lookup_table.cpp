#include "lookup_table.hpp"

#include <algorithm>
#include <cmath>

namespace cortifold {

double LookupTable::interval(double x) const {
    const double last = static_cast<double>(values_.size() - 2);
    const double left = std::floor((x - first_) / spacing_);
    return left > 0.0 ? std::min(left, last) : 0.0;  // a NaN reads the first
}

bool LookupTable::within(double x) const {
    const double place = (x - first_) / spacing_;
    return place > -1.0 && place < static_cast<double>(values_.size() - 1);
}

}  // namespace cortifold
