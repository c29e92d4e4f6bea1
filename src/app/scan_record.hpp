#pragma once

#include "scan_cell.hpp"
#include <cortifold/scan/scan.hpp>

#include <filesystem>

namespace cortifold {

/// `axes`, `cells`, `failed`, `missing`: what no cell has, and what data.h5 needs to be read.
[[nodiscard]] StepResult summarize_scan(const ScanGrid& grid, const CellWork& work,
                                        const ScanResult& found);

/// cells.csv and, in data.h5, the dataset `cells`: a row a cell, by level and then by place, the
/// first axis fastest. What is missing is empty in the one and NaN in the other. Values that are
/// lists are not there, but in lists.csv and the dataset `lists`: a row an item, with its number in
/// the list, counted from 0, and a column a value; where one is no list it is the only item.
void write_scan(const std::filesystem::path& folder, const ScanGrid& grid, const CellWork& work,
                const ScanResult& found);

}  // namespace cortifold
