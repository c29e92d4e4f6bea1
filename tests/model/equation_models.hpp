#pragma once

#include <cortifold/model/equation_model.hpp>
#include <cortifold/model/registry.hpp>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace cortifold {

/// A built-in model once more as text: its tables are kept, its formulas are written below. Names
/// that differ in case alone are spelled otherwise.
struct WrittenModel {
    std::string name;  ///< of the built-in model
    std::vector<std::pair<std::string, std::string>> quantities;
    std::vector<EquationDefinition::Function> functions;
    std::vector<std::string> rhs, outputs;
    std::map<std::string, std::string> renamed{};

    [[nodiscard]] EquationDefinition definition() const {
        const auto node = find_model(name).make();
        const auto text = [](std::string_view view) { return std::string(view); };
        EquationDefinition made;
        made.name = name;
        made.time_unit = node->time_unit();
        for (std::size_t k = 0; k < rhs.size(); ++k) {
            const Quantity& q = node->states()[k];
            made.states.push_back({text(q.name),
                                   {rhs[k], {}},
                                   {std::to_string(q.value), {}},
                                   text(q.unit),
                                   text(q.meaning),
                                   q.low,
                                   q.high});
        }
        for (const Quantity& q : node->parameters()) {
            const auto other = renamed.find(text(q.name));
            made.parameters.push_back({other == renamed.end() ? text(q.name) : other->second,
                                       q.value,
                                       q.low,
                                       q.high,
                                       text(q.unit),
                                       text(q.meaning),
                                       {}});
        }
        for (const Quantity& q : node->inputs())
            made.inputs.push_back({text(q.name), {}, text(q.unit), text(q.meaning)});
        for (std::size_t k = 0; k < outputs.size(); ++k) {
            const Quantity& q = node->outputs()[k];
            made.outputs.push_back({text(q.name), {outputs[k], {}}, text(q.unit), text(q.meaning)});
        }
        for (const auto& [quantity, formula] : quantities)
            made.quantities.push_back({quantity, {formula, {}}, "1", ""});
        made.functions = functions;
        return made;
    }
};

inline WrittenModel written_fitzhugh_nagumo() {
    return {"fitzhugh_nagumo", {}, {}, {"v - v^3/3 - w + I + drive", "eps*(v + a - b*w)"}, {"v"}};
}

inline WrittenModel written_jansen_rit() {
    return {"jansen_rit",
            {{"pyramidal", "S(y1 - y2)"}},
            {{"S", {"v"}, {"2*e0/(1 + exp(r*(v0 - v)))", {}}}},
            {"y3", "y4", "y5", "k_a*(A*pyramidal - 2*y3 - k_a*y0)",
             "k_a*(A*(p + drive + c2*C*S(c1*C*y0)) - 2*y4 - k_a*y1)",
             "k_b*(B*c4*C*S(c3*C*y0) - 2*y5 - k_b*y2)"},
            {"Pyramidal"},
            {{"a", "k_a"}, {"b", "k_b"}}};
}

inline WrittenModel written_ng_ping() {
    return {
        "ng_ping",
        {{"current_e", "nu_e + I_ext_E + tau_e*(J_ee*s_e + drive_e - J_ei*s_i)"},
         {"current_i", "nu_i + I_ext_I + tau_i*(J_ie*s_e + drive_i - J_ii*s_i)"}},
        {},
        {"(Delta_e/(pi*tau_e) + 2*r_e*v_e)/tau_e", "(v_e^2 + current_e - (pi*tau_e*r_e)^2)/tau_e",
         "(r_e - s_e)/tau_se", "(Delta_i/(pi*tau_i) + 2*r_i*v_i)/tau_i",
         "(v_i^2 + current_i - (pi*tau_i*r_i)^2)/tau_i", "(r_i - s_i)/tau_si"},
        {"s_e"}};
}

}  // namespace cortifold
