#include "expression.hpp"
#include "ode_parser.hpp"
#include "ode_words.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace cortifold {

namespace {

/// XPPAUT knows an option by how its name begins, in this order: `trans` and `transient` are one.
enum class Option { output_every, method, duration, step, t0, transient, bound, other };

Option option_named(const std::string& name) {
    struct Known {
        std::string_view begin;
        Option option;
    };
    static constexpr std::array<Known, 11> known{{{"njmp", Option::output_every},
                                                  {"nout", Option::output_every},
                                                  {"meth", Option::method},
                                                  {"total", Option::duration},
                                                  {"dtmin", Option::other},
                                                  {"dtmax", Option::other},
                                                  {"dt", Option::step},
                                                  {"t0", Option::t0},
                                                  {"trans", Option::transient},
                                                  {"bound", Option::bound},
                                                  {"", Option::other}}};
    return std::ranges::find_if(known,
                                [&](const Known& k) { return folded(name).starts_with(k.begin); })
        ->option;
}

/// The pieces between blanks and commas; a '=' between blanks belongs to both sides.
std::vector<OdeText> split_options(const OdeText& line) {
    std::vector<OdeText> pieces;
    const std::string& text = line.text();
    for (std::size_t at = text.find_first_not_of(" ,"); at < text.size();) {
        std::size_t end = std::min(text.find_first_of(" ,", at), text.size());
        const std::size_t next = text.find_first_not_of(' ', end);
        const bool dangling = text[end - 1] == '=';
        if (next < text.size() && next > end && (text[next] == '=' || dangling))
            end = std::min(
                text.find_first_of(
                    " ,", text[next] == '=' ? text.find_first_not_of(' ', next + 1) : next),
                text.size());
        pieces.push_back(line.part(at, end - at));
        at = text.find_first_not_of(" ,", end);
    }
    return pieces;
}

double positive(const OdeText& value, const std::string& name) {
    const double number = read_ode_number(value, name);
    if (!(number > 0.0)) value.fail(0, name + " must be positive, is " + value.text());
    return number;
}

}  // namespace

void OdeParser::options(const OdeText& line) {
    for (const OdeText& piece : split_options(line)) {
        const std::size_t equals = piece.text().find('=');
        if (equals == std::string::npos || equals + 1 == piece.text().size())
            result_.ignored.push_back({piece.where(0), "@ " + piece.text()});
        else
            option(piece.part(0, equals).trimmed(), piece.part(equals + 1).trimmed());
    }
}

void OdeParser::option(const OdeText& name, const OdeText& value) {
    EquationDefinition::Run& run = result_.run;
    const std::string& text = name.text();
    switch (option_named(text)) {
        case Option::duration: run.duration = positive(value, text); return;
        case Option::step: run.step = positive(value, text); return;
        case Option::bound: run.bound = positive(value, text); return;
        case Option::t0: run.t0 = read_ode_number(value, text); return;
        case Option::transient: run.transient = read_ode_number(value, text); return;
        case Option::output_every: {
            const double every = positive(value, text);
            if (every != std::floor(every) || every > 1e9)
                value.fail(0, text + " must be a whole number up to 1e9");
            run.output_every = static_cast<std::size_t>(every);
            return;
        }
        case Option::method:
            if (folded(value.text()).starts_with('d'))
                value.fail(0, "maps (" + text + "=" + value.text() + ") are not supported");
            run.method = value.text();
            return;
        case Option::other:
            result_.ignored.push_back({name.where(0), "@ " + text + "=" + value.text()});
    }
}

}  // namespace cortifold
