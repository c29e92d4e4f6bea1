#include "ensemble_record.hpp"

#include <cortifold/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

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
      trajectory_(folder / "data.h5", "trajectory", member_columns(field)),
      minimum_(Vector::Constant(field.dimension(), std::numeric_limits<double>::infinity())),
      maximum_(-minimum_) {}

void EnsembleRecord::add(std::uint32_t member, const MemberRun& run) {
    for (std::size_t k = 0; k < run.states.size(); ++k) {
        const Vector& x = run.states[k];
        std::vector<double> row{static_cast<double>(member), run.times[k]};
        row.insert(row.end(), x.begin(), x.end());
        trajectory_.write_row(row);
        minimum_ = minimum_.cwiseMin(x);
        maximum_ = maximum_.cwiseMax(x);
    }
    trajectory_.flush();
    count(run);
}

void EnsembleRecord::count(const MemberRun& run) {
    const std::size_t at_output_times =
        run.states.size() - (run.ended_by_event && !run.states.empty() ? 1 : 0);
    for (std::size_t k = 0; k < at_output_times; ++k) {
        const Vector zero = Vector::Zero(field_.dimension());
        if (k == samples_.size()) samples_.push_back({run.times[k], 0.0, zero, zero});
        Sample& sample = samples_[k];
        const Vector& x = run.states[k];
        const Vector change = x - sample.mean;  // Welford 1962: no difference of large numbers
        sample.members += 1.0;
        sample.mean += change / sample.members;
        sample.scatter += change.cwiseProduct(x - sample.mean);
    }
}

void EnsembleRecord::close(Record& summary) {
    trajectory_.close();
    std::vector<Column> columns{{"t", std::string(field_.time_unit())}, {"members", ""}};
    for (const char* statistic : {"mean_", "sd_"})
        for (const Quantity& state : node_states_)
            columns.push_back({statistic + std::string(state.name), std::string(state.unit)});
    CsvWriter table(folder_ / "ensemble.csv", columns);
    const Eigen::Index kinds = field_.dimension() / regions_;
    Vector mean_in_time = Vector::Zero(field_.dimension());
    for (const Sample& sample : samples_) {
        const Matrix means = sample.mean.reshaped(regions_, kinds);
        const Matrix scatters = sample.scatter.reshaped(regions_, kinds);
        const Eigen::RowVectorXd mean = means.colwise().mean();
        const Eigen::RowVectorXd variance = scatters.colwise().mean() / sample.members +
                                            (means.rowwise() - mean).cwiseAbs2().colwise().mean();
        std::vector<double> row{sample.t, sample.members};
        row.insert(row.end(), mean.begin(), mean.end());
        for (const double v : variance) row.push_back(std::sqrt(v));
        table.write_row(row);
        mean_in_time += sample.mean / static_cast<double>(samples_.size());
    }
    table.close();
    if (samples_.empty()) return;
    Record final = Record::Table{}, states = Record::List{};
    for (Eigen::Index k = 0; k < field_.dimension(); ++k) {
        const std::string_view name = field_.states()[static_cast<std::size_t>(k)].name;
        final.as<Record::Table>().emplace_back(name, samples_.back().mean[k]);
        states.push_back(Record::Table{{"name", name},
                                       {"mean", mean_in_time[k]},
                                       {"minimum", minimum_[k]},
                                       {"maximum", maximum_[k]}});
    }
    summary["final"] = final;
    summary["states"] = states;
}

}  // namespace cortifold
