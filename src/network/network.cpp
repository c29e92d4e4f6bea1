#include "network_field.hpp"
#include <cortifold/core/error.hpp>

#include <algorithm>
#include <cmath>

namespace cortifold {

namespace {

std::string kind_name(const Network& network, std::size_t kind) {
    return "\"" + std::string(network.kinds[kind]->name()) + "\"";
}

void validate_sizes(const Network& network) {
    require(!network.kinds.empty(), "a network needs at least one kind of node");
    for (const auto& kind : network.kinds) {
        require(kind != nullptr, "a kind of node is missing");
        require(kind->time_unit() == network.kinds.front()->time_unit(),
                "all kinds of node must share one time unit: " +
                    std::string(network.kinds.front()->name()) + " has " +
                    std::string(network.kinds.front()->time_unit()) + ", " +
                    std::string(kind->name()) + " has " + std::string(kind->time_unit()));
    }
    require(network.kinds.size() == 1 || !network.kind_of.empty(),
            "with several kinds of node, kind_of says which region has which");
    for (const std::size_t kind : network.kind_of)
        require(kind < network.kinds.size(), "kind_of = " + std::to_string(kind) +
                                                 " must be below the number of kinds, " +
                                                 std::to_string(network.kinds.size()));
    for (const Connectome& connectome : network.connectomes)
        require(connectome.size() == network.size() && connectome.weights.cols() == network.size(),
                "connectome " + connectome.source + " has " + std::to_string(connectome.size()) +
                    " regions, the network " + std::to_string(network.size()));
    require(network.overrides.empty() || network.overrides.size() == network.kinds.size(),
            "overrides need one matrix for each of the " + std::to_string(network.kinds.size()) +
                " kinds");
}

void validate_overrides(const Network& network) {
    for (std::size_t k = 0; k < network.overrides.size(); ++k) {
        const auto regions =
            network.kind_of.empty() ? network.size() : std::ranges::count(network.kind_of, k);
        const auto parameters = static_cast<Eigen::Index>(network.kinds[k]->parameters().size());
        const Matrix& own = network.overrides[k];
        require(own.rows() == regions && own.cols() == parameters,
                "overrides of " + kind_name(network, k) + " are " + std::to_string(own.rows()) +
                    " x " + std::to_string(own.cols()) + ", must be regions x parameters = " +
                    std::to_string(regions) + " x " + std::to_string(parameters));
    }
}

/// The units of a port over the kinds a link may use; a kind without the port is left out.
std::vector<std::string_view> port_units(const Network& network, std::string_view port,
                                         std::optional<std::size_t> only,
                                         std::span<const Quantity> (Node::*ports)() const) {
    std::vector<std::string_view> units;
    for (std::size_t k = 0; k < network.kinds.size(); ++k) {
        const auto table = ((*network.kinds[k]).*ports)();
        if (only && *only != k) continue;
        if (const auto index = find_index(table, port)) units.push_back(table[*index].unit);
    }
    return units;
}

void validate_link(const Network& network, const Link& link) {
    const std::string name = "link from " + link.output + " to " + link.input;
    require(link.connectome < network.connectomes.size(),
            name + " uses connectome " + std::to_string(link.connectome) + " of " +
                std::to_string(network.connectomes.size()));
    require(std::isfinite(link.gain), name + " needs a finite gain");
    const auto sent = port_units(network, link.output, link.from_kind, &Node::outputs);
    const auto received = port_units(network, link.input, link.to_kind, &Node::inputs);
    require(!sent.empty(),
            name + ": " +
                unknown_name("output", link.output, names_of(network.kinds.front()->outputs())));
    require(
        !received.empty(),
        name + ": " + unknown_name("input", link.input, names_of(network.kinds.front()->inputs())));
    for (const auto from : sent)
        for (const auto to : received)
            require(from == to, name + " joins different units: " + std::string(from) + " and " +
                                    std::string(to));
    if (link.kind == CouplingKind::additive) return;
    for (std::size_t k = 0; k < network.kinds.size(); ++k) {
        if ((link.to_kind && *link.to_kind != k) ||
            !find_index(network.kinds[k]->inputs(), link.input))
            continue;
        require(find_index(network.kinds[k]->outputs(), link.output).has_value() &&
                    (!link.from_kind || *link.from_kind == k),
                name + " is diffusive: the receiving kind " + kind_name(network, k) +
                    " must send " + link.output + " itself");
    }
}

void validate_injection(const Network& network, const Injection& injection) {
    const auto received = port_units(network, injection.input, {}, &Node::inputs);
    require(!received.empty(),
            "injection " + injection.name + ": " +
                unknown_name("input", injection.input, names_of(network.kinds.front()->inputs())));
    for (const std::size_t region : injection.regions)
        require(region < static_cast<std::size_t>(network.size()),
                "injection " + injection.name + " enters region " + std::to_string(region) +
                    " of " + std::to_string(network.size()) + ", counted from 0");
}

void validate_events(const Network& network) {
    require(
        network.events.empty() || network.events.size() == network.kinds.size(),
        "events need an entry for each of the " + std::to_string(network.kinds.size()) + " kinds");
}

double common_row_sum(const Network& network) {
    if (network.connectomes.empty()) return 1.0;
    return (network.connectomes[network.links.front().connectome].weights *
            Vector::Ones(network.size()))
        .mean();
}

}  // namespace

std::string_view to_string(CouplingKind kind) {
    return kind == CouplingKind::additive ? "additive" : "diffusive";
}

Eigen::Index Network::size() const {
    if (!kind_of.empty()) return static_cast<Eigen::Index>(kind_of.size());
    return connectomes.empty() ? 1 : connectomes.front().size();
}

std::vector<Link> default_links(const Node& node, CouplingKind kind) {
    if (node.outputs().size() != 1)
        throw UsageError("model " + std::string(node.name()) + " has " +
                         std::to_string(node.outputs().size()) +
                         " outputs: name the links of the network");
    std::vector<Link> links;
    const auto is_noise = [&](std::size_t port) {
        const auto noises = node.noise_inputs();
        return std::ranges::find(noises, port) != noises.end();
    };
    for (std::size_t port = 0; port < node.inputs().size(); ++port) {
        const Quantity& input = node.inputs()[port];
        if (input.unit == node.outputs()[0].unit && node.time_input() != port && !is_noise(port))
            links.push_back({.output = std::string(node.outputs()[0].name),
                             .input = std::string(input.name),
                             .kind = kind,
                             .from_kind = {},
                             .to_kind = {}});
    }
    return links;
}

void validate_network(const Network& network) {
    validate_sizes(network);
    validate_overrides(network);
    require(std::isfinite(network.strength), "coupling.strength must be finite");
    for (const Link& link : network.links) validate_link(network, link);
    for (const Injection& injection : network.injections) validate_injection(network, injection);
    validate_events(network);
}

std::shared_ptr<const VectorField> make_field(const Network& network, const Context& context) {
    return std::make_shared<NetworkField>(network, context);
}

std::optional<std::string> obstacle_to_homogeneity(const Network& network) {
    if (network.kinds.size() != 1)
        return "the regions are of " + std::to_string(network.kinds.size()) + " kinds";
    if (!network.overrides.empty() && network.overrides.front().array().isFinite().any())
        return "some parameters differ between regions";
    for (const Injection& injection : network.injections)
        if (!injection.regions.empty())
            return "the input " + injection.name + " differs between regions";
    for (const Link& link : network.links) {
        if (link.connectome != network.links.front().connectome)
            return "the links use several connectomes";
        if (link.kind != network.links.front().kind)
            return "the links are partly additive, partly diffusive";
    }
    if (network.links.empty() || network.connectomes.empty() ||
        network.links.front().kind == CouplingKind::diffusive)
        return {};
    constexpr double tolerance = 1e-9;  // relative; dividing by row sums leaves them at rounding
    const Vector sums = network.connectomes[network.links.front().connectome].weights *
                        Vector::Ones(network.size());
    if (sums.maxCoeff() - sums.minCoeff() <= tolerance * sums.cwiseAbs().maxCoeff()) return {};
    return "the row sums of the weights differ (" + std::to_string(sums.minCoeff()) + " to " +
           std::to_string(sums.maxCoeff()) + ") under additive coupling";
}

std::shared_ptr<const HomogeneousField> make_homogeneous_field(const Network& network) {
    if (const auto obstacle = obstacle_to_homogeneity(network))
        throw UsageError("there is no homogeneous state: " + *obstacle +
                         "; normalize by rows, or couple diffusively, or, of a step that has it, "
                         "ask for manifold = \"full\"");
    Network node = network;
    node.kind_of.clear();
    node.overrides.clear();
    node.connectomes.clear();
    if (!node.links.empty()) {
        // Seen by a homogeneous state, the network is one region that is its own neighbour;
        // diffusive coupling vanishes on it.
        const bool additive = node.links.front().kind == CouplingKind::additive;
        Connectome self;
        self.weights.resize(1, 1);
        if (additive) self.weights.insert(0, 0) = common_row_sum(network);
        node.connectomes.push_back(std::move(self));
        for (Link& link : node.links) link.connectome = 0;
    }
    return std::make_shared<NetworkField>(node, Context{});
}

Matrix coupling_matrix(const Network& network) {
    require(!network.links.empty() && !network.connectomes.empty(),
            "a coupling matrix needs a connectome and links");
    const Link& link = network.links.front();
    Matrix weights = network.connectomes[link.connectome].weights;
    if (link.kind == CouplingKind::diffusive) weights.diagonal() -= weights.rowwise().sum();
    return weights;
}

}  // namespace cortifold
