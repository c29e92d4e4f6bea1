#include "populations.hpp"

#include <cortifold/core/error.hpp>

namespace cortifold {

namespace {

void set_below(const Record& values, const std::string& prefix, Record& tables) {
    for (const auto& [name, value] : values.as<Record::Table>()) {
        const std::string key = prefix + name;
        if (value.is<Record::Table>()) {
            set_below(value, key + ".", tables);
            continue;
        }
        if (!is_spiking_quantity(key))
            throw ConfigError("unknown quantity \"" + key +
                                  "\" of a spiking network; they are called population.NAME.key, "
                                  "projection.SOURCE.TARGET.key and spiking.key",
                              value.where);
        set_key(tables, key, value);
    }
}

}  // namespace

bool is_spiking_quantity(std::string_view name) {
    return name.starts_with("population.") || name.starts_with("projection.") ||
           name.starts_with("spiking.");
}

void set_quantities(const Record& values, Record& tables) {
    set_below(values, "", tables);
}

PopulationStudy read_study_populations(ConfigReader& options, const Study& study) {
    if (study.populations.is_null())
        throw ConfigError("a step \"" + options.record().find("do")->as<std::string>() +
                              "\" needs [[population]] tables, or model.name that of a network",
                          options.record().where);
    Record tables = study.populations;
    if (const Record* own = options.any("parameters")) {
        if (!own->is<Record::Table>())
            throw ConfigError(options.path("parameters") + " must be a table, is " +
                                  std::string(own->type_name()),
                              own->where);
        set_quantities(*own, tables);
    }
    std::vector<ResolvedKey> noted;  // by the study
    return read_populations(tables, noted);
}

}  // namespace cortifold
