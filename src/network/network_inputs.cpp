// What reaches the nodes of a network: from one another, from outside, and through events.
#include "network_field.hpp"
#include <cortifold/core/error.hpp>

#include <algorithm>
#include <numeric>

namespace cortifold {

namespace {

using StateMap = Eigen::Map<const Matrix>;

Eigen::Index length(std::span<const Quantity> table) {
    return static_cast<Eigen::Index>(table.size());
}

}  // namespace

void NetworkField::add_arrival(const Network& network, const Injection& injection,
                               Quantity parameter) {
    parameters_.push_back(named(injection.name, parameter));
    for (std::size_t k = 0; k < kinds_.size(); ++k) {
        const auto port = find_index(network.kinds[k]->inputs(), injection.input);
        if (!port) continue;
        Arrival arrival{parameters_.size() - 1, k, static_cast<Eigen::Index>(*port), {}};
        if (injection.regions.empty()) {
            arrival.rows.resize(static_cast<std::size_t>(kinds_[k].size()));
            std::iota(arrival.rows.begin(), arrival.rows.end(), Eigen::Index{0});
        }
        for (const std::size_t region : injection.regions)
            if (places_[region].kind == k) arrival.rows.push_back(places_[region].row);
        arrivals_.push_back(std::move(arrival));
    }
}

void NetworkField::add_injections(const Network& network) {
    constexpr double unlimited = EquationDefinition::unlimited;
    for (const Kind& kind : kinds_) {
        const auto port = kind.node->time_input();
        if (!port || time_) continue;
        const Quantity time = kind.node->inputs()[*port];
        time_ = parameters_.size();
        add_arrival(network, {std::string(time.name), std::string(time.name), {}}, time);
    }
    for (const Injection& injection : network.injections)
        add_arrival(network, injection,
                    {{}, "1", 0.0, -unlimited, unlimited, "enters from outside"});
}

void NetworkField::add_noises(const Network& network) {
    for (const Kind& kind : kinds_)
        for (const std::size_t port : kind.node->noise_inputs()) {
            const Quantity& noise = kind.node->inputs()[port];
            for (const Eigen::Index region : kind.regions) {
                noises_.push_back(parameters_.size());
                add_arrival(network,
                            {of_region(noise.name, region),
                             std::string(noise.name),
                             {static_cast<std::size_t>(region)}},
                            noise);
            }
        }
}

void NetworkField::add_events(const Network& network) {
    for (std::size_t k = 0; k < kinds_.size(); ++k) {
        const std::shared_ptr<const NodeEvents> own(kinds_[k].node, kinds_[k].node->events());
        add_events(own, k);
        if (!network.events.empty()) add_events(network.events[k], k);
    }
}

void NetworkField::add_events(const std::shared_ptr<const NodeEvents>& events, std::size_t kind) {
    if (events == nullptr) return;
    events_.push_back({events, kind, jumps_.size()});
    for (const Eigen::Index region : kinds_[kind].regions)
        for (std::size_t e = 0; e < events->jumps().size(); ++e) {
            const Jump& jump = events->jumps()[e];
            require(places_.size() == 1 || !events->moves_parameters(e),
                    "the event " + jump.name +
                        " moves a parameter, which the regions of a network share; let it move a "
                        "state, or simulate a single node");
            jumps_.push_back({of_region(jump.name, region), jump.crossing});
        }
}

Vector NetworkField::initial(ConstVectorRef p) const {
    Vector x(dimension_);
    for (const Place& place : places_) {
        const Vector state = kinds_[place.kind].node->initial(region_parameters(place, p));
        for (Eigen::Index a = 0; a < state.size(); ++a) x[slot(place, a)] = state[a];
    }
    return x;
}

void NetworkField::jump_values(ConstVectorRef x, ConstVectorRef p, VectorRef values) const {
    Scratch& at = scratch();
    receive(x, p, at.h, at.u);
    for (const Events& events : events_) {
        const Kind& kind = kinds_[events.kind];
        const auto n = static_cast<Eigen::Index>(events.source->jumps().size());
        for (Eigen::Index row = 0; row < kind.size(); ++row) {
            const Place place{events.kind, row};
            const Vector state = region_states(place, x), input = region_inputs(place, at.u),
                         parameters = region_parameters(place, p);
            events.source->values(
                {state, input, parameters},
                values.segment(static_cast<Eigen::Index>(events.first) + row * n, n));
        }
    }
}

Flow NetworkField::jump(std::size_t which, VectorRef x, VectorRef p) const {
    Scratch& at = scratch();
    receive(x, p, at.h, at.u);
    const auto events = std::prev(std::ranges::upper_bound(events_, which, {}, &Events::first));
    const std::size_t n = events->source->jumps().size(), local = which - events->first;
    const Place place{events->kind, static_cast<Eigen::Index>(local / n)};
    const Vector state = region_states(place, x), input = region_inputs(place, at.u),
                 parameters = region_parameters(place, p);
    Vector new_state = state, new_parameters = parameters;
    const Flow flow =
        events->source->apply(local % n, {state, input, parameters}, new_state, new_parameters);
    for (Eigen::Index a = 0; a < new_state.size(); ++a) x[slot(place, a)] = new_state[a];
    if (events->source->moves_parameters(local % n))
        p.segment(kinds_[place.kind].first_parameter, new_parameters.size()) = new_parameters;
    return flow;
}

void NetworkField::auxiliary_values(ConstVectorRef x, ConstVectorRef p, VectorRef values) const {
    Scratch& at = scratch();
    receive(x, p, at.h, at.u);
    Eigen::Index first = 0;
    for (std::size_t k = 0; k < kinds_.size(); ++k) {
        const Kind& kind = kinds_[k];
        const Eigen::Index n = length(kind.node->auxiliaries());
        Eigen::Map<Matrix> own(values.data() + first, kind.size(), n);
        kind.node->auxiliary_batch(
            StateMap(x.data() + kind.first_state, kind.size(), kind.n_states()), at.u[k],
            kind_parameters(kind, p, at.parameters), own);
        first += own.size();
    }
}

void NetworkField::send(ConstVectorRef x, ConstVectorRef p, Ports& h) const {
    h.resize(kinds_.size());
    for (std::size_t k = 0; k < kinds_.size(); ++k) {
        const Kind& kind = kinds_[k];
        h[k].resize(kind.size(), length(kind.node->outputs()));
        kind.node->output_batch(StateMap(x.data() + kind.first_state, kind.size(), kind.n_states()),
                                kind_parameters(kind, p, scratch().parameters), h[k]);
    }
}

void NetworkField::clear_inputs(Ports& u) const {
    u.resize(kinds_.size());
    for (std::size_t k = 0; k < kinds_.size(); ++k)
        u[k].setZero(kinds_[k].size(), length(kinds_[k].node->inputs()));
}

void NetworkField::clear_outputs(Ports& h) const {
    h.resize(kinds_.size());
    for (std::size_t k = 0; k < kinds_.size(); ++k)
        h[k].setZero(kinds_[k].size(), length(kinds_[k].node->outputs()));
}

void NetworkField::couple(const Ports& h, ConstVectorRef strength, Ports& u) const {
    Vector &sent = scratch().sent, &received = scratch().received;
    for (std::size_t s = 0; s < signals_.size(); ++s) {
        const Signal& signal = signals_[s];
        sent.setZero(static_cast<Eigen::Index>(places_.size()));
        received.resize(sent.size());
        for (std::size_t k = 0; k < kinds_.size(); ++k)
            if (signal.column[k] >= 0) sent(kinds_[k].regions) = h[k].col(signal.column[k]);
        products_[signal.connectome].apply(sent, received);
        for (const Target& target : targets_) {
            if (target.signal != s) continue;
            const auto& regions = kinds_[target.kind].regions;
            auto input = u[target.kind].col(target.input);
            const double factor = strength[static_cast<Eigen::Index>(target.link)];
            input += factor * received(regions);
            if (target.coupling == CouplingKind::diffusive)
                input -= factor * signal.row_sums(regions).cwiseProduct(
                                      h[target.kind].col(signal.column[target.kind]));
        }
    }
}

void NetworkField::inject(ConstVectorRef p, Ports& u) const {
    for (const Arrival& arrival : arrivals_)
        u[arrival.kind].col(arrival.input)(arrival.rows).array() +=
            p[static_cast<Eigen::Index>(arrival.parameter)];
}

void NetworkField::inject_one(std::size_t parameter, Ports& u) const {
    for (const Arrival& arrival : arrivals_)
        if (arrival.parameter == parameter)
            u[arrival.kind].col(arrival.input)(arrival.rows).array() += 1.0;
}

void NetworkField::receive(ConstVectorRef x, ConstVectorRef p, Ports& h, Ports& u) const {
    clear_inputs(u);
    inject(p, u);
    if (n_links_ == 0) return;
    const Strengths c = strengths(p);
    send(x, p, h);
    couple(h, c.s * c.g, u);
}

}  // namespace cortifold
