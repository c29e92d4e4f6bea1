#include "chunk_operations.hpp"
#include <cortifold/spiking/instruction_set.hpp>

namespace cortifold {

std::string_view to_string(InstructionSet instructions) {
    switch (instructions) {
        case InstructionSet::avx2: return "avx2";
        case InstructionSet::avx512: return "avx512";
        default: return "scalar";
    }
}

#ifdef __x86_64__

std::vector<InstructionSet> supported_instructions() {
    std::vector supported{InstructionSet::scalar};
    if (__builtin_cpu_supports("avx2") == 0) return supported;
    supported.push_back(InstructionSet::avx2);
    if (__builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
        __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512vl") != 0)
        supported.push_back(InstructionSet::avx512);
    return supported;
}

const ChunkOperations& chunk_operations(InstructionSet instructions) {
    switch (instructions) {
        case InstructionSet::avx2: return avx2_operations;
        case InstructionSet::avx512: return avx512_operations;
        default: return scalar_operations;
    }
}

#else

std::vector<InstructionSet> supported_instructions() {
    return {InstructionSet::scalar};
}
const ChunkOperations& chunk_operations(InstructionSet) {
    return scalar_operations;
}

#endif

const ChunkOperations& widest_operations() {
    static const ChunkOperations& widest = chunk_operations(supported_instructions().back());
    return widest;
}

}  // namespace cortifold
