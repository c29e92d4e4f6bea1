#pragma once

#include "models/registered_model.hpp"
#include "support/places.hpp"
#include <cortifold/io/equation_reader.hpp>
#include <cortifold/io/table.hpp>
#include <cortifold/model/registry.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace cortifold {

inline std::filesystem::path models_folder() {
    return std::filesystem::path(source_folder) / "models";
}

inline std::filesystem::path equation_file(const std::string& name) {
    return models_folder() / name / (name + ".ode");
}

/// One of the registry, else one that is shipped as text.
inline std::shared_ptr<const Node> model_named(const std::string& name) {
    if (std::filesystem::exists(equation_file(name)))
        return make_equation_node(read_equation_model(equation_file(name)));
    return find_model(name).make();
}

/// The folders of models/ that hold a model as text, by ascending name.
inline auto every_shipped_model() {
    std::vector<TestedModel> models;
    for (const auto& entry : std::filesystem::directory_iterator(models_folder()))
        if (const std::string name = entry.path().filename().string();
            std::filesystem::exists(equation_file(name)))
            models.emplace_back(
                name, [name] { return model_named(name); }, read_file(entry.path() / "README.md"));
    std::ranges::sort(models, {}, &TestedModel::name);
    return testing::ValuesIn(models);
}

}  // namespace cortifold
