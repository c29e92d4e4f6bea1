#pragma once

#include <cortifold/io/record.hpp>

#include <filesystem>
#include <string>

namespace cortifold::test {

/// A run folder with made-up numbers of the kind that a network of E-I populations gives: row k of
/// `lambda` is a coupling eigenvalue between 1 and -0.26, the growth rate is a parabola of it.
struct SampleRun {
    explicit SampleRun(int regions = 12);
    ~SampleRun();
    SampleRun(const SampleRun&) = delete;
    SampleRun& operator=(const SampleRun&) = delete;

    void write() const;  ///< all files; records may be changed before
    [[nodiscard]] std::string file(const std::string& name) const;

    std::filesystem::path path;
    int regions;
    bool positions = true;
    std::string label = "region";  ///< of every region, with its number behind
    Record manifest, network, spectrum, equilibria, dispersion, simulation;

private:
    void write_network_tables() const;
    void write_dispersion_tables() const;
    void write_simulation_tables() const;
};

}  // namespace cortifold::test
