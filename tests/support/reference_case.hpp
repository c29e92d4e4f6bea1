#pragma once

#include "models/shipped_models.hpp"
#include "support/places.hpp"
#include <cortifold/io/record.hpp>
#include <cortifold/network/network.hpp>

#include <algorithm>
#include <complex>
#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

namespace cortifold {

/// A case of reference/continuation.json that is one of our models.
struct ReferenceCase {
    std::string id, model;
    std::vector<std::string> parameters;  ///< the first, and the second of points in two
    double rate = 1.0;                    ///< of the listed time units in one of the model's
};

/// What GoogleTest shows of it.
inline void PrintTo(const ReferenceCase& tested, std::ostream* out) {
    *out << tested.id;
}

inline const std::vector<ReferenceCase> reference_cases{
    {"model_hh", "hodgkin_huxley", {"I", "gK"}},
    {"model_mlhom", "morris_lecar", {"I", "phi"}},
    {"model_fn", "fitzhugh_nagumo", {"I", "eps"}},
    {"model_wc", "wilson_cowan", {"P", "Q"}},
    {"model_jr", "jansen_rit", {"p", "C"}},
    {"model_jrs", "jansen_rit", {"p", "C"}, 100.0},  // time in 1/a
    {"model_mpr", "montbrio_pazo_roxin", {"eta", "J"}},
    {"model_qsfa", "qif_adaptation", {"eta", "alpha"}},
    {"model_brus", "brusselator", {"B", "A"}}};

/// A reference file by its name; null where there is none.
inline Record reference_file(const std::string& name) {
    const auto path = std::filesystem::path(reference_numbers) / name;
    return std::filesystem::exists(path) ? read_json(path) : Record();
}

/// The case with an identifier of `continuation.json`; null where it is not there.
inline Record find_case(const Record& file, const std::string& id) {
    const Record* cases = file.find("cases");
    if (cases == nullptr) return {};
    for (const Record& entry : cases->as<Record::List>())
        if (entry.find("id")->as<std::string>() == id) return entry;
    return {};
}

/// The list with this name, empty where there is none.
inline Record::List list_of(const Record& record, std::string_view key) {
    const Record* found = record.find(key);
    return found != nullptr ? found->as<Record::List>() : Record::List{};
}

/// Numbers, or decimal strings of more digits: one, or a list.
inline Vector numbers(const Record& record) {
    const Record::List list =
        record.is<Record::List>() ? record.as<Record::List>() : Record::List{record};
    Vector x(static_cast<Eigen::Index>(list.size()));
    std::ranges::transform(list, x.begin(), [](const Record& value) {
        return value.is<std::string>() ? std::stod(value.as<std::string>()) : value.number();
    });
    return x;
}

/// "-1.5", "(-1.5 + 2.0j)" or "(-1.5 - 2.0j)".
inline std::complex<double> complex_number(std::string text) {
    std::erase_if(text, [](char c) { return c == ' ' || c == '(' || c == ')'; });
    std::size_t end = 0;
    const double real = std::stod(text, &end);
    return {real, end < text.size() ? std::stod(text.substr(end)) : 0.0};
}

/// A model alone, not coupled to anything.
inline std::shared_ptr<const VectorField> field_of(const std::string& model) {
    Network single;
    single.kinds = {model_named(model)};
    return make_field(single);
}

}  // namespace cortifold
