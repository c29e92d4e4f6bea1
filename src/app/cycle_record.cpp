#include "cycle_record.hpp"

#include <cortifold/core/error.hpp>

#include <algorithm>
#include <array>

namespace cortifold {

namespace {

constexpr const char *unknowns_column = "unknowns", *mesh_column = "mesh points";

std::string unknowns_of(const std::string& name) {
    return name + "_unknowns";
}
std::string mesh_of(const std::string& name) {
    return name + "_mesh";
}

Eigen::Index place_of(const NumericTable& table, std::string_view column,
                      const std::filesystem::path& file) {
    const auto found = std::ranges::find(table.columns, column, &Column::name);
    if (found == table.columns.end())
        throw ConfigError("there is no column " + std::string(column) + " of cycles",
                          {file.string()});
    return found - table.columns.begin();
}

/// As many exponents as all points have.
Eigen::Index common_exponents(const std::vector<BranchEntry>& rows) {
    const auto smallest = std::ranges::min_element(
        rows, {}, [](const BranchEntry& row) { return row.point->spectrum.size(); });
    return smallest == rows.end() ? 0 : smallest->point->spectrum.size();
}

/// The part of a dataset, as long as the row says, that belongs to a row of another.
Matrix part_of(const Matrix& all, const Vector& lengths, Eigen::Index row) {
    const auto from = static_cast<Eigen::Index>(lengths.head(row).sum());
    return all.middleRows(from, static_cast<Eigen::Index>(lengths[row]));
}

}  // namespace

void write_cycles(const BeginDataset& begin, const std::string& name,
                  const std::vector<BranchEntry>& rows, const CycleColumns& columns) {
    std::vector<Column> heading = columns.parameters;
    heading.insert(heading.end(), {{unknowns_column, ""}, {mesh_column, ""}});
    const Eigen::Index exponents = common_exponents(rows);
    for (Eigen::Index k = 1; k <= exponents; ++k)
        for (const char* part : {"_re", "_im", "_error"})
            heading.push_back({"exponent" + std::to_string(k) + part, columns.rate_unit});
    Hdf5Writer& file = begin(name, heading);
    for (const auto& [point, special] : rows) {
        std::vector<double> cells = point->parameters;
        cells.push_back(static_cast<double>(point->z.size()));
        cells.push_back(static_cast<double>(point->frame.size()));
        for (Eigen::Index k = 0; k < exponents; ++k) {
            const bool known = k < point->spectrum_errors.size();
            cells.insert(cells.end(), {point->spectrum[k].real(), point->spectrum[k].imag(),
                                       known ? point->spectrum_errors[k] : 0.0});
        }
        file.write_row(cells);
    }
    begin(unknowns_of(name), {{"z", ""}, {"tangent", ""}});
    for (const auto& [point, special] : rows) {
        const bool moves = point->tangent.size() == point->z.size();
        for (Eigen::Index k = 0; k < point->z.size(); ++k)
            file.write_row(std::array{point->z[k], moves ? point->tangent[k] : 0.0});
    }
    begin(mesh_of(name), {{"t", ""}});
    for (const auto& [point, special] : rows)
        for (const double t : point->frame) file.write_row(std::array{t});
    file.flush();
}

BranchPoint read_cycle(const std::filesystem::path& file, const std::string& name,
                       Eigen::Index row) {
    const NumericTable table = read_hdf5(file, name);
    // A parameter before it may have the same name.
    const Eigen::Index unknowns = place_of(table, unknowns_column, file), period = unknowns - 1,
                       mesh = place_of(table, mesh_column, file);
    const Vector cells = table.values.row(row);
    BranchPoint point;
    point.parameters.assign(cells.begin(), cells.begin() + period + 1);
    point.period = cells[period];
    const Matrix z =
        part_of(read_hdf5(file, unknowns_of(name)).values, table.values.col(unknowns), row);
    point.z = z.col(0);
    if (!z.col(1).isZero(0.0)) point.tangent = z.col(1);
    point.frame = part_of(read_hdf5(file, mesh_of(name)).values, table.values.col(mesh), row);
    const Eigen::Index exponents = (cells.size() - mesh - 1) / 3;
    point.spectrum.resize(exponents);
    for (Eigen::Index k = 0; k < exponents; ++k)
        point.spectrum[k] = {cells[mesh + 1 + 3 * k], cells[mesh + 2 + 3 * k]};
    return point;
}

}  // namespace cortifold
