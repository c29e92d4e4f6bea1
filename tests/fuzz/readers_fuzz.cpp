// The entry points of libFuzzer: `readers_fuzzer --reader=NAME CORPUS...`.
#include "fuzz/readers.hpp"

#include <cstdint>
#include <cstdlib>
#include <iostream>

namespace {

const cortifold::FuzzedReader* chosen = nullptr;

}  // namespace

/// libFuzzer itself passes over what begins with two dashes. Without reader: lists all with
/// the names of their files.
extern "C" int LLVMFuzzerInitialize(const int* count, char*** arguments) {
    constexpr std::string_view option = "--reader=";
    for (const std::string_view argument : std::span(*arguments, static_cast<std::size_t>(*count)))
        if (argument.starts_with(option))
            chosen = cortifold::find_fuzzed_reader(argument.substr(option.size()));
    if (chosen != nullptr) return 0;
    for (const auto& reader : cortifold::fuzzed_readers())
        std::cout << reader.name << ' ' << reader.file << '\n';
    std::exit(EXIT_FAILURE);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    cortifold::feed(*chosen, {reinterpret_cast<const char*>(data), size});
    return 0;
}
