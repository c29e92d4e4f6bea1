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
        for (const LifTie& tie : network.ties) {
            const std::string& name = names_.emplace_back(tie.name);
            const std::string& unit = names_.emplace_back(tie.unit);
            rows_.push_back({name, unit, tie.value, tie.low, tie.high, "moves others"});
        }
        if (network.ties.empty()) add_own(network);
    }
    ParameterTable(const ParameterTable&) = delete;
    ParameterTable& operator=(const ParameterTable&) = delete;
    [[nodiscard]] std::span<const Quantity> rows() const { return rows_; }

private:
    void add_own(const LifNetwork& network) {
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

    std::deque<std::string> names_;  // whose addresses stay
    std::vector<Quantity> rows_;
};

/// The network's own parameters where those of its field are p.
template <class T>
std::vector<T> own_values(const LifNetwork& network, const Vector& own, std::vector<T> p) {
    if (network.ties.empty()) return p;
    std::vector<T> values(own.begin(), own.end());
    for (std::size_t k = 0; k < network.ties.size(); ++k) {
        const LifTie& tie = network.ties[k];
        const T distance = p[k] - tie.value;
        for (std::size_t place = 0; place < values.size(); ++place)
            if (const double slope = tie.slopes[index(place)]; slope != 0.0)
                values[place] = values[place] + slope * distance;
    }
    return values;
}

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
        if (!has_noise(i)) return T(std::numeric_limits<double>::quiet_NaN());
        return rate_hz(population_rate(inputs_[i].neuron, inputs_[i].mean, inputs_[i].variance,
                                       values_.populations[i].spread, theory_)) -
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
    const std::vector<PopulationInput<T>> inputs_;
    const SynapseTheory theory_;
};

class MeanField final : public VectorField {
public:
    MeanField(const LifNetwork& network, SynapseTheory theory)
        : network_(network),
          own_(own_parameters(network)),
          conductances_(has_conductances(network)),
          theory_(theory),
          parameters_(network) {
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
        if (conductances_) {
            rhs(x, p, f);
            by_columns<double>(x, p, plain, plain, f_x, [](double slope) { return slope; });
        } else {
            at<double>(x, p, plain, plain)
                .linearize([&](std::size_t i, double value) { f[index(i)] = value; },
                           [&](std::size_t i, std::size_t j, double value) {
                               f_x(index(i), index(j)) += value;
                           });
        }
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
        const auto state = [&](double value, Eigen::Index j) { return along(value, v[j]); };
        const auto parameter = [&](double value, Eigen::Index j) { return along(value, p_dot[j]); };
        if (conductances_)
            by_columns<D>(x, p, state, parameter, f_xv, [](const D& slope) { return slope.d[0]; });
        else
            at<D>(x, p, state, parameter)
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

    /// Derivatives by one state after another, where an input is more than a sum over sources.
    template <class T>
    void by_columns(ConstVectorRef x, ConstVectorRef p, auto&& state, auto&& parameter,
                    MatrixRef f_x, auto&& part) const {
        using D = Dual<T, 1>;
        for (Eigen::Index column = 0; column < x.size(); ++column) {
            const auto moved = at<D>(
                x, p,
                [&](double value, Eigen::Index j) {
                    const T here = state(value, j);
                    return j == column ? D::variable(here, 0) : D(here);
                },
                [&](double value, Eigen::Index j) { return D(parameter(value, j)); });
            for (std::size_t i = 0; i < states_.size(); ++i)
                f_x(index(i), column) = part(moved.difference(i).d[0]);
        }
    }

    /// The field on a scalar type: `state` and `parameter` turn a number and its place into one.
    template <class T>
    FieldAt<T> at(ConstVectorRef x, ConstVectorRef p, auto&& state, auto&& parameter) const {
        NetworkValues<T> values;
        values.populations.resize(network_.populations.size());
        values.source_rates.resize(network_.sources.size());
        values.projections.resize(network_.projections.size());
        values.drives.resize(network_.drives.size());
        std::vector<T> given;
        for (Eigen::Index k = 0; k < p.size(); ++k) given.push_back(parameter(p[k], k));
        const std::vector<T> own = own_values(network_, own_, std::move(given));
        auto next = own.begin();
        visit_parameters(values, [&](T& value, auto&&...) { value = *next++; });
        std::vector<T> rates;
        for (Eigen::Index i = 0; i < x.size(); ++i) rates.push_back(state(x[i], i));
        return FieldAt<T>(network_, std::move(values), std::move(rates), theory_);
    }

    const LifNetwork network_;
    const Vector own_;
    const bool conductances_;
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
    validate_names(ties, "tie");
    for (const LifTie& tie : ties)
        require(tie.slopes.size() == own_parameters(*this).size() && tie.slopes.allFinite(),
                "the tie \"" + tie.name + "\" must have a finite slope for each of the " +
                    std::to_string(own_parameters(*this).size()) + " parameters of the network");
    for (const LifPopulation& population : populations) {
        population.neuron.validate();
        require(population.size >= 1.0 && std::isfinite(population.size),
                "population." + population.name + " must have at least one neuron");
        if (const auto& to = population.reversals)
            require(to->excitatory_mV > to->inhibitory_mV && to->tau_ex >= 0.0 && to->tau_in >= 0.0,
                    "population." + population.name +
                        ": the excitatory reversal potential must be above the inhibitory one, and "
                        "no synaptic time constant negative");
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

bool has_conductances(const LifNetwork& network) {
    return std::ranges::any_of(network.populations, [](const LifPopulation& population) {
        return population.reversals.has_value();
    });
}

namespace {

std::vector<PopulationInput<double>> inputs_at(const LifNetwork& network, ConstVectorRef rates_hz) {
    require(rates_hz.size() == index(network.populations.size()),
            "inputs: " + std::to_string(rates_hz.size()) + " rates were given, there are " +
                std::to_string(network.populations.size()) + " populations");
    return inputs(network, values_of(network),
                  std::vector<double>(rates_hz.begin(), rates_hz.end()));
}

}  // namespace

std::vector<LifInput> input_statistics(const LifNetwork& network, ConstVectorRef rates_hz) {
    std::vector<LifInput> found;
    for (const auto& [neuron, mean, variance] : inputs_at(network, rates_hz))
        found.push_back({mean, variance, network.populations[found.size()].spread_mV});
    return found;
}

std::vector<LifNeuron> effective_neurons(const LifNetwork& network, ConstVectorRef rates_hz) {
    std::vector<LifNeuron> found;
    for (const auto& at : inputs_at(network, rates_hz)) found.push_back({at.neuron});
    return found;
}

std::shared_ptr<const VectorField> make_mean_field(const LifNetwork& network,
                                                   SynapseTheory theory) {
    network.validate();
    return std::make_shared<MeanField>(network, theory);
}

Vector own_parameters(const LifNetwork& network) {
    NetworkValues<double> values = values_of(network);
    std::vector<double> own;
    visit_parameters(values, [&](double value, auto&&...) { own.push_back(value); });
    return Eigen::Map<const Vector>(own.data(), std::ssize(own));
}

LifNetwork with_parameters(LifNetwork network, ConstVectorRef parameters) {
    const Vector own = own_parameters(network);
    const Eigen::Index known = network.ties.empty() ? own.size() : std::ssize(network.ties);
    require(known == parameters.size(), "with_parameters: " + std::to_string(parameters.size()) +
                                            " parameters were given, the network has " +
                                            std::to_string(known));
    const std::vector<double> moved =
        own_values<double>(network, own, std::vector<double>(parameters.begin(), parameters.end()));
    for (std::size_t k = 0; k < network.ties.size(); ++k)
        network.ties[k].value = parameters[index(k)];
    NetworkValues<double> values = values_of(network);
    auto next = moved.begin();
    visit_parameters(values, [&](double& value, auto&&...) { value = *next++; });
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
