#include "run.hpp"

#include <cortifold/io/table.hpp>
#include <cortifold/report/report.hpp>
#include <cortifold/scan/team.hpp>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <iostream>

namespace cortifold {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr Eigen::Index largest_tabled_matrix =
    500;  // regions: beyond, a table of weights is of use to nobody

std::string now_utc() {
    const std::time_t now = std::time(nullptr);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&now));
    return text;
}

std::string_view text_of(const Record& step, std::string_view key) {
    return step.find(key)->as<std::string>();
}

const StepKind* kind_of(const Record& step) {
    const auto kind = std::ranges::find(step_kinds(), text_of(step, "do"), &StepKind::name);
    return kind == step_kinds().end() ? nullptr : &*kind;
}

/// The earlier steps that a step reads: those that its keys name, and of a kind that none names the
/// nearest.
std::vector<std::string> names_of_read(const Record& step, const Record::List& earlier) {
    std::vector<std::string> names;
    std::vector<std::string_view> named;
    const auto add = [&](const Record& name) {
        if (name.is<std::string>()) names.push_back(name.as<std::string>());
    };
    const StepKind* const kind = kind_of(step);
    if (kind == nullptr) return names;
    for (const ReadStep& read : kind->reads) {
        const Record* given = step.find(read.key);
        if (given == nullptr) continue;
        named.push_back(read.kind);
        if (given->is<Record::List>())
            std::ranges::for_each(given->as<Record::List>(), add);
        else
            add(*given);
    }
    for (const ReadStep& read : kind->reads) {
        if (std::ranges::find(named, read.kind) != named.end()) continue;
        const auto nearest = std::find_if(earlier.rbegin(), earlier.rend(), [&](const auto& other) {
            return text_of(other, "do") == read.kind;
        });
        if (nearest != earlier.rend()) add(*nearest->find("name"));
    }
    return names;
}

/// A step of that name as a table; what names none stays as it is.
Record named_step(const Record& item, const Record& steps) {
    for (const Record& step : steps.as<Record::List>())
        if (item.is<std::string>() &&
            step.find("name")->as<std::string>() == item.as<std::string>())
            return step;
    return item;
}

/// The last step of that kind, and the earlier ones that it or those read, or whose labels they may
/// name.
void keep_only(Study& study, const StepKind& kind) {
    auto& steps = study.steps.as<Record::List>();
    const auto last = std::ranges::find_if(steps.rbegin(), steps.rend(), [&](const Record& step) {
        return step.find("do")->as<std::string>() == kind.name;
    });
    steps.erase(last.base(), steps.end());
    Record chosen = steps.back();
    if (Record* named = chosen.find("steps"); named != nullptr && named->is<Record::List>())
        for (Record& item : named->as<Record::List>()) item = named_step(item, study.steps);
    steps.pop_back();
    std::vector<std::string> read = names_of_read(chosen, steps);
    Record::List kept;
    while (!steps.empty()) {
        Record step = std::move(steps.back());
        steps.pop_back();
        const StepKind* const own = kind_of(step);
        const bool is_read = std::ranges::find(read, text_of(step, "name")) != read.end();
        if (own == nullptr || !(own->makes_labels || is_read)) continue;
        std::ranges::copy(names_of_read(step, steps), std::back_inserter(read));
        kept.push_back(std::move(step));
    }
    steps.assign(kept.rbegin(), kept.rend());
    steps.push_back(chosen);
}

/// Of settings of steps that are not run.
void tell_unused(const std::vector<std::string>& settings, const Study& study,
                 std::string_view command) {
    constexpr std::string_view prefix = "step.";
    for (const std::string& setting : settings) {
        if (!setting.starts_with(prefix)) continue;
        const std::string name = setting.substr(
            prefix.size(), setting.find_first_of(".=", prefix.size()) - prefix.size());
        const bool is_run = std::ranges::any_of(
            study.steps.as<Record::List>(),
            [&](const Record& step) { return step.find("name")->as<std::string>() == name; });
        if (!is_run)
            std::cerr << "--set " << setting << " has no effect: cortifold " << command
                      << " does not run the step \"" << name << "\"\n";
    }
}

/// Checksums of the files that a setting names by the key `file`, as stimuli do.
std::string file_checksums(const Record& setting, const Study& study) {
    std::string checksums;
    if (setting.is<Record::List>())
        for (const Record& item : setting.as<Record::List>())
            checksums += file_checksums(item, study);
    const Record* file = setting.is<Record::Table>() ? setting.find("file") : nullptr;
    if (file != nullptr && file->is<std::string>())
        checksums += checksum(read_file(resolve_path(study, file->as<std::string>(), file->where)));
    return checksums;
}

/// Of what the checksum of the weights leaves out and results depend on.
std::string connectome_contents(const Connectome& connectome) {
    const Matrix& lengths = connectome.lengths_mm;
    std::string contents(reinterpret_cast<const char*>(lengths.data()),
                         static_cast<std::size_t>(lengths.size()) * sizeof(double));
    for (const Region& region : connectome.regions) contents += region.label + '\n';
    return contents;
}

/// Of all that a result depends on: settings, and the contents of every file they name.
std::string configuration_hash(const Study& study) {
    std::string files =
        study.connectome.checksum + connectome_contents(study.connectome) + study.model_checksum;
    for (const ResolvedKey& key : study.resolved) files += file_checksums(key.value, study);
    return checksum(to_json(nested(study.resolved)) + files +
                    to_json(*build_information().find("version")));
}

void write_network(const Study& study, const fs::path& folder) {
    const Connectome& connectome = study.connectome;
    if (connectome.size() == 0) return;
    fs::create_directories(folder);
    const ConnectomeReport report = validate_connectome(connectome);
    Record findings = Record::List{};
    for (const ConnectomeFinding& finding : report.findings)
        findings.push_back(Record::Table{
            {"severity",
             finding.severity == ConnectomeFinding::Severity::error ? "error" : "warning"},
            {"message", finding.message}});
    write_file(folder / "summary.json",
               to_json(Record::Table{{"source", connectome.source},
                                     {"about", connectome.about},
                                     {"checksum", connectome.checksum},
                                     {"nodes", static_cast<std::int64_t>(report.nodes)},
                                     {"edges", static_cast<std::int64_t>(report.edges)},
                                     {"density", report.density},
                                     {"smallest_row_sum", report.smallest_row_sum},
                                     {"largest_row_sum", report.largest_row_sum},
                                     {"mean_row_sum", report.mean_row_sum},
                                     {"asymmetry", report.asymmetry},
                                     {"components", report.components},
                                     {"findings", findings}}));
    std::vector<Column> columns{{"region", ""}, {"label", ""}, {"hemisphere", ""}, {"row_sum", ""}};
    if (connectome.has_positions)
        columns.insert(columns.end(), {{"x", "mm"}, {"y", "mm"}, {"z", "mm"}});
    CsvWriter regions(folder / "regions.csv", columns);
    const Vector sums = connectome.weights * Vector::Ones(connectome.size());
    for (Eigen::Index k = 0; k < connectome.size(); ++k) {
        const Region region =
            connectome.regions.empty() ? Region{} : connectome.regions[static_cast<std::size_t>(k)];
        const char* side = region.hemisphere == Hemisphere::left    ? "left"
                           : region.hemisphere == Hemisphere::right ? "right"
                                                                    : "unknown";
        std::vector<Cell> row{std::int64_t{k}, region.label, std::string(side), sums[k]};
        if (connectome.has_positions)
            for (const double coordinate : region.position_mm) row.emplace_back(coordinate);
        regions.write_row(row);
    }
    regions.close();
    if (connectome.size() > largest_tabled_matrix) return;
    CsvWriter weights(folder / "weights.csv", {{"row", ""}, {"column", ""}, {"weight", ""}});
    for (Eigen::Index row = 0; row < connectome.size(); ++row)
        for (SparseMatrix::InnerIterator entry(connectome.weights, row); entry; ++entry)
            weights.write_row(std::initializer_list<Cell>{
                std::int64_t{row}, std::int64_t{entry.col()}, entry.value()});
    weights.close();
}

/// Everything about a run that is no result: written before the first step and after each one.
class Manifest {
public:
    Manifest(const Study& study, const RunOptions& options, std::string hash, int ranks) {
        record_ = build_information();
        record_["title"] = study.title;
        record_["analysis"] = study.name;
        record_["hash"] = std::move(hash);
        record_["study"] = nested(study.resolved);
        record_["seed"] = static_cast<std::int64_t>(study.seed);
        record_["threads"] = options.threads;
        record_["ranks"] = ranks;
        record_["started"] = now_utc();
        record_["wall_s"] = 0.0;
        record_["steps"] = Record::List{};
    }
    void add(const PreparedStep& step, const Record& summary, const Record& measures,
             double seconds) {
        Record entry = Record::Table{{"name", step.name},
                                     {"do", step.kind},
                                     {"status", *summary.find("status")},
                                     {"message", *summary.find("message")},
                                     {"wall_s", seconds}};
        for (const auto& [key, value] : measures.as<Record::Table>()) entry[key] = value;
        record_["steps"].push_back(std::move(entry));
        record_["wall_s"] = record_["wall_s"].number() + seconds;
    }
    void write(const fs::path& folder) const {
        write_file(folder / "manifest.json", to_json(record_));
    }

private:
    Record record_;
};

Record summary_of(const std::string& name, StepResult result) {
    Record summary = Record::Table{
        {"step", name}, {"status", to_string(result.status)}, {"message", result.message}};
    for (auto& [key, value] : result.summary.as<Record::Table>()) summary[key] = std::move(value);
    return summary;
}

/// The summary of a step that an interrupted run has completed.
std::optional<Record> completed_summary(const fs::path& folder) {
    if (!fs::exists(folder / "summary.json")) return std::nullopt;
    Record summary = read_json((folder / "summary.json").string());
    const Record* status = summary.find("status");
    const bool complete = status != nullptr && status->is<std::string>() &&
                          (status->as<std::string>() == to_string(Status::converged) ||
                           status->as<std::string>() == to_string(Status::reached_end));
    return complete ? std::optional(std::move(summary)) : std::nullopt;
}

class Run {
public:
    Run(Study study, const RunOptions& options, const Team& team)
        : study_(std::move(study)),
          options_(options),
          team_(team),
          steps_(prepare_steps(study_)),
          hash_(configuration_hash(study_)),
          manifest_(study_, options, hash_, team.ranks()) {
        if (team_.leads())
            folder_.emplace(options.out.value_or(fs::path("reports/out") / study_.name), hash_,
                            options.existing);
        working_ = team_.broadcast(folder_ ? folder_->working().string() : "");
    }

    ExitCode all_steps() {
        if (team_.leads()) {
            manifest_.write(working_);  // first: it tells a later run whose folder this is
            write_network(study_, working_ / "network");
        }
        Progress progress(options_.quiet || !team_.leads());
        for (const PreparedStep& step : steps_) {
            if (!team_.broadcast(interrupted() ? "interrupted" : "").empty()) break;
            one_step(step, progress);
        }
        if (interrupted()) exit_ = ExitCode::interrupted;
        return exit_;
    }

    [[nodiscard]] RunFolder& folder() { return *folder_; }  ///< of rank 0
    [[nodiscard]] const std::vector<EarlierStep>& done() const { return done_; }

private:
    void one_step(const PreparedStep& step, Progress& progress) {
        const fs::path own = working_ / step.name;
        const auto begin = Clock::now();
        measures_ = Record::Table{};
        std::optional<Record> summary =
            folder_ && folder_->resumed() ? completed_summary(own) : std::nullopt;
        const bool is_left = team_.broadcast(summary ? "" : "left") == "left";
        if (is_left && team_.leads() && !(folder_->resumed() && step.step->shares_work()))
            fs::remove_all(own);
        if (is_left && team_.leads()) fs::create_directories(own);
        if (is_left && (team_.leads() || step.step->shares_work())) {
            if (step.step->shares_work()) team_.wait();
            StepResult result = run_step(step, own, progress);
            measures_ = std::move(result.measures);
            summary = summary_of(step.name, std::move(result));
        }
        summary = shared(std::move(summary));
        const Record* agrees = summary->find("agrees");
        if (options_.fails_on_disagreement && exit_ == ExitCode::done && agrees != nullptr &&
            agrees->is<bool>() && !agrees->as<bool>())
            exit_ = ExitCode::disagreement;
        if (team_.leads()) record(step, own, *summary, is_left, begin);
        done_.push_back({step.name, step.kind, std::move(*summary), own});
    }

    StepResult run_step(const PreparedStep& step, const fs::path& own, Progress& progress) {
        StepResult result = step.step->run({study_,
                                            own,
                                            {.threads = options_.threads,
                                             .rank = team_.rank(),
                                             .ranks = team_.ranks(),
                                             .seed = study_.seed},
                                            done_,
                                            progress,
                                            modes_,
                                            team_});
        if (result.status == Status::interrupted)
            exit_ = ExitCode::interrupted;
        else if (!succeeded(result.status) && exit_ == ExitCode::done)
            exit_ = ExitCode::not_converged;
        return result;
    }

    /// That of rank 0, which alone has run most steps.
    [[nodiscard]] Record shared(std::optional<Record> summary) const {
        if (team_.ranks() == 1) return std::move(*summary);
        return parse_json(team_.broadcast(team_.leads() ? to_json(*summary, -1) : ""), "summary");
    }

    void record(const PreparedStep& step, const fs::path& own, const Record& summary, bool is_new,
                Clock::time_point begin) {
        if (is_new) write_file(own / "summary.json", to_json(summary));
        if (completed_summary(own)) step.step->forget(own);
        manifest_.add(step, summary, measures_,
                      std::chrono::duration<double>(Clock::now() - begin).count());
        manifest_.write(working_);
        if (!options_.quiet && !options_.json)
            std::cout << step.name << ": " << summary.find("status")->as<std::string>() << ", "
                      << summary.find("message")->as<std::string>() << std::endl;
    }

    Study study_;
    RunOptions options_;
    const Team& team_;
    std::vector<PreparedStep> steps_;
    std::string hash_;
    std::optional<RunFolder> folder_;  ///< of rank 0
    fs::path working_;
    StudyModes modes_;
    Manifest manifest_;
    std::vector<EarlierStep> done_;
    Record measures_ = Record::Table{};  ///< of the present step
    ExitCode exit_ = ExitCode::done;
};

/// By name of the step, where one kind is asked for only of that kind; if that is a single step,
/// its summary as it is.
void print_summaries(const std::vector<EarlierStep>& steps, const StepKind* only) {
    Record::Table chosen;
    for (const EarlierStep& step : steps)
        if (only == nullptr || step.kind == only->name)
            chosen.emplace_back(step.name, step.summary);
    std::cout << to_json(only != nullptr && chosen.size() == 1 ? chosen.front().second
                                                               : Record(chosen));
}

}  // namespace

ExitCode run_study(const RunOptions& options, const StepKind* only) {
    Study study = read_study(options.study, options.settings, options.seed,
                             only == nullptr ? std::string_view() : only->name);
    if (only != nullptr) {
        keep_only(study, *only);
        tell_unused(options.settings, study, only->name);
        study.name += "." + std::string(only->name);
    }
    catch_interrupts();
    const Team team;
    Run run(std::move(study), options, team);
    const ExitCode exit = run.all_steps();
    if (!team.leads()) return exit;
    if (exit != ExitCode::interrupted) run.folder().finish();
    if (options.json) print_summaries(run.done(), only);
    if (only != nullptr) {
        if (!options.quiet)
            (options.json ? std::cerr : std::cout)
                << "results: " << run.folder().working().string() << std::endl;
        return exit;
    }
    const ReportResult report = write_report(run.folder().working());
    for (const std::string& missing : report.missing) std::cerr << "report: " << missing << "\n";
    if (!options.quiet || !options.json)
        (options.json ? std::cerr : std::cout) << "report: " << report.file.string() << std::endl;
    return exit;
}

ExitCode check_study(const RunOptions& options) {
    Study study = read_study(options.study, options.settings, options.seed);
    (void)prepare_steps(study);
    if (options.json) {
        std::cout << to_json(nested(study.resolved));
        return ExitCode::done;
    }
    for (const ResolvedKey& key : study.resolved) {
        std::string value = to_json(key.value, -1);
        value.pop_back();
        std::cout << key.path << " = " << value << (key.is_default ? "  # default" : "") << "\n";
    }
    return ExitCode::done;
}

}  // namespace cortifold
