#pragma once

#include <cortifold/io/record.hpp>

#include <filesystem>
#include <string>

namespace cortifold {

enum class ExistingRun { refuse_others, resume, overwrite };

/// Where one run writes. An empty folder is used; one with the same configuration hash is replaced
/// atomically when the run is over, or continued; any other content is refused unless overwritten.
class RunFolder {
public:
    /// Throws UsageError where the folder is in the way, OutputError where it cannot be made.
    RunFolder(std::filesystem::path folder, const std::string& hash, ExistingRun existing);

    [[nodiscard]] const std::filesystem::path& working() const { return working_; }  ///< write here
    [[nodiscard]] const std::filesystem::path& final() const { return final_; }
    [[nodiscard]] bool resumed() const { return resumed_; }
    /// Puts the results in their place. Of a run that was cut short and replaces another they stay
    /// beside it, in `working`.
    void finish();

private:
    std::filesystem::path final_, working_;
    bool resumed_ = false;
};

/// Version, commit and compiler of this build, and the libraries it was built with: name, value.
[[nodiscard]] Record build_information();

}  // namespace cortifold
