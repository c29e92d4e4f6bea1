#include <cortifold/continuation/cycle_profile.hpp>
#include <cortifold/io/auto_files.hpp>
#include <cortifold/io/branch_entries.hpp>
#include <cortifold/io/table.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numbers>
#include <optional>

namespace cortifold {

namespace {

constexpr std::size_t most_states = 6;  // of a b. file, as AUTO has it
constexpr std::size_t period_slot = 10, numbers_in_line = 7;
constexpr std::size_t number_width = 25;

// AUTO's types of points (manual, section "Types of solutions").
constexpr int branch_end = 9, failed_end = -9, regular = 4, user_zero = -4;

template <class... Values>
std::string formatted(const char* format, Values... values) {
    const int length = std::snprintf(nullptr, 0, format, values...);
    std::string text(static_cast<std::size_t>(length) + 1, '\0');
    std::snprintf(text.data(), text.size(), format, values...);
    text.pop_back();
    return text;
}

/// 17 digits with three of the exponent, which Fortran writes and C does not.
std::string number(double value) {
    std::string text = formatted("%.16E", value);
    const auto exponent = text.find('E') + 2;
    text.insert(exponent, 3 - std::min<std::size_t>(3, text.size() - exponent), '0');
    return std::string(number_width - text.size(), ' ') + text;
}

std::string lines(ConstVectorRef values) {
    std::string text;
    for (Eigen::Index k = 0; k < values.size(); ++k) {
        if (static_cast<std::size_t>(k) % numbers_in_line == 0) text += k == 0 ? "    " : "\n    ";
        text += number(values[k]);
    }
    return text + '\n';
}

/// The type of the curve itself, which is a tenfold added to those of its points.
int curve_type(CurveKind kind) {
    switch (kind) {
        case CurveKind::equilibrium:
        case CurveKind::cycle:
        case CurveKind::homoclinic:
        case CurveKind::transverse:
        case CurveKind::transverse_of_cycles: return 0;
        case CurveKind::branch_point: return 1;
        case CurveKind::fold: return 2;
        case CurveKind::hopf: return 3;
        case CurveKind::fold_of_cycles: return 5;
        case CurveKind::period_doubling: return 7;
        case CurveKind::torus: return 8;
    }
    return 0;
}

int point_type(PointType type) {
    switch (type) {
        case PointType::branch_point: return 1;
        case PointType::fold: return 2;
        case PointType::hopf: return 3;
        case PointType::fold_of_cycles: return 5;
        case PointType::branch_point_of_cycles: return 6;
        case PointType::period_doubling: return 7;
        case PointType::torus: return 8;
        case PointType::bogdanov_takens: return -1;
        case PointType::cusp:
        case PointType::generalized_hopf: return -2;  // of a fold curve, and of a Hopf curve
        case PointType::fold_hopf: return -3;
        case PointType::resonance_1_1: return -5;
        case PointType::resonance_1_2: return -6;
        case PointType::resonance_1_3: return -7;
        case PointType::resonance_1_4: return -8;
        case PointType::cusp_of_cycles: return -2;
        case PointType::hopf_hopf:
        case PointType::generalized_period_doubling:
        case PointType::chenciner:
        case PointType::transverse:
        case PointType::user: return user_zero;
        default: return regular;
    }
    return regular;
}

/// Where two bifurcations of cycles meet AUTO names both.
std::optional<int> double_type(CurveKind kind, PointType type) {
    switch (type) {
        case PointType::fold_flip: return kind == CurveKind::period_doubling ? 78 : 28;
        case PointType::fold_torus: return kind == CurveKind::torus ? 83 : 23;
        case PointType::flip_torus: return kind == CurveKind::torus ? 87 : 77;
        case PointType::double_torus: return 88;
        default: return std::nullopt;
    }
}

int type_on(CurveKind kind, int type) {
    return type < 0 ? type - 10 * curve_type(kind) : type + 10 * curve_type(kind);
}

/// The types of the rows of a branch; those that have one also have a label and a block in the s.
/// file.
std::vector<std::optional<int>> types_of(const Branch& branch, std::span<const BranchEntry> rows) {
    std::vector<std::optional<int>> types(rows.size());
    std::ranges::transform(rows, types.begin(), [&](const BranchEntry& row) -> std::optional<int> {
        if (row.special == nullptr) return std::nullopt;
        const PointType type = row.special->type;
        return double_type(branch.kind, type).value_or(type_on(branch.kind, point_type(type)));
    });
    types.front() = type_on(branch.kind, branch_end);
    types.back() = type_on(branch.kind, succeeded(branch.status) ? branch_end : failed_end);
    return types;
}

class AutoText {
public:
    explicit AutoText(const AutoBranches& all) : all_(all) {}

    void add(std::size_t which) {
        const Branch& branch = all_.branches[which];
        free_.clear();
        const bool cycles = is_of_cycles(branch.kind);
        for (std::size_t k = 0; k + (cycles ? 1 : 0) < branch.parameters.size(); ++k)
            free_.push_back(index_of(all_.field.parameters(), branch.parameters[k], "parameter"));
        const std::vector<BranchEntry> rows = branch_entries(branch);
        if (rows.empty()) return;
        const auto types = types_of(branch, rows);
        add_heading(branch);
        for (std::size_t k = 0; k < rows.size(); ++k) {
            const int label = types[k] ? ++labels_ : 0;
            const Code code{static_cast<int>(which) + 1, static_cast<int>(k) + 1,
                            types[k].value_or(0), label};
            add_row(branch, *rows[k].point, code);
            if (label > 0) add_solution(branch, rows[k], code, all_.parameters[which]);
        }
    }

    std::string b, s;

private:
    /// Branch, point, type and label, with which every entry of both files begins.
    using Code = std::array<int, 4>;

    static std::size_t slot(std::size_t parameter) {
        return parameter < period_slot ? parameter : parameter + 1;
    }
    static std::string heading(const std::string& text) {
        return text + std::string(number_width - std::min(number_width, text.size()), ' ');
    }
    [[nodiscard]] std::string parameter_name(std::size_t k) const {
        return "PAR(" + std::to_string(slot(free_[k]) + 1) + ")";
    }
    [[nodiscard]] std::size_t shown_states() const {
        return std::min(most_states, static_cast<std::size_t>(all_.field.dimension()));
    }

    void add_heading(const Branch& branch) {
        static constexpr const char* names[] = {"",    "BP ", "LP ", "HB ", "",
                                                "LPC", "",    "PD ", "TR "};
        const bool cycles = is_of_cycles(branch.kind);
        b += "   0\n";
        if (const int type = curve_type(branch.kind); type > 0)
            b += formatted("   0   Branch type: %2d    TY = '%s'\n", type, names[type]);
        b += "   0    PT  TY  LAB " + heading(parameter_name(0)) + heading("L2-NORM");
        for (const char* of : {cycles ? "MAX " : "", cycles ? "MIN " : nullptr})
            for (std::size_t k = 1; of != nullptr && k <= shown_states(); ++k)
                b += heading(of + ("U(" + std::to_string(k) + ")"));
        for (std::size_t k = 1; k < free_.size(); ++k) b += heading(parameter_name(k));
        if (cycles) b += heading("PERIOD");
        b += '\n';
    }

    void add_row(const Branch& branch, const BranchPoint& point, const Code& code) {
        const bool cycle = branch.kind == CurveKind::cycle;
        const bool stable =
            (cycle || branch.kind == CurveKind::equilibrium) && point.n_unstable == 0;
        b += formatted("%4d%6d%4d%5d", cycle ? -code[0] : code[0], stable ? -code[1] : code[1],
                       code[2], code[3]) +
             number(point.parameters[0]);
        if (is_of_cycles(branch.kind)) {
            b += number(CycleProfile(point, all_.field.dimension()).norm());
            add_states(point.maximum);
            add_states(point.minimum);
        } else {
            const Vector state = point.z.head(all_.field.dimension());
            b += number(state.norm());
            add_states(state);
        }
        for (std::size_t k = 1; k < free_.size(); ++k) b += number(point.parameters[k]);
        if (is_of_cycles(branch.kind)) b += number(point.period);
        b += '\n';
    }

    void add_states(const Vector& states) {
        for (std::size_t k = 0; k < shown_states(); ++k)
            b += number(states[static_cast<Eigen::Index>(k)]);
    }

    /// Of a cycle, or of the oscillation at a Hopf point; 0 elsewhere, and where it is infinite.
    static double period(const Branch& branch, const BranchEntry& row) {
        if (is_of_cycles(branch.kind)) return row.point->period;
        if (row.special) return row.special->frequency > 0.0 ? 1.0 / row.special->frequency : 0.0;
        if (branch.kind != CurveKind::hopf) return 0.0;
        const double kappa = row.point->z[row.point->z.size() - 1];  // omega^2, the last unknown
        return kappa > 0.0 ? 2.0 * std::numbers::pi / std::sqrt(kappa) : 0.0;
    }

    [[nodiscard]] Vector slots(const Branch& branch, const BranchEntry& row, Vector values) const {
        for (std::size_t k = 0; k < free_.size(); ++k)
            values[static_cast<Eigen::Index>(free_[k])] = row.point->parameters[k];
        const auto count = static_cast<std::size_t>(values.size());
        Vector all = Vector::Zero(static_cast<Eigen::Index>(std::max(period_slot, count) + 1));
        for (std::size_t k = 0; k < count; ++k)
            all[static_cast<Eigen::Index>(slot(k))] = values[static_cast<Eigen::Index>(k)];
        all[period_slot] = period(branch, row);
        return all;
    }

    void add_solution(const Branch& branch, const BranchEntry& row, const Code& code,
                      const Vector& parameters) {
        const Solution solution = solution_at(branch, row);
        std::string block;
        for (Eigen::Index k = 0; k < solution.times.size(); ++k) {
            Vector at(solution.states.rows() + 1);
            at << solution.times[k], solution.states.col(k);
            block += lines(at);
        }
        for (const std::size_t parameter : free_)
            block += formatted("%5d", static_cast<int>(slot(parameter)) + 1);
        if (is_of_cycles(branch.kind)) block += formatted("%5d", static_cast<int>(period_slot) + 1);
        const Vector all = slots(branch, row, parameters);
        block += '\n' + lines(solution.direction);
        for (const auto& state : solution.tangents.colwise()) block += lines(state);
        block += lines(all);
        // NDIM, NFPR, ISW, IPS and NTPL: a cycle in one parameter is no problem of its own to AUTO.
        const int width = static_cast<int>(solution.states.rows()),
                  free = static_cast<int>(solution.direction.size()),
                  problem = free_.size() > 1 && !is_of_cycles(branch.kind) ? 2 : 1,
                  kind = is_of_cycles(branch.kind) ? 2 : 1,
                  points = static_cast<int>(solution.times.size());
        s += formatted("%6d%6d%6d%6d%6d%6d", code[0], code[1], code[2], code[3], free, problem) +
             formatted("%8d%6d%8d", points, width + 1,
                       static_cast<int>(std::ranges::count(block, '\n'))) +
             formatted("%5d%5d%5d%5d%5d%5d%5d\n", solution.intervals, solution.degree,
                       static_cast<int>(all.size()), 0, width, kind, 0) +
             block;
    }

    /// What AUTO keeps of a solution: states at times from 0 to 1 and how they change along the
    /// branch, a column a time, and how the free parameters do, behind them the period.
    struct Solution {
        Vector times;
        Matrix states, tangents;
        Vector direction;
        int intervals = 1, degree = 0;
    };

    [[nodiscard]] Solution solution_at(const Branch& branch, const BranchEntry& row) const {
        const Eigen::Index n = all_.field.dimension();
        const auto m = static_cast<Eigen::Index>(free_.size());
        const Vector& z = row.point->z;
        const Vector tangent =
            row.point->tangent.size() == z.size() ? row.point->tangent : Vector::Zero(z.size());
        if (!is_of_cycles(branch.kind))
            return {Vector::Zero(1), z.head(n), tangent.head(n), tangent.segment(n, m)};
        const CycleProfile profile(*row.point, n);
        BranchPoint moving = *row.point;
        moving.z = tangent;
        // AUTO divides each interval into equal parts.
        const Vector times = profile.divided(profile.degree());
        const Eigen::Index others = profile.values().size();
        Vector direction(m + 1);
        direction << tangent.segment(others + 1, m), tangent[others];
        return {times,
                profile.at(times),
                CycleProfile(moving, n).at(times),
                direction,
                static_cast<int>(profile.intervals()),
                profile.degree()};
    }

    const AutoBranches& all_;
    std::vector<std::size_t> free_;
    int labels_ = 0;
};

}  // namespace

void write_auto_files(const std::filesystem::path& folder, const std::string& name,
                      const AutoBranches& all) {
    AutoText text(all);
    for (std::size_t k = 0; k < all.branches.size(); ++k) text.add(k);
    write_file(folder / ("b." + name), text.b);
    write_file(folder / ("s." + name), text.s);
}

}  // namespace cortifold
