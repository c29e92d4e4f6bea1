#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cortifold {

/// A zip archive in memory, read with bounds: a member neither unpacks to more than it declares nor
/// declares more than deflation can have come from.
class ZipArchive {
public:
    struct Member {
        std::string name;
        std::uint64_t size = 0;  ///< unpacked, as declared
    };
    /// Throws ConfigError where this is no archive, or where its members are too many, too large
    /// together or encrypted.
    ZipArchive(std::string name, std::string bytes);
    ~ZipArchive();
    ZipArchive(const ZipArchive&) = delete;
    ZipArchive& operator=(const ZipArchive&) = delete;

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] std::span<const Member> members() const { return members_; }
    /// The whole member, or its beginning. Throws ConfigError naming archive and member.
    [[nodiscard]] std::string read(std::size_t member,
                                   std::size_t at_most = std::string::npos) const;

private:
    struct Handle;
    void list_members();

    std::string name_, bytes_;
    std::unique_ptr<Handle> handle_;
    std::vector<Member> members_;
};

/// Equal members make equal bytes: they carry no time. Throws OutputError.
void write_zip(const std::filesystem::path& path,
               std::span<const std::pair<std::string, std::string>> members);

/// Of bzip2. Throws ConfigError.
[[nodiscard]] std::string unpack_bzip2(const std::string& where, const std::string& bytes);

}  // namespace cortifold
