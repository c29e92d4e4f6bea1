#pragma once

#include <cortifold/model/equation_model.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace cortifold {

/// A piece of an .ode file that remembers where each character came from.
class OdeText {
public:
    OdeText() = default;
    OdeText(std::string text, SourceLine where);

    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] SourceLine where(std::size_t at) const;
    [[nodiscard]] OdeText part(std::size_t from, std::size_t length = std::string::npos) const;
    void append(const OdeText& other);
    [[nodiscard]] OdeText trimmed() const;
    /// Throws ConfigError at a character.
    [[noreturn]] void fail(std::size_t at, const std::string& message) const;

private:
    struct Mark {
        std::size_t offset;
        SourceLine where;
    };
    std::string text_;
    std::vector<Mark> marks_;  // by ascending offset; columns go on between them
};

/// The statements of an .ode file up to `done`: included files put in, continued lines joined,
/// arrays and %-blocks written out, no empty lines. Comments are statements too.
[[nodiscard]] std::vector<OdeText> read_ode_statements(std::string_view text,
                                                       const std::string& file,
                                                       const FileLoader& load);

}  // namespace cortifold
