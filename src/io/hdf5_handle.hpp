#pragma once

#include <cortifold/core/error.hpp>

#include <hdf5.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cortifold {

/// The library prints its errors unless told not to; we throw them. Nor may it tidy up at exit: it
/// would try to close a file on a full disk again and crash.
class SilentHdf5 {
public:
    SilentHdf5() {
        [[maybe_unused]] static const herr_t no_tidying = H5dont_atexit();
        H5Eget_auto2(H5E_DEFAULT, &print_, &data_);
        H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    }
    ~SilentHdf5() { H5Eset_auto2(H5E_DEFAULT, print_, data_); }
    SilentHdf5(const SilentHdf5&) = delete;
    SilentHdf5& operator=(const SilentHdf5&) = delete;

private:
    H5E_auto2_t print_ = nullptr;
    void* data_ = nullptr;
};

/// An HDF5 identifier that closes itself.
class Hdf5Handle {
public:
    using Close = herr_t (*)(hid_t);
    Hdf5Handle() = default;
    Hdf5Handle(hid_t id, Close closer) : id_(id), close_(closer) {}
    Hdf5Handle(Hdf5Handle&& other) noexcept
        : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
    Hdf5Handle& operator=(Hdf5Handle&& other) noexcept {
        std::swap(id_, other.id_);
        std::swap(close_, other.close_);
        return *this;
    }
    ~Hdf5Handle() { close(); }
    bool close() { return id_ < 0 || close_(std::exchange(id_, -1)) >= 0; }
    operator hid_t() const { return id_; }  // NOLINT: it is the identifier

private:
    hid_t id_ = -1;
    Close close_ = nullptr;
};

/// Throws E naming the file unless every call on the way succeeded.
template <class E>
struct Hdf5Check {
    std::filesystem::path path;

    void operator()(bool done, std::string_view what) const {
        if (done) return;
        const std::string why = "HDF5 failed to " + std::string(what);
        if constexpr (std::is_same_v<E, ConfigError>)
            throw ConfigError(why, {path.string()});
        else
            throw E("cannot write " + path.string() + ": " + why);
    }
    Hdf5Handle operator()(hid_t id, Hdf5Handle::Close close, std::string_view what) const {
        Hdf5Handle handle(id, close);
        (*this)(handle >= 0, what);
        return handle;
    }
};

/// Of texts of this many bytes.
template <class Check>
Hdf5Handle hdf5_text_type(const Check& check, std::size_t length) {
    Hdf5Handle type = check(H5Tcopy(H5T_C_S1), H5Tclose, "make a text type");
    check(H5Tset_size(type, length) >= 0 && H5Tset_cset(type, H5T_CSET_UTF8) >= 0 &&
              H5Tset_strpad(type, H5T_STR_NULLPAD) >= 0,
          "make a text type");
    return type;
}

/// Without time stamps, so that equal data make equal bytes; version 1.8 of the format, since a
/// large network has more than the 64 KiB of column names that older ones hold.
template <class Check>
Hdf5Handle create_hdf5(const Check& check) {
    const Hdf5Handle creation = check(H5Pcreate(H5P_FILE_CREATE), H5Pclose, "set up the file");
    const Hdf5Handle access = check(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "set up the file");
    check(H5Pset_obj_track_times(creation, false) >= 0 &&
              H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_LATEST) >= 0,
          "set up the file");
    return check(H5Fcreate(check.path.c_str(), H5F_ACC_TRUNC, creation, access), H5Fclose,
                 "create the file");
}

}  // namespace cortifold
