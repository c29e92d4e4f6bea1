#include "populations.hpp"

#include <cortifold/core/error.hpp>

namespace cortifold {

Record step_population_tables(ConfigReader& options, const Study& study) {
    if (study.populations.is_null())
        throw ConfigError("a step \"" + options.record().find("do")->as<std::string>() +
                              "\" needs [[population]] tables, or model.name that of a network",
                          options.record().where);
    Record tables = study.populations;
    if (const Record* own = options.any("parameters")) set_quantities(*own, tables);
    return tables;
}

PopulationStudy read_study_populations(ConfigReader& options, const Study& study) {
    std::vector<ResolvedKey> noted;  // by the study
    return read_populations(step_population_tables(options, study), noted);
}

}  // namespace cortifold
