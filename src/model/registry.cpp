#include <cortifold/core/error.hpp>
#include <cortifold/model/registry.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace cortifold {

const ModelEntry& find_model(std::string_view name) {
    const auto models = registered_models();
    const auto found = std::ranges::find(models, name, &ModelEntry::name);
    if (found != models.end()) return *found;
    std::vector<std::string> known;
    for (const ModelEntry& entry : models) known.emplace_back(entry.name);
    throw UsageError(unknown_name("model", name, known));
}

}  // namespace cortifold
