#include "simulation_record.hpp"

#include <cortifold/equilibrium/newton.hpp>
#include <cortifold/signal/growth.hpp>

#include <algorithm>
#include <cmath>

namespace cortifold {

namespace {

constexpr std::size_t space_time_cells = 40'000;
constexpr std::size_t space_time_samples = 400;

std::vector<Column> all_columns(const VectorField& field) {
    std::vector<Column> columns{{"t", std::string(field.time_unit())}};
    for (const Quantity& state : field.states())
        columns.push_back({std::string(state.name), std::string(state.unit)});
    for (const Quantity& auxiliary : field.auxiliaries())
        columns.push_back({std::string(auxiliary.name), std::string(auxiliary.unit)});
    return columns;
}

std::vector<Column> mean_columns(const VectorField& field, std::span<const Quantity> states) {
    std::vector<Column> columns{{"t", std::string(field.time_unit())}};
    for (const char* statistic : {"mean_", "sd_"})
        for (const Quantity& state : states)
            columns.push_back({statistic + std::string(state.name), std::string(state.unit)});
    columns.push_back({"deviation", ""});
    return columns;
}

}  // namespace

SimulationRecord::SimulationRecord(const std::filesystem::path& folder, const VectorField& field,
                                   std::span<const Quantity> node_states, Eigen::Index regions)
    : folder_(folder),
      node_states_(node_states),
      columns_(all_columns(field)),
      regions_(regions),
      time_unit_(field.time_unit()),
      trajectory_(folder / "data.h5", "trajectory", columns_),
      table_(folder / (regions > 1 ? "mean.csv" : "trajectory.csv"),
             regions > 1 ? mean_columns(field, node_states) : columns_) {}

void SimulationRecord::add(double t, ConstVectorRef x, ConstVectorRef auxiliaries) {
    if (samples_ == 0) {
        mean_ = Vector::Zero(x.size());
        minimum_ = maximum_ = x;
    }
    ++samples_;
    undefined_.resize(static_cast<std::size_t>(auxiliaries.size()));
    for (Eigen::Index k = 0; k < auxiliaries.size(); ++k)
        undefined_[static_cast<std::size_t>(k)] += std::isfinite(auxiliaries[k]) ? 0 : 1;
    mean_ += (x - mean_) / static_cast<double>(samples_);
    minimum_ = minimum_.cwiseMin(x);
    maximum_ = maximum_.cwiseMax(x);
    std::vector<double> row{t};
    row.insert(row.end(), x.begin(), x.end());
    row.insert(row.end(), auxiliaries.begin(), auxiliaries.end());
    trajectory_.write_row(row);
    if (kept_) kept_->insert(kept_->end(), row.begin(), row.end());
    if (regions_ > 1)
        add_spatial(t, Eigen::Map<const Matrix>(x.data(), regions_, x.size() / regions_));
    else
        table_.write_row(row);
}

void SimulationRecord::add_spatial(double t, const Eigen::Map<const Matrix>& x) {
    const Vector mean = x.colwise().mean();
    const Vector sd =
        ((x.rowwise() - mean.transpose()).colwise().squaredNorm() / static_cast<double>(regions_))
            .cwiseSqrt();
    if (scale_.size() == 0) scale_ = mean.cwiseAbs().cwiseMax(scale_floor(node_states_));
    times_.push_back(t);
    deviations_.push_back(
        std::sqrt(sd.cwiseQuotient(scale_).squaredNorm() / static_cast<double>(sd.size())));
    std::vector<double> row{t};
    row.insert(row.end(), mean.begin(), mean.end());
    row.insert(row.end(), sd.begin(), sd.end());
    row.push_back(deviations_.back());
    table_.write_row(row);

    Vector snapshot(regions_ + 1);
    snapshot << t, x.col(0);
    recent_.push_back(std::move(snapshot));
    const std::size_t kept = std::clamp<std::size_t>(
        space_time_cells / static_cast<std::size_t>(regions_), 2, space_time_samples);
    if (recent_.size() > kept) recent_.pop_front();
}

void SimulationRecord::write_space_time() {
    const Quantity& state = node_states_.front();
    CsvWriter table(
        folder_ / "space_time.csv",
        {{"t", time_unit_}, {"region", ""}, {std::string(state.name), std::string(state.unit)}});
    for (const Vector& snapshot : recent_)
        for (Eigen::Index region = 0; region < regions_; ++region)
            table.write_row(std::initializer_list<Cell>{snapshot[0], std::int64_t{region},
                                                        snapshot[region + 1]});
    table.close();
}

Record SimulationRecord::deviation_record() const {
    Record record = Record::Table{{"initial", deviations_.front()},
                                  {"final", deviations_.back()},
                                  {"largest", *std::ranges::max_element(deviations_)}};
    const auto size = static_cast<Eigen::Index>(times_.size());
    if (const auto growth = fit_growth(Eigen::Map<const Vector>(times_.data(), size),
                                       Eigen::Map<const Vector>(deviations_.data(), size))) {
        record["growth"] = growth->rate;
        record["growth_spread"] = growth->spread;
        record["window"] = Record::List{growth->from, growth->to};
    }
    return record;
}

std::shared_ptr<const NumericTable> SimulationRecord::samples() const {
    if (!kept_) return nullptr;
    const auto width = static_cast<Eigen::Index>(columns_.size());
    return std::make_shared<NumericTable>(NumericTable{
        columns_, Eigen::Map<const Matrix>(kept_->data(), width, samples_).transpose()});
}

void SimulationRecord::close(Record& summary) {
    trajectory_.close();
    table_.close();
    Record states = Record::List{};
    for (Eigen::Index k = 0; k < mean_.size(); ++k)
        states.push_back(Record::Table{{"name", columns_[static_cast<std::size_t>(k) + 1].name},
                                       {"mean", mean_[k]},
                                       {"minimum", minimum_[k]},
                                       {"maximum", maximum_[k]}});
    summary["states"] = states;
    Record undefined = Record::Table{};
    for (std::size_t k = 0; k < undefined_.size(); ++k)
        if (undefined_[k] > 0)
            undefined[columns_[static_cast<std::size_t>(mean_.size()) + 1 + k].name] =
                undefined_[k];
    if (!undefined.as<Record::Table>().empty()) summary["undefined"] = undefined;
    if (regions_ == 1 || times_.empty()) return;
    write_space_time();
    summary["deviation"] = deviation_record();
}

}  // namespace cortifold
