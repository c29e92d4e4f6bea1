#pragma once

#include "scan_cell.hpp"
#include <cortifold/scan/scan.hpp>

#include <filesystem>

namespace cortifold {

/// The texts that a value came to in any cell, in the order of the alphabet: data.h5 has their
/// numbers, counted from 0.
[[nodiscard]] std::vector<std::string> classes_of(const ScanResult& found, std::size_t value);

/// `axes`, `cells`, `failed` and what data.h5 needs to be read.
[[nodiscard]] StepResult summarize_scan(const ScanGrid& grid, const CellWork& work,
                                        const ScanResult& found);

/// cells.csv and, in data.h5, the dataset `cells`: a row a cell, by level and then by place, the
/// first axis fastest. What is missing is empty in the one and NaN in the other.
void write_scan(const std::filesystem::path& folder, const ScanGrid& grid, const CellWork& work,
                const ScanResult& found);

}  // namespace cortifold
