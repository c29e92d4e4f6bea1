#include "network_values.hpp"
#include <cortifold/core/dual.hpp>
#include <cortifold/core/error.hpp>
#include <cortifold/core/taylor.hpp>

#include <deque>
#include <map>
#include <sstream>

namespace cortifold {

namespace {

Eigen::Index index(std::size_t k) {
    return static_cast<Eigen::Index>(k);
}

/// "population.E", "source.noise", "projection.E.I", "drive.noise.E".
std::string owner_name(const LifNetwork& network, ParameterOwner owner, std::size_t k) {
    const auto ends = [&](const LifProjection& projection, const std::string& source) {
        return source + "." + network.populations[projection.target].name;
    };
    switch (owner) {
        case ParameterOwner::population: return "population." + network.populations[k].name;
        case ParameterOwner::source: return "source." + network.sources[k].name;
        case ParameterOwner::projection: {
            const LifProjection& projection = network.projections[k];
            return "projection." + ends(projection, network.populations[projection.source].name);
        }
        case ParameterOwner::drive: break;
    }
    const LifProjection& drive = network.drives[k];
    return "drive." + ends(drive, network.sources[drive.source].name);
}

/// Copies of everything that tables look at.
class ParameterTable {
public:
    explicit ParameterTable(const LifNetwork& network) {
        std::map<std::string, int> seen;
        std::size_t previous = 0;
        ParameterOwner previous_owner = ParameterOwner::population;
        std::string name;
        NetworkValues<double> values = values_of(network);
        visit_parameters(
            values, [&](double value, ParameterOwner owner, std::size_t k, std::string_view key,
                        std::string_view unit, double low, double high, std::string_view meaning) {
                if (name.empty() || owner != previous_owner || k != previous) {
                    name = owner_name(network, owner, k);
                    if (const int count = ++seen[name]; count > 1)
                        name += "." + std::to_string(count);
                }
                previous = k;
                previous_owner = owner;
                names_.push_back(name + "." + std::string(key));
                rows_.push_back({names_.back(), unit, value, low, high, meaning});
            });
    }
    ParameterTable(const ParameterTable&) = delete;
    ParameterTable& operator=(const ParameterTable&) = delete;
    [[nodiscard]] std::span<const Quantity> rows() const { return rows_; }

private:
    std::deque<std::string> names_;  // whose addresses stay
    std::vector<Quantity> rows_;
};

/// A rate and its derivatives by mean and variance of the input.
template <class T>
struct Response {
    T hz, by_mean, by_variance;
};

template <class T>
class FieldAt {
public:
    FieldAt(const LifNetwork& network, NetworkValues<T> values, std::vector<T> rates,
            SynapseTheory theory)
        : network_(network),
          values_(std::move(values)),
          rates_(std::move(rates)),
          inputs_(inputs(network_, values_, rates_)),
          theory_(theory) {}

    [[nodiscard]] T difference(std::size_t i) const {
        const auto& population = values_.populations[i];
        if (!has_noise(i)) return T(std::numeric_limits<double>::quiet_NaN());
        return rate_hz(population_rate(population.neuron, inputs_[i].mean, inputs_[i].variance,
                                       population.spread, theory_)) -
               rates_[i];
    }

    [[nodiscard]] Response<T> response(std::size_t i) const {
        using D = Dual<T, 2>;
        const T nothing(std::numeric_limits<double>::quiet_NaN());
        if (!has_noise(i)) return {nothing, nothing, nothing};
        const auto& population = values_.populations[i];
        const LifParameters<T>& n = population.neuron;
        const D hz = rate_hz(population_rate(
            LifParameters<D>{D(n.tau_m), D(n.tau_ref), D(n.tau_s), D(n.threshold), D(n.reset)},
            D::variable(inputs_[i].mean, 0), D::variable(inputs_[i].variance, 1),
            D(population.spread), theory_));
        return {hz.value, hz.d[0], hz.d[1]};
    }

    /// f, and what each projection adds to f_x: add(target, source, value).
    void linearize(auto&& set_f, auto&& add) const {
        std::vector<Response<T>> responses;
        for (std::size_t i = 0; i < rates_.size(); ++i) {
            responses.push_back(response(i));
            set_f(i, responses[i].hz - rates_[i]);
            add(i, i, T(-1.0));
        }
        for (std::size_t k = 0; k < network_.projections.size(); ++k) {
            const std::size_t source = network_.projections[k].source,
                              target = network_.projections[k].target;
            const auto effect =
                effect_per_hz<T>(values_.projections[k], values_.populations[target].neuron.tau_m,
                                 values_.populations[source].efficacy);
            add(target, source,
                responses[target].by_mean * effect.mean +
                    responses[target].by_variance * effect.variance);
        }
    }

private:
    [[nodiscard]] bool has_noise(std::size_t i) const { return primal(inputs_[i].variance) > 0.0; }

    const LifNetwork& network_;
    const NetworkValues<T> values_;
    const std::vector<T> rates_;
    const std::vector<ProjectionEffect<T>> inputs_;
    const SynapseTheory theory_;
};

class MeanField final : public VectorField {
public:
    MeanField(const LifNetwork& network, SynapseTheory theory)
        : network_(network), theory_(theory), parameters_(network) {
        for (const LifPopulation& population : network.populations) {
            state_names_.push_back("rate." + population.name);
            const double most = population.neuron.tau_ref > 0.0
                                    ? hz_per_inverse_ms / population.neuron.tau_ref
                                    : hz_per_inverse_ms;
            states_.push_back({state_names_.back(), "Hz", first_rate_hz, 0.0, most, "mean rate"});
        }
    }

    [[nodiscard]] Meaning meaning() const override { return Meaning::fixed_point_map; }
    [[nodiscard]] std::string_view time_unit() const override { return "1"; }
    [[nodiscard]] Eigen::Index dimension() const override { return index(states_.size()); }
    [[nodiscard]] std::span<const Quantity> states() const override { return states_; }
    [[nodiscard]] std::span<const Quantity> parameters() const override {
        return parameters_.rows();
    }

    void rhs(ConstVectorRef x, ConstVectorRef p, VectorRef dx) const override {
        const auto here = at<double>(x, p, plain, plain);
        for (std::size_t i = 0; i < states_.size(); ++i) dx[index(i)] = here.difference(i);
    }

    void linearize(ConstVectorRef x, ConstVectorRef p, std::span<const std::size_t> free,
                   VectorRef f, MatrixRef f_x, MatrixRef f_p) const override {
        f_x.setZero();
        at<double>(x, p, plain, plain)
            .linearize([&](std::size_t i, double value) { f[index(i)] = value; },
                       [&](std::size_t i, std::size_t j, double value) {
                           f_x(index(i), index(j)) += value;
                       });
        using D = Dual<double, 1>;
        for (std::size_t k = 0; k < free.size(); ++k) {
            const auto moved = at<D>(
                x, p, [](double value, auto) { return D(value); },
                [&](double value, Eigen::Index j) {
                    return j == index(free[k]) ? D::variable(value, 0) : D(value);
                });
            for (std::size_t i = 0; i < states_.size(); ++i)
                f_p(index(i), index(k)) = moved.difference(i).d[0];
        }
    }

    void directional(ConstVectorRef x, ConstVectorRef p, ConstVectorRef v, ConstVectorRef p_dot,
                     std::span<const std::size_t> free, MatrixRef f_xv,
                     MatrixRef f_pv) const override {
        using D = Dual<double, 1>;  // along the direction
        const auto along = [](double value, double slope) {
            D moving(value);
            moving.d[0] = slope;
            return moving;
        };
        f_xv.setZero();
        at<D>(
            x, p, [&](double value, Eigen::Index j) { return along(value, v[j]); },
            [&](double value, Eigen::Index j) { return along(value, p_dot[j]); })
            .linearize([](std::size_t, const D&) {},
                       [&](std::size_t i, std::size_t j, const D& value) {
                           f_xv(index(i), index(j)) += value.d[0];
                       });
        using D2 = Dual<D, 1>;
        for (std::size_t k = 0; k < free.size(); ++k) {
            const auto moved = at<D2>(
                x, p, [&](double value, Eigen::Index j) { return D2(along(value, v[j])); },
                [&](double value, Eigen::Index j) {
                    const D moving = along(value, p_dot[j]);
                    return j == index(free[k]) ? D2::variable(moving, 0) : D2(moving);
                });
            for (std::size_t i = 0; i < states_.size(); ++i)
                f_pv(index(i), index(k)) = moved.difference(i).d[0].d[0];
        }
    }

    [[nodiscard]] int taylor_order() const override { return highest_order; }
    void taylor(ConstMatrixRef x, ConstMatrixRef p, MatrixRef f) const override {
        using Series = Taylor<double, highest_order>;
        const auto series = [](ConstMatrixRef rows) {
            return [&rows](double, Eigen::Index j) {
                Series value;
                for (Eigen::Index k = 0; k < rows.cols(); ++k)
                    value.c[static_cast<std::size_t>(k)] = rows(j, k);
                return value;
            };
        };
        const auto here = at<Series>(x.col(0), p.col(0), series(x), series(p));
        for (std::size_t i = 0; i < states_.size(); ++i) {
            const Series value = here.difference(i);
            for (Eigen::Index k = 0; k < f.cols(); ++k)
                f(index(i), k) = value.c[static_cast<std::size_t>(k)];
        }
    }

private:
    static constexpr int highest_order = 5;
    static constexpr double first_rate_hz = 1.0;

    static double plain(double value, Eigen::Index) { return value; }

    /// The field on a scalar type: `state` and `parameter` turn a number and its place into one.
    template <class T>
    FieldAt<T> at(ConstVectorRef x, ConstVectorRef p, auto&& state, auto&& parameter) const {
        NetworkValues<T> values;
        values.populations.resize(network_.populations.size());
        values.source_rates.resize(network_.sources.size());
        values.projections.resize(network_.projections.size());
        values.drives.resize(network_.drives.size());
        Eigen::Index place = 0;
        visit_parameters(values, [&](T& value, auto&&...) {
            value = parameter(p[place], place);
            ++place;
        });
        std::vector<T> rates;
        for (Eigen::Index i = 0; i < x.size(); ++i) rates.push_back(state(x[i], i));
        return FieldAt<T>(network_, std::move(values), std::move(rates), theory_);
    }

    const LifNetwork network_;
    const SynapseTheory theory_;
    const ParameterTable parameters_;
    std::deque<std::string> state_names_;
    std::vector<Quantity> states_;
};

void validate_names(const auto& list, const std::string& what) {
    std::map<std::string, int> seen;
    for (const auto& item : list) {
        require(!item.name.empty(), "a " + what + " has no name");
        require(++seen[item.name] == 1, "two " + what + "s are called \"" + item.name + "\"");
    }
}

void validate_ends(const LifNetwork& network, const std::vector<LifProjection>& projections,
                   std::size_t sources, const std::string& what) {
    for (std::size_t k = 0; k < projections.size(); ++k) {
        projections[k].delay.validate();
        const auto require_below = [&](std::size_t end, std::size_t count, std::string_view verb,
                                       std::string_view of) {
            if (end < count) return;
            std::ostringstream text;
            text << what << " " << k << " " << verb << " number " << end << " of " << count << " "
                 << of;
            throw UsageError(text.str());
        };
        require_below(projections[k].source, sources, "comes from",
                      what == "drive" ? "sources" : "populations");
        require_below(projections[k].target, network.populations.size(), "goes to", "populations");
    }
}

}  // namespace

NetworkValues<double> values_of(const LifNetwork& network) {
    NetworkValues<double> values;
    for (const LifPopulation& population : network.populations)
        values.populations.push_back(
            {population.neuron, population.input_mV, population.spread_mV, population.efficacy});
    for (const LifSource& source : network.sources) values.source_rates.push_back(source.rate_hz);
    const auto numbers = [](const LifProjection& projection) {
        return NetworkValues<double>::Projection{projection.indegree, projection.weight_mV,
                                                 projection.weight_sd_mV};
    };
    std::ranges::transform(network.projections, std::back_inserter(values.projections), numbers);
    std::ranges::transform(network.drives, std::back_inserter(values.drives), numbers);
    return values;
}

void LifNetwork::validate() const {
    require(!populations.empty(), "a network of LIF neurons has no population");
    validate_names(populations, "population");
    validate_names(sources, "source");
    validate_ends(*this, projections, populations.size(), "projection");
    validate_ends(*this, drives, sources.size(), "drive");
    for (const LifPopulation& population : populations) {
        population.neuron.validate();
        require(population.size >= 1.0 && std::isfinite(population.size),
                "population." + population.name + " must have at least one neuron");
    }
    NetworkValues<double> values = values_of(*this);
    visit_parameters(values,
                     [&](double value, ParameterOwner owner, std::size_t k, std::string_view key,
                         std::string_view unit, double low, double high, std::string_view) {
                         if (value >= low && value <= high) return;
                         std::ostringstream text;
                         text << owner_name(*this, owner, k) << "." << key << " = " << value << " "
                              << unit << " must be between " << low << " and " << high;
                         throw UsageError(text.str());
                     });
}

std::vector<LifInput> input_statistics(const LifNetwork& network, ConstVectorRef rates_hz) {
    require(rates_hz.size() == index(network.populations.size()),
            "input_statistics: " + std::to_string(rates_hz.size()) +
                " rates were given, there are " + std::to_string(network.populations.size()) +
                " populations");
    const std::vector<double> rates(rates_hz.begin(), rates_hz.end());
    std::vector<LifInput> found;
    for (const auto& [mean, variance] : inputs(network, values_of(network), rates))
        found.push_back({mean, variance, network.populations[found.size()].spread_mV});
    return found;
}

std::shared_ptr<const VectorField> make_mean_field(const LifNetwork& network,
                                                   SynapseTheory theory) {
    network.validate();
    return std::make_shared<MeanField>(network, theory);
}

LifNetwork with_parameters(LifNetwork network, ConstVectorRef parameters) {
    NetworkValues<double> values = values_of(network);
    Eigen::Index place = 0;
    visit_parameters(values, [&](double& value, auto&&...) {
        require(place < parameters.size(), "with_parameters: only " +
                                               std::to_string(parameters.size()) +
                                               " parameters were given");
        value = parameters[place++];
    });
    require(place == parameters.size(), "with_parameters: " + std::to_string(parameters.size()) +
                                            " parameters were given, the network has " +
                                            std::to_string(place));
    for (std::size_t i = 0; i < values.populations.size(); ++i) {
        LifPopulation& population = network.populations[i];
        static_cast<LifParameters<double>&>(population.neuron) = values.populations[i].neuron;
        population.input_mV = values.populations[i].input;
        population.spread_mV = values.populations[i].spread;
        population.efficacy = values.populations[i].efficacy;
    }
    for (std::size_t k = 0; k < values.source_rates.size(); ++k)
        network.sources[k].rate_hz = values.source_rates[k];
    const auto assign = [](std::vector<LifProjection>& projections, const auto& from) {
        for (std::size_t k = 0; k < projections.size(); ++k) {
            projections[k].indegree = from[k].indegree;
            projections[k].weight_mV = from[k].weight;
            projections[k].weight_sd_mV = from[k].weight_sd;
        }
    };
    assign(network.projections, values.projections);
    assign(network.drives, values.drives);
    return network;
}

}  // namespace cortifold
