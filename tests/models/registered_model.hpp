#pragma once

#include <cortifold/model/registry.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace cortifold {

/// What a test is made for: a model of the registry, or one as text.
struct TestedModel {
    TestedModel(const ModelEntry& entry)  // NOLINT: the registry is a list of them
        : name(entry.name), make(entry.make), presets(entry.presets), readme(entry.readme) {}
    TestedModel(std::string its_name, std::function<std::shared_ptr<const Node>()> its_make,
                std::string its_readme)
        : name(std::move(its_name)), make(std::move(its_make)), readme(std::move(its_readme)) {}

    std::string name;
    std::function<std::shared_ptr<const Node>()> make;
    std::string presets, readme;
};

/// What GoogleTest shows of a model.
inline void PrintTo(const TestedModel& model, std::ostream* out) {
    *out << model.name;
}

/// A test of a model, named after it.
class RegisteredModel : public testing::TestWithParam<TestedModel> {
protected:
    const std::shared_ptr<const Node> node = GetParam().make();
};

inline auto every_model() {
    const auto models = registered_models();
    return testing::ValuesIn(std::vector<TestedModel>(models.begin(), models.end()));
}

inline std::string model_name(const testing::TestParamInfo<TestedModel>& info) {
    return info.param.name;
}

}  // namespace cortifold
