#include "trajectory_arrays.hpp"

#include <cortifold/core/quantity.hpp>

namespace cortifold {

namespace {

std::span<const double> numbers_of(const ConstVectorRef& vector) {
    return {vector.data(), static_cast<std::size_t>(vector.size())};
}

Record list_of(const std::vector<std::string>& texts) {
    return Record::List(texts.begin(), texts.end());
}

}  // namespace

std::string_view to_string(Export what) {
    return what == Export::npy ? "npy" : "none";
}

TrajectoryArrays::TrajectoryArrays(std::filesystem::path folder, const VectorField& field,
                                   std::span<const Quantity> node_states)
    : folder_(std::move(folder)),
      variables_(names_of(node_states)),
      auxiliaries_(names_of(field.auxiliaries())),
      times_file_(open("times.npy", {"sample"}, {})),
      states_file_(open(
          "states.npy", {"sample", "variable", "region"},
          {variables_.size(), static_cast<std::size_t>(field.dimension()) / variables_.size()})) {}

NpyWriter TrajectoryArrays::open(const std::string& name, std::vector<std::string> axes,
                                 std::vector<std::size_t> row_shape) {
    description_[name] = list_of(axes);
    return {folder_ / name, std::move(row_shape)};
}

void TrajectoryArrays::add(double t, ConstVectorRef x, ConstVectorRef auxiliaries) {
    times_file_.write_row({&t, 1});
    states_file_.write_row(numbers_of(x));
    if (auxiliaries_.empty()) return;
    if (!auxiliaries_file_)
        auxiliaries_file_.emplace(
            open("auxiliaries.npy", {"sample", "auxiliary"}, {auxiliaries_.size()}));
    auxiliaries_file_->write_row(numbers_of(auxiliaries));
}

void TrajectoryArrays::add(std::uint32_t member, const MemberRun& run) {
    if (!members_file_) members_file_.emplace(open("members.npy", {"sample"}, {}));
    const double number = member;
    for (std::size_t k = 0; k < run.times.size(); ++k) {
        members_file_->write_row({&number, 1});
        times_file_.write_row({&run.times[k], 1});
        states_file_.write_row(numbers_of(run.states[k]));
    }
}

void TrajectoryArrays::close(Record& summary) {
    times_file_.close();
    states_file_.close();
    if (members_file_) members_file_->close();
    if (auxiliaries_file_) auxiliaries_file_->close();
    description_["variables"] = list_of(variables_);
    if (auxiliaries_file_) description_["auxiliaries"] = list_of(auxiliaries_);
    summary["arrays"] = description_;
}

}  // namespace cortifold
