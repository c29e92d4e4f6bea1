#include "connectome_writers.hpp"
#include "field_reader.hpp"
#include "stored_array.hpp"
#include <cortifold/core/error.hpp>

#include <pugixml.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <sstream>

namespace cortifold {

namespace {

using Eigen::Index;
using pugi::xml_node;

constexpr std::array<std::string_view, 2> owners{"node", "edge"};

/// One graph of a GraphML file (Brandes et al. 2002): nodes with data `label` (else `name`, else
/// their id), `x`, `y`, `z` and `hemisphere`, edges with `weight` and `length`. An edge is onto its
/// target from its source; an undirected one goes both ways.
class GraphmlReader {
public:
    GraphmlReader(std::string where, std::string text)
        : where_(std::move(where)), text_(std::move(text)) {
        const pugi::xml_parse_result parsed = document_.load_buffer(
            text_.data(), text_.size(), pugi::parse_default | pugi::parse_ws_pcdata_single);
        if (!parsed) fail_at(parsed.offset, std::string("not valid XML: ") + parsed.description());
        const xml_node root = document_.child("graphml");
        if (!root) fail_at(0, "expected the element graphml");
        for (const xml_node key : root.children("key")) read_key(key);
        graph_ = root.child("graph");
        if (!graph_) fail(root, "expected the element graph");
        if (const xml_node second = graph_.next_sibling("graph"))
            fail(second, "expected one graph, found a second");
    }

    std::vector<StoredArray> read() {
        for (const xml_node node : graph_.children("node")) read_node(node);
        for (const xml_node edge : graph_.children("edge")) read_edge(edge);
        if (const xml_node other = graph_.child("hyperedge"))
            fail(other, "hyperedges are not supported");
        return arrays();
    }

private:
    [[noreturn]] void fail_at(std::ptrdiff_t offset, const std::string& message) const {
        const std::string_view before = std::string_view(text_).substr(
            0, static_cast<std::size_t>(std::max(std::ptrdiff_t{0}, offset)));
        const auto line = 1 + std::ranges::count(before, '\n');
        const auto column = before.size() - (before.rfind('\n') + 1) + 1;  // npos + 1 is 0
        throw ConfigError(message, {where_, static_cast<int>(line), static_cast<int>(column)});
    }
    [[noreturn]] void fail(const xml_node& node, const std::string& message) const {
        fail_at(node.offset_debug(), message);
    }

    /// Its default, of the last key of that name, counts for its owner: node, edge, or all.
    void read_key(const xml_node& key) {
        const std::string name = key.attribute("attr.name").value();
        const std::string_view owner = key.attribute("for").as_string("all");
        names_[key.attribute("id").value()] = name;
        if (!key.child("default")) return;
        for (const std::string_view one : owners)
            if (owner == one || owner == "all")
                defaults_[{std::string(one), name}] = key.child("default").text().get();
    }

    [[nodiscard]] std::optional<std::string> datum(const xml_node& owner,
                                                   const std::string& name) const {
        for (const xml_node data : owner.children("data")) {
            const auto key = names_.find(data.attribute("key").value());
            if (key == names_.end())
                fail(data, "no key declares " + shown(data.attribute("key").value()));
            if (key->second == name) return data.text().get();
        }
        const auto found = defaults_.find({owner.name(), name});
        return found == defaults_.end() ? std::nullopt : std::optional(found->second);
    }
    [[nodiscard]] std::optional<double> number(const xml_node& owner,
                                               const std::string& name) const {
        const auto text = datum(owner, name);
        if (!text) return std::nullopt;
        const auto value = parse_number<double>(trimmed(*text));
        if (!value || !std::isfinite(*value))
            fail(owner, "expected a finite number as " + name + ", found " + shown(*text));
        return value;
    }

    void read_node(const xml_node& node) {
        const std::string id = node.attribute("id").value();
        if (node.child("graph")) fail(node, "graphs within nodes are not supported");
        if (ids_.size() == static_cast<std::size_t>(most_nodes))
            fail(node, "more than " + std::to_string(most_nodes) + " nodes");
        if (!ids_.emplace(id, static_cast<Index>(ids_.size())).second)
            fail(node, "a second node " + shown(id));
        auto label = datum(node, "label");
        if (!label) label = datum(node, "name");
        labels_.push_back(label.value_or(id));
        hemispheres_.push_back(datum(node, "hemisphere").value_or("unknown"));
        std::array<std::optional<double>, 3> position{number(node, "x"), number(node, "y"),
                                                      number(node, "z")};
        has_centres_ &= std::ranges::all_of(position, [](const auto& x) { return x.has_value(); });
        for (const auto& x : position) centres_.push_back(x.value_or(0.0));
    }

    Index node_of(const xml_node& edge, const char* end) const {
        const std::string id = edge.attribute(end).value();
        const auto found = ids_.find(id);
        if (found == ids_.end())
            fail(edge, std::string("there is no node ") + shown(id) + ", its " + end);
        return found->second;
    }

    void read_edge(const xml_node& edge) {
        const Index from = node_of(edge, "source"), onto = node_of(edge, "target");
        const auto weight = number(edge, "weight"), length = number(edge, "length");
        if (!weight) ++unweighted_;
        add(edge, onto, from, weight.value_or(1.0), length);
        if (!is_directed(edge) && onto != from) add(edge, from, onto, weight.value_or(1.0), length);
    }

    bool is_directed(const xml_node& edge) const {
        if (const auto own = edge.attribute("directed")) return own.as_bool();
        const std::string kind = graph_.attribute("edgedefault").value();
        if (kind != "directed" && kind != "undirected")
            fail(graph_, "edgedefault must be directed or undirected, is " + shown(kind));
        return kind == "directed";
    }

    void add(const xml_node& edge, Index onto, Index from, double weight,
             std::optional<double> length) {
        if (!edges_.emplace(std::pair(onto, from), std::pair(weight, length)).second)
            fail(edge, "a second edge onto " + shown(labels_[static_cast<std::size_t>(onto)]) +
                           " from " + shown(labels_[static_cast<std::size_t>(from)]));
        has_lengths_ |= length.has_value();
    }

    [[nodiscard]] std::vector<StoredArray> arrays() const {
        const auto n = static_cast<Index>(ids_.size());
        std::vector<StoredArray> result;
        const auto store = [&](const char* name, ArrayValue value) {
            result.push_back(
                {name, where_, "", {}, [value = std::move(value)](Role) { return value; }});
        };
        ArrayValue weights{weight_matrix(n)};
        if (unweighted_ > 0)
            weights.notes.push_back(std::to_string(unweighted_) +
                                    " edges without weight count as 1");
        store("weights", std::move(weights));
        store("region_labels", {Matrix(), labels_});
        store("hemispheres", {Matrix(), hemispheres_});
        if (has_centres_ && n > 0)
            store("centres", {Matrix(Matrix::Map(centres_.data(), 3, n).transpose())});
        if (has_lengths_) store("tract_lengths", {length_matrix(n)});
        return result;
    }

    [[nodiscard]] SparseMatrix weight_matrix(Index n) const {
        std::vector<Eigen::Triplet<double>> entries;
        for (const auto& [at, edge] : edges_)
            if (edge.first != 0.0)
                entries.emplace_back(static_cast<int>(at.first), static_cast<int>(at.second),
                                     edge.first);
        SparseMatrix weights(n, n);
        weights.setFromTriplets(entries.begin(), entries.end());
        return weights;
    }
    [[nodiscard]] Matrix length_matrix(Index n) const {
        const auto size = static_cast<std::uint64_t>(n);
        check_size({size, size}, sizeof(double), most_bytes, where_ + ", lengths of edges");
        Matrix lengths = Matrix::Zero(n, n);
        for (const auto& [at, edge] : edges_)
            lengths(at.first, at.second) = edge.second.value_or(0.0);
        return lengths;
    }

    std::string where_, text_;
    pugi::xml_document document_;
    xml_node graph_;
    std::map<std::string, std::string> names_;                             ///< by the id of a key
    std::map<std::pair<std::string, std::string>, std::string> defaults_;  ///< by owner and name
    std::map<std::string, Index> ids_;
    std::vector<std::string> labels_, hemispheres_;
    std::vector<double> centres_;
    bool has_centres_ = true, has_lengths_ = false;
    std::map<std::pair<Index, Index>, std::pair<double, std::optional<double>>> edges_;
    int unweighted_ = 0;
};

void add_datum(xml_node owner, const char* key, const std::string& text) {
    xml_node data = owner.append_child("data");
    data.append_attribute("key").set_value(key);
    data.text().set(text.c_str());
}

void add_number(xml_node owner, const char* key, double value) {
    std::string text;
    append_number(text, value);
    add_datum(owner, key, text);
}

void add_keys(xml_node root) {
    for (const auto& [owner, name, type] : {std::tuple{"node", "label", "string"},
                                            {"node", "hemisphere", "string"},
                                            {"node", "x", "double"},
                                            {"node", "y", "double"},
                                            {"node", "z", "double"},
                                            {"edge", "weight", "double"},
                                            {"edge", "length", "double"}}) {
        xml_node key = root.append_child("key");
        key.append_attribute("id").set_value(name);
        key.append_attribute("for").set_value(owner);
        key.append_attribute("attr.name").set_value(name);
        key.append_attribute("attr.type").set_value(type);
    }
}

std::string node_id(Index i) {
    return "n" + std::to_string(i);
}

void add_nodes(xml_node graph, const Connectome& c) {
    constexpr std::array<const char*, 3> names{"left", "right", "unknown"};
    for (Index i = 0; i < c.size(); ++i) {
        xml_node node = graph.append_child("node");
        node.append_attribute("id").set_value(node_id(i).c_str());
        if (c.regions.empty()) continue;
        const Region& region = c.regions[static_cast<std::size_t>(i)];
        add_datum(node, "label", region.label);
        add_datum(node, "hemisphere", names[static_cast<std::size_t>(region.hemisphere)]);
        if (!c.has_positions) continue;
        add_number(node, "x", region.position_mm.x());
        add_number(node, "y", region.position_mm.y());
        add_number(node, "z", region.position_mm.z());
    }
}

void add_edge(xml_node graph, Index onto, Index from, double weight, std::optional<double> length) {
    xml_node edge = graph.append_child("edge");
    edge.append_attribute("source").set_value(node_id(from).c_str());
    edge.append_attribute("target").set_value(node_id(onto).c_str());
    add_number(edge, "weight", weight);
    if (length) add_number(edge, "length", *length);
}

/// Where only a length is known, too: an edge of weight 0.
void add_edges(xml_node graph, const Connectome& c) {
    const bool has_lengths = c.lengths_mm.size() > 0;
    for (Index i = 0; i < c.size(); ++i) {
        if (has_lengths) {
            const Vector weights = c.weights.row(i).transpose();
            for (Index j = 0; j < c.size(); ++j)
                if (weights[j] != 0.0 || c.lengths_mm(i, j) != 0.0)
                    add_edge(graph, i, j, weights[j], c.lengths_mm(i, j));
            continue;
        }
        for (SparseMatrix::InnerIterator edge(c.weights, i); edge; ++edge)
            add_edge(graph, i, edge.col(), edge.value(), std::nullopt);
    }
}

}  // namespace

std::vector<StoredArray> open_graphml(const std::string& where, std::string text) {
    return GraphmlReader(where, std::move(text)).read();
}

std::string graphml_text(const Connectome& connectome) {
    pugi::xml_document document;
    xml_node root = document.append_child("graphml");
    root.append_attribute("xmlns").set_value("http://graphml.graphdrawing.org/xmlns");
    add_keys(root);
    xml_node graph = root.append_child("graph");
    graph.append_attribute("edgedefault").set_value("directed");
    add_nodes(graph, connectome);
    add_edges(graph, connectome);
    std::ostringstream text;
    document.save(text, " ");
    return text.str();
}

}  // namespace cortifold
