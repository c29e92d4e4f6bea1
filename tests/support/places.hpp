#pragma once
// Where the tests of this build find things.
#include <string_view>

namespace cortifold {

extern const std::string_view source_folder;      ///< the project's own
extern const std::string_view shared_data;        ///< published data sets; may be absent
extern const std::string_view reference_numbers;  ///< may be absent

}  // namespace cortifold
