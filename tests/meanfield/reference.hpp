#pragma once

#include "support/places.hpp"
#include <cortifold/core/matrix.hpp>
#include <cortifold/io/record.hpp>
#include <cortifold/meanfield/siegert.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <filesystem>
#include <string>
#include <vector>

/// reference/lif_mean_field.json: volts and seconds there, mV and ms here.
namespace cortifold::test {

inline constexpr double milli = 1e-3;

/// Numbers in a record, or in strings where they have more digits than a double.
inline double number(const Record& value) {
    return value.is<std::string>() ? std::stod(value.as<std::string>()) : value.number();
}
/// The logarithm of a number that may be below the smallest double, as "1.8e-2125".
inline double log_number(const std::string& text) {
    const std::size_t e = text.find('e');
    const double exponent = e == std::string::npos ? 0.0 : std::stod(text.substr(e + 1));
    return std::log(std::stod(text.substr(0, e))) + exponent * std::log(10.0);
}

/// The value at a path of keys; `[k]` steps into a list.
inline const Record& at(const Record& record, std::initializer_list<std::string_view> keys) {
    const Record* found = &record;
    for (const std::string_view key : keys) found = found->find(key);
    return *found;
}
inline Vector vector_of(const Record& list) {
    const auto& entries = list.as<Record::List>();
    Vector x(static_cast<Eigen::Index>(entries.size()));
    for (std::size_t k = 0; k < entries.size(); ++k) x[Eigen::Index(k)] = number(entries[k]);
    return x;
}
inline Matrix matrix_of(const Record& rows) {
    const auto& entries = rows.as<Record::List>();
    Matrix m(Eigen::Index(entries.size()), vector_of(entries.front()).size());
    for (std::size_t k = 0; k < entries.size(); ++k)
        m.row(Eigen::Index(k)) = vector_of(entries[k]).transpose();
    return m;
}
inline std::complex<double> complex_of(const Record& pair) {
    return {number(at(pair, {"re"})), number(at(pair, {"im"}))};
}
inline ComplexMatrix complex_matrix_of(const Record& parts) {
    ComplexMatrix m = matrix_of(at(parts, {"re"})).cast<std::complex<double>>();
    m.imag() = matrix_of(at(parts, {"im"}));
    return m;
}

class ReferenceNumbers : public ::testing::Test {
protected:
    void SetUp() override {
        const auto path = std::filesystem::path(reference_numbers) / "lif_mean_field.json";
        if (!std::filesystem::exists(path)) GTEST_SKIP() << "lif_mean_field.json is not here";
        file = read_json(path);
        cases = at(file, {"single_neuron_and_small_cases"});
        bos = at(file, {"microcircuit", "bos2016"});
    }
    Record file, cases, bos;
};

/// Of cases that give potentials above rest in V and times in s.
inline LifNeuron neuron_of(const Record& params) {
    LifNeuron neuron;
    neuron.tau_m = number(at(params, {"tau_m"})) / milli;
    neuron.tau_ref = number(at(params, {"tau_r"})) / milli;
    if (const Record* tau_s = params.find("tau_s")) neuron.tau_s = number(*tau_s) / milli;
    neuron.threshold = number(at(params, {"V_th_rel"})) / milli;
    neuron.reset = number(at(params, {"V_0_rel"})) / milli;
    return neuron;
}

}  // namespace cortifold::test
