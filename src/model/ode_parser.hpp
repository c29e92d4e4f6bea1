#pragma once

#include "ode_source.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace cortifold {

/// Turns the statements of an .ode file into a definition, in the order they stand.
class OdeParser {
public:
    explicit OdeParser(const FileLoader& load) : load_(load) {}

    void read(const OdeText& statement);
    [[nodiscard]] EquationDefinition finish(const std::string& file);

private:
    using Expression = EquationDefinition::Expression;
    using Formula = EquationDefinition::Formula;

    void comment(const OdeText& line);
    void options(const OdeText& line);
    void option(const OdeText& name, const OdeText& value);
    void command(const OdeText& word, const OdeText& rest);

    void equation(const OdeText& word, const OdeText& rest);
    void state(const OdeText& name, const OdeText& after_name);
    void call(const OdeText& name, const OdeText& rest);
    void function(const OdeText& name, const OdeText& arguments, const OdeText& body);
    void derived(const OdeText& rest);

    void parameters(const OdeText& rest);
    void constants(const OdeText& rest);
    void initials(const OdeText& rest);
    void noises(const OdeText& rest);
    void auxiliary(const OdeText& rest);
    void global(const OdeText& rest);
    void table(const OdeText& rest);
    void note(const OdeText& word, const OdeText& rest);
    void unsupported(const OdeText& word, const OdeText& rest);

    /// Takes the name; throws where it is none, is XPPAUT's own or has been taken before.
    std::string declare(const OdeText& name);
    [[nodiscard]] EquationDefinition::Parameter number(const OdeText& name, const OdeText& value);
    void resolve_initials();
    void resolve_events();
    void describe_quantities();
    void check_derived() const;
    [[nodiscard]] std::set<std::string> moving_names() const;

    struct Initial {
        OdeText name;
        Expression value;
    };
    struct Assignment {
        OdeText name;
        Expression value;
    };
    struct Global {
        EquationDefinition::Event event;
        std::vector<Assignment> assignments;
    };
    const FileLoader& load_;
    EquationDefinition result_;
    std::map<std::string, SourceLine> names_;  // in lower case
    std::vector<Initial> initials_;
    std::vector<Global> globals_;
    std::vector<OdeText> comments_;
    std::size_t derived_ = 0;  // how many of the quantities are
};

}  // namespace cortifold
