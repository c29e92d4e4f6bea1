#include "ensemble_record.hpp"

#include <cortifold/core/error.hpp>

#include <algorithm>
#include <cmath>

namespace cortifold {

namespace {

std::vector<Column> member_columns(const VectorField& field) {
    std::vector<Column> columns{{"member", ""}, {"t", std::string(field.time_unit())}};
    for (const Quantity& state : field.states())
        columns.push_back({std::string(state.name), std::string(state.unit)});
    return columns;
}

}  // namespace

EnsembleRecord::EnsembleRecord(const std::filesystem::path& folder, const VectorField& field,
                               std::span<const Quantity> node_states, Eigen::Index regions)
    : folder_(folder),
      field_(field),
      node_states_(node_states),
      regions_(regions),
      trajectory_(folder / "data.h5", "trajectory", member_columns(field)) {}

void EnsembleRecord::add(std::uint32_t member, const MemberRun& run) {
    if (times_.empty()) {
        times_ = run.times;
        sums_.assign(times_.size(), Vector::Zero(field_.dimension()));
        squares_ = sums_;
        minimum_ = maximum_ = run.states.front();
    }
    for (std::size_t k = 0; k < run.states.size(); ++k) {
        const Vector& x = run.states[k];
        std::vector<double> row{static_cast<double>(member), run.times[k]};
        row.insert(row.end(), x.begin(), x.end());
        trajectory_.write_row(row);
        sums_[k] += x;
        squares_[k] += x.cwiseAbs2();
        minimum_ = minimum_.cwiseMin(x);
        maximum_ = maximum_.cwiseMax(x);
    }
    trajectory_.flush();
    members_ += 1.0;
}

void EnsembleRecord::close(Record& summary) {
    trajectory_.close();
    std::vector<Column> columns{{"t", std::string(field_.time_unit())}};
    for (const char* statistic : {"mean_", "sd_"})
        for (const Quantity& state : node_states_)
            columns.push_back({statistic + std::string(state.name), std::string(state.unit)});
    CsvWriter table(folder_ / "ensemble.csv", columns);
    const double samples = members_ * static_cast<double>(regions_);
    const auto over_regions = [&](const Vector& values) -> Vector {
        return values.reshaped(regions_, values.size() / regions_).colwise().sum() / samples;
    };
    for (std::size_t k = 0; k < times_.size(); ++k) {
        const Vector mean = over_regions(sums_[k]);
        const Vector sd = (over_regions(squares_[k]) - mean.cwiseAbs2()).cwiseMax(0.0).cwiseSqrt();
        std::vector<double> row{times_[k]};
        row.insert(row.end(), mean.begin(), mean.end());
        row.insert(row.end(), sd.begin(), sd.end());
        table.write_row(row);
    }
    table.close();
    Vector mean = Vector::Zero(field_.dimension());
    for (const Vector& sum : sums_) mean += sum / (members_ * static_cast<double>(sums_.size()));
    Record final = Record::Table{}, states = Record::List{};
    for (Eigen::Index k = 0; k < field_.dimension(); ++k) {
        const std::string_view name = field_.states()[static_cast<std::size_t>(k)].name;
        final.as<Record::Table>().emplace_back(name, sums_.back()[k] / members_);
        states.push_back(Record::Table{
            {"name", name}, {"mean", mean[k]}, {"minimum", minimum_[k]}, {"maximum", maximum_[k]}});
    }
    summary["final"] = final;
    summary["states"] = states;
}

}  // namespace cortifold
