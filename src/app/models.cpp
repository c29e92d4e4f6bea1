#include "commands.hpp"
#include <cortifold/io/equation_reader.hpp>
#include <cortifold/io/table.hpp>
#include <cortifold/model/registry.hpp>

#include <algorithm>
#include <cmath>
#include <iostream>

namespace cortifold {

namespace {

void print_table(std::string_view title, std::span<const Quantity> table, bool with_values) {
    if (table.empty()) return;
    std::cout << "\n" << title << "\n";
    for (const Quantity& quantity : table) {
        std::cout << "  " << quantity.name << " [" << quantity.unit << "]";
        if (with_values) std::cout << " = " << quantity.value;
        if (with_values && (std::isfinite(quantity.low) || std::isfinite(quantity.high)))
            std::cout << " in [" << quantity.low << ", " << quantity.high << "]";
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

void print_node(const Node& node) {
    std::cout << "\nTime unit: " << node.time_unit() << "\n";
    print_table("States", node.states(), true);
    print_table("Parameters", node.parameters(), true);
    print_table("Inputs", node.inputs(), false);
    print_table("Outputs", node.outputs(), false);
    print_table("Auxiliary quantities", node.auxiliaries(), false);
}

/// The table of parameters of a model of a spiking neuron.
void print_neuron(const NeuronModel& neuron) {
    std::vector<Quantity> parameters;
    std::visit(
        [&](auto model) {
            std::cout << model.name << "  of a spiking neuron, for [[population]] tables\n"
                      << "\nWeights onto it in: " << model.weight_unit << "\n";
            model.parameters(model, [&](double, const Quantity& q) { parameters.push_back(q); });
        },
        neuron);
    print_table("Parameters", parameters, true);
}

std::string_view name_of(const NeuronModel& neuron) {
    return std::visit([](const auto& model) { return model.name; }, neuron);
}

/// The lines of a file that mean nothing here.
void print_ignored(const EquationDefinition& model) {
    if (!model.ignored.empty()) std::cout << "\nIgnored\n";
    for (const EquationDefinition::Note& note : model.ignored)
        std::cout << "  line " << note.where.line << ": " << note.text << "\n";
}

bool is_file_name(const std::string& name) {
    return name.ends_with(".ode") || name.ends_with(".toml");
}

EquationDefinition show_equations(EquationDefinition model) {
    std::cout << model.name << "\n" << model.about;
    print_node(*make_equation_node(model));
    print_ignored(model);
    return model;
}

EquationDefinition show_built_in(const std::string& name) {
    expect_model(name);
    if (const ShippedModel* shipped = find_shipped_model(name))
        return show_equations(read_equation_model(*shipped));
    const ModelEntry& model = find_model(name);
    const auto node = model.make();
    std::cout << model.readme;
    print_node(*node);
    print_presets(model);
    return node->equations();
}

void expect_free(const std::filesystem::path& file, const ModelsRequest& request) {
    if (std::filesystem::exists(file) && !request.overwrite)
        throw UsageError(file.string() + " is in the way; give --overwrite or another name");
}

/// The model, and its tables beside it.
void export_model(const EquationDefinition& model, const ModelsRequest& request) {
    const std::string text = write_ode(model);
    const std::vector<OdeTableFile> tables = write_ode_tables(model);
    const std::filesystem::path folder = request.target->parent_path();
    for (const OdeTableFile& table : tables) expect_free(folder / table.name, request);
    for (const OdeTableFile& table : tables) write_file(folder / table.name, table.text);
    write_file(*request.target, text);
}

}  // namespace

ExitCode list_models(const ModelsRequest& request) {
    if (!request.model) {
        for (const ModelEntry& model : registered_models())
            std::cout << model.name << "  " << first_sentence(model.readme) << "\n";
        for (const ShippedModel& model : shipped_models())
            std::cout << model.name << "  " << first_sentence(model.readme) << "\n";
        for (const NetworkEntry& network : registered_networks())
            std::cout << network.name << "  " << first_sentence(network.readme) << "\n";
        std::cout << "\nSpiking neurons, of which populations are made:";
        for (const NeuronModel& neuron : neuron_models()) std::cout << " " << name_of(neuron);
        std::cout << "\n";
        return ExitCode::done;
    }
    const std::vector<NeuronModel> neurons = neuron_models();
    const auto neuron = std::ranges::find(neurons, *request.model, name_of);
    if (neuron != neurons.end()) {
        if (request.target)
            throw UsageError(*request.model +
                             " is a spiking neuron, whose reset .ode files cannot tell of");
        print_neuron(*neuron);
        return ExitCode::done;
    }
    const auto network =
        std::ranges::find(registered_networks(), *request.model, &NetworkEntry::name);
    if (network != registered_networks().end()) {
        if (request.target)
            throw UsageError(*request.model +
                             " is a network of spiking neurons, which .ode files cannot tell of");
        std::cout << network->readme;
        return ExitCode::done;
    }
    if (request.target) expect_free(*request.target, request);
    const EquationDefinition model = is_file_name(*request.model)
                                         ? show_equations(read_equation_model(*request.model))
                                         : show_built_in(*request.model);
    if (request.target) export_model(model, request);
    return ExitCode::done;
}

}  // namespace cortifold
