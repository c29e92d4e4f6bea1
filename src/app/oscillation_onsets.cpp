#include "oscillation_onsets.hpp"

#include "branch_record.hpp"
#include "meanfield_system.hpp"
#include <cortifold/meanfield/oscillation_onset.hpp>

#include <algorithm>

namespace cortifold {

namespace {

class OscillationOnsets final : public Step {
public:
    OscillationOnsets(MeanFieldSystem mean_field, BranchSetting setting, int intervals,
                      Record::List marks, ContinuationOptions options)
        : mean_field_(std::move(mean_field)),
          setting_(std::move(setting)),
          intervals_(intervals),
          marks_(std::move(marks)),
          options_(std::move(options)) {
        for (const FreeParameter& parameter : setting_.free)
            options_.bounds.push_back(parameter.range);
    }

    [[nodiscard]] StepResult run(const StepContext& at) const override {
        at.progress.start("continue");
        const auto& [low, high] = setting_.free.front().range;
        const std::vector<OscillationOnset> onsets = find_oscillation_onsets(
            mean_field_.network, name(0), {low, high}, intervals_, mean_field_.transfer);
        BranchRecord record(at, setting_);
        Labels labels;
        for (const OscillationOnset& onset : onsets)
            if (!interrupted()) follow(onset, labels, record);
        if (onsets.empty())
            record.add({no_branch(CurveKind::hopf, Status::no_theory,
                                  "no oscillation begins for " + name(0) + " in [" + show(low) +
                                      ", " + show(high) + "]",
                                  setting_),
                        setting_.system.parameters, "rest"});
        at.progress.finish();
        StepResult result = conclude(record.branches());
        result.summary["onsets"] = list(onsets);
        if (!marks_.empty()) result.summary["marks"] = marks_;
        record.close(result.summary);
        return result;
    }

private:
    [[nodiscard]] const std::string& name(std::size_t k) const { return setting_.free[k].name; }

    void follow(const OscillationOnset& onset, Labels& labels, BranchRecord& record) const {
        const CurveStart start = oscillation_onset_curve(mean_field_.network, onset,
                                                         {name(0), name(1)}, mean_field_.transfer);
        ContinuationOptions options = options_;
        std::vector<const Branch*> known;
        for (const KnownBranch& one : record.branches()) known.push_back(&one.branch);
        if (find_branch_through(start, known, options)) return;
        options.observer = [&](const BranchPoint& point) { return record.grow(point); };
        Branch branch = continue_branch(start.problem, start.point, options);
        if (branch.status == Status::stopped_by_observer) branch.status = Status::interrupted;
        branch.states = setting_.system.field->dimension();
        orient(branch);
        labels.name(branch);
        record.add({std::move(branch), setting_.system.parameters, "rest"});
    }

    [[nodiscard]] Record list(const std::vector<OscillationOnset>& onsets) const {
        Record list = Record::List{};
        for (const OscillationOnset& onset : onsets)
            list.push_back(Record::Table{
                {"parameters",
                 Record::Table{{name(0), onset.value},
                               {name(1), setting_.system.parameters[static_cast<Eigen::Index>(
                                             setting_.free[1].number)]}}},
                {"frequency", onset.frequency_hz},
                {"state", state_record(*setting_.system.field, onset.rates_hz)},
                {"unstable_above", onset.unstable_roots},
                {"residual", onset.residual}});
        return list;
    }

    MeanFieldSystem mean_field_;
    BranchSetting setting_;
    int intervals_;
    Record::List marks_;
    ContinuationOptions options_;
};

/// Points of the plane that the figure shows, by name.
Record::List read_marks(ConfigReader& options) {
    Record::List marks;
    (void)options.any("marks");
    options.assume("marks", Record::Table{});
    const ConfigReader table = options.table("marks");
    for (const auto& [name, point] : table.record().as<Record::Table>()) {
        const bool is_point =
            point.is<Record::List>() && point.as<Record::List>().size() == 2 &&
            std::ranges::all_of(point.as<Record::List>(), &Record::is_finite_number);
        if (!is_point)
            throw ConfigError(table.path(name) +
                                  " must be a list of two finite numbers, values of "
                                  "both parameters",
                              point.where);
        const auto& values = point.as<Record::List>();
        marks.push_back(
            Record::Table{{"name", name}, {"x", values[0].number()}, {"y", values[1].number()}});
    }
    return marks;
}

}  // namespace

std::unique_ptr<Step> read_oscillation_onsets(ConfigReader& options, const Study& study) {
    constexpr int intervals = 24;
    MeanFieldSystem mean_field = read_meanfield_system(options, study);
    if (mean_field.free.size() != 2)
        throw ConfigError(
            "kind = \"hopf\" of a mean field is looked for along the first of parameters2 and "
            "followed in both: give parameters2 and ranges",
            options.where("kind"));
    check_inside(mean_field.free[1], mean_field.system.parameters, options.where("ranges"));
    BranchSetting setting = read_branch_setting(options, study, mean_field.system, mean_field.free);
    setting.frequency_hz = onset_frequency_hz;
    const auto looked = static_cast<int>(options.integer("intervals", intervals, {1.0, 1e4}));
    return std::make_unique<OscillationOnsets>(std::move(mean_field), std::move(setting), looked,
                                               read_marks(options),
                                               read_continuation_options(options));
}

}  // namespace cortifold
