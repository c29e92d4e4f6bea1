#include "zip_archive.hpp"

#include "field_reader.hpp"
#include "stored_array.hpp"
#include <cortifold/core/error.hpp>

#include <bzlib.h>
#include <zip.h>

#include <algorithm>

namespace cortifold {

namespace {

constexpr zip_int64_t most_members = 10000;
/// What unpacks to more than `unsuspicious_bytes` must not unpack to more than this multiple.
constexpr std::uint64_t largest_ratio = 300, unsuspicious_bytes = std::uint64_t{1} << 28;
constexpr std::size_t block_bytes = std::size_t{1} << 16;
/// 1 January 1980, noon: the first day that a zip can name.
constexpr std::time_t no_time = 315576000;

std::string message_of(zip_error_t& error) {
    std::string message = zip_error_strerror(&error);
    zip_error_fini(&error);
    return message;
}

struct Discard {
    void operator()(zip_t* archive) const { zip_discard(archive); }
    void operator()(zip_file_t* file) const { zip_fclose(file); }
};

}  // namespace

struct ZipArchive::Handle {
    std::unique_ptr<zip_t, Discard> archive;
};

ZipArchive::ZipArchive(std::string name, std::string bytes)
    : name_(std::move(name)), bytes_(std::move(bytes)), handle_(new Handle) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* source = zip_source_buffer_create(bytes_.data(), bytes_.size(), 0, &error);
    if (source != nullptr) handle_->archive.reset(zip_open_from_source(source, ZIP_RDONLY, &error));
    if (!handle_->archive) {
        if (source != nullptr) zip_source_free(source);
        throw ConfigError("not a usable zip archive: " + message_of(error), {name_});
    }
    list_members();
}

ZipArchive::~ZipArchive() = default;

void ZipArchive::list_members() {
    const auto refuse = [&](bool wrong, const std::string& why) {
        if (wrong) throw ConfigError("not a usable zip archive: " + why, {name_});
    };
    const zip_int64_t count = zip_get_num_entries(handle_->archive.get(), 0);
    refuse(count > most_members, std::to_string(count) + " members; at most " +
                                     std::to_string(most_members) + " are read");
    std::uint64_t total = 0;
    for (zip_int64_t k = 0; k < count; ++k) {
        zip_stat_t at;
        constexpr zip_uint64_t needed = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE;
        refuse(zip_stat_index(handle_->archive.get(), static_cast<zip_uint64_t>(k), 0, &at) != 0 ||
                   (at.valid & needed) != needed,
               "member " + std::to_string(k) + " has no entry");
        const std::string member = shown(at.name);
        refuse((at.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && at.encryption_method != ZIP_EM_NONE,
               member + " is encrypted");
        refuse(at.size > most_bytes || (total += at.size) > most_bytes,
               "its members unpack to more than " + std::to_string(most_bytes) + " bytes");
        refuse(
            at.size > unsuspicious_bytes && at.size / largest_ratio > at.comp_size,
            member + " unpacks to more than " + std::to_string(largest_ratio) + " times its bytes");
        members_.push_back({at.name, at.size});
    }
}

std::string ZipArchive::read(std::size_t member, std::size_t at_most) const {
    const Member& which = members_[member];
    const auto refuse = [&](bool wrong, const std::string& why) {
        if (wrong) throw ConfigError("cannot unpack: " + why, {name_ + ":" + which.name});
    };
    const std::unique_ptr<zip_file_t, Discard> file(
        zip_fopen_index(handle_->archive.get(), member, 0));
    refuse(!file, zip_strerror(handle_->archive.get()));
    std::string text, block(block_bytes, '\0');
    while (text.size() < at_most) {
        const zip_int64_t got = zip_fread(file.get(), block.data(), block.size());
        refuse(got < 0, zip_file_strerror(file.get()));
        if (got == 0) break;
        text.append(block, 0, static_cast<std::size_t>(got));
        refuse(text.size() > which.size,
               "more than the " + std::to_string(which.size) + " bytes that are declared");
    }
    refuse(text.size() < std::min<std::uint64_t>(at_most, which.size),
           "it ends after " + std::to_string(text.size()) + " of " + std::to_string(which.size) +
               " bytes");
    return text;
}

void write_zip(const std::filesystem::path& path,
               std::span<const std::pair<std::string, std::string>> members) {
    int code = 0;
    const auto check = [&](bool done, const std::string& why) {
        if (!done) throw OutputError("cannot write " + path.string() + ": " + why);
    };
    std::unique_ptr<zip_t, Discard> archive(
        zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code));
    check(archive != nullptr, "libzip cannot create it");
    for (const auto& [name, bytes] : members) {
        zip_source_t* source = zip_source_buffer(archive.get(), bytes.data(), bytes.size(), 0);
        check(source != nullptr, zip_strerror(archive.get()));
        const zip_int64_t index =
            zip_file_add(archive.get(), name.c_str(), source, ZIP_FL_ENC_UTF_8);
        if (index < 0) zip_source_free(source);
        check(index >= 0 && zip_file_set_mtime(archive.get(), static_cast<zip_uint64_t>(index),
                                               no_time, 0) == 0,
              zip_strerror(archive.get()));
    }
    if (zip_close(archive.get()) != 0) check(false, zip_strerror(archive.get()));
    (void)archive.release();  // closed
}

std::string unpack_bzip2(const std::string& where, const std::string& bytes) {
    const auto refuse = [&](bool wrong, const char* why) {
        if (wrong) throw ConfigError(std::string("cannot unpack bzip2: ") + why, {where});
    };
    bz_stream stream{};
    refuse(BZ2_bzDecompressInit(&stream, 0, 0) != BZ_OK, "no memory");
    const std::unique_ptr<bz_stream, decltype(&BZ2_bzDecompressEnd)> end(&stream,
                                                                         &BZ2_bzDecompressEnd);
    std::string packed = bytes, text, block(block_bytes, '\0');
    refuse(packed.size() > most_bytes / 2, "it is too large");
    stream.next_in = packed.data();
    stream.avail_in = static_cast<unsigned>(packed.size());
    int status = BZ_OK;
    while (status == BZ_OK) {
        stream.next_out = block.data();
        stream.avail_out = static_cast<unsigned>(block.size());
        status = BZ2_bzDecompress(&stream);
        refuse(status != BZ_OK && status != BZ_STREAM_END, "its bytes are damaged");
        const std::size_t got = block.size() - stream.avail_out;
        text.append(block, 0, got);
        refuse(status == BZ_OK && got == 0 && stream.avail_in == 0, "it ends too early");
        refuse(text.size() > unsuspicious_bytes && text.size() / largest_ratio > packed.size(),
               "it unpacks to suspiciously much");
        refuse(text.size() > most_bytes, "it unpacks to too much");
    }
    return text;
}

}  // namespace cortifold
