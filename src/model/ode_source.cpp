#include "ode_source.hpp"

#include "expression.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <span>

namespace cortifold {

namespace {

constexpr std::size_t max_statements = 200'000;     // of a file, arrays written out
constexpr std::size_t max_characters = 50'000'000;  // likewise
constexpr std::size_t max_includes = 20;            // within one another
constexpr int max_index = 1'000'000;

bool is_blank(char c) {
    return std::isspace(static_cast<unsigned char>(c)) != 0;
}
bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// Lines as they stand; any of the line ends \n, \r\n and \r closes one.
std::vector<OdeText> physical_lines(std::string_view text, const std::string& file) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // byte order mark
    std::vector<OdeText> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
        std::string line(text.substr(0, end));
        std::ranges::replace(line, '\t', ' ');
        if (line.find('\0') != std::string::npos)
            throw ConfigError("an .ode file is a text; this one has a null byte",
                              {file, static_cast<int>(lines.size()) + 1});
        lines.emplace_back(std::move(line),
                           SourceLine{file, static_cast<int>(lines.size()) + 1, 1});
        text.remove_prefix(
            std::min(end + (text.substr(end).starts_with("\r\n") ? 2 : 1), text.size()));
    }
    return lines;
}

/// A backslash joins the next line; XPP drops what follows it.
std::vector<OdeText> join_continued(const std::vector<OdeText>& lines) {
    std::vector<OdeText> joined;
    bool goes_on = false;
    for (const OdeText& line : lines) {
        const std::size_t backslash = line.text().find('\\');
        const OdeText kept = line.part(0, backslash);
        if (goes_on)
            joined.back().append(kept);
        else
            joined.push_back(kept);
        goes_on = backslash != std::string::npos;
    }
    std::ranges::transform(joined, joined.begin(), &OdeText::trimmed);
    return joined;
}

bool is_comment(const OdeText& line) {
    return line.text().starts_with('#') || line.text().starts_with('"') ||
           line.text().starts_with('@');
}

bool is_done(const OdeText& line) {
    constexpr std::string_view done = "done";
    const std::string word = folded(line.text());
    return !word.empty() && done.starts_with(word);
}

/// [first..last], in the middle of a line.
struct IndexRange {
    std::size_t at = std::string::npos, length = 0;
    int first = 0, last = 0;
    [[nodiscard]] bool found() const { return at != std::string::npos; }
};

int bounded_index(const OdeText& line, std::size_t at, std::int64_t value) {
    if (value < -max_index || value > max_index)
        line.fail(at, "an index is at most " + std::to_string(max_index));
    return static_cast<int>(value);
}

int read_index(const OdeText& line, std::size_t at, std::size_t end) {
    const char* const data = line.text().data();
    int value = 0;
    while (at < end && is_blank(data[at])) ++at;
    while (end > at && is_blank(data[end - 1])) --end;
    const auto [stop, error] = std::from_chars(data + at, data + end, value);
    if (error != std::errc() || stop != data + end || at == end)
        line.fail(at, "an index of an array is a whole number, as in x[1..5]; found \"" +
                          line.text().substr(at, end - at) + "\"");
    return bounded_index(line, at, value);
}

IndexRange find_range(const OdeText& line) {
    const std::string& text = line.text();
    const std::size_t dots = text.find("..");
    if (is_comment(line) || dots == std::string::npos) return {};
    const std::size_t open = text.rfind('[', dots), close = text.find(']', dots);
    if (open == std::string::npos || close == std::string::npos)
        line.fail(dots, "\"..\" belongs between brackets, as in x[1..5]");
    if (const std::size_t again = text.find("..", close); again != std::string::npos)
        line.fail(again, "one range a line; further indices are written [j]");
    return {open, close + 1 - open, read_index(line, open + 1, dots),
            read_index(line, dots + 2, close)};
}

/// The value of [j], [j+1], [j-1], [j*2] or [5] whose brackets stand at `open` and `close`.
int index_value(const OdeText& line, std::size_t open, std::size_t close, const int* j) {
    const std::string& text = line.text();
    std::size_t at = open + 1;
    while (at < close && is_blank(text[at])) ++at;
    if (text[at] != 'j' && text[at] != 'J') return read_index(line, at, close);
    if (j == nullptr) line.fail(at, "[j] stands only in a line that has a range, as in x[1..5]");
    ++at;
    while (at < close && is_blank(text[at])) ++at;
    if (at == close) return *j;
    const char operation = text[at];
    if (operation != '+' && operation != '-' && operation != '*')
        line.fail(at, "an index is [j], [j+1], [j-1] or [j*2]");
    const std::int64_t index = *j, value = read_index(line, at + 1, close);
    return bounded_index(line, at,
                         operation == '*'   ? index * value
                         : operation == '+' ? index + value
                                            : index - value);
}

bool opens_integral(const std::string& text, std::size_t bracket) {
    return bracket >= 3 && folded(text.substr(bracket - 3, 3)) == "int";
}

/// Every index in brackets becomes a number, joined to the name before it.
OdeText with_indices(const OdeText& line, const int* j) {
    if (is_comment(line)) return line;
    const std::string& text = line.text();
    OdeText result;
    std::size_t done = 0;
    for (std::size_t open = text.find('['); open != std::string::npos;
         open = text.find('[', open + 1)) {
        if (opens_integral(text, open)) continue;
        const std::size_t close = text.find(']', open);
        if (close == std::string::npos) line.fail(open, "this bracket is not closed");
        const int value = index_value(line, open, close, j);
        const bool of_name = open > 0 && is_word(text[open - 1]);
        if (of_name && value < 0)
            line.fail(open, "index " + std::to_string(value) + " of an array is negative");
        result.append(line.part(done, open - done));
        result.append({value < 0 ? "(" + std::to_string(value) + ")" : std::to_string(value),
                       line.where(open)});
        done = close + 1;
    }
    result.append(line.part(done));
    return result;
}

class Reader {
public:
    explicit Reader(const FileLoader& load) : load_(load) {}

    void read(std::string_view text, const std::string& file) {
        const std::vector<OdeText> lines = join_continued(physical_lines(text, file));
        for (std::size_t k = 0; k < lines.size() && !is_done(lines[k]); ++k) {
            if (folded(lines[k].text()).starts_with("#include"))
                include(lines[k]);
            else if (lines[k].text().starts_with('%'))
                k = read_block(lines, k);
            else
                read_line(lines[k]);
        }
    }

    std::vector<OdeText> take() { return std::move(statements_); }

private:
    void include(const OdeText& line) {
        const OdeText name = line.part(std::string_view("#include").size()).trimmed();
        if (name.text().empty()) line.fail(0, "#include needs the name of a file");
        if (std::ranges::count(open_, name.text()) > 0)
            name.fail(0, "\"" + name.text() + "\" includes itself");
        if (open_.size() == max_includes)
            line.fail(
                0, "files include one another more than " + std::to_string(max_includes) + " deep");
        open_.push_back(name.text());
        read(load_(name.text(), name.where(0)), name.text());
        open_.pop_back();
    }

    void read_line(const OdeText& line) {
        const IndexRange range = find_range(line);
        if (!range.found()) return add(with_indices(line, nullptr));
        OdeText indexed = line.part(0, range.at);
        indexed.append({"[j]", line.where(range.at)});
        indexed.append(line.part(range.at + range.length));
        repeat({&indexed, 1}, range);
    }

    /// Returns the number of the line that closes the block.
    std::size_t read_block(const std::vector<OdeText>& lines, std::size_t first) {
        const IndexRange range = find_range(lines[first]);
        if (!range.found()) lines[first].fail(0, "a block begins with its range, as in %[1..5]");
        std::size_t last = first + 1;
        for (; last < lines.size() && !lines[last].text().starts_with('%'); ++last)
            if (find_range(lines[last]).found())
                lines[last].fail(0, "within a block the index is [j]; it takes no further range");
        if (last == lines.size())
            lines[first].fail(0, "this block is not closed by a line that begins with %");
        repeat(std::span(lines).subspan(first + 1, last - first - 1), range);
        return last;
    }

    void repeat(std::span<const OdeText> lines, const IndexRange& range) {
        const int step = range.last < range.first ? -1 : 1;
        for (int j = range.first; j != range.last + step; j += step)
            for (const OdeText& line : lines) add(with_indices(line, &j));
    }

    void add(OdeText statement) {
        if (statement.text().empty()) return;
        characters_ += statement.text().size();
        if (statements_.size() >= max_statements || characters_ > max_characters)
            statement.fail(0, "with its arrays written out the file has more than " +
                                  std::to_string(max_statements) + " statements or " +
                                  std::to_string(max_characters) + " characters");
        statements_.push_back(std::move(statement));
    }

    const FileLoader& load_;
    std::vector<OdeText> statements_;
    std::vector<std::string> open_;
    std::size_t characters_ = 0;
};

}  // namespace

OdeText::OdeText(std::string text, SourceLine where)
    : text_(std::move(text)), marks_{{0, std::move(where)}} {}

SourceLine OdeText::where(std::size_t at) const {
    const auto next = std::ranges::upper_bound(marks_, at, {}, &Mark::offset);
    if (next == marks_.begin()) return {};
    const Mark& mark = *std::prev(next);
    return {mark.where.file, mark.where.line,
            mark.where.column + static_cast<int>(at - mark.offset)};
}

OdeText OdeText::part(std::size_t from, std::size_t length) const {
    OdeText result(text_.substr(std::min(from, text_.size()), length), where(from));
    for (const Mark& mark : marks_)
        if (mark.offset > from && mark.offset - from < result.text_.size())
            result.marks_.push_back({mark.offset - from, mark.where});
    return result;
}

void OdeText::append(const OdeText& other) {
    for (const Mark& mark : other.marks_) {
        if (!marks_.empty() && marks_.back().offset == text_.size() + mark.offset)
            marks_.pop_back();
        marks_.push_back({text_.size() + mark.offset, mark.where});
    }
    text_ += other.text_;
}

OdeText OdeText::trimmed() const {
    std::size_t first = 0, end = text_.size();
    while (first < end && is_blank(text_[first])) ++first;
    while (end > first && is_blank(text_[end - 1])) --end;
    return part(first, end - first);
}

void OdeText::fail(std::size_t at, const std::string& message) const {
    throw ConfigError(message, where(at));
}

std::vector<OdeText> read_ode_statements(std::string_view text, const std::string& file,
                                         const FileLoader& load) {
    Reader reader(load);
    reader.read(text, file);
    return reader.take();
}

}  // namespace cortifold
