#include "plot_source.hpp"

#include <cortifold/report/figure.hpp>

#include <array>
#include <cstdio>

namespace cortifold {

std::string PlotSource::rows() const {
    return csv_source("../" + table());
}

std::string PlotSource::at(std::string_view name) const {
    return "$" + std::to_string(place(name));
}

std::string PlotSource::text_at(std::string_view name) const {
    return "strcol(" + std::to_string(place(name)) + ")";
}

std::string columns(std::initializer_list<std::string> expressions) {
    std::string joined;
    for (const auto& expression : expressions) {
        joined += (joined.empty() ? "(" : ":(") + expression + ")";
    }
    return joined;
}

std::string where(const std::string& condition, const std::string& expression) {
    return condition + " ? " + expression + " : 1/0";
}

std::string exact(double value) {
    std::array<char, 32> text;
    std::snprintf(text.data(), text.size(), "%.17g", value);
    return text.data();
}

}  // namespace cortifold
