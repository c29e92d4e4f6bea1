#include "stimulus.hpp"

#include <cortifold/io/table.hpp>
#include <cortifold/model/equation_model.hpp>

#include <algorithm>
#include <numeric>
#include <sstream>

namespace cortifold {

namespace {

enum class WaveKind { step, pulse_train, ramp, sinusoid, file, white_noise, ornstein_uhlenbeck };

std::string_view to_string(WaveKind kind) {
    switch (kind) {
        case WaveKind::step: return "step";
        case WaveKind::pulse_train: return "pulse_train";
        case WaveKind::ramp: return "ramp";
        case WaveKind::sinusoid: return "sinusoid";
        case WaveKind::file: return "file";
        case WaveKind::white_noise: return "white_noise";
        case WaveKind::ornstein_uhlenbeck: return "ornstein_uhlenbeck";
    }
    return "unknown";
}

constexpr WaveKind wave_kinds[] = {WaveKind::step,
                                   WaveKind::pulse_train,
                                   WaveKind::ramp,
                                   WaveKind::sinusoid,
                                   WaveKind::file,
                                   WaveKind::white_noise,
                                   WaveKind::ornstein_uhlenbeck};

/// Rows `t, value`, separated by a comma or blanks; empty lines, # and one header row are skipped.
SampledWave read_samples(const std::filesystem::path& file) {
    std::istringstream text(read_file(file));
    std::vector<double> times, values;
    std::string line;
    for (int number = 1; std::getline(text, line); ++number) {
        std::ranges::replace(line, ',', ' ');
        std::istringstream row(line);
        std::string first;
        if (!(row >> first) || first.front() == '#') continue;
        std::istringstream cell(first);
        double t = 0.0, value = 0.0;
        std::string rest;
        const bool numbers = cell >> t && cell.eof() && row >> value && !(row >> rest);
        if (!numbers && times.empty() && std::isalpha(static_cast<unsigned char>(first.front())))
            continue;
        if (!numbers || !std::isfinite(t) || !std::isfinite(value))
            throw ConfigError("two finite numbers, time and value, are needed in a row",
                              {file.string(), number});
        if (!times.empty() && t <= times.back())
            throw ConfigError("times must ascend: " + show(t) + " follows " + show(times.back()),
                              {file.string(), number});
        times.push_back(t);
        values.push_back(value);
    }
    if (times.empty()) throw ConfigError("there is no row of time and value", {file.string()});
    const auto n = static_cast<Eigen::Index>(times.size());
    return {Eigen::Map<const Vector>(times.data(), n), Eigen::Map<const Vector>(values.data(), n)};
}

Wave read_wave(ConfigReader& table, const Study& study) {
    switch (table.choice<WaveKind>("kind", WaveKind::step, wave_kinds)) {
        case WaveKind::step: return StepWave{table.number("at", 0.0), table.number("height")};
        case WaveKind::pulse_train: {
            const auto pulses = table.integer("pulses", 1, {1.0, 1e9});
            return PulseTrain{
                table.number("at", 0.0),
                pulses == 1 ? table.number("period", 0.0) : table.number("period", {}, positive),
                table.number("width", {}, positive), table.number("height"),
                static_cast<long>(pulses)};
        }
        case WaveKind::ramp:
            return Ramp{table.number("begin", 0.0), table.number("end"), table.number("height")};
        case WaveKind::sinusoid:
            return Sinusoid{table.number("amplitude"), table.number("frequency", {}, positive),
                            table.number("phase", 0.0)};
        case WaveKind::file:
            return read_samples(resolve_path(study, table.text("file"), table.where("file")));
        case WaveKind::white_noise:
            return WhiteNoise{table.number("intensity", {}, {0.0, positive.high})};
        case WaveKind::ornstein_uhlenbeck:
            return OrnsteinUhlenbeck{table.number("mean", 0.0),
                                     table.number("sd", {}, {0.0, positive.high}),
                                     table.number("tau", {}, positive)};
    }
    return {};
}

std::size_t region_number(const Record& given, const Study& study) {
    const auto size = study.network.size();
    if (given.is<std::int64_t>() && given.as<std::int64_t>() >= 0 &&
        given.as<std::int64_t>() < size)
        return static_cast<std::size_t>(given.as<std::int64_t>());
    std::vector<std::string> labels;
    for (const Region& region : study.connectome.regions) labels.push_back(region.label);
    if (given.is<std::string>()) {
        const auto found = std::ranges::find(labels, given.as<std::string>());
        if (found != labels.end()) return static_cast<std::size_t>(found - labels.begin());
        throw ConfigError(unknown_name("region", given.as<std::string>(), labels), given.where);
    }
    throw ConfigError("a region is its label or its number, from 0 to " + std::to_string(size - 1),
                      given.where);
}

std::vector<std::size_t> read_regions(ConfigReader& table, const Study& study) {
    std::vector<std::size_t> regions;
    const Record* given = table.any("regions");
    if (given == nullptr) return regions;
    if (!given->is<Record::List>() || given->as<Record::List>().empty())
        throw ConfigError(table.path("regions") + " must be a list of labels or numbers",
                          given->where);
    for (const Record& region : given->as<Record::List>()) {
        const std::size_t number = region_number(region, study);
        if (std::ranges::find(regions, number) != regions.end())
            throw ConfigError(
                table.path("regions") + " names region " + std::to_string(number) + " twice",
                region.where);
        regions.push_back(number);
    }
    return regions;
}

/// One injection, or where each region has its own random wave, one a region.
void enter_port(Stimuli& stimuli, const std::string& name, const Stimuli::Target& target,
                ConfigReader& table, const Study& study) {
    std::vector<std::size_t> regions = read_regions(table, study);
    const bool own =
        study.network.size() > 1 && is_random(target.wave) && table.flag("independent", true);
    if (!own) {
        stimuli.injections.push_back({name, target.parameter, std::move(regions)});
        stimuli.targets.push_back({name, target.wave, target.where});
        return;
    }
    if (regions.empty()) {
        regions.resize(static_cast<std::size_t>(study.network.size()));
        std::iota(regions.begin(), regions.end(), std::size_t{0});
    }
    for (const std::size_t region : regions) {
        const std::string of_region = name + "[" + std::to_string(region) + "]";
        stimuli.injections.push_back({of_region, target.parameter, {region}});
        stimuli.targets.push_back({of_region, target.wave, target.where});
    }
}

void read_stimulus(const Record& item, const std::string& path, const Study& study,
                   Stimuli& stimuli) {
    std::vector<ResolvedKey> unused;  // the list as a whole is noted already
    ConfigReader table(item, path, unused);
    const Node& node = *study.network.kinds.front();
    const Stimuli::Target target{table.text("to"), read_wave(table, study), item.where};
    try {
        validate(target.wave);
    } catch (const UsageError& error) {
        throw ConfigError(error.what(), item.where);
    }
    const auto port = find_index(node.inputs(), target.parameter);
    const auto noises = node.noise_inputs();
    const bool reserved =
        port && (node.time_input() == *port || std::ranges::find(noises, *port) != noises.end());
    if (port && !reserved) {
        const std::string name = "stimulus" + std::to_string(stimuli.targets.size() + 1);
        enter_port(stimuli, name, target, table, study);
    } else if (!reserved && find_index(node.parameters(), target.parameter)) {
        if (table.has("regions"))
            throw ConfigError(path + ": all regions share the parameter " + target.parameter +
                                  "; regions can be chosen for an input of the model",
                              table.where("regions"));
        stimuli.targets.push_back(target);
    } else {
        std::vector<std::string> known = names_of(node.inputs()),
                                 parameters = names_of(node.parameters());
        known.insert(known.end(), parameters.begin(), parameters.end());
        throw ConfigError(path + ": " + unknown_name("input or parameter", target.parameter, known),
                          table.where("to"));
    }
    table.finish();
}

/// All noises together: a product of two has no meaning either.
void check_white_noises(const Stimuli& stimuli, const Node& node) {
    std::vector<std::string> noisy;
    for (const Stimuli::Target& target : stimuli.targets) {
        if (!std::holds_alternative<WhiteNoise>(target.wave)) continue;
        const auto injection =
            std::ranges::find(stimuli.injections, target.parameter, &Injection::name);
        const std::string& name =
            injection == stimuli.injections.end() ? target.parameter : injection->input;
        if (std::ranges::find(noisy, name) != noisy.end()) continue;
        noisy.push_back(name);
        if (!is_affine_in(node, noisy))
            throw ConfigError(
                "white noise has no meaning where the model is not affine in what it "
                "enters; take kind = \"ornstein_uhlenbeck\", or another input",
                target.where);
    }
}

}  // namespace

bool Stimuli::is_random() const {
    return std::ranges::any_of(
        targets, [](const Target& target) { return cortifold::is_random(target.wave); });
}

Stimuli read_stimuli(ConfigReader& options, const Study& study) {
    Stimuli stimuli;
    const Record* list = options.any("stimulus");
    if (list == nullptr) return stimuli;
    if (!list->is<Record::List>())
        throw ConfigError(options.path("stimulus") + " must be a list of tables, is " +
                              std::string(list->type_name()),
                          list->where);
    for (const Record& item : list->as<Record::List>())
        read_stimulus(item, options.path("stimulus"), study, stimuli);
    check_white_noises(stimuli, *study.network.kinds.front());
    return stimuli;
}

std::vector<Drive> make_drives(const Stimuli& stimuli, const VectorField& field) {
    std::vector<Drive> drives;
    for (const Stimuli::Target& target : stimuli.targets)
        drives.push_back({index_of(field.parameters(), target.parameter), target.wave});
    return drives;
}

}  // namespace cortifold
