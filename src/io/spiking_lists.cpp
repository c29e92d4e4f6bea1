#include "spiking_lists.hpp"

#include "field_reader.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/io/table.hpp>

#include <algorithm>
#include <limits>
#include <string>

namespace cortifold {

namespace {

/// Rows of a CSV table, numbers by the names of their columns.
class NamedRows {
public:
    /// No other unit than that of the column may stand behind its name.
    NamedRows(const std::filesystem::path& file, std::vector<Column> known)
        : rows_(file.string(), read_file(file)), known_(std::move(known)) {
        places_.resize(known_.size());
        if (!rows_.next()) rows_.fail("expected a heading with the columns " + list());
        for (std::size_t k = 0; k < rows_.fields().size(); ++k) {
            const std::string_view heading = rows_.fields()[k];
            const std::size_t bracket = std::min(heading.find('['), heading.size());
            const std::string name(trimmed(heading.substr(0, bracket)));
            const auto at = std::ranges::find(known_, name, &Column::name);
            if (at == known_.end())
                rows_.fail("the column " + shown(heading) + " is none of " + list());
            if (bracket < heading.size() &&
                trimmed(heading.substr(bracket)) != "[" + at->unit + "]")
                rows_.fail("the column " + shown(heading) + " must be in " + at->unit +
                           ", which may stand behind its name as [" + at->unit + "]");
            std::optional<std::size_t>& place =
                places_[static_cast<std::size_t>(at - known_.begin())];
            if (place) rows_.fail("two columns are called " + name);
            place = k;
        }
        width_ = rows_.fields().size();
    }
    [[nodiscard]] bool has(std::size_t column) const { return places_[column].has_value(); }
    void require_column(std::size_t column, const std::string& why) const {
        if (!has(column)) rows_.fail("there is no column " + known_[column].name + why);
    }
    bool next() {
        const bool is_there = rows_.next();
        if (is_there) rows_.expect_fields(width_, list());
        return is_there;
    }
    [[nodiscard]] double number(std::size_t column) const {
        return rows_.number<double>(*places_[column]);
    }
    /// A neuron, counted from 0.
    [[nodiscard]] std::uint32_t neuron(std::size_t column) const {
        const auto value = rows_.number<std::int64_t>(*places_[column]);
        if (value < 0 || value > std::numeric_limits<std::uint32_t>::max())
            rows_.fail(known_[column].name + " = " + std::to_string(value) +
                       " is no number of a neuron, which are counted from 0");
        return static_cast<std::uint32_t>(value);
    }
    /// A time above 0.
    [[nodiscard]] double time_ms(std::size_t column) const {
        const double value = number(column);
        if (!(value > 0.0)) {
            std::string text;
            append_number(text, value);
            rows_.fail(known_[column].name + " = " + text + " ms must be positive");
        }
        return value;
    }

private:
    [[nodiscard]] std::string list() const {
        std::string text;
        for (const Column& column : known_) text += (text.empty() ? "" : ", ") + column.name;
        return text;
    }

    FieldReader rows_;
    std::vector<Column> known_;
    std::vector<std::optional<std::size_t>> places_{};
    std::size_t width_ = 0;
};

}  // namespace

std::shared_ptr<const std::vector<ListedSynapse>> read_synapses(const std::filesystem::path& file,
                                                                const ListedDefaults& defaults) {
    enum Columns : std::size_t { source, target, weight, delay };
    NamedRows rows(file, {{"source", "1"},
                          {"target", "1"},
                          {"weight", std::string(defaults.weight_unit)},
                          {"delay", "ms"}});
    rows.require_column(source, "");
    rows.require_column(target, "");
    for (const auto& [column, given] :
         {std::pair{weight, defaults.weight}, std::pair{delay, defaults.delay_ms}}) {
        if (!given) rows.require_column(column, ", nor has the projection a number of that name");
        if (given && rows.has(column))
            throw ConfigError(std::string(column == weight ? "weights" : "delays") +
                                  " are listed here, and the projection has its own: one of them "
                                  "is meant",
                              {file.string(), 1});
    }
    auto synapses = std::make_shared<std::vector<ListedSynapse>>();
    while (rows.next())
        synapses->push_back({rows.neuron(source), rows.neuron(target),
                             defaults.weight ? *defaults.weight : rows.number(weight),
                             defaults.delay_ms ? *defaults.delay_ms : rows.time_ms(delay)});
    return synapses;
}

std::shared_ptr<const std::vector<TimedSpike>> read_spike_trains(
    const std::filesystem::path& file) {
    enum Columns : std::size_t { time, neuron };
    NamedRows rows(file, {{"t", "ms"}, {"neuron", "1"}});
    rows.require_column(time, "");
    rows.require_column(neuron, "");
    auto spikes = std::make_shared<std::vector<TimedSpike>>();
    while (rows.next()) spikes->push_back({rows.neuron(neuron), rows.time_ms(time)});
    return spikes;
}

}  // namespace cortifold
