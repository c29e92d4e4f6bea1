#include "network_field.hpp"

#include "woodbury.hpp"

#include <algorithm>
#include <cmath>

namespace cortifold {

namespace {

using StateMap = Eigen::Map<const Matrix>;

}  // namespace

NetworkField::Scratch& NetworkField::scratch() {
    static thread_local Scratch scratch;
    return scratch;
}

NetworkField::NetworkField(const Network& network, const Context& context) {
    validate_network(network);
    for (const Connectome& connectome : network.connectomes)
        products_.emplace_back(connectome.weights, context.threads);
    add_kinds(network);
    add_links(network);
    add_tables(network);
    add_injections(network);
    add_noises(network);
    add_events(network);
}

void NetworkField::add_kinds(const Network& network) {
    const auto n = static_cast<std::size_t>(network.size());
    kinds_.resize(network.kinds.size());
    places_.resize(n);
    for (std::size_t region = 0; region < n; ++region) {
        const std::size_t kind = network.kind_of.empty() ? 0 : network.kind_of[region];
        places_[region] = {kind, kinds_[kind].size()};
        kinds_[kind].regions.push_back(static_cast<Eigen::Index>(region));
    }
    Eigen::Index parameter = 0;
    for (std::size_t k = 0; k < kinds_.size(); ++k) {
        Kind& kind = kinds_[k];
        kind.node = network.kinds[k];
        kind.first_state = dimension_;
        kind.first_parameter = parameter;
        if (!network.overrides.empty() && network.overrides[k].array().isFinite().any())
            kind.overrides = network.overrides[k];
        dimension_ += kind.n_states() * kind.size();
        parameter += kind.n_parameters();
    }
    strength_ = static_cast<std::size_t>(parameter);
}

std::size_t NetworkField::signal_for(const Network& network, const Link& link) {
    Signal signal{link.connectome, std::vector<Eigen::Index>(kinds_.size(), -1),
                  Vector::Zero(network.size())};
    for (std::size_t k = 0; k < kinds_.size(); ++k) {
        if (link.from_kind && *link.from_kind != k) continue;
        if (const auto port = find_index(kinds_[k].node->outputs(), link.output))
            signal.column[k] = static_cast<Eigen::Index>(*port);
    }
    const auto same = std::ranges::find_if(signals_, [&](const Signal& other) {
        return other.connectome == signal.connectome && other.column == signal.column;
    });
    if (same != signals_.end()) return static_cast<std::size_t>(same - signals_.begin());
    const SparseMatrix& weights = products_[link.connectome].sparse();
    for (Eigen::Index i = 0; i < weights.rows(); ++i)
        for (SparseMatrix::InnerIterator entry(weights, i); entry; ++entry)
            if (signal.column[places_[static_cast<std::size_t>(entry.col())].kind] >= 0)
                signal.row_sums[i] += entry.value();
    signals_.push_back(std::move(signal));
    return signals_.size() - 1;
}

void NetworkField::add_links(const Network& network) {
    n_links_ = network.links.size();
    for (std::size_t l = 0; l < n_links_; ++l) {
        const Link& link = network.links[l];
        const std::size_t signal = signal_for(network, link);
        for (std::size_t k = 0; k < kinds_.size(); ++k) {
            if (link.to_kind && *link.to_kind != k) continue;
            const auto port = find_index(kinds_[k].node->inputs(), link.input);
            if (!port) continue;
            Target to{signal, l, k, static_cast<Eigen::Index>(*port), link.kind};
            if (places_.size() == 1) {
                to.column = signals_[signal].column[k];
                if (to.column < 0) continue;
                to.own_weight = products_[link.connectome].sparse().coeff(0, 0);
                if (link.kind == CouplingKind::diffusive)
                    to.own_weight -= signals_[signal].row_sums[0];
            }
            targets_.push_back(to);
        }
    }
}

std::string NetworkField::name_of_gain(const Network& network, std::size_t link) const {
    const auto base = [&](std::size_t l) {
        return "coupling.gain." + network.links[l].output + "." + network.links[l].input;
    };
    std::size_t repeats = 0;
    for (std::size_t l = 0; l < link; ++l) repeats += base(l) == base(link) ? 1U : 0U;
    return repeats == 0 ? base(link) : base(link) + "." + std::to_string(repeats + 1);
}

Quantity NetworkField::named(std::string name, Quantity quantity) {
    quantity.name = names_.emplace_back(std::move(name));
    return quantity;
}

std::string NetworkField::of_region(std::string_view name, Eigen::Index region) const {
    const std::string of = places_.size() > 1 ? "[" + std::to_string(region) + "]" : "";
    return std::string(name) + of;
}

void NetworkField::add_tables(const Network& network) {
    for (const Kind& kind : kinds_) {
        for (const Quantity& state : kind.node->states())
            for (const Eigen::Index region : kind.regions)
                states_.push_back(named(of_region(state.name, region), state));
        for (const Quantity& auxiliary : kind.node->auxiliaries())
            for (const Eigen::Index region : kind.regions)
                auxiliaries_.push_back(named(of_region(auxiliary.name, region), auxiliary));
        const std::string prefix = kinds_.size() > 1 ? std::string(kind.node->name()) + "." : "";
        for (const Quantity& parameter : kind.node->parameters())
            parameters_.push_back(named(prefix + std::string(parameter.name), parameter));
    }
    if (n_links_ == 0) return;
    parameters_.push_back({"coupling.strength", "1", network.strength, -1e6, 1e6,
                           "factor of all links of the network"});
    for (std::size_t l = 0; l < n_links_; ++l)
        parameters_.push_back(
            named(name_of_gain(network, l),
                  {{}, "1", network.links[l].gain, -1e6, 1e6, "factor of this link"}));
}

Eigen::Index NetworkField::slot(const Place& place, Eigen::Index variable) const {
    const Kind& kind = kinds_[place.kind];
    return kind.first_state + variable * kind.size() + place.row;
}

StateMap NetworkField::kind_parameters(const Kind& kind, ConstVectorRef p, Matrix& own) {
    const StateMap shared(p.data() + kind.first_parameter, 1, kind.n_parameters());
    if (kind.overrides.size() == 0) return shared;
    own =
        kind.overrides.array().isFinite().select(kind.overrides, shared.replicate(kind.size(), 1));
    return {own.data(), own.rows(), own.cols()};
}

Vector NetworkField::region_parameters(const Place& place, ConstVectorRef p) const {
    const Kind& kind = kinds_[place.kind];
    const auto shared = p.segment(kind.first_parameter, kind.n_parameters());
    if (kind.overrides.size() == 0) return shared;
    const Vector own = kind.overrides.row(place.row);
    return own.array().isFinite().select(own, shared);
}

Vector NetworkField::region_direction(const Place& place, ConstVectorRef p_dot) const {
    const Kind& kind = kinds_[place.kind];
    const auto shared = p_dot.segment(kind.first_parameter, kind.n_parameters());
    if (kind.overrides.size() == 0) return shared;
    return kind.overrides.row(place.row).transpose().array().isFinite().select(0.0, shared);
}

Vector NetworkField::region_states(const Place& place, ConstVectorRef x) const {
    const Kind& kind = kinds_[place.kind];
    return StateMap(x.data() + kind.first_state, kind.size(), kind.n_states()).row(place.row);
}

Vector NetworkField::region_inputs(const Place& place, const Ports& u) const {
    return u[place.kind].row(place.row);
}

NetworkField::Strengths NetworkField::strengths(ConstVectorRef p) const {
    if (n_links_ == 0) return {0.0, Vector(0)};
    const auto first = static_cast<Eigen::Index>(strength_);
    return {p[first], p.segment(first + 1, static_cast<Eigen::Index>(n_links_))};
}

Vector NetworkField::strength_by_parameter(std::size_t parameter, const Strengths& at) const {
    if (parameter == strength_) return at.g;
    Vector rates = Vector::Zero(at.g.size());
    if (parameter > strength_ && parameter <= strength_ + n_links_)
        rates[static_cast<Eigen::Index>(parameter - strength_ - 1)] = at.s;
    return rates;
}

std::optional<std::size_t> NetworkField::local_parameter(const Place& place,
                                                         std::size_t parameter) const {
    const Kind& kind = kinds_[place.kind];
    const Eigen::Index local = static_cast<Eigen::Index>(parameter) - kind.first_parameter;
    if (local < 0 || local >= kind.n_parameters()) return std::nullopt;
    if (kind.overrides.size() > 0 && std::isfinite(kind.overrides(place.row, local)))
        return std::nullopt;
    return static_cast<std::size_t>(local);
}

std::vector<std::size_t> NetworkField::local_free(const Place& place,
                                                  std::span<const std::size_t> free) const {
    std::vector<std::size_t> local;
    for (const std::size_t parameter : free)
        if (const auto found = local_parameter(place, parameter)) local.push_back(*found);
    return local;
}

void NetworkField::rhs(ConstVectorRef x, ConstVectorRef p, VectorRef dx) const {
    Scratch& at = scratch();
    receive(x, p, at.h, at.u);
    for (std::size_t k = 0; k < kinds_.size(); ++k) {
        const Kind& kind = kinds_[k];
        Eigen::Map<Matrix> f(dx.data() + kind.first_state, kind.size(), kind.n_states());
        kind.node->rhs_batch(StateMap(x.data() + kind.first_state, kind.size(), kind.n_states()),
                             at.u[k], kind_parameters(kind, p, at.parameters), f);
    }
}

void NetworkField::linearize_nodes(ConstVectorRef x, ConstVectorRef p,
                                   std::span<const std::size_t> free, Scratch& at) const {
    receive(x, p, at.h, at.u);
    at.locals.resize(places_.size());
    for (std::size_t k = 0; k < kinds_.size(); ++k) {
        const Kind& kind = kinds_[k];
        // A column a region.
        const Matrix states =
            StateMap(x.data() + kind.first_state, kind.size(), kind.n_states()).transpose();
        const Matrix inputs = at.u[k].transpose(),
                     parameters = kind_parameters(kind, p, at.parameters).transpose();
        for (Eigen::Index row = 0; row < kind.size(); ++row)
            kind.node->linearize(
                {states.col(row), inputs.col(row), parameters.col(row % parameters.cols())},
                local_free({k, row}, free),
                at.locals[static_cast<std::size_t>(kind.regions[static_cast<std::size_t>(row)])]);
    }
}

void NetworkField::add_blocks(const Locals& locals, MatrixRef f_x) const {
    for (std::size_t region = 0; region < places_.size(); ++region)
        for (Eigen::Index b = 0; b < locals[region].f_x.cols(); ++b)
            for (Eigen::Index a = 0; a < locals[region].f_x.rows(); ++a)
                f_x(slot(places_[region], a), slot(places_[region], b)) += locals[region].f_x(a, b);
}

SparseMatrix NetworkField::sent_by_states(const Signal& signal, const Locals& h_x) const {
    SparseMatrix sent(static_cast<Eigen::Index>(places_.size()), dimension_);
    sent.reserve(dimension_);
    for (std::size_t region = 0; region < places_.size(); ++region) {
        sent.startVec(static_cast<Eigen::Index>(region));
        const Place& place = places_[region];
        const Eigen::Index port = signal.column[place.kind];
        for (Eigen::Index b = 0; port >= 0 && b < h_x[region].h_x.cols(); ++b)
            if (const double slope = h_x[region].h_x(port, b); slope != 0.0)
                sent.insertBack(static_cast<Eigen::Index>(region), slot(place, b)) = slope;
    }
    sent.finalize();
    return sent;
}

void NetworkField::add_coupling(ConstVectorRef strength, const Locals& f_u, const Locals& h_x,
                                MatrixRef f_x) const {
    for (const Target& target : targets_) {
        const Signal& signal = signals_[target.signal];
        const auto add = [&](Eigen::Index row, Eigen::Index from, double factor) {
            const auto sender = static_cast<std::size_t>(from);
            const Place& place = places_[sender];
            const Eigen::Index port = signal.column[place.kind];
            for (Eigen::Index b = 0; port >= 0 && b < h_x[sender].h_x.cols(); ++b)
                if (const double slope = h_x[sender].h_x(port, b); slope != 0.0)
                    f_x(row, slot(place, b)) += factor * slope;
        };
        for (const Eigen::Index i : kinds_[target.kind].regions) {
            const auto region = static_cast<std::size_t>(i);
            for (Eigen::Index a = 0; a < f_u[region].f_u.rows(); ++a) {
                const double factor = strength[static_cast<Eigen::Index>(target.link)] *
                                      f_u[region].f_u(a, target.input);
                if (factor == 0.0) continue;
                const Eigen::Index row = slot(places_[region], a);
                for (SparseMatrix::InnerIterator w(products_[signal.connectome].sparse(), i); w;
                     ++w)
                    add(row, w.col(), factor * w.value());
                if (target.coupling == CouplingKind::diffusive)
                    add(row, i, -factor * signal.row_sums[i]);
            }
        }
    }
}

void NetworkField::outputs_by_parameter(std::size_t parameter, std::span<const std::size_t> free,
                                        const Locals& locals, Ports& h) const {
    clear_outputs(h);
    for (std::size_t region = 0; region < places_.size(); ++region) {
        const auto local = local_parameter(places_[region], parameter);
        if (!local) continue;
        const auto own = local_free(places_[region], free);
        const auto column = std::ranges::find(own, *local) - own.begin();
        h[places_[region].kind].row(places_[region].row) = locals[region].h_p.col(column);
    }
}

void NetworkField::linearize(ConstVectorRef x, ConstVectorRef p, std::span<const std::size_t> free,
                             VectorRef f, MatrixRef f_x, MatrixRef f_p) const {
    if (places_.size() == 1) return linearize_one(x, p, free, f, f_x, f_p);
    Scratch& at = scratch();
    const Strengths c = strengths(p);
    linearize_nodes(x, p, free, at);
    f_x.setZero();
    add_blocks(at.locals, f_x);
    add_coupling(c.s * c.g, at.locals, at.locals, f_x);
    collect_rates(free, c, at, f, f_p);
}

void NetworkField::collect_rates(std::span<const std::size_t> free, const Strengths& c, Scratch& at,
                                 VectorRef f, MatrixRef f_p) const {
    for (std::size_t region = 0; region < places_.size(); ++region)
        for (Eigen::Index a = 0; a < at.locals[region].f.size(); ++a)
            f[slot(places_[region], a)] = at.locals[region].f[a];

    f_p.setZero();
    for (std::size_t j = 0; j < free.size(); ++j) {
        outputs_by_parameter(free[j], free, at.locals, at.h_p);
        clear_inputs(at.u_p);
        couple(at.h, strength_by_parameter(free[j], c), at.u_p);
        couple(at.h_p, c.s * c.g, at.u_p);
        inject_one(free[j], at.u_p);
        add_direct(free, j, at.locals, f_p);
        add_through_inputs(at.locals, at.u_p, f_p.col(static_cast<Eigen::Index>(j)));
    }
}

void NetworkField::add_direct(std::span<const std::size_t> free, std::size_t j,
                              const Locals& locals, MatrixRef f_p) const {
    for (std::size_t region = 0; region < places_.size(); ++region) {
        const auto local = local_parameter(places_[region], free[j]);
        if (!local) continue;
        const auto own = local_free(places_[region], free);
        const auto column = std::ranges::find(own, *local) - own.begin();
        for (Eigen::Index a = 0; a < locals[region].f_p.rows(); ++a)
            f_p(slot(places_[region], a), static_cast<Eigen::Index>(j)) +=
                locals[region].f_p(a, column);
    }
}

void NetworkField::add_through_inputs(const Locals& locals, const Ports& u, VectorRef dx) const {
    for (std::size_t region = 0; region < places_.size(); ++region) {
        const Vector change = locals[region].f_u * region_inputs(places_[region], u);
        for (Eigen::Index a = 0; a < change.size(); ++a) dx[slot(places_[region], a)] += change[a];
    }
}

void NetworkField::jacobian_times(ConstVectorRef x, ConstVectorRef p, ConstMatrixRef V,
                                  MatrixRef JV) const {
    Scratch& at = scratch();
    const Strengths c = strengths(p);
    linearize_nodes(x, p, {}, at);
    clear_outputs(at.h_p);
    for (Eigen::Index column = 0; column < V.cols(); ++column) {
        for (std::size_t region = 0; region < places_.size(); ++region) {
            const Place& place = places_[region];
            const Vector v = region_states(place, V.col(column)),
                         change = at.locals[region].f_x * v;
            at.h_p[place.kind].row(place.row) = at.locals[region].h_x * v;
            for (Eigen::Index a = 0; a < change.size(); ++a) JV(slot(place, a), column) = change[a];
        }
        clear_inputs(at.u_p);
        couple(at.h_p, c.s * c.g, at.u_p);
        add_through_inputs(at.locals, at.u_p, JV.col(column));
    }
}

NetworkField::Structure NetworkField::structure(ConstVectorRef x, ConstVectorRef p) const {
    Scratch& at = scratch();
    const Strengths c = strengths(p);
    linearize_nodes(x, p, {}, at);
    Structure result;
    const auto n_signals = static_cast<Eigen::Index>(signals_.size());
    for (std::size_t region = 0; region < places_.size(); ++region) {
        const Place& place = places_[region];
        const Linearization& local = at.locals[region];
        const Eigen::Index m = local.f.size();
        Matrix D = local.f_x, B = Matrix::Zero(m, n_signals), E = Matrix::Zero(n_signals, m);
        for (Eigen::Index s = 0; s < n_signals; ++s) {
            const Eigen::Index port = signals_[static_cast<std::size_t>(s)].column[place.kind];
            if (port >= 0) E.row(s) = local.h_x.row(port);
        }
        for (const Target& target : targets_) {
            if (target.kind != place.kind) continue;
            const auto signal = static_cast<Eigen::Index>(target.signal);
            const double strength = c.s * c.g[static_cast<Eigen::Index>(target.link)];
            B.col(signal) += strength * local.f_u.col(target.input);
            if (target.coupling == CouplingKind::diffusive)
                D -= signals_[target.signal].row_sums[static_cast<Eigen::Index>(region)] *
                     strength * local.f_u.col(target.input) * E.row(signal);
        }
        for (Eigen::Index a = 0; a < m; ++a) result.states.push_back(slot(place, a));
        result.D.push_back(std::move(D));
        result.B.push_back(std::move(B));
        result.E.push_back(std::move(E));
    }
    result.K = coupling();
    return result;
}

Matrix NetworkField::coupling() const {
    const auto n = static_cast<Eigen::Index>(places_.size()),
               m = static_cast<Eigen::Index>(signals_.size());
    Matrix K = Matrix::Zero(n * m, n * m);
    for (Eigen::Index s = 0; s < m; ++s) {
        const Signal& signal = signals_[static_cast<std::size_t>(s)];
        for (Eigen::Index i = 0; i < n; ++i)
            for (SparseMatrix::InnerIterator w(products_[signal.connectome].sparse(), i); w; ++w)
                K(i * m + s, w.col() * m + s) = w.value();
    }
    return K;
}

bool NetworkField::has_structured_solver() const {
    // Measured in tests/benchmarks: below these sizes dense LU is as fast.
    constexpr Eigen::Index smallest_dimension = 100, states_a_signal = 2;
    const auto coupled = static_cast<Eigen::Index>(signals_.size() * places_.size());
    return dimension_ >= smallest_dimension && coupled * states_a_signal <= dimension_;
}

std::unique_ptr<LinearSolver<double>> NetworkField::factorize(ConstVectorRef x, ConstVectorRef p,
                                                              double shift) const {
    if (has_structured_solver())
        if (auto solver = factorize_woodbury<double>(structure(x, p), shift)) return solver;
    return VectorField::factorize(x, p, shift);
}

std::unique_ptr<LinearSolver<std::complex<double>>> NetworkField::factorize_complex(
    ConstVectorRef x, ConstVectorRef p, std::complex<double> shift) const {
    if (has_structured_solver())
        if (auto solver = factorize_woodbury<std::complex<double>>(structure(x, p), shift))
            return solver;
    return VectorField::factorize_complex(x, p, shift);
}

}  // namespace cortifold
