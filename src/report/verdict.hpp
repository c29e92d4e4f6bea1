#pragma once

#include "stored_run.hpp"

#include <string>
#include <vector>

namespace cortifold {

struct Sentence {
    std::string text;
    bool bad = false;  ///< of something that failed or disagrees
};

/// What a run found, in words: failed steps first, then each step in turn.
[[nodiscard]] std::vector<Sentence> verdict(const StoredRun& run);

}  // namespace cortifold
