#include "commands.hpp"
#include <cortifold/model/registry.hpp>

#include <algorithm>
#include <iostream>

namespace cortifold {

namespace {

void print_table(std::string_view title, std::span<const Quantity> table, bool with_values) {
    if (table.empty()) return;
    std::cout << "\n" << title << "\n";
    for (const Quantity& quantity : table) {
        std::cout << "  " << quantity.name << " [" << quantity.unit << "]";
        if (with_values)
            std::cout << " = " << quantity.value << " in [" << quantity.low << ", " << quantity.high
                      << "]";
        std::cout << "  " << quantity.meaning << "\n";
    }
}

void print_presets(const ModelEntry& model) {
    std::cout << "\nPresets\n";
    const Record presets = parse_toml(model.presets, std::string(model.name) + "/presets.toml");
    for (const auto& [name, preset] : presets.as<Record::Table>()) {
        std::cout << "  " << name;
        if (const Record* description = preset.find("description"))
            std::cout << "  " << description->as<std::string>();
        std::cout << "\n";
    }
}

/// Of the first paragraph of a README that is no heading.
std::string first_sentence(std::string_view text) {
    std::string sentence;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (line.empty() && !sentence.empty()) break;
        if (line.empty() || line.front() == '#') continue;
        sentence.append(sentence.empty() ? "" : " ").append(line);
    }
    return sentence.substr(0, sentence.find(". "));
}

}  // namespace

ExitCode list_models(const std::optional<std::string>& name) {
    if (!name) {
        for (const ModelEntry& model : registered_models())
            std::cout << model.name << "  " << first_sentence(model.readme) << "\n";
        return ExitCode::done;
    }
    const ModelEntry& model = find_model(*name);
    const auto node = model.make();
    std::cout << model.readme;
    std::cout << "\nTime unit: " << node->time_unit() << "\n";
    print_table("States", node->states(), true);
    print_table("Parameters", node->parameters(), true);
    print_table("Inputs", node->inputs(), false);
    print_table("Outputs", node->outputs(), false);
    print_presets(model);
    return ExitCode::done;
}

}  // namespace cortifold
