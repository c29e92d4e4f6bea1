#pragma once

#include "step.hpp"
#include <cortifold/compare/agreement.hpp>

#include <string>
#include <vector>

namespace cortifold {

/// One number of a population.
struct Check {
    std::string population, quantity, unit;
    Comparison values{};
    bool is_observed = true;  ///< else the run has nothing of the kind, and they do not agree
    Record validity = Record::List{};
};

/// A state of a theory and a run that is held against it.
struct ComparedRun {
    const EarlierStep& theory;
    const EarlierStep& run;
    const Record& state;
};

/// An item of a list with that `name`; none where there is none.
[[nodiscard]] const Record* find_named(const Record& list, std::string_view name);
/// A number of a table, if it is one.
[[nodiscard]] std::optional<double> number_of(const Record& table, std::string_view key);
/// What the theory says of its own validity: of this population, and, of curves, of all.
[[nodiscard]] Record doubts_about(const Record& state, const std::string& population,
                                  bool of_curves);

/// Power spectra of both sides, into spectra.csv and bands.csv, and peaks among the checks. A
/// record for each population; none where a side has no table.
[[nodiscard]] Record compare_spectra(const ComparedRun& compared, const AgreementRule& rule,
                                     int bands, const std::filesystem::path& folder,
                                     std::vector<Check>& checks);

/// Rates over time of both sides, into courses.csv; likewise. Both count time from the end of their
/// transients.
[[nodiscard]] Record compare_time_courses(const ComparedRun& compared, const AgreementRule& rule,
                                          const std::filesystem::path& folder);

}  // namespace cortifold
