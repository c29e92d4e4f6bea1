#pragma once

#include <cortifold/model/registry.hpp>

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace cortifold {

/// What GoogleTest shows of a model.
inline void PrintTo(const ModelEntry& entry, std::ostream* out) {
    *out << entry.name;
}

/// A test of every model in the registry, named after it.
class RegisteredModel : public testing::TestWithParam<ModelEntry> {
protected:
    const std::shared_ptr<const Node> node = GetParam().make();
};

inline auto every_model() {
    return testing::ValuesIn(registered_models().begin(), registered_models().end());
}

inline std::string model_name(const testing::TestParamInfo<ModelEntry>& info) {
    return std::string(info.param.name);
}

}  // namespace cortifold
