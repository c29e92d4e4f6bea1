#pragma once

#include <string_view>
#include <vector>

namespace cortifold {

/// What neurons are advanced with: one number at a time, or registers of 4 or 8. All do the same
/// operations in the same order, so that results are the same bits.
enum class InstructionSet { scalar, avx2, avx512 };

[[nodiscard]] std::string_view to_string(InstructionSet instructions);
/// Those that this processor has, the longest registers last.
[[nodiscard]] std::vector<InstructionSet> supported_instructions();

}  // namespace cortifold
