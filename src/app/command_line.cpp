#include "commands.hpp"
#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/report/report.hpp>
#include <cortifold/scan/team.hpp>

#include <CLI/CLI.hpp>

#include <cmath>
#include <functional>
#include <iostream>
#include <thread>

namespace cortifold {

namespace {

constexpr int most_threads = 4096;

void add_run_options(CLI::App& command, RunOptions& options) {
    command.add_option("STUDY", options.study, "a .toml file, or a folder with analysis.toml")
        ->required();
    command
        .add_option("--set", options.settings,
                    "KEY=VALUE over the study's own, as model.parameters.P=1.5; repeatable")
        ->take_all()
        ->expected(1);
    command.add_option("--out", options.out, "where to write; else reports/out/<analysis>");
    auto* overwrite = command.add_flag_callback(
        "--overwrite", [&] { options.existing = ExistingRun::overwrite; },
        "replace what is in the output folder");
    command
        .add_flag_callback(
            "--resume", [&] { options.existing = ExistingRun::resume; },
            "continue a run that was cut short")
        ->excludes(overwrite);
    command.add_option("--threads", options.threads, "never changes a result")
        ->check(CLI::Range(1, most_threads));
    command.add_option("--seed", options.seed, "over the study's own")
        ->check(CLI::Range(std::uint64_t{0}, largest_seed));
    command
        .add_option_function<std::string>(
            "--fail-on", [&](const std::string&) { options.fails_on_disagreement = true; },
            "disagree: exit with code 5 where a step compare finds that theory and run differ")
        ->check(CLI::IsMember({"disagree"}));
    command.add_flag("--quiet", options.quiet, "no progress");
    command.add_flag("--json", options.json, "the summaries on stdout, as JSON by step");
}

struct CommandLine {
    RunOptions run;
    ConnectomeRequest connectome;
    ModelsRequest models;
    std::filesystem::path report_folder;
    std::function<ExitCode()> action;
};

void add_commands(CLI::App& app, CommandLine& line) {
    const auto add = [&](std::string_view name, std::string_view purpose,
                         std::function<ExitCode()> action) {
        CLI::App* command = app.add_subcommand(std::string(name), std::string(purpose));
        command->callback([&line, action] { line.action = action; });
        return command;
    };
    CLI::App* models = add("models", "list the models; with NAME one of them",
                           [&] { return list_models(line.models); });
    CLI::Option* model =
        models->add_option("NAME", line.models.model, "a built-in model, or an .ode or .toml file");
    models
        ->add_option("--export", line.models.target,
                     "write its equations as an .ode file, which XPPAUT reads too")
        ->needs(model);
    models->add_flag("--overwrite", line.models.overwrite, "replace that file");

    CLI::App* connectome = add("connectome", "read, validate and describe a connectome",
                               [&] { return handle_connectome(line.connectome); });
    connectome
        ->add_option("FILE", line.connectome.file,
                     "a folder or a file of any format in data/README.md, FILE:NAME one array of "
                     "it; with --generate what to write")
        ->required();
    auto* generate =
        connectome->add_flag("--generate", line.connectome.generate, "make a synthetic one");
    connectome
        ->add_option(
            "--convert", line.connectome.convert,
            "write it as .zip (TVB), .npz, .npy, .mat, .h5, .graphml, .mtx, _relmat.tsv or, "
            "without extension, a CSV folder")
        ->excludes(generate);
    connectome
        ->add_option("--lengths", line.connectome.options.lengths,
                     "FILE or FILE:NAME of fibre lengths in mm")
        ->excludes(generate);
    const auto is_from_row = [](const std::string& name) {
        return name == to_string(Orientation::from_row);
    };
    connectome
        ->add_option_function<std::string>(
            "--orientation",
            [&line, is_from_row](const std::string& name) {
                line.connectome.options.orientation =
                    is_from_row(name) ? Orientation::from_row : Orientation::onto_row;
            },
            "onto_row: a row of the file receives; from_row: it sends, and is transposed")
        ->check(CLI::IsMember({std::string(to_string(Orientation::onto_row)),
                               std::string(to_string(Orientation::from_row))}))
        ->excludes(generate);
    connectome
        ->add_option("--speed", line.connectome.speed_mm_per_ms,
                     "in mm/ms, of signals along the lengths: for the delays")
        ->check(CLI::Validator(
            [](const std::string& text) {
                double speed = 0.0;
                const bool valid =
                    CLI::detail::lexical_cast(text, speed) && std::isfinite(speed) && speed > 0.0;
                return valid ? "" : "--speed " + text + " must be positive and finite";
            },
            "SPEED"));
    connectome->add_option("--regions", line.connectome.regions, "of a synthetic one, even")
        ->needs(generate);
    connectome->add_option("--seed", line.connectome.seed, "of a synthetic one")->needs(generate);
    connectome->add_flag("--overwrite", line.connectome.overwrite);
    connectome->add_flag("--json", line.connectome.json);

    add_run_options(*add("check", "validate a study and print what every key resolves to",
                         [&] { return check_study(line.run); }),
                    line.run);
    add_run_options(*add("run", "all steps of a study, then its report",
                         [&] { return run_study(line.run, nullptr); }),
                    line.run);
    for (const StepKind& kind : step_kinds())
        add_run_options(
            *add(kind.name, kind.purpose, [&line, &kind] { return run_study(line.run, &kind); }),
            line.run);
    add("report", "rebuild figures and report of a run from its tables",
        [&] {
            const ReportResult report = write_report(line.report_folder);
            for (const std::string& missing : report.missing)
                std::cerr << "report: " << missing << "\n";
            std::cout << "report: " << report.file.string() << std::endl;
            return ExitCode::done;
        })
        ->add_option("DIR", line.report_folder)
        ->required();
    add("info", "versions of cortifold and its libraries", [] { return print_information(); });
}

int say(const std::exception& error, ExitCode code) {
    std::cerr << "cortifold: " << error.what() << std::endl;
    return static_cast<int>(code);
}

}  // namespace

int run_command_line(int argc, const char* const* argv) {
    use_one_blas_thread();
    CLI::App app("Dynamical-systems analysis of models of the brain: one model, written once");
    app.require_subcommand(1);
    app.set_version_flag("--version", build_information().find("version")->as<std::string>());
    CommandLine line;
    line.run.threads = Team::is_launched()
                           ? 1
                           : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    add_commands(app, line);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? static_cast<int>(ExitCode::done)
                                    : static_cast<int>(ExitCode::usage);
    }
    try {
        const ExitCode exit = line.action();
        if (!std::cout.flush()) throw OutputError("cannot write to the standard output");
        return static_cast<int>(exit);
    } catch (const ConfigError& error) {
        return say(error, error.where().file == command_line ? ExitCode::usage : ExitCode::input);
    } catch (const UsageError& error) {
        return say(error, ExitCode::usage);
    } catch (const OutputError& error) {
        return say(error, ExitCode::output);
    } catch (const std::filesystem::filesystem_error& error) {
        return say(error, ExitCode::output);
    } catch (const std::exception& error) {
        return say(error, ExitCode::internal);
    }
}

}  // namespace cortifold
