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
        case CurveKind::homoclinic: return 0;
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
        case PointType::hopf_hopf:
        case PointType::user: return user_zero;
        default: return regular;
    }
    return regular;
}

int type_on(CurveKind kind, int type) {
    return type < 0 ? type - 10 * curve_type(kind) : type + 10 * curve_type(kind);
}

/// The types of the rows of a branch; those that have one also have a label and a block in the s.
/// file.
std::vector<std::optional<int>> types_of(const Branch& branch, std::span<const BranchEntry> rows) {
    std::vector<std::optional<int>> types(rows.size());
    std::ranges::transform(rows, types.begin(), [](const BranchEntry& row) {
        return row.special ? std::optional(point_type(row.special->type)) : std::nullopt;
    });
    types.front() = branch_end;
    types.back() = succeeded(branch.status) ? branch_end : failed_end;
    return types;
}

class AutoText {
public:
    explicit AutoText(const AutoBranches& all) : all_(all) {}

    void add(std::size_t which) {
        const Branch& branch = all_.branches[which];
        free_.clear();
        for (const std::string& name : branch.parameters)
            free_.push_back(index_of(all_.field.parameters(), name, "parameter"));
        const std::vector<BranchEntry> rows = branch_entries(branch);
        if (rows.empty()) return;
        const auto types = types_of(branch, rows);
        add_heading(branch);
        for (std::size_t k = 0; k < rows.size(); ++k) {
            const int label = types[k] ? ++labels_ : 0;
            const int type = types[k] ? type_on(branch.kind, *types[k]) : 0;
            const Code code{static_cast<int>(which) + 1, static_cast<int>(k) + 1, type, label};
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
        static constexpr const char* names[] = {"", "BP ", "LP ", "HB "};
        b += "   0\n";
        if (const int type = curve_type(branch.kind); type > 0)
            b += formatted("   0   Branch type: %2d    TY = '%s'\n", type, names[type]);
        b += "   0    PT  TY  LAB " + heading(parameter_name(0)) + heading("L2-NORM");
        for (std::size_t k = 1; k <= shown_states(); ++k)
            b += heading("U(" + std::to_string(k) + ")");
        for (std::size_t k = 1; k < free_.size(); ++k) b += heading(parameter_name(k));
        b += '\n';
    }

    void add_row(const Branch& branch, const BranchPoint& point, const Code& code) {
        const bool stable = branch.kind == CurveKind::equilibrium && point.n_unstable == 0;
        const Vector state = point.z.head(all_.field.dimension());
        b += formatted("%4d%6d%4d%5d", code[0], stable ? -code[1] : code[1], code[2], code[3]) +
             number(point.parameters[0]) + number(state.norm());
        for (std::size_t k = 0; k < shown_states(); ++k)
            b += number(state[static_cast<Eigen::Index>(k)]);
        for (std::size_t k = 1; k < free_.size(); ++k) b += number(point.parameters[k]);
        b += '\n';
    }

    /// Of the oscillation at a Hopf point; 0 elsewhere, and where it is infinite.
    static double period(const Branch& branch, const BranchEntry& row) {
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
        const Eigen::Index n = all_.field.dimension();
        const auto m = static_cast<Eigen::Index>(free_.size());
        const Vector& z = row.point->z;
        const Vector tangent =
            row.point->tangent.size() == z.size() ? row.point->tangent : Vector::Zero(z.size());
        Vector at(n + 1);
        at << 0.0, z.head(n);
        std::string block = lines(at);
        for (const std::size_t parameter : free_)
            block += formatted("%5d", static_cast<int>(slot(parameter)) + 1);
        const Vector all = slots(branch, row, parameters);
        block += '\n' + lines(tangent.segment(n, m)) + lines(tangent.head(n)) + lines(all);
        const int width = static_cast<int>(n), problem = m > 1 ? 2 : 1;  // NDIM and ISW
        s += formatted("%6d%6d%6d%6d%6d%6d", code[0], code[1], code[2], code[3],
                       static_cast<int>(m), problem) +
             formatted("%8d%6d%8d", 1, width + 1,
                       static_cast<int>(std::ranges::count(block, '\n'))) +
             formatted("%5d%5d%5d%5d%5d%5d%5d\n", 1, 0, static_cast<int>(all.size()), 0, width, 1,
                       0) +
             block;
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
