#include "response_record.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace cortifold {

namespace {

constexpr std::size_t connections_told = 5;

Record strongest(const LifNetwork& network, const Matrix& amplitude) {
    std::vector<std::pair<Eigen::Index, Eigen::Index>> places;
    for (Eigen::Index i = 0; i < amplitude.rows(); ++i)
        for (Eigen::Index j = 0; j < amplitude.cols(); ++j) places.emplace_back(i, j);
    std::ranges::stable_sort(places, std::greater{}, [&](const auto& place) {
        return std::abs(amplitude(place.first, place.second));
    });
    Record list = Record::List{};
    for (std::size_t k = 0; k < std::min(connections_told, places.size()); ++k) {
        const auto [target, source] = places[k];
        const auto name = [&](Eigen::Index population) {
            return network.populations[static_cast<std::size_t>(population)].name;
        };
        list.push_back(Record::Table{{"source", name(source)},
                                     {"target", name(target)},
                                     {"amplitude", amplitude(target, source)}});
    }
    return list;
}

}  // namespace

Record nearest_approaches(ConstVectorRef frequencies_hz, const EigenvalueTrajectories& loops) {
    std::vector<std::pair<double, Record>> found;
    for (Eigen::Index j = 0; j < loops.values.cols(); ++j) {
        Eigen::Index nearest = 0;
        const double distance = (1.0 - loops.values.col(j).array()).abs().minCoeff(&nearest);
        const std::complex<double> value = loops.values(nearest, j);
        found.emplace_back(distance, Record::Table{{"number", static_cast<std::int64_t>(j + 1)},
                                                   {"frequency", frequencies_hz[nearest]},
                                                   {"re", value.real()},
                                                   {"im", value.imag()},
                                                   {"distance", distance}});
    }
    std::ranges::stable_sort(found, {}, &std::pair<double, Record>::first);
    Record list = Record::List{};
    for (auto& [distance, record] : found) list.push_back(std::move(record));
    return list;
}

SensitivityRecord::SensitivityRecord(const std::filesystem::path& folder, Vector frequencies_hz)
    : frequencies_hz_(std::move(frequencies_hz)),
      table_(folder / "sensitivity.csv", {{"state", ""},
                                          {"frequency", "1/s"},
                                          {"source", ""},
                                          {"target", ""},
                                          {"column", ""},
                                          {"row", ""},
                                          {"amplitude", ""},
                                          {"shift", ""}}) {}

Record SensitivityRecord::add(const LifNetwork& network, const WorkingPoint& point,
                              const std::string& state, const TransferOptions& options) {
    const auto connectivity =
        effective_connectivity(network, point, oscillations(frequencies_hz_), options);
    Record list = Record::List{};
    for (Eigen::Index k = 0; k < frequencies_hz_.size(); ++k) {
        const auto found = sensitivity(connectivity[static_cast<std::size_t>(k)]);
        if (!found) continue;
        for (Eigen::Index i = 0; i < found->amplitude.rows(); ++i)
            for (Eigen::Index j = 0; j < found->amplitude.cols(); ++j)
                table_.write_row(std::initializer_list<Cell>{
                    state, frequencies_hz_[k],
                    network.populations[static_cast<std::size_t>(j)].name,
                    network.populations[static_cast<std::size_t>(i)].name, std::int64_t{j},
                    std::int64_t{i}, found->amplitude(i, j), found->frequency(i, j)});
        list.push_back(Record::Table{
            {"frequency", frequencies_hz_[k]},
            {"eigenvalue", Record::List{found->eigenvalue.real(), found->eigenvalue.imag()}},
            {"connections", strongest(network, found->amplitude)}});
    }
    return list;
}

}  // namespace cortifold
