#include "operations_in_lanes.hpp"

namespace cortifold {

constinit const ChunkOperations scalar_operations = operations_in_lanes<1, OneCounter>();

}  // namespace cortifold
