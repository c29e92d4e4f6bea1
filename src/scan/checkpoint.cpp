#include <cortifold/core/error.hpp>
#include <cortifold/io/table.hpp>
#include <cortifold/scan/checkpoint.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <sstream>
#include <system_error>
#include <utility>

namespace cortifold {

namespace {

constexpr std::size_t checksum_digits = 16;

std::string line_of(const GridPlace& place, const CellResult& result) {
    Record where = Record::List{};
    for (const std::int64_t k : place) where.push_back(k);
    Record memory = Record::List{};
    for (const Vector& numbers : result.memory)
        memory.push_back(Record::List(numbers.begin(), numbers.end()));
    const Record cell =
        Record::Table{{"place", where},
                      {"status", static_cast<std::int64_t>(result.status)},
                      {"message", result.message},
                      {"values", Record::List(result.values.begin(), result.values.end())},
                      {"memory", memory}};
    const std::string text = to_json(cell, -1);  // ends its line
    return checksum(text) + " " + text;
}

void add_cell(const Record& cell, CellResults& cells) {
    GridPlace place;
    for (const Record& k : cell.find("place")->as<Record::List>())
        place.push_back(k.as<std::int64_t>());
    std::vector<Vector> memory;
    for (const Record& list : cell.find("memory")->as<Record::List>()) {
        const auto& numbers = list.as<Record::List>();
        memory.emplace_back(static_cast<Eigen::Index>(numbers.size()));
        std::ranges::transform(numbers, memory.back().begin(), &Record::number);
    }
    cells[place] = {static_cast<Status>(cell.find("status")->as<std::int64_t>()),
                    cell.find("message")->as<std::string>(),
                    cell.find("values")->as<Record::List>(), std::move(memory)};
}

}  // namespace

struct CellJournal::File {
    std::filesystem::path path;
    std::FILE* stream;

    void require_done(bool done) const {
        if (!done)
            throw OutputError("cannot write " + path.string() + ": " +
                              std::generic_category().message(errno));
    }
};

CellJournal::CellJournal(const std::filesystem::path& file)
    : file_(new File{file, std::fopen(file.c_str(), "ab")}) {
    file_->require_done(file_->stream != nullptr);
}

CellJournal::~CellJournal() {
    if (file_->stream != nullptr) std::fclose(file_->stream);
}

void CellJournal::add(const GridPlace& place, const CellResult& result) {
    const std::string line = line_of(place, result);
    file_->require_done(std::fwrite(line.data(), 1, line.size(), file_->stream) == line.size() &&
                        std::fflush(file_->stream) == 0);
}

void CellJournal::close() {
    file_->require_done(std::fclose(std::exchange(file_->stream, nullptr)) == 0);
}

void read_journal(const std::filesystem::path& file, CellResults& cells) {
    std::istringstream text(read_file(file));
    for (std::string line; std::getline(text, line);) {
        if (line.size() <= checksum_digits) return;
        const std::string cell = line.substr(checksum_digits + 1) + "\n";
        if (line.compare(0, checksum_digits, checksum(cell)) != 0) return;
        add_cell(parse_json(cell, file.string()), cells);
    }
}

}  // namespace cortifold
