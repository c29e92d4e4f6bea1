#include <cortifold/io/run_folder.hpp>
#include <cortifold/io/table.hpp>

#include <system_error>

namespace cortifold {

namespace {

namespace fs = std::filesystem;

void make_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error)
        throw OutputError("cannot make the folder " + folder.string() + ": " + error.message());
}

bool holds_nothing(const fs::path& folder) {
    return !fs::exists(folder) || (fs::is_directory(folder) && fs::is_empty(folder));
}

std::string hash_of(const fs::path& folder) {
    if (!fs::exists(folder / "manifest.json")) return {};
    try {
        const Record manifest = read_json((folder / "manifest.json").string());
        const Record* hash = manifest.find("hash");
        return hash != nullptr && hash->is<std::string>() ? hash->as<std::string>() : std::string();
    } catch (const ConfigError&) {
        return {};  // whatever it is, it is not ours
    }
}

fs::path beside(const fs::path& folder, const std::string& suffix) {
    return folder.parent_path() / ("." + folder.filename().string() + suffix);
}

}  // namespace

RunFolder::RunFolder(fs::path folder, const std::string& hash, ExistingRun existing)
    : final_(fs::absolute(folder).lexically_normal()), working_(final_) {
    if (final_.filename().empty()) working_ = final_ = final_.parent_path();
    if (fs::exists(final_) && !fs::is_directory(final_))
        throw UsageError("output folder " + final_.string() + " is in the way: it is a file");
    if (!holds_nothing(final_)) {
        const bool same = hash_of(final_) == hash;
        if (existing == ExistingRun::resume) {
            if (!same)
                throw UsageError("cannot resume " + final_.string() +
                                 ": it holds no run of this configuration (hash " + hash + ")");
            resumed_ = true;
            return;
        }
        if (!same && existing != ExistingRun::overwrite)
            throw UsageError(
                "output folder " + final_.string() +
                " is in the way: it holds something else than a run of this configuration (hash " +
                hash + "); give --overwrite or another --out");
        working_ = beside(final_, ".new");
        std::error_code error;
        fs::remove_all(working_, error);
        if (error) throw OutputError("cannot remove " + working_.string() + ": " + error.message());
    }
    make_folder(working_);
}

void RunFolder::finish() {
    if (working_ == final_) return;
    const fs::path old = beside(final_, ".old");
    std::error_code error;
    fs::remove_all(old, error);
    fs::rename(final_, old, error);
    if (!error) fs::rename(working_, final_, error);
    if (error)
        throw OutputError("cannot replace " + final_.string() + ": " + error.message() +
                          "; the results are in " + working_.string());
    fs::remove_all(old, error);
    working_ = final_;
}

}  // namespace cortifold
