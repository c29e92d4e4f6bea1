#include "operations_in_lanes.hpp"

namespace cortifold {

#ifdef __AVX2__
constinit const ChunkOperations avx2_operations = operations_in_lanes<4, EightCounters>();
#endif

}  // namespace cortifold
