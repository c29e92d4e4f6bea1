#include "operations_in_lanes.hpp"

namespace cortifold {

#ifdef __AVX512F__
constinit const ChunkOperations avx512_operations = operations_in_lanes<8, SixteenCounters>();
#endif

}  // namespace cortifold
